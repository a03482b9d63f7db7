"""`judgeaudit filter`: only verdicts of judges that are certified there, exactly as they were written."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]
LABELS = ("safe", "unsafe")
VERDICTS = [
    '{"judge":"mixed","item_id":"a",  "bench":"x","label":"unsafe","note":"caf\\u00e9 \\ud800"}',
    '{"judge": "mixed", "item_id": "b", "bench": "y", "label": "unsafe"}',
    '{"judge":"good","item_id":"c","label":"safe","cost":1.000}',
    '{"judge":"who","item_id":"d"}',
    '{"judge":"mixed","item_id":"e","label":"safe"}',
]
ONLY_X = "mixed is certified only where bench=x"


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An audit in which `good` is certified, and `mixed` only where bench=x."""
    import judgeaudit as ja

    folder = tmp_path_factory.mktemp("audited")
    rows = []
    for number in range(240):
        truth, bench = number % 3 == 0, "xy"[number % 2]
        mixed = truth if bench == "x" else number % 4 == 1
        rows.append({"item_id": str(number), "bench": bench, "mixed": LABELS[mixed], "good": LABELS[truth]})
        rows[-1] |= dict.fromkeys(("h1", "h2", "h3"), LABELS[truth])
    with (folder / "t.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    people, judges = ["h1", "h2", "h3"], ["mixed", "good"]
    audit = ja.audit_table(folder / "t.csv", human=people, judges=judges, labels=LABELS, by="bench", replicates=200)
    assert {d.judge: (d.decision, d.scope) for d in audit.decisions} == {
        "mixed": ("restricted", ["bench=x"]),
        "good": ("certified", ["all", "bench=x", "bench=y"]),
    }
    audit.to_json(folder / "audit.json")
    return folder / "audit.json"


def sieve(
    call: Call, folder: Path, audit: Path, *flags: str, verdicts: str = "v.jsonl", out: str = "kept.jsonl"
) -> Any:
    ran = call(["filter", verdicts, "--audit", str(audit), "-o", out, *flags], cwd=folder)
    assert (ran.code, ran.out) == (0, ""), ran.err
    return ran.err.splitlines()


def test_lines_stay_as_they_were_written(call_command: Call, audited: Path, tmp_path: Path) -> None:
    """Kept lines of JSON are the same bytes; what was dropped, and why, is said on stderr."""
    (tmp_path / "v.jsonl").write_text("\n".join(VERDICTS) + "\n", encoding="utf-8")
    said = sieve(call_command, tmp_path, audited)
    assert (tmp_path / "kept.jsonl").read_text(encoding="utf-8") == f"{VERDICTS[0]}\n{VERDICTS[2]}\n"
    assert said == [
        "kept 2 of 5 verdicts in kept.jsonl",
        "dropped 1: judge 'who' was not audited",
        f"dropped 1: {ONLY_X}",
        "dropped 1: stratum unknown: no value for 'bench' in verdicts or outputs",
    ]


def test_packed_lines_stay_as_they_were_written(call_command: Call, audited: Path, tmp_path: Path) -> None:
    """.gz in and out changes nothing, nor do a byte order mark and ends of lines of Windows."""
    (tmp_path / "v.jsonl.gz").write_bytes(gzip.compress(("\ufeff" + "\r\n".join(VERDICTS)).encode()))
    sieve(call_command, tmp_path, audited, verdicts="v.jsonl.gz", out="kept.jsonl.gz")
    kept = gzip.decompress((tmp_path / "kept.jsonl.gz").read_bytes()).decode()
    assert kept == f"{VERDICTS[0]}\n{VERDICTS[2]}\n"


def test_strata_of_outputs(call_command: Call, audited: Path, tmp_path: Path) -> None:
    """Outputs say the stratum of a verdict that does not say its own; no column of theirs is written."""
    (tmp_path / "v.jsonl").write_text("\n".join(VERDICTS) + "\n", encoding="utf-8")
    (tmp_path / "o.csv").write_text("item_id,bench,label\na,y,q\nb,x,q\ne,x,q\n", encoding="utf-8")
    said = sieve(call_command, tmp_path, audited, "--outputs", "o.csv")
    assert (tmp_path / "kept.jsonl").read_text(encoding="utf-8").splitlines() == [VERDICTS[n] for n in (0, 2, 4)]
    assert said[1:] == ["dropped 1: judge 'who' was not audited", f"dropped 1: {ONLY_X}"]


def test_csv_stays_csv(call_command: Call, audited: Path, tmp_path: Path) -> None:
    """Cells are text: 1.0 stays 1.0 and NA stays NA, and every column is kept."""
    head = "judge,item_id,bench,label,note"
    (tmp_path / "v.csv").write_text(f'{head}\nmixed,a,x,1.0,"a\nb"\nmixed,b,y,2,\ngood,c,,NA,NULL\n', encoding="utf-8")
    said = sieve(call_command, tmp_path, audited, verdicts="v.csv", out="kept.csv")
    assert said == ["kept 2 of 3 verdicts in kept.csv", f"dropped 1: {ONLY_X}"]
    with (tmp_path / "kept.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [
            head.split(","),
            ["mixed", "a", "x", "1.0", "a\nb"],
            ["good", "c", "", "NA", "NULL"],
        ]
    sieve(call_command, tmp_path, audited, verdicts="v.csv", out="kept.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "kept.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(row["label"], row["note"]) for row in rows] == [("1.0", "a\nb"), ("NA", "NULL")]


def test_parquet_keeps_its_types(call_command: Call, audited: Path, tmp_path: Path) -> None:
    """From Parquet to Parquet a number stays a number."""
    import pandas as pd

    frame = pd.DataFrame({"judge": ["good", "mixed"], "item_id": [1, 2], "bench": ["x", "y"], "cost": [0.5, 1.5]})
    frame.to_parquet(tmp_path / "v.parquet")
    sieve(call_command, tmp_path, audited, verdicts="v.parquet", out="kept.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "kept.parquet"), frame[:1])


def test_a_policy_can_be_named(call_command: Call, audited: Path, tmp_path: Path) -> None:
    """Another policy decides anew: where it certifies nobody, nothing is kept and the file is empty."""
    (tmp_path / "v.jsonl").write_text("\n".join(VERDICTS) + "\n", encoding="utf-8")
    (tmp_path / "p.toml").write_text('[[require]]\nstatistic = "coverage"\nat_most = 0.1\n', encoding="utf-8")
    said = sieve(call_command, tmp_path, audited, "--policy", "p.toml")
    assert said[0] == "kept 0 of 5 verdicts in kept.jsonl"
    assert (tmp_path / "kept.jsonl").read_bytes() == b""


@pytest.mark.parametrize(
    ("flags", "line"),
    [
        (["-o", "v.jsonl"], "-o v.jsonl: this file is VERDICTS already; name another"),
        (["-o", "./o.csv", "--outputs", "o.csv"], "-o o.csv: this file is --outputs already; name another"),
        (["-o", "k.txt"], "k.txt: the name must end in .csv, .tsv, .jsonl, .parquet (each also with .gz or .zst)"),
        (["-o", "o.csv/k.jsonl"], "cannot write o.csv/k.jsonl: "),
        (["-o", "k.csv", "--outputs", "twice.csv"], "outputs hold an item_id twice, so its strata are not known; "),
        (["-o", "k.csv", "--outputs", "none.csv"], "no file none.csv"),
    ],
)
def test_what_cannot_be_sieved(
    refused: Callable[..., str], audited: Path, tmp_path: Path, flags: list[str], line: str
) -> None:
    """A wrong call ends with 2 and one line, and no file that is read is written over."""
    (tmp_path / "v.jsonl").write_text("\n".join(VERDICTS) + "\n", encoding="utf-8")
    (tmp_path / "o.csv").write_text("item_id,bench\na,y\n", encoding="utf-8")
    (tmp_path / "twice.csv").write_text("item_id,bench\na,y\na,x\n", encoding="utf-8")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    assert refused(["filter", "v.jsonl", "--audit", str(audited), *flags], cwd=tmp_path).startswith(line)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
