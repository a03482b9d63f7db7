"""`judgeaudit diff`: whether the judge, the labels or the outputs changed, and what of the change each made."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import judgeaudit as ja
from judgeaudit.audit import fingerprints as marks

pytestmark = pytest.mark.slow

PEOPLE = ["h1", "h2", "h3"]
TURNED = {"0": "1", "1": "0"}


def table(n: int = 120) -> pd.DataFrame:
    """People of one mind; a judge wrong on every tenth item, and one that is right."""
    truth = ["1" if number % 3 == 0 else "0" for number in range(n)]
    said = [TURNED[label] if number % 10 == 4 else label for number, label in enumerate(truth)]
    frame = pd.DataFrame({**dict.fromkeys(PEOPLE, truth), "j": said, "k": truth}, dtype=object)
    return frame.assign(
        item_id=[f"i{number:03}" for number in range(n)],
        response=[f"text {number}" for number in range(n)],
        prompt_id=[f"p{number // 3}" for number in range(n)],
    )


def audited(frame: pd.DataFrame, **options: Any) -> ja.Audit:
    given = {"human": PEOPLE, "judges": ["j", "k"], "labels": ["0", "1"], "replicates": 200, **options}
    return ja.audit_table(frame, **given)


def turned(frame: pd.DataFrame, columns: list[str], rows: list[int]) -> pd.DataFrame:
    out = frame.copy()
    for column in columns:
        out.loc[rows, column] = out.loc[rows, column].map(TURNED)
    return out


@pytest.fixture(scope="module")
def old() -> ja.Audit:
    return audited(table())


def whats(found: ja.AuditDiff) -> set[str]:
    return {one["what"] for one in found.changes}


def parts(found: ja.AuditDiff, judge: str = "j") -> dict[str, float]:
    (one,) = [one for one in found.separated if one["judge"] == judge]
    return {name: one["parts"][name]["value"] for name in ("judge", "labels", "outputs")}


# ------------------------------------------------------------------------------------------------------ what changed


def test_the_same_audit_differs_in_nothing(old: ja.Audit) -> None:
    """Also where the table's rows stand in another order."""
    found = ja.diff(old, audited(table().sample(frac=1, random_state=1)))
    assert found.lines == (
        "decisions: none changed",
        "what changed: nothing",
        "j · label, Cohen's kappa: 0.780 → 0.780, 0",
        "  the judge 0, the labels 0, the outputs 0",
        "k · label, Cohen's kappa: 1.000 → 1.000, 0",
        "  the judge 0, the labels 0, the outputs 0",
        "findings: none changed",
    )


def test_only_the_judge_changed(old: ja.Audit) -> None:
    """Its verdicts differ on shared items: the whole change is its own, and the other judge has none."""
    found = ja.diff(old, audited(turned(table(), ["j"], [0, 1, 2, 3])))
    assert [(one["what"], one["who"], one["differ"], one["shared"]) for one in found.changes] == [
        ("judge", "j", 4, 120)
    ]
    (one,) = [one for one in found.separated if one["judge"] == "j"]
    assert parts(found) == {"judge": pytest.approx(one["difference"]), "labels": 0.0, "outputs": 0.0}
    assert parts(found, "k") == dict.fromkeys(("judge", "labels", "outputs"), 0.0)
    assert one["low"] < one["difference"] < one["high"] < 0.01


def test_only_the_labels_changed(old: ja.Audit) -> None:
    """The people say otherwise: both judges change, and neither did anything."""
    found = ja.diff(old, audited(turned(table(), PEOPLE, [5, 6, 7])))
    assert whats(found) == {"labels"}
    for judge in ("j", "k"):
        assert parts(found, judge)["labels"] < 0
        assert parts(found, judge)["judge"] == parts(found, judge)["outputs"] == 0


def test_only_a_single_person_changed(old: ja.Audit) -> None:
    """The majority stays: that person is named, and the reference is said to be the same."""
    found = ja.diff(old, audited(turned(table(), ["h2"], [5])))
    assert [one["sentence"] for one in found.changes] == [
        "other labels by h2; the reference of shared items is the same"
    ]


def test_only_the_outputs_changed(old: ja.Audit) -> None:
    """Items that came, went, or have another text are no shared items, and what they change is theirs."""
    frame = table(131).iloc[10:].copy()
    frame.loc[20:22, "response"] = "another text"
    found = ja.diff(old, audited(frame))
    (one,) = found.changes
    assert (one["what"], one["added"], one["removed"], one["rewritten"]) == ("outputs", 11, 10, 3)
    assert parts(found)["judge"] == parts(found)["labels"] == 0
    assert parts(found)["outputs"] != 0


def test_all_at_once_is_taken_apart(old: ja.Audit) -> None:
    """Judge, labels and outputs changed: three parts that sum to the difference of the two findings."""
    frame = turned(turned(table(140), ["j"], [30, 31, 32, 33, 34, 35]), PEOPLE, [50, 51]).iloc[5:]
    new = audited(frame)
    found = ja.diff(old, new)
    assert whats(found) == {"judge", "labels", "outputs"}
    (one,) = [one for one in found.separated if one["judge"] == "j"]
    assert sum(parts(found).values()) == pytest.approx(one["difference"])
    heads = [
        made.findings.query("subject == 'j' and versus == 'reference' and statistic == 'cohen_kappa'")["value"].iloc[0]
        for made in (old, new)
    ]
    assert one["difference"] == pytest.approx(heads[1] - heads[0])
    assert parts(found)["judge"] < 0


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"unanswered": "left-out"}, ("options", "unanswered: counted → left-out")),
        ({"seed": 2}, ("options", "seed: 1 → 2")),
        ({"level": 0.9}, ("options", "level: 0.95 → 0.9")),
        ({"label_source": "models"}, ("labels", "label source: people → models")),
        ({"policy": ja.Policy(max_bias=0.1)}, ("policy", "max_bias changed")),
        ({"judges": ["j"]}, ("judge", "is in the old audit alone")),
        ({"reference": "h1"}, ("options", "reference: majority → h1")),
    ],
    ids=lambda one: next(iter(one)) if isinstance(one, dict) else "",
)
def test_other_rules_are_named(old: ja.Audit, options: dict[str, Any], told: tuple[str, str]) -> None:
    """What is not judge, labels or outputs is told apart from them."""
    found = ja.diff(old, audited(table(), **options))
    assert told in [(one["what"], one["sentence"]) for one in found.changes]


def test_other_labels_of_a_scale_are_another_question(old: ja.Audit) -> None:
    """Nothing is taken apart where the labels themselves are others."""
    found = ja.diff(old, audited(table(), labels=["0", "1", "2"], scale="nominal"))
    assert [one["sentence"] for one in found.changes if one["what"] == "question"] == [
        "its scale changed",
        "its labels changed",
        "its positive changed",
    ]


def test_each_stratum_is_taken_apart() -> None:
    """A judge that changed on one benchmark alone changed nothing on the other; an item that moved is an output there."""
    frame = table().assign(bench=[f"{'ab'[number % 2]}" for number in range(120)])
    after = turned(frame, ["j"], [0, 2, 6, 8, 12])
    after.loc[1, "bench"] = "a"
    found = ja.diff(audited(frame, by="bench"), audited(after, by="bench"))
    told = {one["stratum"]: one["parts"] for one in found.separated if one["judge"] == "j"}
    assert list(told) == ["all", "bench=a", "bench=b"]
    assert told["bench=a"]["judge"]["value"] < told["bench=a"]["judge"]["high"] < 0.02
    assert told["bench=b"]["judge"] == {"value": 0.0, "low": 0.0, "high": 0.0}
    assert told["all"]["outputs"]["value"] == 0
    assert told["bench=b"]["outputs"]["low"] < 0 < told["bench=b"]["outputs"]["high"]
    methods = {
        row["stratum"]: row["method"]
        for _, row in found.findings.query("subject == 'j' and versus == 'reference'").iterrows()
    }
    assert methods["bench=a"] == "posterior of the joint table"


@pytest.mark.parametrize("now", ["as it was", "right", "constant", "against", "silent", "one item", "one class", "few"])
@pytest.mark.parametrize("before", ["as it was", "one class", "silent"])
def test_odd_audits_are_compared_all_the_same(before: str, now: str) -> None:
    """Perfect, constant, contrary and silent judges, one item, one class: a number, or none, and never an error."""

    def made(kind: str) -> ja.Audit:
        frame = table(60).assign(bench=["a" if number < 55 else "b" for number in range(60)])
        if kind == "one class":
            frame = frame.assign(**dict.fromkeys(PEOPLE, "0"))
        elif kind in ("one item", "few"):
            frame = frame.iloc[: 1 if kind == "one item" else 4]
        said = {"right": frame["h1"], "constant": "0", "against": frame["h1"].map(TURNED)}
        if kind in said:
            frame = frame.assign(j=said[kind])
        if kind == "silent":
            frame = frame.assign(j=["" if number else "0" for number in range(len(frame))])
        return audited(frame, by="bench")

    found = ja.diff(made(before), made(now), full=True)
    assert json.dumps(found.to_dict(), allow_nan=False)
    assert found.lines
    for one in found.separated:
        if "parts" in one:
            assert sum(part["value"] for part in one["parts"].values()) == pytest.approx(one["difference"], abs=1e-6)


# ---------------------------------------------------------------------------------------------- when little is kept


def test_of_many_items_the_labelled_ones_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Items that nobody labelled are no part of a comparison, so that an audit of many and one of few still share theirs."""
    frame = table().assign(**{name: table()[name].where(table().index < 60, "") for name in PEOPLE})
    small = audited(frame)
    monkeypatch.setattr(marks, "MOST_ITEMS", 100)
    large = audited(turned(frame, ["j"], [0, 1, 2, 100]))
    assert [len(one.result.as_dict().get("marks", [])[0]["ids"]) // 8 for one in (small, large)] == [120, 60]
    found = ja.diff(small, large)
    assert [(one["what"], one["differ"], one["shared"]) for one in found.changes] == [("judge", 3, 60)]
    rewritten = audited(frame.assign(response=frame["response"].where(frame.index != 110, "other")))
    (one,) = ja.diff(audited(frame), rewritten).changes
    assert (one["what"], "items without a label changed" in one["sentence"]) == ("outputs", True)


def test_large_audits_tell_what_changed_by_digests(old: ja.Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without marks of single items one cause alone takes the whole change; several cannot be separated."""
    monkeypatch.setattr(marks, "MOST_ITEMS", 50)
    before, judged = audited(table()), audited(turned(table(), ["j"], [0, 1, 2, 3]))
    assert "ids" not in before.result.as_dict().get("marks", [])[0]
    found = ja.diff(before, judged)
    assert [(one["what"], one["who"]) for one in found.changes] == [("judge", "j")]
    (one,) = [one for one in found.separated if one["judge"] == "j"]
    assert one["parts"]["judge"]["value"] == one["difference"] < 0
    both = ja.diff(before, audited(turned(turned(table(), ["j"], [0, 1]), PEOPLE, [5])))
    (one,) = [one for one in both.separated if one["judge"] == "j"]
    assert (one["undefined"], "parts" in one) == ("not_separable", False)
    assert whats(ja.diff(before, audited(table(130)))) == {"outputs"}


def test_audits_without_marks_are_told_apart_by_their_files(old: ja.Audit, tmp_path: Path) -> None:
    """An audit.json of an earlier version can be read: its files tell what they can."""
    for name, made in (("a", old), ("b", audited(turned(table(), ["j"], [0, 1])))):
        plain = json.loads(made.to_json())
        del plain["marks"]
        plain["inputs"] = {
            "annotations.csv": {"sha256": "1"},
            "verdicts/j.jsonl": {"sha256": name},
        }
        (tmp_path / f"{name}.json").write_text(json.dumps(plain), encoding="utf-8")
    found = ja.diff(tmp_path / "a.json", tmp_path / "b.json")
    assert [(one["what"], one["sentence"]) for one in found.changes] == [("judge", "verdicts/j.jsonl changed")]
    assert parts(found)["labels"] == 0


def test_rows_of_a_continuous_scale(tmp_path: Path) -> None:
    """Too many numbers for a table of labels: what changed is told, and not taken apart."""
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"h": rng.random(60), "g": rng.random(60), "j": rng.random(60)}).round(3).astype(str)
    frame = frame.assign(item_id=[f"i{n}" for n in range(60)])
    given = {"human": ["h", "g"], "judges": ["j"], "labels": [], "scale": "interval"}
    other = frame.assign(j=frame["j"].iloc[::-1].to_numpy())
    found = ja.diff(audited(frame, **given), audited(other, **given))
    assert ("judge", "j") in [(one["what"], one["who"]) for one in found.changes]
    assert not found.findings.empty


@pytest.mark.parametrize("reference", ["each", "majority"])
def test_clusters_and_weights_are_respected(reference: str) -> None:
    """With clusters the difference comes from a jackknife over them; with rule `each` there is no reference to compare."""
    frame = table().assign(w=[1.0 + number % 2 for number in range(120)])
    asked = {"cluster": "prompt_id", "weight": "w", "reference": reference}
    found = ja.diff(audited(frame, **asked), audited(turned(frame, ["j"], [0, 1, 2]), **asked))
    (one,) = [one for one in found.separated if one["judge"] == "j"]
    assert ("jackknife-t over 40 units" in one["method"]) == (reference == "majority")
    assert one["difference"] < 0


# -------------------------------------------------------------------------------------------------------- the command


@pytest.fixture
def files(old: ja.Audit, tmp_path: Path) -> Path:
    old.to_json(tmp_path / "old.json")
    rows = list(range(0, 60, 2))
    audited(turned(table(), ["k"], rows)).to_json(tmp_path / "new.json")
    return tmp_path


def test_decisions_come_first(call_command: Callable[..., Any], files: Path) -> None:
    """The words of decisions that changed, then the causes, then the head statistic taken apart."""
    ran = call_command(["diff", "old.json", "new.json"], cwd=files)
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[:4] == [
        "decisions:",
        "  k · label: certified → rejected; closed in all",
        "what changed:",
        "  judge · k · label: 30 of 120 verdicts on the same items differ",
    ]
    assert lines[6].startswith("k · label, Cohen's kappa: 1.000 → 0.4")
    assert lines[7].startswith("  the judge -0.5")
    assert lines[7].endswith("the labels 0, the outputs 0")
    longer = call_command(["diff", "old.json", "new.json", "--all"], cwd=files).out.splitlines()
    assert len(longer) > len(lines)


def test_as_data(call_command: Callable[..., Any], files: Path) -> None:
    """`--json -` prints what `ja.diff` holds."""
    ran = call_command(["diff", "old.json", "new.json", "--json", "-"], cwd=files)
    assert json.loads(ran.out) == json.loads(json.dumps(ja.diff(files / "old.json", files / "new.json").to_dict()))
    ran = call_command(["diff", "old.json", "new.json", "--json", "diff.json"], cwd=files)
    assert ran.err == "written: diff.json\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["old.json", "none.json"], "none.json: no such audit"),
        (["old.json", "table.csv"], "table.csv: not JSON"),
        (["list.json", "old.json"], "list.json: not an audit.json of schema 1"),
        (["old.json", "new.json", "--json", "old.json"], "--json old.json: this file is OLD.json already"),
        (["old.json"], "Missing argument 'NEW.json'"),
        (["bent.json", "new.json"], "these audits cannot be compared: bent.json is damaged; make both again"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, list) else "",
)
def test_what_is_no_audit(refused: Callable[..., str], files: Path, arguments: list[str], told: str) -> None:
    """Exit 2 and one line."""
    (files / "table.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (files / "list.json").write_text("[]", encoding="utf-8")
    plain = json.loads((files / "old.json").read_text(encoding="utf-8"))
    plain["marks"][0]["judge_codes"]["j"] = "AB"
    (files / "bent.json").write_text(json.dumps(plain), encoding="utf-8")
    assert refused(["diff", *arguments], cwd=files).startswith(told)


def test_a_study_whose_judge_has_another_prompt(study: Path, tmp_path: Path, call_command: Callable[..., Any]) -> None:
    """Two audits of one study, with one judge declared anew: its settings are named, and no verdict differs."""
    text = (study / "study.toml").read_text(encoding="utf-8")
    assert "[judges." in text
    ja.Study(study).audit(replicates=200).to_json(tmp_path / "before.json")
    first = ja.read_audit(tmp_path / "before.json").result.options["judges"]
    name = next(iter(first))
    assert set(first[name]) >= {"kind", "fingerprint", "reading", "asked"}
    after = ja.read_audit(tmp_path / "before.json")
    after.result.options["judges"] = {**first, name: {**first[name], "model": "other", "fingerprint": "other"}}
    found = ja.diff(tmp_path / "before.json", after)
    assert [(one["what"], one["who"], one["sentence"]) for one in found.changes] == [
        ("judge", name, "its model changed")
    ]
