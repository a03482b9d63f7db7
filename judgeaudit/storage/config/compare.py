"""[compare] of study.toml: what checkpoints are held to and against, and the choices that a conclusion may depend on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from judgeaudit.domain.checkpoints import ANCHORS, AS_JUDGED, TREATMENTS, Goal, Reach
from judgeaudit.domain.doses import COHERENCE
from judgeaudit.domain.errors import nearest, one_line
from judgeaudit.domain.question import canonical, number_of
from judgeaudit.storage.config.questions import QuestionConfig
from judgeaudit.storage.config.section_base import Label, Name, Section, refuse
from judgeaudit.text.signals import LOOKS

# What [compare] was given in place of numbers and pairs of methods: refused with the value and how it is written.


def number_given(value: object) -> object:
    """A number as it is; a text is none, however it looks."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        refuse(f"{one_line(repr(value), limit=60)} is no number; write {_plain(value)}")
    return value


def pairs_given(value: object) -> object:
    """Pairs of two different methods, each once, in whichever order."""
    if value is None:
        return None
    if not isinstance(value, list | tuple):
        refuse(f'{one_line(repr(value), limit=60)} is no list of pairs; write [["plain", "base"]]')
    if not value:
        refuse("names no pair; name some, or leave it out for all pairs")
    seen: set[frozenset[object]] = set()
    for pair in value:
        if (
            not isinstance(pair, list | tuple)
            or len(pair) != 2
            or not all(isinstance(one, str) and one for one in pair)
        ):
            said = one_line(repr(list(pair) if isinstance(pair, tuple) else pair), limit=60)
            refuse(f'{said} is no pair; name two methods, as ["plain", "base"]')
        a, b = (one_line(one) for one in pair)
        if pair[0] == pair[1]:
            refuse(f"{a!r} is compared with itself; name two methods")
        if frozenset(pair) in seen:
            refuse(f"{a!r} and {b!r} are compared twice; name each pair once, in the order that a − b is wanted")
        seen.add(frozenset(pair))
    return value


def _plain(value: object) -> str:
    """How a number in quotes or in percent is written; else an example."""
    text = str(value).strip()
    if (share := number_of(text.removesuffix("%"))) is not None and not isinstance(value, bool):
        return f"{share / 100 if text.endswith('%') else share:.15g}"
    return "a score, as 0.70"


#: the question about coherence, where none is named
COHERENCE_QUESTION = "coherence"
KNOWN_TREATMENTS = (*TREATMENTS, AS_JUDGED)
AT_STEP = "step:"


class CompareConfig(Section):
    """The goal and the baseline are declared before anything is compared; every other key has a default."""

    capability_task: Name | None = None
    goal: float | None = None
    goals: dict[Name, float] = Field(default_factory=dict)
    baseline: Name
    reach: Reach = "point"
    tolerance: Annotated[float, Field(ge=0)] = 0.02
    contrasts: tuple[tuple[Name, Name], ...] | None = None
    judge: Name | None = None
    questions: tuple[Name, ...] | None = None
    coherence: Name | None = None
    incoherent: tuple[Label, ...] = (COHERENCE[0],)
    signal: Name = LOOKS
    benchmarks: tuple[Name, ...] | None = None
    judges: tuple[Name, ...] | None = None
    references: tuple[Name, ...] | None = None
    treatments: tuple[Name, ...] = KNOWN_TREATMENTS
    anchors: tuple[Name, ...] = ANCHORS

    @model_validator(mode="before")
    @classmethod
    def _has_a_baseline(cls, data: object) -> object:
        if isinstance(data, dict) and data.get("baseline") in (None, ""):
            refuse('baseline: is missing; name what all others are held against, as baseline = "base"')
        return data

    @field_validator("goal", "tolerance", mode="before")
    @classmethod
    def _is_a_number(cls, value: object) -> object:
        return number_given(value)

    @field_validator("goals", mode="before")
    @classmethod
    def _are_numbers(cls, value: object) -> object:
        for one in value.values() if isinstance(value, Mapping) else ():
            number_given(one)
        return value

    @field_validator("contrasts", mode="before")
    @classmethod
    def _are_pairs(cls, value: object) -> object:
        return pairs_given(value)

    @model_validator(mode="after")
    def _one_way_to_the_goal(self) -> Self:
        if self.goals and (self.capability_task is not None or self.goal is not None):
            refuse("give either capability_task and goal, or goals for several tasks, not both")
        if not self.goals and (self.capability_task is None or self.goal is None):
            lacks = "capability_task" if self.capability_task is None else "goal"
            refuse(f'{lacks} is missing; write capability_task = "TASK" and goal = 0.70, or goals = {{ TASK = 0.70 }}')
        return self

    @model_validator(mode="after")
    def _choices_are_known(self) -> Self:
        refuse_strange("treatments", self.treatments, KNOWN_TREATMENTS)
        refuse_strange("anchors", [one for one in self.anchors if not _is_step(one)], ANCHORS, more=f"{AT_STEP}NUMBER")
        for key in ("treatments", "anchors", "benchmarks", "judges", "references", "questions", "incoherent"):
            given: tuple[str, ...] | None = getattr(self, key)
            if given is not None and not given:
                refuse(f"{key} names nothing; name what to compare by, or leave the key out")
            for one in given or ():
                if (given or ()).count(one) > 1:
                    refuse(f"{key}: {one_line(one)!r} stands there twice; name it once")
        if self.judge is not None and self.judges is not None and self.judge not in self.judges:
            refuse(f"judge: {one_line(self.judge)!r} is not one of judges{nearest(self.judge, list(self.judges))}")
        if self.treatments[0] == AS_JUDGED:
            rest = ", ".join(TREATMENTS[:-1])
            refuse(
                f"treatments: {AS_JUDGED} is the practice that others are held against; name {rest} or {TREATMENTS[-1]} before it"
            )
        return self

    def declared_goal(self) -> Goal:
        """Tasks with their goals, in the order that they were written."""
        tasks = tuple(self.goals.items()) or ((self.capability_task or "", self.goal or 0.0),)
        return Goal(tasks=tasks, reach=self.reach, tolerance=self.tolerance)


def all_of_them(incoherent: Sequence[str], labels: Sequence[str]) -> str:
    """A line where every label of several would mean gibberish, so that no output could be any other thing."""
    if len(labels) < 2 or not set(map(canonical, labels)) <= set(map(canonical, incoherent)):
        return ""
    return f"names all labels ({', '.join(map(one_line, labels))}), and every labelled output would be gibberish; leave one out"


def refuse_strange(where: str, given: Sequence[str], known: Sequence[str], *, more: str = "") -> None:
    """A refusal that names the nearest known word."""
    for one in given:
        if one not in known:
            offered = ", ".join([*known, *([more] if more else [])])
            refuse(f"{where}: {one_line(one)!r} is not one of {offered}{nearest(one, list(known))}")


def refuse_undeclared(compare: CompareConfig, questions: Mapping[str, QuestionConfig]) -> None:
    """What [compare] says of questions and their labels is declared."""
    for name in compare.questions or ():
        _question("compare.questions", name, questions)
        if not questions[name].question(name).positive:
            refuse(
                f"compare.questions: question {one_line(name)!r} has no positive labels, and so no rate; declare them"
            )
        if name == coherence_of(compare, questions):
            refuse(f"compare.questions: {one_line(name)!r} is the question of coherence, which has a rate of its own")
    asked = compare.coherence
    if asked is None and COHERENCE_QUESTION in questions and "incoherent" in compare.model_fields_set:
        asked = COHERENCE_QUESTION
    if asked is not None:
        _question("compare.coherence", asked, questions)
        labels = questions[asked].labels
        for word in compare.incoherent:
            if canonical(word) not in map(canonical, labels):
                near = nearest(word, list(labels))
                offered = ", ".join(map(one_line, labels)) or "none"
                said = f"{one_line(word)!r} is no label of question {one_line(asked)!r}"
                refuse(f"compare.incoherent: {said}{near}; labels are {offered}")
        if said := all_of_them(compare.incoherent, labels):
            refuse(f"compare.incoherent: {said}")
    if not compared_questions(compare, questions):
        refuse("compare: no question has positive labels, and so no rate to compare; declare positive for one")


def coherence_of(compare: CompareConfig, questions: Mapping[str, QuestionConfig]) -> str | None:
    """The question that says what gibberish is: the one named, else `coherence` where it has such a label."""
    if compare.coherence is not None:
        return compare.coherence
    declared = questions.get(COHERENCE_QUESTION)
    if declared is None or declared.multiple:
        return None
    words = {canonical(word) for word in compare.incoherent}
    return COHERENCE_QUESTION if words & set(map(canonical, declared.labels)) else None


def compared_questions(compare: CompareConfig, questions: Mapping[str, QuestionConfig]) -> tuple[str, ...]:
    """The questions whose positive labels are counted: those named, else all that have some, coherence aside."""
    if compare.questions is not None:
        return compare.questions
    aside = coherence_of(compare, questions)
    return tuple(
        name
        for name, one in questions.items()
        if name != aside and not one.multiple and one.labels and one.question(name).positive
    )


def _question(where: str, name: str, questions: Mapping[str, QuestionConfig]) -> None:
    if name not in questions:
        offered = ", ".join(map(one_line, questions))
        refuse(f"{where}: no question {one_line(name)!r}{nearest(name, list(questions))}; declared are {offered}")
    if questions[name].multiple:
        refuse(f"{where}: question {one_line(name)!r} takes several labels at once, which has no rate")


def _is_step(anchor: str) -> bool:
    return anchor.startswith(AT_STEP) and number_of(anchor.removeprefix(AT_STEP)) is not None
