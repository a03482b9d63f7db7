"""`judgeaudit filter --recalibrate` and `--max-risk`, and the same in Python: what an audit knows of probabilities, put to use."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit

import judgeaudit as ja

Call = Callable[..., Any]
ROWS = 1500


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An audit of a judge whose log odds are twice too large, and of a second one without probabilities."""
    folder = tmp_path_factory.mktemp("probabilities")
    rng = np.random.default_rng(3)
    odds = rng.normal(0, 3, ROWS)
    truth = (rng.random(ROWS) < expit(odds)).astype(int)
    p = np.round(expit(2 * odds), 6)
    table = pd.DataFrame({"item_id": [f"i{n}" for n in range(ROWS)], "a": truth, "b": truth, "p": p})
    table["mini"], table["rule"] = (p >= 0.5).astype(int), truth
    table.to_csv(folder / "t.csv", index=False)
    (folder / "policy.toml").write_text('[[policy.require]]\nstatistic = "accuracy"\nat_least = 0.5\n')
    audit = ja.audit_table(
        folder / "t.csv",
        human=["a", "b"],
        judges=["mini", "rule"],
        labels=["0", "1"],
        positive="1",
        probability={"mini": "p"},
        policy=folder / "policy.toml",
        replicates=200,
    )
    assert [d.decision for d in audit.decisions] == ["certified", "certified"]
    audit.to_json(folder / "audit.json")
    with (folder / "v.jsonl").open("w", encoding="utf-8") as file:
        for number, q in enumerate((0.999, 0.6, 0.4, 0.001)):
            file.write(
                json.dumps({"item_id": f"n{number}", "judge": "mini", "label": int(q >= 0.5), "probability": q}) + "\n"
            )
        file.write('{"item_id":"n4",  "judge":"mini","label":"1"}\n')
        file.write('{"item_id":"n5",  "judge":"rule","label":"1"}\n')
    return folder


def record(folder: Path, key: str) -> dict[str, Any]:
    (one,) = json.loads((folder / "audit.json").read_text(encoding="utf-8"))[key]
    return dict(one)


def run(
    call: Call, folder: Path, tmp_path: Path, *flags: str, verdicts: str = "v.jsonl", out: str = "out.jsonl"
) -> Any:
    return call(
        ["filter", str(folder / verdicts), "--audit", str(folder / "audit.json"), "-o", str(tmp_path / out), *flags],
        cwd=tmp_path,
    )


def test_recalibrated_verdicts(call_command: Call, folder: Path, tmp_path: Path) -> None:
    """Probabilities are those of the map, the old ones stand beside them, and what has none stays as it was written."""
    ran = run(call_command, folder, tmp_path, "--recalibrate")
    assert (ran.code, ran.out) == (0, ""), ran.err
    lines = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    raw = [0.999, 0.6, 0.4, 0.001]
    assert [row.get("probability_raw") for row in rows] == [*raw, None, None]
    wanted = ja.apply_recalibration(record(folder, "recalibrations"), raw)
    assert [row["probability"] for row in rows[:4]] == wanted.tolist()
    assert lines[4:] == [
        '{"item_id":"n4",  "judge":"mini","label":"1"}',
        '{"item_id":"n5",  "judge":"rule","label":"1"}',
    ]
    np.testing.assert_allclose(logit(wanted), logit(raw) / 2, atol=0.8)


def test_once_is_enough(call_command: Call, folder: Path, tmp_path: Path) -> None:
    """Verdicts that were recalibrated already are not changed again."""
    run(call_command, folder, tmp_path, "--recalibrate")
    again = call_command(
        ["filter", "out.jsonl", "--audit", str(folder / "audit.json"), "-o", "again.jsonl", "--recalibrate"],
        cwd=tmp_path,
    )
    assert again.code == 0, again.err
    assert (tmp_path / "again.jsonl").read_bytes() == (tmp_path / "out.jsonl").read_bytes()


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_every_format_is_recalibrated_alike(call_command: Call, folder: Path, tmp_path: Path, suffix: str) -> None:
    """Tables of cells and of types hold the same new and old probabilities as lines of JSON."""
    frame = pd.DataFrame(
        {"item_id": ["x", "y", "z"], "judge": ["mini", "mini", "rule"], "probability": [0.9, 0.3, np.nan]}
    )
    frame["label"] = ["1", "0", "1"]
    given = tmp_path / f"w{suffix}"
    frame.to_csv(given, index=False) if suffix == ".csv" else frame.to_parquet(given, index=False)
    ran = run(
        call_command,
        tmp_path,
        tmp_path,
        "--recalibrate",
        "--audit",
        str(folder / "audit.json"),
        verdicts=given.name,
        out=f"o{suffix}",
    )
    assert ran.code == 0, ran.err
    got = pd.read_csv(tmp_path / f"o{suffix}") if suffix == ".csv" else pd.read_parquet(tmp_path / f"o{suffix}")
    wanted = ja.apply_recalibration(record(folder, "recalibrations"), [0.9, 0.3])
    np.testing.assert_allclose(got["probability"], [*wanted, np.nan])
    np.testing.assert_allclose(got["probability_raw"], [0.9, 0.3, np.nan])


def test_unsure_verdicts_are_dropped(call_command: Call, folder: Path, tmp_path: Path) -> None:
    """Kept is what is as sure as the threshold, on either side; of the others the reason is told."""
    threshold = record(folder, "selective")["threshold"]
    assert 0.6 < threshold < 0.999
    ran = run(call_command, folder, tmp_path, "--max-risk", "0.1")
    assert ran.code == 0, ran.err
    kept = [json.loads(line)["item_id"] for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert kept == ["n0", "n3"]
    told = ran.err.splitlines()
    assert told[0].startswith("kept 2 of 6 verdicts")
    assert sorted(told[1:]) == [
        "dropped 1: the audit holds no probabilities of rule, so no confidence is known to suffice",
        "dropped 1: the verdict of mini has no probability, or no label of the question",
        f"dropped 2: mini is less sure than {threshold:.4g}",
    ]


def test_a_label_of_another_name_is_not_the_negative_side(call_command: Call, folder: Path, tmp_path: Path) -> None:
    """A verdict "yes" with probability 0.001 is none of the question's labels: not sure of anything, and dropped. 0 is a probability."""
    rows = [("yes", 0.001), ("0", 0), ("1", 0), ("0", 1.5)]
    lines = [
        json.dumps({"item_id": str(n), "judge": "mini", "label": a, "probability": p}) for n, (a, p) in enumerate(rows)
    ]
    (tmp_path / "w.jsonl").write_text("\n".join(lines), encoding="utf-8")
    ran = run(
        call_command, tmp_path, tmp_path, "--max-risk", "0.1", "--audit", str(folder / "audit.json"), verdicts="w.jsonl"
    )
    assert ran.code == 0, ran.err
    assert (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines() == [lines[1]]


def test_the_raw_probability_decides(call_command: Call, folder: Path, tmp_path: Path) -> None:
    """Recalibrated first or with the same command: the same verdicts are kept."""
    run(call_command, folder, tmp_path, "--recalibrate", "--max-risk", "0.1", out="one.jsonl")
    run(call_command, folder, tmp_path, "--recalibrate", out="all.jsonl")
    call_command(
        ["filter", "all.jsonl", "--audit", str(folder / "audit.json"), "-o", "two.jsonl", "--max-risk", "0.1"],
        cwd=tmp_path,
    )
    assert (tmp_path / "one.jsonl").read_bytes() == (tmp_path / "two.jsonl").read_bytes()


def test_a_smaller_risk_needs_another_audit(call_command: Call, folder: Path, tmp_path: Path) -> None:
    """The audit promises a tenth; of a hundredth it knows nothing, and says what to do. A larger risk is covered."""
    ran = run(call_command, folder, tmp_path, "--max-risk", "0.01")
    assert ran.code == 2
    assert "the audit speaks of a risk of 0.1; audit again with --max-risk 0.01" in ran.err
    assert run(call_command, folder, tmp_path, "--max-risk", "0.2").code == 0
    ran = call_command(
        ["audit", str(folder / "t.csv"), "--human", "a,b", "--judge", "mini", "--max-risk", "2"], cwd=tmp_path
    )
    assert ran.code == 2
    assert "max_risk 2.0 is not between 0 and 1" in ran.err


def test_without_probabilities_there_is_nothing_to_apply(call_command: Call, folder: Path, tmp_path: Path) -> None:
    """An audit without probabilities refuses both flags, in one line."""
    audit = ja.audit_table(folder / "t.csv", human=["a", "b"], judges=["rule"], labels=["0", "1"], replicates=200)
    audit.to_json(tmp_path / "audit.json")
    for flags in (["--max-risk", "0.1"], ["--recalibrate"]):
        ran = call_command(
            ["filter", str(folder / "v.jsonl"), "--audit", "audit.json", "-o", "o.jsonl", *flags], cwd=tmp_path
        )
        assert (ran.code, ran.err.count("\n")) == (2, 1)
        assert "the audit holds no probabilities" in ran.err


def test_python_does_the_same(folder: Path) -> None:
    """`ja.recalibrate` and `filter_verdicts(max_risk=…)` on lists and frames; a record survives JSON."""
    audit = ja.read_audit(folder / "audit.json")
    rows = [json.loads(line) for line in (folder / "v.jsonl").read_text(encoding="utf-8").splitlines()]
    new = ja.recalibrate(rows, audit)
    frame = ja.recalibrate(pd.DataFrame(rows), audit)
    wanted = ja.apply_recalibration(record(folder, "recalibrations"), [0.999, 0.6, 0.4, 0.001]).tolist()
    assert [row["probability"] for row in new[:4]] == frame["probability"].tolist()[:4] == wanted
    assert [row.get("probability_raw") for row in new] == [0.999, 0.6, 0.4, 0.001, None, None]
    assert frame["probability_raw"].tolist()[:4] == [0.999, 0.6, 0.4, 0.001]
    decisions = ja.decide(audit, ja.read_policy(folder / "policy.toml"))
    assert [row["item_id"] for row in ja.filter_verdicts(rows, decisions, max_risk=0.1)] == ["n0", "n3"]
    assert ja.filter_verdicts(pd.DataFrame(new), decisions, max_risk=0.1)["item_id"].tolist() == ["n0", "n3"]


def test_records_that_are_no_maps() -> None:
    """Neither an empty record nor a number beyond 1 passes for something else."""
    with pytest.raises(ja.InputError, match="holds no map"):
        ja.apply_recalibration({"method": None, "numbers": []}, [0.5])
    with pytest.raises(ja.InputError, match=r"1\.5 is not a probability"):
        ja.apply_recalibration({"method": "temperature", "numbers": [1.0]}, [1.5])


def test_a_score_is_ranked_and_not_calibrated(call_command: Call, folder: Path, tmp_path: Path) -> None:
    """--cut: areas of the score in audit.json, whichever side of the cut is positive; no calibration of it."""
    with (folder / "t.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    with (tmp_path / "s.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["item_id", "a", "b", "up", "down"])
        writer.writerows(
            [r["item_id"], r["a"], r["b"], round(10 * float(r["p"])), 10 - round(10 * float(r["p"]))] for r in rows
        )
    flags = [
        "--human",
        "a,b",
        "--judge",
        "up,down",
        "--labels",
        "0,1",
        "--cut",
        "up>=5",
        "--cut",
        "down<=5",
        "--replicates",
        "200",
    ]
    ran = call_command(["audit", "s.csv", *flags, "--json", "audit.json"], cwd=tmp_path)
    assert ran.code == 0, ran.err
    audit = json.loads((tmp_path / "audit.json").read_text(encoding="utf-8"))
    found = {(f["subject"], f["statistic"]): f["value"] for f in audit["findings"] if "score less" in f["method"]}
    assert {name for _, name in found} == {"roc_auc", "average_precision", "aurc"}
    assert found["up", "roc_auc"] == pytest.approx(found["down", "roc_auc"])
    assert audit["questions"][0]["sure_by"] == {"up": "score less its cut", "down": "score less its cut"}
    assert not any(f["statistic"] == "brier_score" for f in audit["findings"])
    assert "recalibrations" not in audit
