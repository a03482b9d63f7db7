"""What a notebook or a pipeline calls: the public names, with the arguments that their documentation shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import judgeaudit as ja

LABELS = ["0", "1"]
COLUMNS = ["question", "stratum", "subject", "versus", "statistic", "value", "low", "high", "n_items", "n_clusters"]


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """240 items; `good` is always right, `mixed` only on the benchmark a."""
    rows = []
    for number in range(240):
        truth, bench = int(number % 3 == 0), "ab"[number % 2]
        people = dict.fromkeys(["human1", "human2", "human3"], str(truth))
        mixed = truth if bench == "a" else int(number % 4 == 1)
        rows.append({"item_id": f"i{number}", **people, "good": str(truth), "mixed": str(mixed), "benchmark": bench})
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def audit(frame: pd.DataFrame) -> ja.Audit:
    """The audit of `frame`, called as the documentation calls it."""
    return audited(frame, judges=["good", "mixed"], by=["benchmark"])


def audited(table: object, **options: Any) -> ja.Audit:
    given = {"human": ["human1", "human2", "human3"], "judges": ["good"], "labels": LABELS, "positive": "1"}
    return ja.audit_table(table, **{**given, "scale": "binary", "seed": 1, "replicates": 200, **options})  # type: ignore[arg-type]


def test_findings_are_a_data_frame(audit: ja.Audit) -> None:
    """One row per finding, with the columns of audit.json; a row has a value or a reason."""
    found = audit.findings
    assert isinstance(found, pd.DataFrame)
    assert list(found.columns[: len(COLUMNS)]) == COLUMNS
    assert len(found) == len(json.loads(audit.to_json())["findings"])
    assert (found["value"].isna() == found["undefined"].notna()).all()
    one = found.query("stratum == 'all' and subject == 'good' and statistic == 'accuracy'")
    assert one["value"].tolist() == [1.0]


def test_a_path_a_text_and_a_frame_are_one_table(frame: pd.DataFrame, tmp_path: Path) -> None:
    """A file by its path or its name, and a DataFrame of texts or of numbers, have the same findings."""
    frame.to_csv(tmp_path / "labels.csv", index=False)
    numbers = frame.astype(dict.fromkeys(("human1", "human2", "human3", "good", "mixed"), int))
    expected = json.loads(audited(frame).to_json())["findings"]
    for table in (tmp_path / "labels.csv", str(tmp_path / "labels.csv"), numbers):
        assert json.loads(audited(table).to_json())["findings"] == expected


def test_one_name_needs_no_list(frame: pd.DataFrame) -> None:
    """A text stands for a list of one, `judge` for `judges`, a tuple for a list, and numbers for their texts."""
    expected = audited(frame, by=["benchmark"]).result.findings
    for given in ({"judges": "good"}, {"judges": (), "judge": "good"}, {"labels": (0, 1), "positive": 1}):
        assert audited(frame, by="benchmark", **given).result.findings == expected


def test_an_audit_leaves_the_table_as_it_was(frame: pd.DataFrame) -> None:
    """A DataFrame that was audited is the same afterwards."""
    before = frame.copy(deep=True)
    audited(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_pages_and_json(audit: ja.Audit, tmp_path: Path) -> None:
    """Each rendering is returned, and written where a path is given; audit.json can be read back."""
    for write, name in ((audit.to_html, "r.html"), (audit.to_markdown, "r.md"), (audit.to_json, "audit.json")):
        assert write(tmp_path / name) == (tmp_path / name).read_text(encoding="utf-8")
        assert write(str(tmp_path / name)) == write()
    again = ja.read_audit(tmp_path / "audit.json")
    assert again.to_json() == audit.to_json()
    assert again.decisions == audit.decisions
    assert ja.read_audit(str(tmp_path)).to_html() == audit.to_html()


def test_a_notebook_shows_the_head_of_the_report(audit: ja.Audit) -> None:
    """The rich view is a piece of HTML with the decisions in it, and the plain one is the text of the command line."""
    shown = audit._repr_html_()
    assert shown.lstrip().startswith("<")
    assert "good" in shown
    assert repr(audit) == audit.to_text()


def test_decisions_under_a_policy(audit: ja.Audit, tmp_path: Path) -> None:
    """`decide` takes a policy from a file, from Python, or the default one; decisions know the exit code of the gate."""
    assert {d.judge: d.decision for d in ja.decide(audit)} == {"good": "certified", "mixed": "restricted"}
    text = 'judges = ["good"]\n[[require]]\nstatistic = "accuracy"\nat_least = 0.9\n'
    (tmp_path / "policy.toml").write_text(text, encoding="utf-8")
    require = (ja.Require(statistic="accuracy", at_least=0.9),)
    for policy in (ja.read_policy(tmp_path / "policy.toml"), ja.Policy(judges=("good",), require=require)):
        decisions = ja.decide(audit, policy)
        assert {d.judge: d.required for d in decisions} == {"good": True, "mixed": False}
        assert decisions.exit_code == 0
        assert len(decisions) == len(list(decisions)) == 2
    assert ja.decide(audit).exit_code == 1


def test_only_trusted_verdicts_are_kept(audit: ja.Audit) -> None:
    """What comes in goes out: rows of a DataFrame with their index, or the very dicts of a list."""
    rows: list[dict[str, Any]] = [
        {"judge": "good", "item_id": "p", "benchmark": "b", "label": 1},
        {"judge": "mixed", "item_id": "q", "benchmark": "a", "label": None},
        {"judge": "mixed", "item_id": "r", "benchmark": "b", "reply": "\ud800"},
        {"judge": "mixed", "item_id": "s", "benchmark": None},
        {"judge": "nobody", "item_id": "t", "benchmark": "a"},
        {"item_id": "u"},
    ]
    decisions = ja.decide(audit)
    kept = ja.filter_verdicts(rows, decisions)
    assert [id(row) for row in kept] == [id(row) for row in rows[:2]]
    table = pd.DataFrame(rows[:2] + rows[3:5], index=[7, 7, 8, 9])
    pd.testing.assert_frame_equal(ja.filter_verdicts(table, decisions), table[:2])
    outputs = pd.DataFrame({"item_id": ["s", "r"], "benchmark": ["a", "a"]})
    kept = ja.filter_verdicts(rows, decisions, outputs=outputs)
    assert [row["item_id"] for row in kept] == ["p", "q", "s"]
    assert ja.filter_verdicts([], decisions) == []
    assert len(ja.filter_verdicts(table[:0], decisions)) == 0


@pytest.mark.parametrize(
    ("verdicts", "options", "message"),
    [
        ([{"item_id": "p"}], {}, "verdicts have no column 'judge'"),
        ([{"judge": "good"}], {"outputs": pd.DataFrame({"item_id": ["p"]})}, "verdicts have no column 'item_id'"),
        ([{"judge": "good", "item_id": "p"}], {"outputs": pd.DataFrame({"id": ["p"]})}, "outputs have no column"),
        (
            [{"judge": "good", "item_id": "p"}],
            {"outputs": pd.DataFrame({"item_id": ["p", "p"], "benchmark": ["a", "b"]})},
            "outputs hold an item_id twice",
        ),
    ],
)
def test_verdicts_that_cannot_be_sifted(audit: ja.Audit, verdicts: Any, options: Any, message: str) -> None:
    """What lacks is named; a list of decisions that does not know its audit is refused."""
    with pytest.raises(ja.InputError, match=message):
        ja.filter_verdicts(verdicts, ja.decide(audit), **options)
    with pytest.raises(ja.InputError, match=r"ja\.decide\(audit\)"):
        ja.filter_verdicts(verdicts, list(ja.decide(audit)), **options)


def test_wrong_calls_are_input_errors(frame: pd.DataFrame) -> None:
    """Python and the command line refuse the same things with the same sentences."""
    cases: list[tuple[object, dict[str, Any], str]] = [
        (frame, {"judges": ["godo"]}, "no column 'godo' for --judge"),
        (frame, {"labels": ["0", "2"]}, "'1' is not one of the labels 0, 2"),
        (frame, {"level": 2.0}, "level 2.0 is not between"),
        (frame, {"interval": "bcaa"}, "interval 'bcaa' is not auto, bca or percentile"),
        (frame, {"label_source": "peopel"}, "did you mean 'people'"),
        ([1, 2], {}, "a path or a pandas DataFrame, not list"),
        ("none.csv", {}, "no file none.csv"),
    ]
    for table, options, message in cases:
        with pytest.raises(ja.InputError, match=message) as caught:
            audited(table, **options)
        assert "\n" not in str(caught.value)


def test_a_study_has_the_verbs_of_the_commands(tmp_path: Path) -> None:
    """init, import, audit, report and gate, on a folder; gate refuses what is stale."""
    study = ja.Study.init(tmp_path / "s", template="refusal")
    assert repr(study) == f"Study({str(tmp_path / 's')!r})"
    labels = ["complies", "refuses"]
    tables = {
        "outputs": [{"item_id": f"i{n}", "prompt_id": f"p{n}", "response": "text"} for n in range(60)],
        "annotations": [
            {"item_id": f"i{n}", "rater": who, "question": "refusal", "label": labels[n % 2]}
            for n in range(60)
            for who in "ab"
        ],
        "verdicts": [
            {"item_id": f"i{n}", "judge": "gpt", "question": "refusal", "label": labels[n % 2]} for n in range(60)
        ],
    }
    for name, rows in tables.items():
        pd.DataFrame(rows).to_csv(tmp_path / f"{name}.csv", index=False)
        assert study.import_table(tmp_path / f"{name}.csv").added == {name: len(rows)}
    audit = study.audit(replicates=200)
    assert ja.read_audit(tmp_path / "s").to_json() == audit.to_json()
    assert [path.name for path in study.report()] == ["report.html", "report.md"]
    assert study.gate().exit_code in (0, 1, 3)
    with (tmp_path / "s/annotations.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({"item_id": "i0", "rater": "c", "question": "refusal", "label": "complies"}) + "\n")
    with pytest.raises(ja.JudgeAuditError, match=r"^stale: annotations\.jsonl changed"):
        study.gate()


def test_the_public_names_are_all_there() -> None:
    """Every name of `__all__` can be had, `dir` shows them, and there is no other."""
    assert all(getattr(ja, name) is not None for name in ja.__all__)
    assert set(ja.__all__) <= set(dir(ja))
    with pytest.raises(AttributeError, match="has no attribute 'no_such_name'"):
        _ = ja.no_such_name
