"""What a comparison reads, before anything is compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from judgeaudit.domain.checkpoints import (
    ALL_BENCHMARKS,
    AS_JUDGED,
    TREATMENTS,
    Checkpoint,
    CheckpointRatings,
    ComparePlan,
    Measurement,
    Note,
    Treatment,
)
from judgeaudit.domain.errors import InputError, nearest, one_line
from judgeaudit.domain.results.questions import InputRecord
from judgeaudit.storage.checkpoints.outcomes import GIBBERISH_BY_SIGNAL
from judgeaudit.storage.config.compare import CompareConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareLoaded:
    """What a comparison reads, before anything is compared: one `CheckpointRatings` for each question.

    join, notes  how tables were joined, and what a reader should know or mend
    labelled     whether people labelled any of it
    """

    ratings: tuple[CheckpointRatings, ...]
    measured: tuple[Measurement, ...]
    plan: ComparePlan
    inputs: dict[str, InputRecord]
    label_source: str
    join: tuple[str, ...]
    notes: tuple[Note, ...]
    name: str = ""
    labelled: bool = False

    def with_certified(self, certified: Mapping[str, tuple[str, ...]]) -> CompareLoaded:
        """The same with the judges that the gate opened on incoherent outputs, by question."""
        return replace(
            self, ratings=tuple(replace(one, certified=certified.get(one.question, ())) for one in self.ratings)
        )


def noted(lines: Iterable[Note | str]) -> tuple[Note, ...]:
    """Notes with their codes; a sentence without one is about the tables. What people did not label stands first."""
    notes = [one if isinstance(one, Note) else Note(code="tables", sentence=one) for one in lines]
    return tuple(sorted(notes, key=lambda one: one.code != GIBBERISH_BY_SIGNAL))


def plan_of(compare: CompareConfig, **options: int | float) -> ComparePlan:
    """What was declared, as the engine takes it."""
    treatments: dict[str, Treatment] = {one: one for one in (*TREATMENTS, AS_JUDGED)}
    plan = ComparePlan(
        goal=compare.declared_goal(),
        baseline=compare.baseline,
        contrasts=compare.contrasts,
        judge=compare.judge,
        benchmarks=compare.benchmarks,
        judges=compare.judges,
        references=compare.references,
        treatments=tuple(treatments[one] for one in compare.treatments),
        anchors=compare.anchors,
    )
    return replace(plan, **options)  # type: ignore[arg-type]


def refuse_strangers(
    plan: ComparePlan, ratings: Sequence[CheckpointRatings], checkpoints: Sequence[Checkpoint]
) -> None:
    """Judges, benchmarks and methods that [compare] names are there."""
    judges = list(dict.fromkeys(judge for one in ratings for judge in one.judges))
    methods = list(dict.fromkeys(one.method for one in checkpoints))
    named = {
        "judge": ((plan.judge,) if plan.judge else (), judges, "has given no verdict; judges are"),
        "judges": (plan.judges or (), judges, "has given no verdict; judges are"),
        "benchmarks": (
            plan.benchmarks or (),
            list(dict.fromkeys([*ratings[0].benchmarks, ALL_BENCHMARKS])),
            "is no benchmark of the outputs; there are",
        ),
        "contrasts": (
            tuple(name for pair in plan.contrasts or () for name in pair),
            list(dict.fromkeys([*methods, plan.baseline])),
            "is no method; methods are",
        ),
    }
    for key, (given, known, why) in named.items():
        for name in given:
            if name not in known:
                listed = ", ".join(one_line(one, limit=40) for one in known[:12])
                msg = f"compare: {key}: {one_line(name)!r} {why} {listed}{nearest(name, known)}"
                raise InputError(msg)
