"""`judgeaudit audit TABLE`: every flag does what it says, and what is written is one audit."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import jsonschema
import pandas as pd
import pytest

Call = Callable[..., Any]
FLAGS = ["--human", "ann,bob", "--judge", "gpt", "--labels", "safe,unsafe", "--replicates", "200"]
NUMBER = {"type": ["number", "null"]}
TEXT = {"type": "string"}
POINTS = {"type": "array", "items": NUMBER}


def record(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def listing(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": record(properties)}


VALUE = {"value": NUMBER, "low": NUMBER, "high": NUMBER, "undefined": {"type": ["string", "null"]}}
REQUIREMENT = {"statistic": TEXT, "stratum": TEXT, "bound": NUMBER, "met": {"type": ["boolean", "null"]}}
#: what every reader of an audit.json may rely on
SHAPE = record(
    {
        "schema": {"const": 1},
        "judgeaudit": TEXT,
        "created_at": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
        "command": TEXT,
        "seed": {"type": "integer"},
        "level": {"type": "number"},
        "inputs": {
            "type": "object",
            "additionalProperties": record({"sha256": {"pattern": "^[0-9a-f]{64}$"}, "rows": {"type": "integer"}}),
        },
        "counts": record(
            {key: {"type": "integer"} for key in ("items", "clusters", "raters", "judges", "reference_ties")}
        ),
        "label_source": {"enum": ["people", "models", "construction", "simulation"]},
        "findings": listing(
            {
                **dict.fromkeys(["question", "stratum", "subject", "versus", "statistic", "method"], TEXT),
                **VALUE,
                "n_items": {"type": "integer"},
                "n_clusters": {"type": "integer"},
                "design_effect": NUMBER,
            }
        ),
        "contrasts": listing(
            {
                **dict.fromkeys(["question", "a", "b", "stratum", "statistic", "test"], TEXT),
                **VALUE,
                "kind": {"enum": ["judges", "strata", "runs"]},
                "p_value": NUMBER,
                "p_adjusted": NUMBER,
            }
        ),
        "curves": listing(
            {
                "kind": {"enum": ["reliability", "roc", "risk_coverage"]},
                "subject": TEXT,
                "stratum": TEXT,
                **dict.fromkeys(["x", "y", "low", "high", "n"], POINTS),
            }
        ),
        "decisions": listing(
            {
                "question": TEXT,
                "judge": {"type": ["string", "null"]},
                "decision": {"enum": ["certified", "restricted", "rejected", "undetermined"]},
                "scope": {"type": "array", "items": TEXT},
                "excluded": {"type": "array", "items": TEXT},
                "requirements": listing(REQUIREMENT),
                "code": {"type": ["string", "null"]},
                "reason": {"type": "string", "minLength": 1},
            }
        ),
    }
)


def audited(call: Call, folder: Path, flags: list[str], *, table: str = "good.csv") -> dict[str, Any]:
    """The audit.json of a table; it has the shape that readers rely on."""
    ran = call(["audit", table, *flags, "--json", "-"], cwd=folder)
    assert ran.code == 0, ran.err
    plain: dict[str, Any] = json.loads(ran.out)
    jsonschema.validate(plain, SHAPE)
    return plain


def value(audit: dict[str, Any], statistic: str, *, subject: str = "gpt", versus: str = "reference") -> Any:
    """The one finding of that name over all items."""
    wanted = ("all", subject, versus, statistic)
    found = [
        row
        for row in audit["findings"]
        if (row["stratum"], *map(row.get, ["subject", "versus", "statistic"])) == wanted
    ]
    assert len(found) == 1
    return found[0]["value"]


def test_json_alone_on_stdout(call_command: Call, good: Path) -> None:
    """With `--json -` stdout is one JSON document, and how the table was joined is said on stderr."""
    ran = call_command(["audit", "good.csv", *FLAGS, "--json", "-"], cwd=good)
    assert json.loads(ran.out)["schema"] == 1
    assert ran.err.startswith("24 items, 24 labelled by 2 people, 24 judged by 1 judge\n")


def test_the_numbers_are_those_of_the_table(call_command: Call, good: Path) -> None:
    """20 items have a reference (two people who differ have none); 16 of them are judged alike, all 8 positives are caught."""
    audit = audited(call_command, good, FLAGS)
    assert audit["counts"] == {"items": 24, "clusters": 24, "raters": 2, "judges": 1, "reference_ties": 4}
    assert value(audit, "accuracy") == pytest.approx(16 / 20)
    assert value(audit, "sensitivity") == 1.0
    assert value(audit, "false_positive_rate") == pytest.approx(4 / 12)
    assert value(audit, "percent_agreement", subject="humans", versus="humans") == pytest.approx(20 / 24)
    assert [row["judge"] for row in audit["decisions"]] == ["gpt"]


def test_the_same_command_gives_the_same_audit(call_command: Call, good: Path) -> None:
    """Two audits of the same inputs, options and seed differ in created_at and command only."""
    flags = [*FLAGS, "--by", "bench", "--cluster", "prompt_id", "--probability", "gpt=prob"]
    one, two = (audited(call_command, good, [*flags, "--md", name]) for name in ("1.md", "2.md"))
    assert one["command"] != two["command"]
    assert [key for key in one if one[key] != two[key]] in (["command"], ["created_at", "command"])


@pytest.mark.slow
def test_the_recorded_command_can_be_run_again(call_command: Call, good: Path) -> None:
    """`command` in audit.json is the command line, quoted for a shell."""
    audit = audited(call_command, good, [*FLAGS, "--by", "bench&w"])
    assert audit["command"].startswith("judgeaudit audit good.csv --human ann,bob")
    assert "--by 'bench&w'" in audit["command"]


@pytest.mark.parametrize(
    "flags",
    [
        ["--positive", "unsafe", "--scale", "binary", "--question", "harm", "--item", "item_id,bench"],
        ["--scale", "nominal", "--pairs", "--all"],
        ["--scale", "ordinal", "--weight", "w"],
        ["--cluster", "prompt_id", "--by", "bench,w", "--by", "bench&w"],
        ["--probability", "gpt=prob", "--threshold", "gpt=0.5"],
        ["--reference", "each"],
        ["--reference", "dawid-skene"],
        ["--alt-test-epsilon", "0.1"],
        ["--unanswered", "left-out"],
        ["--unanswered", "counted"],
        ["--unanswered", "as:safe"],
        ["--interval", "bca", "--level", "0.9", "--seed", "7"],
        ["--interval", "percentile", "--label-source", "models"],
        ["--map", "gpt:unsafe=safe", "--unusable", "n/a", "--not-asked", "-"],
    ],
    ids=" ".join,
)
def test_every_flag_is_taken(call_command: Call, good: Path, flags: list[str]) -> None:
    """Each flag leads to an audit of the shape that readers rely on, with a decision for the judge."""
    audit = audited(call_command, good, [*FLAGS, *flags])
    assert [row["judge"] for row in audit["decisions"]] == ["gpt"]


def test_strata_are_named_by_column_and_value(call_command: Call, good: Path) -> None:
    """`a,b` gives each column alone and `a&b` the crossed ones that hold an item."""
    audit = audited(call_command, good, [*FLAGS, "--by", "bench,w", "--by", "bench&w"])
    names = {row["stratum"] for row in audit["findings"]}
    crossed = {"bench=x & w=1", "bench=y & w=1", "bench=y & w=2"}
    assert names == {"all", "bench=x", "bench=y", "w=1", "w=2", *crossed}


def test_a_column_as_reference(call_command: Call, good: Path) -> None:
    """A named column is the reference, and the other people stay people."""
    flags = ["--human", "ann", "--judge", "gpt", "--labels", "safe,unsafe", "--reference", "bob", "--replicates", "200"]
    audit = audited(call_command, good, flags)
    assert value(audit, "accuracy") == pytest.approx(16 / 24)
    assert value(audit, "percent_agreement", subject="ann") == pytest.approx(20 / 24)


def test_cut_map_and_threshold_make_labels(call_command: Call, tmp_path: Path) -> None:
    """A score above the cut, a mapped word and a probability from the threshold on are the positive label."""
    rows = [
        f"i{n},{n % 2},{n % 2},{5 if n % 2 else 1},{'yes' if n % 2 else 'no'},{0.6 if n % 2 else 0.4}"
        for n in range(20)
    ]
    (tmp_path / "t.csv").write_text("item_id;a;b;score;word;p\n".replace(";", ",") + "\n".join(rows), encoding="utf-8")
    flags = [
        "--human",
        "a,b",
        "--judge",
        "score,word,p",
        "--labels",
        "0,1",
        "--cut",
        "score>=4",
        "--threshold",
        "p=0.6",
    ]
    flags += ["--map", "word:yes=1", "--map", "word:no=0", "--replicates", "200"]
    audit = audited(call_command, tmp_path, flags, table="t.csv")
    assert {value(audit, "accuracy", subject=judge) for judge in ("score", "word", "p")} == {1.0}


def test_nothing_in_three_kinds(call_command: Call, tmp_path: Path) -> None:
    """An empty cell and an unusable one are no answer, a cell of --not-asked was never asked."""
    rows = [f"i{n},x,x,{cell}" for n, cell in enumerate(["x"] * 10 + ["", "I cannot help"] + ["-"] * 8)]
    rows += [f"j{n},y,y,y" for n in range(10)]
    (tmp_path / "t.csv").write_text("item_id,a,b,j\n" + "\n".join(rows), encoding="utf-8")
    flags = ["--human", "a,b", "--judge", "j", "--labels", "x,y", "--unusable", "I cannot*", "--not-asked", "-"]
    expected = {"counted": 20 / 22, "left-out": 1.0, "as:y": 20 / 22, "as:x": 1.0}
    for rule, accuracy in expected.items():
        audit = audited(call_command, tmp_path, [*flags, "--unanswered", rule, "--replicates", "200"], table="t.csv")
        assert value(audit, "accuracy", subject="j") == pytest.approx(accuracy), rule
        assert value(audit, "coverage", subject="j") == pytest.approx(20 / 22), rule


def test_long_and_wide_tables_say_the_same(call_command: Call, good: Path) -> None:
    """One row per label or one row per item: the findings are the same."""
    wide = list(csv.DictReader(StringIO((good / "good.csv").read_text(encoding="utf-8"))))
    lines = [f"{row['item_id']},{rater},{row[rater]}" for row in wide for rater in ("ann", "bob", "gpt")]
    (good / "long.csv").write_text("item,rater,label\n" + "\n".join(lines), encoding="utf-8")
    flags = ["--long", "item,rater,label", *FLAGS[2:]]
    long = audited(call_command, good, flags, table="long.csv")
    assert long["findings"] == audited(call_command, good, FLAGS)["findings"]


def test_long_tables_hold_several_questions(call_command: Call, tmp_path: Path) -> None:
    """The fourth column of --long names the question, and --question keeps the named one."""
    lines = [f"{n},{who},{n % 2},{q}" for n in range(12) for who in ("ann", "bob", "gpt") for q in ("harm", "tone")]
    (tmp_path / "t.csv").write_text("item,rater,label,q\n" + "\n".join(lines), encoding="utf-8")
    flags = ["--long", "item,rater,label,q", "--judge", "gpt", "--labels", "0,1", "--replicates", "200"]
    both = audited(call_command, tmp_path, flags, table="t.csv")
    assert [row["question"] for row in both["decisions"]] == ["harm", "tone"]
    one = audited(call_command, tmp_path, [*flags, "--question", "tone"], table="t.csv")
    assert {row["question"] for row in one["findings"]} == {"tone"}


def test_people_alone(call_command: Call, good: Path) -> None:
    """Without a judge the people are audited, and the one decision is about them."""
    audit = audited(call_command, good, ["--human", "ann,bob", "--labels", "safe,unsafe", "--replicates", "200"])
    assert [row["judge"] for row in audit["decisions"]] == [None]
    assert value(audit, "percent_agreement", subject="humans", versus="humans") == pytest.approx(20 / 24)


@pytest.mark.slow
def test_every_format_is_the_same_table(call_command: Call, good: Path) -> None:
    """CSV, TSV, JSON Lines and Parquet, packed or not, with another separator or encoding: one audit."""
    import zstandard

    frame = pd.read_csv(good / "good.csv", dtype=str)
    data = (good / "good.csv").read_bytes()
    (good / "t.csv.gz").write_bytes(gzip.compress(data, mtime=0))
    (good / "t.csv.zst").write_bytes(zstandard.compress(data))
    frame.to_parquet(good / "t.parquet")
    frame.to_json(good / "t.jsonl", orient="records", lines=True)
    frame.to_json(good / "t.jsonl.gz", orient="records", lines=True)
    frame.to_csv(good / "t.tsv", sep="\t", index=False)
    frame.to_csv(good / "semicolons.csv", sep=";", index=False)
    frame.to_csv(good / "wide16.csv", encoding="utf-16", index=False)
    expected = audited(call_command, good, FLAGS)["findings"]
    for name in ("t.csv.gz", "t.csv.zst", "t.parquet", "t.jsonl", "t.jsonl.gz", "t.tsv"):
        assert audited(call_command, good, FLAGS, table=name)["findings"] == expected, name
    assert audited(call_command, good, [*FLAGS, "--sep", ";"], table="semicolons.csv")["findings"] == expected
    assert audited(call_command, good, [*FLAGS, "--encoding", "utf-16"], table="wide16.csv")["findings"] == expected


def test_every_file_that_is_asked_for_is_written(call_command: Call, good: Path) -> None:
    """JSON, HTML, Markdown and the disagreements are written, in folders that are made, and named on stderr."""
    files = ["out/a.json", "out/r.html", "out/r.md", "out/d.csv"]
    flags = [word for pair in zip(["--json", "--html", "--md", "--disagreements"], files, strict=True) for word in pair]
    ran = call_command(["audit", "good.csv", *FLAGS, "--all", *flags], cwd=good)
    assert (ran.code, ran.err) == (0, f"written: {', '.join(files)}\n")
    assert (good / "out/r.html").read_text(encoding="utf-8").lower().startswith("<!doctype html>")
    assert (good / "out/r.md").read_text(encoding="utf-8").startswith("#")
    with (good / "out/d.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    expected = {"question": "label", "judge": "gpt", "item_id": "i3", "reference": "safe", "verdict": "unsafe"}
    assert rows[0] == {**expected, "ann": "safe", "bob": "safe"}
    assert [row["item_id"] for row in rows] == ["i3", "i9", "i15", "i21"]
    call_command(["audit", "good.csv", *FLAGS, "--disagreements", "d.jsonl"], cwd=good)
    lines = [json.loads(line) for line in (good / "d.jsonl").read_text(encoding="utf-8").splitlines()]
    assert lines == rows


def test_a_policy_decides(call_command: Call, good: Path) -> None:
    """The policy of a file is what the decisions are held against, and audit ends with 0 whatever was decided."""
    policy = '[[require]]\nstatistic = "coverage"\nat_least = 0.8\n'
    (good / "p.toml").write_text(policy, encoding="utf-8")
    audit = audited(call_command, good, [*FLAGS, "--policy", "p.toml"])
    assert [row["decision"] for row in audit["decisions"]] != ["rejected"]
    (good / "p.toml").write_text(policy.replace("at_least", "at_most"), encoding="utf-8")
    audit = audited(call_command, good, [*FLAGS, "--policy", "p.toml"])
    assert [row["decision"] for row in audit["decisions"]] == ["rejected"]
    assert audit["decisions"][0]["requirements"][0]["statistic"] == "coverage"


def test_names_from_a_table_reach_no_terminal_as_they_are(call_command: Call, tmp_path: Path) -> None:
    """Escape sequences and lone surrogates in names and cells are shown as escapes."""
    rows = [{"item_id": f"\ud800{n}", "a\x1b[2J": "xy"[n % 2], "j\x07": "y\x9b"} for n in range(12)]
    rows.append({**rows[0], "item_id": "last", "j\x07": "x"})
    (tmp_path / "t.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    flags = ["--human", "a\x1b[2J", "--judge", "j\x07", "--labels", "x,y", "--unusable", "y\x9b", "--replicates", "200"]
    ran = call_command(["audit", "t.jsonl", *flags, "--all", "--html", "r.html", "--md", "r.md"], cwd=tmp_path)
    assert ran.code == 0, ran.err
    shown = ran.out + ran.err + (tmp_path / "r.md").read_text(encoding="utf-8")
    assert not [ch for ch in shown if not ch.isprintable() and ch != "\n"]
