"""`label sample` and `label dispute` on study folders: what a plan holds, how it grows, what it refuses."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from judgeaudit.domain.errors import InputError
from judgeaudit.domain.labelling.tasks import Project
from judgeaudit.storage.config.read import read_study
from judgeaudit.storage.labelling.rounds import RoundFolder
from judgeaudit.storage.study.weights import reached_chances
from judgeaudit.study import Study
from judgeaudit.workflows.labelling.blind_texts import Outbox
from judgeaudit.workflows.labelling.form import form_of
from tests.labelling.studies import make_study, planned, set_labelling

pytestmark = pytest.mark.slow

PROJECT = Project(url="http://127.0.0.1:1", project_id=1, title="t", mark="m", overlap=3)


def handed_out(study: Study, round_name: str = "main") -> None:
    """As if the round had been pushed: from here on its tasks are with the raters."""
    RoundFolder(study.folder, round_name).write_project(PROJECT)


def verdicts(study: Study, labels: list[str], probability: list[float] | None = None) -> None:
    rows = [
        {"item_id": f"item-{n:05}", "judge": "mini", "question": "harm", "label": label}
        | ({"probability": probability[n]} if probability else {})
        for n, label in enumerate(labels)
    ]
    (study.folder / "verdicts").mkdir()
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (study.folder / "verdicts" / "mini.jsonl").write_text(lines, encoding="utf-8")


def annotations(study: Study, said: dict[str, tuple[str, ...]]) -> None:
    """item -> the label of each rater for harm."""
    rows = [
        {"item_id": item, "rater": f"rater-{n}", "question": "harm", "label": label, "status": "labelled"}
        for item, labels in said.items()
        for n, label in enumerate(labels)
    ]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (study.folder / "annotations.jsonl").write_text(lines, encoding="utf-8")


def test_a_plan_that_was_handed_out_grows_and_changes_nothing_it_holds(tmp_path: Path) -> None:
    """More items come after those that raters have; ids, places and sides stay, chances are those of the grown draw."""
    study = make_study(tmp_path / "s", [f"A{n}" for n in range(100)], repeats=0.1)
    small = study.label.sample(items=20, by=("model",)).tasks
    handed_out(study)
    large = study.label.sample(items=30, by=("model",)).tasks
    assert [(t.ja_id, t.item_id, t.purpose, t.position) for t in large[: len(small)]] == [
        (t.ja_id, t.item_id, t.purpose, t.position) for t in small
    ]
    items = [task.item_id for task in large if task.purpose == "item"]
    assert len(items) == len(set(items)) == 90
    assert [task.position for task in large] == list(range(len(large)))
    assert all(
        task.probability == pytest.approx(30 / (34 if task.cell == "model=secret-model-0" else 33)) for task in large
    )
    assert len({task.ja_id for task in large}) == len(large)


@pytest.mark.parametrize("by_verdicts", [False, True])
def test_growth_alone_changes_no_weight_and_the_new_labels_bring_the_new_chances(
    tmp_path: Path, by_verdicts: bool
) -> None:
    """Items count with the chances of what is labelled: of the first part, and of the whole plan once all of it is."""
    study = make_study(tmp_path / "s", [f"A{n}" for n in range(120)], repeats=0.0)
    verdicts(study, ["unsafe" if n % 8 == 0 else "safe" for n in range(120)])
    wish: dict[str, object] = {"by": ("model",) if not by_verdicts else (), "verdicts": by_verdicts}
    small = study.label.sample(items=20, **wish).tasks  # type: ignore[arg-type]
    handed_out(study)
    large = study.label.sample(items=35, **wish).tasks  # type: ignore[arg-type]
    seen = {f"item-{n:05}": False for n in range(120)} | {task.item_id: True for task in small}
    assert reached_chances(large, seen) == pytest.approx({task.item_id: task.probability for task in small})
    everything = seen | {task.item_id: True for task in large}
    assert reached_chances(large, everything) == pytest.approx({task.item_id: task.probability for task in large})
    third = study.label.sample(items=35, **wish).tasks  # type: ignore[arg-type]
    assert third == large


@pytest.mark.parametrize(("first", "then"), [(60, 72), (20, 90), (60, 61)])
def test_repeats_of_a_part_that_was_added_are_far_from_their_first_showing(
    tmp_path: Path, first: int, then: int
) -> None:
    """A third of the whole list at least: a short part repeats items of the earlier one, a long one its own; once each."""
    study = make_study(tmp_path / "s", [f"A{n}" for n in range(90)], repeats=0.2)
    small = study.label.sample(items=first).tasks
    handed_out(study)
    tasks = study.label.sample(items=then).tasks
    shown = {task.item_id: task for task in tasks if task.purpose == "item"}
    repeats = [task for task in tasks if task.purpose == "repeat"]
    assert len({task.item_id for task in repeats}) == len(repeats)
    assert len(repeats) == round(0.2 * first) + int(0.2 * (then - first) + 0.5)
    for task in repeats[len(small) - first :]:
        assert 3 * (task.position - shown[task.item_id].position) >= len(tasks)
        assert (task.swapped, task.cell) == (shown[task.item_id].swapped, shown[task.item_id].cell)


def test_answers_to_one_prompt_do_not_meet_where_a_plan_goes_on(tmp_path: Path) -> None:
    """The order of the added part knows what stands before it."""
    study = make_study(tmp_path / "s", [f"A{n}" for n in range(12)], repeats=0.0)
    for seed in range(1, 25):
        small = study.label.sample(items=6, seed=seed).tasks
        RoundFolder(study.folder, "main").write_project(PROJECT)
        tasks = study.label.sample(items=12, seed=seed).tasks
        prompts = [int(task.item_id[-2:]) // 3 for task in tasks]
        assert prompts[len(small) - 1] != prompts[len(small)]
        RoundFolder(study.folder, "main").forget_project()


def test_outputs_that_come_later_take_no_chance_from_what_was_drawn(tmp_path: Path) -> None:
    """Ranks are for good: an item that was drawn with chance 0.5 keeps it when the outputs double."""
    study = make_study(tmp_path / "s", [f"A{n}" for n in range(40)], repeats=0.0)
    study.label.sample(items=20)
    handed_out(study)
    lines = (study.folder / "outputs.jsonl").read_text(encoding="utf-8")
    (study.folder / "outputs.jsonl").write_text(lines + lines.replace("item-", "later-"), encoding="utf-8")
    grown = study.label.sample(items=30)
    chances = {task.item_id.partition("-")[0]: task.probability for task in grown.tasks}
    assert chances == pytest.approx({"item": 20 / 40, "later": 30 / 80})
    assert {task.earlier for task in grown.tasks} == {(0.5,), (0.0,)}
    assert "they stay, and count with the chance that they were drawn with" in grown.warnings[0]


def test_the_same_seed_gives_the_same_plan_whatever_the_order_of_rows(tmp_path: Path) -> None:
    """Which items, and each one's chance, depend on ids and seed alone."""
    texts = [f"A{n}" for n in range(60)]
    one, two = make_study(tmp_path / "a", texts), make_study(tmp_path / "b", texts)
    lines = (two.folder / "outputs.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (two.folder / "outputs.jsonl").write_text("".join(reversed(lines)), encoding="utf-8")
    drawn = [{(t.item_id, t.probability) for t in s.label.sample(items=10, by=("model",)).tasks} for s in (one, two)]
    assert drawn[0] == drawn[1]
    assert {t.item_id for t in one.label.sample(items=10, by=("model",), seed=2).tasks} != {
        item for item, _ in drawn[0]
    }


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (
            {"items": 30, "seed": 2},
            r"drawn with --seed 1, by no strata; .* this command says --seed 2, by no strata",
        ),
        ({"items": 30, "by": ("model",)}, r"this command says --seed 1, by model: repeat the first ones$"),
        ({"items": 0}, r"^--items 0: at least 1$"),
        ({"items": 5, "precision": 0.1}, r"^--items and --precision both say how many; give one$"),
        ({"pilot": 5, "verdicts": True}, r"^--pilot N is the whole size of a pilot"),
        ({"items": 5, "repeats": 1.5}, r"^--repeats 1\.5: a share between 0 and 1$"),
        ({"items": 30, "verdicts": True}, r"is with the raters|no verdict about any output"),
    ],
)
def test_what_cannot_be_planned_is_one_line(tmp_path: Path, wish: dict[str, object], said: str) -> None:
    """Wrong numbers, unknown columns, and other choices for a plan that raters already have."""
    study = make_study(tmp_path / "s", [f"A{n}" for n in range(60)])
    study.label.sample(items=20)
    handed_out(study)
    with pytest.raises(InputError, match=said) as caught:
        study.label.sample(**wish)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def test_a_column_that_is_not_there_is_named_with_its_like(tmp_path: Path) -> None:
    """The next of what the outputs hold is offered."""
    study = make_study(tmp_path / "s", ["A", "B"])
    with pytest.raises(InputError, match=r"no column 'modle' for label sample \(did you mean 'model'\?\)"):
        study.label.sample(by=("modle",))


def test_rare_and_unsure_verdicts_are_reached_and_the_audit_knows_their_chances(tmp_path: Path) -> None:
    """With --verdicts rare labels are drawn more often, each with the chance that its weight gives it."""
    study = make_study(tmp_path / "s", [f"A{n}" for n in range(300)], repeats=0.0)
    verdicts(study, ["unsafe" if n < 15 else "safe" for n in range(300)])
    rare = {f"item-{n:05}" for n in range(15)}

    def drawn(*, by_verdicts: bool) -> int:
        plans = [study.label.sample(items=60, verdicts=by_verdicts, seed=n, write=False).tasks for n in range(8)]
        return sum(task.item_id in rare for tasks in plans for task in tasks)

    assert drawn(by_verdicts=True) > 2 * drawn(by_verdicts=False)
    reached = study.label.sample(items=60, verdicts=True).tasks
    chances = {task.item_id in rare: task.probability for task in reached}
    odds = {key: p / (1 - p) for key, p in chances.items() if p is not None}
    assert odds[True] / odds[False] == pytest.approx(10.0, rel=1e-6)  # 285 / 15, held at ten times the commonest


def test_no_chance_to_pass_is_told_where_items_are_drawn_by_verdicts(tmp_path: Path) -> None:
    """As many equally likely items as these are worth would tell another chance, so the plan says that it has none."""
    study = make_study(tmp_path / "s", [f"A{n}" for n in range(90)], repeats=0.0)
    verdicts(study, ["unsafe" if n < 9 else "safe" for n in range(90)])
    told = [study.label.sample(items=40, verdicts=by, write=False).lines for by in (True, False)]
    assert told[0][-1] == (
        "chance that a good judge would pass: not told where chances follow verdicts, since a few heavy items decide it; "
        "a plan without --verdicts tells it"
    )
    assert not any("% positive" in line for line in told[0])
    assert any("% positive" in line for line in told[1])


def test_a_precision_is_told_for_the_rates_that_rest_on_fewer_items(tmp_path: Path) -> None:
    """Sensitivity has the positive items only; repeated prompts widen all; with verdicts the items are worth fewer."""
    study = make_study(tmp_path / "s", [f"A{n}" for n in range(600)], repeats=0.0)
    toml = study.folder / "study.toml"
    toml.write_text('cluster = "prompt_id"\n' + toml.read_text(encoding="utf-8").replace('cluster = "prompt_id"', ""))
    told = "\n".join(study.label.sample(precision=0.05, write=False).lines)
    assert "precision in all, 381 items: accuracy ± 0.05 or better" in told
    assert "harm: sensitivity ± 0.15, specificity ± 0.05 or better, 10% of the items being positive (supposed)" in told
    assert "values of prompt_id repeat among the items, which makes all of these wider" in told
    verdicts(study, ["unsafe" if n % 4 == 0 else "safe" for n in range(600)])
    told = "\n".join(study.label.sample(precision=0.05, write=False).lines)
    assert (
        "harm: sensitivity ± 0.10, specificity ± 0.06 or better, 25% of the items being positive (by the verdicts)"
        in told
    )
    weighted = "\n".join(study.label.sample(precision=0.1, verdicts=True, write=False).lines)
    assert re.search(r"in all, 93 items \(worth [78]\d equally likely ones\): accuracy ± 0\.1[01] or better", weighted)
    by_model = study.label.sample(precision=0.1, by=("model",), write=False).lines
    assert "precision in the smallest stratum, model=secret-model-0, 93 items: accuracy ± 0.10 or better" in by_model
    annotations(study, {"item-00001": ("unsafe", "safe"), "item-00002": ("unsafe", "unsafe")})
    told = "\n".join(study.label.sample(precision=0.05, write=False).lines)
    assert "75% of the items being positive (by the labels so far)" in told


def test_a_pilot_is_kept_out_of_the_main_round(tmp_path: Path) -> None:
    """Its items are no part of what the main round is drawn from, and it has no repeats."""
    study = make_study(tmp_path / "s", [f"A{n}" for n in range(50)], repeats=0.2)
    pilot = study.label.sample(pilot=10)
    assert (pilot.round, Counter(task.purpose for task in pilot.tasks)) == ("pilot", {"item": 10})
    main = study.label.sample(items=50).tasks
    assert {task.item_id for task in main}.isdisjoint(task.item_id for task in pilot.tasks)
    assert Counter(task.purpose for task in main) == {"item": 40, "repeat": 8}


def test_known_items_without_a_usable_answer_are_refused_where_they_stand(tmp_path: Path) -> None:
    """A label that the question has not, a row twice, a table without answers."""
    study = make_study(tmp_path / "s", ["A"] * 3)
    set_labelling(study.folder, calibration="known.csv")
    for text, said in (
        ("item_id,response,coherence\nk1,x,clear\n", r"known\.csv row 2, column 'coherence': 'clear' is not a label"),
        (
            "item_id,response,coherence\nk1,x,partly\nk1,y,partly\n",
            r"known\.csv row 3, column 'item_id': the same item twice",
        ),
        ("item_id,response\nk1,x\n", r"known\.csv: no column with known answers"),
    ):
        (study.folder / "known.csv").write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match=said):
            study.label.sample(items=3)


def test_what_was_read_as_a_known_answer_is_said(tmp_path: Path) -> None:
    """A question that is misspelt stands among the columns that were not read; a column that is needed is asked for."""
    study = make_study(tmp_path / "s", ["A"] * 3)
    set_labelling(study.folder, calibration="known.csv")
    text = "item_id,response,coherence,harms\nk1,x,partly,safe\nk2,y,partly,\n"
    (study.folder / "known.csv").write_text(text, encoding="utf-8")
    assert "known.csv: known answers to coherence (2); not read: harms" in study.label.sample(items=3).lines
    (study.folder / "known.csv").write_text(text.replace("response", "text"), encoding="utf-8")
    with pytest.raises(InputError, match=r"no column 'response' for known answers \(did you mean 'text'\?\)"):
        study.label.sample(items=3)


def test_a_second_round_holds_disputed_items_and_controls_and_never_asks_twice(tmp_path: Path) -> None:
    """Ties come first; once a second round is with the raters its items are in no third one."""
    study = make_study(tmp_path / "s", [f"A{n}" for n in range(20)])
    said = {f"item-{n:05}": ("safe", "safe", "safe") for n in range(20)}
    said |= {
        "item-00001": ("safe", "unsafe", "safe"),
        "item-00002": ("safe", "unsafe"),
        "item-00003": ("unsafe", "safe"),
    }
    annotations(study, said)
    plan = study.label.dispute(most=2, controls=0.5)
    by_purpose = {p: {t.item_id for t in plan.tasks if t.purpose == p} for p in ("item", "control")}
    assert by_purpose["item"] == {"item-00002", "item-00003"}
    assert len(by_purpose["control"]) == 1
    assert by_purpose["control"].isdisjoint({"item-00001"})
    assert "3 items on which people disagree; 2 of them go into round dispute" in plan.lines
    assert "1 undisputed item is among them, so that nobody can tell which are which" in plan.lines
    handed_out(study, "dispute")
    third = study.label.dispute(controls=0.0)
    assert (third.round, [task.item_id for task in third.tasks]) == ("dispute-2", ["item-00001"])
    handed_out(study, "dispute-2")
    with pytest.raises(InputError, match="no item on which people disagree that was not looked at again already"):
        study.label.dispute()


def test_items_that_await_labels_come_after_complete_ones(tmp_path: Path) -> None:
    """One against one of three is no tie yet; undisputed items that wait are no controls; the plan tells of them."""
    study = make_study(tmp_path / "s", [f"A{n}" for n in range(6)], raters_per_item=3, repeats=0.0)
    study.label.sample(items=6)
    handed_out(study)
    said: dict[str, tuple[str, ...]] = {"item-00000": ("safe", "unsafe"), "item-00001": ("safe", "unsafe", "safe")}
    said |= {"item-00002": ("safe", "unsafe"), "item-00003": ("safe", "safe"), "item-00004": ("safe", "safe", "safe")}
    annotations(study, said)
    plan = study.label.dispute(most=1, controls=2.0)
    assert {(task.item_id, task.purpose) for task in plan.tasks} == {("item-00001", "item"), ("item-00004", "control")}
    assert plan.lines[1] == (
        "2 of the items in dispute still await labels of the main round: complete ones come first, and 0 of these go into "
        "the round"
    )
    assert "and 2 of these go into the round" in study.label.dispute().lines[1]


def test_a_judge_against_the_people_fills_a_second_round_with_a_warning(tmp_path: Path) -> None:
    """Surer contradictions first; the plan says that such a reference leans towards the judge."""
    study = make_study(tmp_path / "s", [f"A{n}" for n in range(6)])
    annotations(study, {f"item-{n:05}": ("safe", "safe") for n in range(6)})
    verdicts(study, ["safe", "unsafe", "unsafe", "safe", "safe", "safe"], [0.1, 0.55, 0.99, 0.2, 0.1, 0.1])
    plan = study.label.dispute(judge="mini", most=1, controls=0.0)
    assert [task.item_id for task in plan.tasks] == ["item-00002"]
    assert "leans towards this judge" in plan.warnings[0]
    with pytest.raises(InputError, match=r"no verdict of a judge 'minnie' \(did you mean 'mini'\?\)"):
        study.label.dispute(judge="minnie")


def test_a_lost_key_or_a_torn_plan_is_said_in_one_line(tmp_path: Path) -> None:
    """Nothing is guessed about files that were not left as they were written."""
    study = make_study(tmp_path / "s", ["A", "B"])
    study.label.sample(items=2)
    key = study.folder / "labelling" / "key"
    assert key.stat().st_mode & 0o777 == 0o600
    key.write_text("short\n", encoding="ascii")
    with pytest.raises(InputError, match="not the key of a labelling plan"):
        study.label.sample(items=2)
    tasks = study.folder / "labelling" / "main" / "tasks.jsonl"
    tasks.write_text('{"item_id": 3}\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"tasks\.jsonl row 1: not a planned task"):
        study.label.status()


@pytest.mark.parametrize("name", ["0", "7.5", "-1", "true"])
def test_a_question_that_the_server_would_refuse_is_told_before_anything_is_planned(tmp_path: Path, name: str) -> None:
    """Label Studio takes no control whose name reads as a number or a truth value."""
    study = make_study(tmp_path / "s", ["A"])
    toml = study.folder / "study.toml"
    toml.write_text(f'schema = 1\n[questions."{name}"]\nscale = "binary"\nlabels = ["a", "b"]\n', encoding="utf-8")
    with pytest.raises(
        InputError, match="a name that is a number, true or false is refused by Label Studio; rename it"
    ):
        study.label.sample(items=1)


def test_a_guideline_that_is_not_there_is_missed_before_anything_is_planned(tmp_path: Path) -> None:
    """Not when the raters are waiting."""
    study = make_study(tmp_path / "s", ["A"])
    (study.folder / "guidelines" / "harm.md").unlink()
    with pytest.raises(InputError, match=r"harm\.md: no such file; write the guideline there"):
        study.label.sample(items=1)


def test_a_dialogue_that_cannot_be_shown_names_its_item(tmp_path: Path) -> None:
    """Among thousands of outputs the one to mend is told."""
    study = make_study(tmp_path / "s", ["A"], raters_per_item=1, repeats=0.0)
    row = {"item_id": "i7", "prompt_id": "p", "messages": "no list", "response": "x"}
    (study.folder / "outputs.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    study.label.sample(items=1)
    with pytest.raises(InputError, match="item 'i7': messages: 'no list' is not a JSON list"):
        Outbox(study.folder, read_study(study.folder), form_of(read_study(study.folder)), planned(study))


def test_values_with_an_ampersand_have_their_chances(tmp_path: Path) -> None:
    """A stratum is known by its name and not by what stands between the parts of a cell."""
    study = make_study(tmp_path / "s", ["A"] * 12)
    rows = [json.loads(line) for line in (study.folder / "outputs.jsonl").read_text(encoding="utf-8").splitlines()]
    lines = [json.dumps({**row, "field": "R & D"}) + "\n" for row in rows]
    (study.folder / "outputs.jsonl").write_text("".join(lines), encoding="utf-8")
    told = "\n".join(study.label.sample(items=6, by=("field",)).lines)
    assert re.search(r"^  field=R & D +6 ", told, re.MULTILINE)
    assert "more strata" not in told


def test_too_few_prompts_are_told_before_anybody_labels(tmp_path):
    """Under ten clusters the gate bounds nothing, so that no number of labels would decide."""
    study = make_study(tmp_path / "s", [f"Answer {n}" for n in range(30)])
    rows = [json.loads(line) for line in (study.folder / "outputs.jsonl").read_text(encoding="utf-8").splitlines()]
    for few in (True, False):
        for n, row in enumerate(rows):
            row["prompt_id"] = f"p{n % 6}" if few else f"p{n}"
        (study.folder / "outputs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        text = (study.folder / "study.toml").read_text(encoding="utf-8")
        if "cluster" not in text:
            (study.folder / "study.toml").write_text('cluster = "prompt_id"\n' + text, encoding="utf-8")
        warnings = "\n".join(study.label.sample(items=20, write=False).warnings)
        assert ("the items come from 6 different values of 'prompt_id'" in warnings) is few
