"""Labels gathered by a plan count for the outputs that they stand for; what nobody labelled counts for nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judgeaudit.audit.question import audit_question
from judgeaudit.audit.setting.options import AuditOptions
from judgeaudit.domain.errors import InputError
from judgeaudit.domain.labelling.sampling import draw
from judgeaudit.domain.labelling.tasks import PlannedTask
from judgeaudit.domain.ratings import Ratings
from judgeaudit.domain.results.audit import Finding
from judgeaudit.storage.files.write import append_jsonl
from judgeaudit.storage.labelling.rounds import RoundFolder
from judgeaudit.storage.study.load import load_study
from judgeaudit.storage.study.weights import label_design, plan_chances, reached_chances
from tests.fuzzing import examples

TOML = """
name = "planned"
[questions.harm]
scale = "binary"
labels = ["safe", "unsafe"]
[strata.kind]
from = "column"
"""
ABOUT = {"kind": {"seed": 7, "by": ["kind"], "verdicts": False}, "per_stratum": 4, "population": {"all": 12}}


def planned(item: str, probability: float | None, **more: object) -> PlannedTask:
    return PlannedTask(ja_id=f"ja-{item}", item_id=item, probability=probability, **more)  # type: ignore[arg-type]


def write_study(folder: Path, kinds: Sequence[str], labels: Mapping[str, str], tasks: Sequence[PlannedTask]) -> Path:
    """Outputs i0, i1, …, one person's labels, a judge who calls every second output unsafe, and a plan."""
    (folder / "study.toml").write_text(TOML, encoding="utf-8")
    items = [f"i{k}" for k in range(len(kinds))]
    append_jsonl(
        folder / "outputs.jsonl",
        [
            {"item_id": item, "response": f"answer {item}", "kind": kind}
            for item, kind in zip(items, kinds, strict=True)
        ],
    )
    append_jsonl(
        folder / "annotations.jsonl",
        [{"item_id": item, "rater": "ann", "question": "harm", "label": label} for item, label in labels.items()],
    )
    append_jsonl(
        folder / "verdicts" / "mini.jsonl",
        [
            {"item_id": item, "judge": "mini", "question": "harm", "label": "unsafe" if k % 2 else "safe"}
            for k, item in enumerate(items)
        ],
    )
    if tasks:
        RoundFolder(folder, "main").write_plan(tasks, ABOUT)
    return folder


def small_study(folder: Path, chances: Mapping[str, float], *, outside: Sequence[str] = ()) -> Ratings:
    labels = {item: "unsafe" if number % 3 else "safe" for number, item in enumerate([*chances, *outside])}
    kinds = ["rare" if k < 3 else "common" for k in range(12)]
    write_study(folder, kinds, labels, [planned(item, chance) for item, chance in chances.items()])
    return load_study(folder)[1].ratings[0]


def findings(ratings: Ratings) -> list[Finding]:
    return audit_question(ratings, AuditOptions(replicates=200)).findings


def test_a_planned_item_weighs_the_outputs_that_it_stands_for(tmp_path: Path) -> None:
    """1 / probability for labelled items of the plan."""
    ratings = small_study(tmp_path, {"i0": 1.0, "i1": 1.0, "i5": 0.25, "i6": 0.25})
    assert ratings.weights is not None
    assert ratings.weights[[0, 1, 5, 6]].tolist() == [1.0, 1.0, 4.0, 4.0]


def test_equal_chances_change_nothing(tmp_path: Path) -> None:
    """Items with one and the same chance are exchangeable: no weights, the findings of a study without a plan, and a design."""
    (tmp_path / "with").mkdir()
    (tmp_path / "without").mkdir()
    ratings = small_study(tmp_path / "with", dict.fromkeys(["i0", "i4", "i7", "i8"], 0.3))
    other = write_study(
        tmp_path / "without",
        ["rare" if k < 3 else "common" for k in range(12)],
        {item: "unsafe" if number % 3 else "safe" for number, item in enumerate(["i0", "i4", "i7", "i8"])},
        [],
    )
    assert ratings.weights is None
    assert (ratings.label_design, load_study(other)[1].ratings[0].label_design) == ("random", None)
    shared = replace(ratings, label_design=None)
    assert findings(shared) == findings(load_study(other)[1].ratings[0])


def test_the_plan_says_how_labels_were_chosen(tmp_path: Path) -> None:
    """One chance for all is a random sample, several are weighted; with labels outside the plan, or without one, nobody knows."""
    for name in "abc":
        (tmp_path / name).mkdir()
    assert small_study(tmp_path / "a", dict.fromkeys(["i0", "i4"], 0.3)).label_design == "random"
    assert small_study(tmp_path / "b", {"i0": 1.0, "i4": 0.3}).label_design == "weighted"
    assert small_study(tmp_path / "c", {"i0": 0.5, "i5": 0.5}, outside=["i9"]).label_design is None
    assert small_study(tmp_path, {}, outside=["i9", "i4"]).label_design is None


def test_study_toml_may_say_how_labels_were_chosen(tmp_path: Path) -> None:
    """`audit.label_design` wins over the plan, unless the plan knows that it cannot be so."""

    def stated(name: str, design: str, chances: Mapping[str, float]) -> str | None:
        folder = tmp_path / name
        folder.mkdir()
        small_study(folder, chances, outside=[] if chances else ["i0", "i4"])
        with (folder / "study.toml").open("a", encoding="utf-8") as file:
            file.write(f'[audit]\nlabel_design = "{design}"\n')
        return load_study(folder)[1].ratings[0].label_design

    assert stated("a", "elsewhere", {"i0": 1.0, "i4": 0.3}) == "elsewhere"
    assert stated("b", "random", {}) == "random"
    with pytest.raises(InputError, match="unequal chances"):
        stated("c", "random", {"i0": 1.0, "i4": 0.3})
    with pytest.raises(InputError, match="no labelling plan"):
        stated("d", "weighted", {})


def test_a_study_corrects_by_its_plan(tmp_path: Path) -> None:
    """Rare outputs labelled more often: the corrected rate counts every output once."""
    ratings = small_study(tmp_path, {"i0": 1.0, "i1": 1.0, "i5": 0.25, "i6": 0.25, "i7": 0.25, "i8": 0.25})
    (found,) = [f for f in findings(ratings) if (f.statistic, f.stratum) == ("prevalence_poststratified", "all")]
    y, flagged = ratings.people[0] == 1, ratings.judges[0] == 1
    assert ratings.weights is not None
    told = ratings.people[0] >= 0
    inside = [
        np.average(y[told & (flagged == side)], weights=ratings.weights[told & (flagged == side)]) for side in (0, 1)
    ]
    assert found.value == pytest.approx(0.5 * inside[0] + 0.5 * inside[1])


def test_labels_outside_the_plan_stand_for_themselves_and_are_counted(tmp_path: Path) -> None:
    """An imported label has weight 1, and a warning says how many there are."""
    ratings = small_study(tmp_path, {"i0": 0.5, "i5": 0.5}, outside=["i9", "i10", "i11"])
    assert ratings.weights is not None
    assert ratings.weights[[0, 5, 9, 10, 11]].tolist() == [2.0, 2.0, 1.0, 1.0, 1.0]
    assert load_study(tmp_path)[1].warnings == (
        "3 labelled items are not of the labelling plan: each stands for itself (weight 1), "
        "a planned one for 1 / its probability",
    )


def test_planned_items_without_labels_are_counted(tmp_path: Path) -> None:
    """While labelling goes on, the audit says what it supposes."""
    tasks = [planned("i0", 1.0), planned("i5", 0.25), planned("i6", 0.25)]
    write_study(tmp_path, ["x"] * 12, {"i0": "safe", "i5": "unsafe"}, tasks)
    assert load_study(tmp_path)[1].warnings == (
        "1 of the 3 items of the labelling plan have no label yet: in each cell the labelled ones stand for them, by how "
        "much of each part of the plan is labelled, as if chance had left these out",
    )


def test_growing_a_plan_changes_no_weight_before_its_new_tasks_are_labelled() -> None:
    """The first part of the plan was drawn with the smaller chances, and until then it is all that has labels."""
    first = [planned("i0", 0.5, cell="k=a"), planned("i1", 0.1, cell="k=b"), planned("i2", 0.3, cell="k=b")]
    grown = [replace(task, probability=2 * task.probability, earlier=(task.probability,)) for task in first]  # type: ignore[operator]
    fresh = [planned(f"i{n}", 0.4, cell="k=b", part=1, earlier=(0.2,)) for n in (3, 4)]
    fresh.append(planned("i5", 1.0, cell="k=a", part=1, earlier=(0.5,)))
    seen = {"i0": True, "i1": True, "i2": True, "i3": False, "i4": False, "i5": False}
    assert reached_chances([*grown, *fresh], seen) == pytest.approx({"i0": 0.5, "i1": 0.1, "i2": 0.3})


def test_a_plan_that_is_labelled_whole_counts_with_its_chances_however_it_grew() -> None:
    """λ_0 + (λ_1 − λ_0) + … is the chance of the plan as it is."""
    tasks = [planned("i0", 0.5, earlier=(0.1, 0.3)), planned("i1", 0.6, part=1, earlier=(0.2, 0.2)), planned("i2", 0.9)]
    assert reached_chances(tasks, dict.fromkeys(["i0", "i1", "i2"], True)) == pytest.approx(
        {"i0": 0.5, "i1": 0.6, "i2": 0.9}
    )


@given(st.lists(st.booleans(), min_size=30, max_size=30), st.integers(1, 29))
def test_where_chances_are_equal_the_labels_of_a_cell_stand_for_its_outputs(done: list[bool], first: int) -> None:
    """Whatever part of a grown plan has labels: each counts outputs of the cell / labels of the cell."""
    tasks = [
        planned(f"i{n}", 30 / 300, part=int(n >= first), earlier=(first / 300,), cell="k=a") for n in range(len(done))
    ]
    found = reached_chances(tasks, {f"i{n}": has for n, has in enumerate(done)})
    assert found == pytest.approx({f"i{n}": sum(done) / 300 for n, has in enumerate(done) if has})


def test_a_cell_without_any_label_is_named(tmp_path: Path) -> None:
    """Nothing stands for its outputs, and the audit says so."""
    tasks = [planned("i0", 1.0, cell="kind=a"), planned("i5", 0.25, cell="kind=b")]
    write_study(tmp_path, ["x"] * 12, {"i0": "safe"}, tasks)
    said = load_study(tmp_path)[1].warnings[-1]
    assert said == "no item of the plan in kind=b has a label yet: no number speaks of the outputs there"


def test_an_item_that_could_not_be_judged_was_reached(tmp_path: Path) -> None:
    """It does not lack by chance, so no labelled item stands for it."""
    tasks = [planned("i0", 0.5, cell="kind=a"), planned("i1", 0.5, cell="kind=a"), planned("i2", 1.0, cell="kind=b")]
    write_study(tmp_path, ["x"] * 12, {"i0": "safe", "i2": "safe"}, tasks)
    row = {"item_id": "i1", "rater": "ann", "question": "harm", "label": "", "status": "cannot_judge"}
    file = tmp_path / "annotations.jsonl"
    rows = [{"status": "labelled", **json.loads(line)} for line in file.read_text(encoding="utf-8").splitlines()]
    file.write_text("".join(json.dumps(one) + "\n" for one in [*rows, row]), encoding="utf-8")
    _, loaded = load_study(tmp_path)
    assert loaded.ratings[0].weights is not None
    assert loaded.ratings[0].weights[[0, 2]].tolist() == [2.0, 1.0]
    assert not any("have no label yet" in said for said in loaded.warnings)


@pytest.mark.parametrize("wrong", [-1, 2, "0", True])
def test_a_part_that_the_plan_has_not_is_refused(tmp_path: Path, wrong: object) -> None:
    """As a chance that is none is."""
    write_study(tmp_path, ["x"] * 2, {"i0": "safe"}, [planned("i0", 0.5, part=wrong, earlier=(0.2,))])
    with pytest.raises(InputError, match=rf"tasks\.jsonl: item 'i0' has part {wrong}, which its plan has not"):
        load_study(tmp_path)


def test_repeats_and_known_answers_are_no_items_of_the_plan(tmp_path: Path) -> None:
    """An item that is shown twice weighs once, and a calibration item has no chance to be drawn."""
    tasks = [
        planned("i0", 0.5),
        planned("i0", 0.5, purpose="repeat"),
        planned("c1", None, purpose="calibration"),
        planned("i1", 0.25),
    ]
    write_study(tmp_path, ["x"] * 4, {"i0": "safe", "i1": "unsafe"}, tasks)
    assert plan_chances(tmp_path) == {"i0": 0.5, "i1": 0.25}


@pytest.mark.slow
@settings(max_examples=examples(10))
@given(st.lists(st.floats(0.001, 1000.0), min_size=12, max_size=12))
def test_the_weight_of_what_nobody_labelled_enters_no_number(weights: list[float]) -> None:
    """Whatever weight a judged item without labels has, every finding is the same."""
    ratings = _labelled_in_part()
    assert ratings.weights is not None
    labelled = (ratings.people >= 0).any(0)
    other = replace(ratings, weights=np.where(labelled, ratings.weights, weights))
    assert findings(other) == findings(ratings)


def _labelled_in_part() -> Ratings:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        return small_study(Path(folder), {"i0": 1.0, "i1": 1.0, "i5": 0.25, "i6": 0.25, "i7": 0.25})


@pytest.mark.simulation
def test_a_stratified_plan_gives_the_rate_of_all_outputs(tmp_path: Path) -> None:
    """Rare outputs are labelled more often than common ones; weighted, the rate of positives is that of the outputs."""
    n, found, plain, seeds = 400, [], [], 60
    kinds = ["rare" if k % 10 == 0 else "common" for k in range(n)]
    truth = ["unsafe" if (k % 10 == 0) != (k % 20 == 5) else "safe" for k in range(n)]
    items = [f"i{k}" for k in range(n)]
    for seed in range(seeds):
        drawn = draw(items, {"kind": kinds}, per_stratum=30, seed=seed)
        labels = {items[k]: truth[k] for k in drawn.chosen}
        folder = tmp_path / str(seed)
        folder.mkdir()
        write_study(folder, kinds, labels, [planned(items[k], float(drawn.probability[k])) for k in drawn.chosen])
        ratings = load_study(folder)[1].ratings[0]
        if seed == 0:
            value = next(
                f.value for f in findings(ratings) if (f.statistic, f.stratum) == ("prevalence_reference", "all")
            )
        positive, labelled = ratings.people[0] == 1, ratings.people[0] >= 0
        assert ratings.weights is not None
        found.append(float(np.average(positive[labelled], weights=ratings.weights[labelled])))
        plain.append(float(positive[labelled].mean()))
    real = truth.count("unsafe") / n
    assert value == pytest.approx(found[0])
    assert abs(np.mean(found) - real) < 4.0 * np.std(found) / np.sqrt(seeds)
    assert np.mean(plain) - real > 0.2


def test_the_design_of_the_labels_is_told(tmp_path: Path) -> None:
    """Seed, columns and counts of the plan, for audit.json; nothing where there is no plan."""
    write_study(tmp_path, ["x"] * 12, {"i0": "safe"}, [planned("i0", 1.0), planned("i5", 0.25)])
    assert label_design(tmp_path) == {
        "label_design": "plan",
        "plan": {
            "items": 2,
            "least_probability": 0.25,
            "seed": 7,
            "by": ["kind"],
            "verdicts": False,
            "per_stratum": 4,
            "population": {"all": 12},
        },
    }
    assert label_design(tmp_path / "elsewhere") == {}


def test_a_stated_design_of_the_labels_is_told(tmp_path: Path) -> None:
    """What study.toml says stands in audit.json, with the plan where there is one."""
    assert label_design(tmp_path, stated="elsewhere") == {"label_design": "elsewhere"}
    write_study(tmp_path, ["x"] * 12, {"i0": "safe"}, [planned("i0", 1.0)])
    found = label_design(tmp_path, stated="random")
    assert (found["label_design"], set(found)) == ("random", {"label_design", "plan"})


@pytest.mark.parametrize("wrong", [0.0, -0.5, 1.5, None, "half", True])
def test_a_chance_that_is_none_is_refused(tmp_path: Path, wrong: object) -> None:
    """A plan that was written by hand is not believed: one line with file, item and value."""
    write_study(tmp_path, ["x"] * 2, {"i0": "safe"}, [planned("i0", 0.5)])
    file = tmp_path / "labelling" / "main" / "tasks.jsonl"
    row = {**json.loads(file.read_text(encoding="utf-8")), "probability": wrong}
    file.write_text(json.dumps(row) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=rf"tasks\.jsonl: item 'i0' has probability {wrong}, which is no chance"):
        load_study(tmp_path)


def test_a_signal_is_a_stratum_without_a_column(tmp_path: Path) -> None:
    """`from = "signal"` computes what no column holds; a column of that name wins."""
    write_study(tmp_path, ["x"] * 4, {"i0": "safe", "i1": "unsafe"}, [])
    signal = '[strata.looks_like_gibberish]\nfrom = "signal"\n[strata.length]\nfrom = "signal"\n'
    (tmp_path / "study.toml").write_text(TOML + signal, encoding="utf-8")
    append_jsonl(tmp_path / "outputs.jsonl", [{"item_id": "i4", "response": "no no no no no no no no no", "kind": "x"}])
    ratings = load_study(tmp_path)[1].ratings[0]
    assert ratings.columns["looks_like_gibberish"] == ("looks_like_gibberish=no", "looks_like_gibberish=yes")
    assert ratings.strata["looks_like_gibberish=yes"].tolist() == [False] * 4 + [True]
    assert ratings.stratum_source["length=short"] == "signal"
