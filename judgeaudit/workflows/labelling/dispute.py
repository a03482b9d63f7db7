"""`label dispute`: the plan of a second blind round about items on which somebody disagrees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from judgeaudit.domain.errors import InputError
from judgeaudit.domain.labelling.tasks import DISPUTE, MAIN, PlannedTask, Purpose, opaque_id
from judgeaudit.domain.question import Question
from judgeaudit.workflows.labelling.form import form_of
from judgeaudit.workflows.labelling.plan import PlanReport
from judgeaudit.workflows.labelling.rows import label_rows

if TYPE_CHECKING:
    from judgeaudit.labelling.sync.standing import Showing
    from judgeaudit.storage.config.schema import StudyConfig
    from judgeaudit.storage.files.read import Table
    from judgeaudit.storage.labelling.rounds import RoundFolder

Row = Mapping[str, str]


def plan_dispute(
    study: Path, *, most: int | None = None, judge: str | None = None, controls: float = 0.25, seed: int = 1
) -> PlanReport:
    """Disputed items, most disputed first, and undisputed controls among them, in an order that tells them not apart.

    Items of earlier second rounds are left out. A plan of a second round that was not pushed is replaced.
    """
    from judgeaudit.labelling.dispute import second_round
    from judgeaudit.storage.config.read import read_study
    from judgeaudit.storage.study.outputs import outputs_of

    if most is not None and most < 1:
        msg = f"--most {most}: at least 1"
        raise InputError(msg)
    config = read_study(study)
    rows, outputs = label_rows(study, config), outputs_of(study)
    if not rows:
        msg = f"{study}: no labels yet, so nothing is in dispute; fetch them with `judgeaudit label pull {study}`"
        raise InputError(msg)
    folder, seen = _next_round(study)
    fresh, waiting = set(outputs.frame["item_id"]) - seen, unfinished(study, config, rows)
    open_, calm = ([item for item in found if item in fresh] for found in _found(study, config, rows, judge))
    open_.sort(key=waiting.__contains__)  # one against one may be two against one tomorrow
    calm = [item for item in calm if item not in waiting]
    if not open_:
        whom = f"judge {judge} and the people" if judge else "people"
        msg = f"{study}: no item on which {whom} disagree{' that was not looked at again already' if seen else ''}"
        raise InputError(msg)
    chosen = second_round(open_, calm, share_of_controls=controls, most=most, seed=seed)
    tasks = _tasks(study, config, outputs, folder.name, chosen, seed)
    with folder.alone():
        folder.write_plan(tasks, {"kind": {"judge": judge, "seed": seed, "controls": controls}, "disputed": len(open_)})
    return PlanReport(
        round=folder.name,
        tasks=tuple(tasks),
        lines=_lines(folder.name, tasks, open_, waiting, judge),
        warnings=_warnings(judge, controls, tasks),
    )


def _next_round(study: Path) -> tuple[RoundFolder, set[str]]:
    """The first second round that was not pushed, and the items that those before it hold."""
    from judgeaudit.storage.labelling.rounds import RoundFolder

    seen: set[str] = set()
    number = 1
    while True:
        folder = RoundFolder(study, DISPUTE if number == 1 else f"{DISPUTE}-{number}")
        if folder.project() is None and not folder.sent():
            return folder, seen
        seen |= {task.item_id for task in folder.tasks()}
        number += 1


def unfinished(study: Path, config: StudyConfig, rows: Sequence[Row]) -> set[str]:
    """Items of the main round's plan that fewer people answered than shall."""
    from judgeaudit.labelling.sync.standing import showings
    from judgeaudit.storage.labelling.rounds import RoundFolder

    folder = RoundFolder(study, MAIN)
    if not folder.planned:
        return set()
    project = folder.project()
    wanted = config.labelling.raters_per_item if project is None else project.overlap
    answered = Counter(one.item_id for one in showings(rows) if one.purpose == "item" and one.answered)
    return {task.item_id for task in folder.tasks() if task.purpose == "item" and answered[task.item_id] < wanted}


def _found(study: Path, config: StudyConfig, rows: Sequence[Row], judge: str | None) -> tuple[list[str], list[str]]:
    """Items in dispute, the most disputed first, and items that several people labelled alike."""
    from judgeaudit.labelling.dispute import disputed, most_informative, votes
    from judgeaudit.labelling.sync.standing import showings
    from judgeaudit.workflows.labelling.verdict_weights import disagreement_weights

    questions = asked_questions(config)
    found = disagreed = [one.item_id for one in disputed(rows, questions)]
    if judge is not None:
        weights = disagreement_weights(study, judge, majorities(showings(rows), questions))
        ranked = [
            most_informative(weights[name], votes(rows, question), most=len(rows))
            for name, question in questions.items()
            if name in weights
        ]
        merged = [item for ranks in zip_longest(*ranked) for item in ranks if item is not None]
        found = list(dict.fromkeys(merged))
    several = [
        {item for item, vote in votes(rows, question).items() if vote.people > 1} for question in questions.values()
    ]
    calm = sorted(set().union(*several) - set(found) - set(disagreed))
    return found, calm


def asked_questions(config: StudyConfig) -> dict[str, Question]:
    """The questions that take one label, as the audit knows them."""
    return {name: one.question(name) for name, one in config.questions.items() if not one.multiple}


def majorities(shown: Iterable[Showing], questions: Mapping[str, Question]) -> dict[str, dict[str, str]]:
    """By question, the label that more people gave to an item than any other; items without one are left out."""
    given: dict[str, dict[str, Counter[str]]] = {name: {} for name in questions}
    for showing in shown:
        if showing.purpose not in ("item", "control"):
            continue
        for name, label in showing.answers.items():
            if name in given:
                given[name].setdefault(showing.item_id, Counter())[label] += 1
    return {
        name: {item: top for item, counts in items.items() if (top := _top(counts))} for name, items in given.items()
    }


def _top(counts: Counter[str]) -> str | None:
    ranked = counts.most_common(2)
    return None if len(ranked) > 1 and ranked[0][1] == ranked[1][1] else ranked[0][0]


def _tasks(
    study: Path, config: StudyConfig, outputs: Table, name: str, chosen: Sequence[tuple[str, Purpose]], seed: int
) -> list[PlannedTask]:
    from judgeaudit.labelling.order import ordered
    from judgeaudit.storage.labelling.rounds import study_key
    from judgeaudit.workflows.labelling.plan import picks

    place = {item: number for number, item in enumerate(outputs.frame["item_id"])}
    shown = picks(outputs, [place[item] for item, _ in chosen], purposes=[purpose for _, purpose in chosen])
    key = study_key(study)
    return [
        PlannedTask(
            ja_id=opaque_id(key, name, slot.purpose, slot.item_id),
            item_id=slot.item_id,
            purpose=slot.purpose,
            position=slot.position,
            swapped=slot.swapped,
        )
        for slot in ordered(shown, seed=seed, sides=form_of(config).pairwise)
    ]


def _lines(
    name: str, tasks: Sequence[PlannedTask], found: Sequence[str], waiting: Set[str], judge: str | None
) -> tuple[str, ...]:
    taken = {task.item_id for task in tasks if task.purpose == "item"}
    late = waiting & set(found)
    count, chosen, mixed = len(found), len(taken), len(tasks) - len(taken)
    whom = f"judge {judge} and the people" if judge else "people"
    unready = f"{len(late):,} of the items in dispute still await labels of the main round: complete ones come first, "
    unready += f"and {len(late & taken):,} of these go into the round"
    return (
        f"{count:,} item{'s' * (count != 1)} on which {whom} disagree; {chosen:,} of them go{'es' * (chosen == 1)} into round {name}",
        *([unready] if late else []),
        f"{mixed:,} undisputed item{'s are' if mixed != 1 else ' is'} among them, so that nobody can tell which are which",
        'the audit uses their labels with reference = "adjudicated"',
    )


def _warnings(judge: str | None, controls: float, tasks: Sequence[PlannedTask]) -> tuple[str, ...]:
    lines = []
    if judge is not None:
        lines.append(
            f"only items on which judge {judge} differs from the people are looked at again: a reference made of that leans "
            "towards this judge; read it beside the majority, not instead"
        )
    if controls and not any(task.purpose == "control" for task in tasks):
        lines.append("no undisputed item is left to mix in: raters may guess that every item is disputed")
    return tuple(lines)
