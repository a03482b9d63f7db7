"""The adjudicated reference: what people say when they look again, before what they said first."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from judgeaudit import Study
from judgeaudit.storage.study.load import load_study

INTERVAL = '[questions.score]\nscale = "interval"\n'
NOMINAL = '[questions.score]\nscale = "nominal"\nlabels = ["a", "b", "c"]\n'


def reference(folder: Path, question: str, first: list[list[str]], second: dict[int, list[str]]) -> list[str]:
    """The reference's label of each item, "" for none; `first` and `second` hold the label of each person."""
    folder.mkdir()
    (folder / "study.toml").write_text(f'schema = 1\nname = "s"\n{question}', encoding="utf-8")
    outputs = [{"item_id": f"i{n}", "response": "x"} for n in range(len(first))]
    said = [
        {"item_id": f"i{item}", "rater": f"r{rater}", "question": "score", "label": label, "round": name}
        for name, looks in (("main", dict(enumerate(first))), ("dispute", second))
        for item, labels in looks.items()
        for rater, label in enumerate(labels)
    ]
    for name, rows in (("outputs", outputs), ("annotations", said)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    _, loaded = load_study(folder, reference="adjudicated")
    (ratings,) = loaded.ratings
    assert ratings.reference is not None
    return [*(ratings.question.labels[code] if code >= 0 else "" for code in ratings.reference), *loaded.warnings]


def test_on_an_interval_scale_medians_stand_for_pluralities(tmp_path: Path) -> None:
    """As in the reference that nobody adjudicated: no item is lost because three people gave three numbers."""
    first = [["1", "2", "4"], ["3", "5"], ["2", "9"]]
    *labels, warning = reference(tmp_path / "s", INTERVAL, first, {2: ["4", "5"]})
    assert labels == ["2", "4", "4.5"]
    assert "1 disputed item has the label of a second look" in warning
    assert "no reference" not in warning


def test_a_second_look_may_find_another_number(tmp_path: Path) -> None:
    """A number that nobody gave at first is a label, too, where no labels are declared."""
    assert reference(tmp_path / "s", INTERVAL, [["1", "9"], ["2", "2"]], {0: ["6", "6"]})[:2] == ["6", "2"]


@pytest.mark.parametrize(("again", "label"), [(["b", "b"], "b"), (["b", "c"], ""), (["c"], "c")])
def test_the_second_look_decides_alone(tmp_path: Path, again: list[str], label: str) -> None:
    """Its plurality replaces the first one; without a plurality there is no reference, and that is told."""
    first = [["a", "a", "b"], ["a", "a"], ["a", "b"]]
    *labels, warning = reference(tmp_path / "s", NOMINAL, first, {0: again})
    assert labels == [label, "a", ""]
    told = "1 item has" if label else "2 items have"
    assert f"{told} no label that most people gave, and so no reference" in warning


def test_undisputed_items_that_were_shown_along_are_counted(tmp_path: Path) -> None:
    """How many of them got another label says how much of a change is mere second thought."""
    folder = tmp_path / "s"
    reference(folder, NOMINAL, [["a", "a"], ["b", "b"], ["a", "b"]], {0: ["a", "a"], 1: ["c", "c"], 2: ["b", "b"]})
    rows = [json.loads(line) for line in (folder / "annotations.jsonl").read_text(encoding="utf-8").splitlines()]
    for row in rows:
        if row["round"] == "dispute" and row["item_id"] in ("i0", "i1"):
            row["purpose"] = "control"
    (folder / "annotations.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    warnings = "\n".join(load_study(folder, reference="adjudicated")[1].warnings)
    assert "of 2 undisputed items shown along with them 1 got another label" in warnings


def test_a_second_look_is_one_more_rule_while_most_people_decide(tmp_path: Path) -> None:
    """An audit by majority keeps the labels of the dispute round beside it, and says what would be decided by them."""
    folder = tmp_path / "s"
    first = [["a", "a", "b"], *([["a", "a", "a"], ["b", "b", "b"]] * 6)]
    reference(folder, NOMINAL, first, {0: ["b", "b"]})
    verdicts = [{"item_id": f"i{n}", "judge": "mini", "label": labels[0]} for n, labels in enumerate(first)]
    (folder / "verdicts").mkdir()
    text = "".join(json.dumps(row) + "\n" for row in verdicts)
    (folder / "verdicts" / "all.jsonl").write_text(text, encoding="utf-8")
    rules = {
        one["rule"]: one
        for one in Study(folder).audit(replicates=200, write=False).result.as_dict().get("reference_rules", [])
    }
    assert rules["majority"]["used"] and rules["majority"]["value"] == 1.0
    assert rules["adjudicated"]["same_labels"] == pytest.approx(12 / 13)
    assert rules["adjudicated"]["value"] < 1.0
    used = {
        one["rule"]
        for one in Study(folder).audit(reference="adjudicated", write=False).result.as_dict().get("reference_rules", [])
    }
    assert used == {"adjudicated", "majority", "dawid-skene", "each"}


def test_study_toml_says_epsilon(tmp_path: Path) -> None:
    """`audit.alt_test_epsilon` is what the audit allows, unless the call says otherwise."""
    folder = tmp_path / "s"
    reference(folder, NOMINAL + "[audit]\nalt_test_epsilon = 0.1\n", [["a", "a"], ["b", "b"]], {0: ["a"]})
    assert Study(folder).audit(write=False).result.options["alt_test_epsilon"] == 0.1
    assert Study(folder).audit(alt_test_epsilon=0.15, write=False).result.options["alt_test_epsilon"] == 0.15
