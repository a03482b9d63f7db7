"""From a section of study.toml to what it takes to run that judge."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from judgeaudit.domain.errors import InputError, nearest, one_line
from judgeaudit.domain.output import Asked, Order, Output
from judgeaudit.judges.replies.parse import Parsing
from judgeaudit.judges.transformers.guards import meanings
from judgeaudit.services.messages import STRUCTURED, Request
from judgeaudit.storage.config.judges import (
    JudgeConfig,
    PromptedConfig,
    ServiceConfig,
    TransformersConfig,
)
from judgeaudit.storage.identity.judge import asked_of, columns_named, fingerprint_of, read_text, reading_of
from judgeaudit.storage.study.people import RESERVED
from judgeaudit.workflows.judging.kinds import Said, family_for, kind_of

if TYPE_CHECKING:
    from judgeaudit.judges.prompts.rubric import Example, Rubric
    from judgeaudit.judges.prompts.template import Template
    from judgeaudit.storage.config.schema import StudyConfig


class Prompt(Protocol):
    """What makes the messages about an output."""

    def request(self, output: Output, asked: Asked, order: Order = "ab") -> Request: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """A judge of a study: which it is, what it is asked in one call, how often, and how its replies are read.

    asks     the questions of each call; one each, but for a prompt of your own that asks several at once
    columns  further columns of the outputs that its prompt names
    """

    name: str
    section: JudgeConfig
    fingerprint: str
    identity: str
    reading: str
    asks: tuple[tuple[Asked, ...], ...]
    orders: tuple[Order, ...]
    columns: tuple[str, ...]
    parsings: dict[str, Parsing]
    prompt: Prompt | None = None

    def request(self, output: Output, ask: Sequence[Asked], order: Order) -> Request:
        """What is sent about one output."""
        if self.prompt is None:
            msg = f"judge {self.name!r} has no prompt"
            raise TypeError(msg)
        return self.prompt.request(output, ask[0], order)

    @property
    def calls_per_item(self) -> int:
        return sum(len(self.orders_of(ask)) for ask in self.asks) * self.section.runs

    def orders_of(self, ask: Sequence[Asked]) -> tuple[Order, ...]:
        """Only a comparison of two responses has an order."""
        return self.orders if any(one.layout == "pairwise" for one in ask) else ("ab",)


def judging(config: StudyConfig, folder: Path, name: str, columns: Sequence[str]) -> Judging:
    """The judge of this name, or an InputError that names its section and what is wrong there."""
    section, where = config.judges[name], f"judges.{one_line(name)}"
    names = section.questions or tuple(one for one, question in config.questions.items() if not question.multiple)
    for question in names:
        if config.questions[question].multiple:
            msg = f"study.toml: {where}: question '{one_line(question)}' takes several labels at once, which judges are not asked yet"
            raise InputError(msg)
    guideline = not isinstance(section, PromptedConfig) or section.guideline or section.prompt is not None
    asked = tuple(asked_of(config, folder, one, guideline=guideline) for one in names)
    _refuse_what_no_call_mends(Said(section, name, folder, asked))
    _refuse_unknown_questions(section, list(config.questions), f"study.toml: {where}.parse")
    fingerprint, identity = fingerprint_of(config, folder, name)
    prompt = _prompt(section, folder, where, asked, columns) if isinstance(section, PromptedConfig) else None
    several = isinstance(section, PromptedConfig) and section.parse is not None and _by_question(section)
    return Judging(
        name=name,
        section=section,
        fingerprint=fingerprint,
        identity=identity,
        reading=reading_of(section),
        asks=(asked,) if several else tuple((one,) for one in asked),
        orders=section.orders,
        columns=columns_named(section, folder, columns, where=where),
        parsings={one.name: _parsing(section, one, where) for one in asked},
        prompt=prompt,
    )


def _refuse_what_no_call_mends(said: Said) -> None:
    """What an audit would refuse once the calls are paid for is told before the first one."""
    if said.name in RESERVED:
        msg = f"{said.where}: a judge cannot be called {said.name!r}, which means all people or their reference; rename it"
        raise InputError(msg)
    kind_of(said.section).refuse(said)
    offered = [label for one in said.asked for label in one.labels]
    for label in said.section.map.values() if all(one.labels for one in said.asked) else ():
        if label not in offered:
            near, listed = nearest(label, offered), ", ".join(map(one_line, offered))
            msg = f"{said.where}.map: {one_line(label)!r} is no label{near}; labels are {listed}"
            raise InputError(msg)


def _refuse_unknown_questions(section: JudgeConfig, declared: list[str], where: str) -> None:
    """A part of `parse` that is for a question which study.toml lacks would never be read."""
    if not isinstance(section, PromptedConfig) or section.parse is None:
        return
    for key, value in (("json", section.parse.json_path), ("regex", section.parse.regex)):
        for question in value if isinstance(value, dict) else ():
            if question not in declared:
                offered = ", ".join(map(one_line, declared))
                msg = f"{where}.{key}: no question {one_line(question)!r}{nearest(question, declared)}; declared are {offered}"
                raise InputError(msg)


def _prompt(
    section: PromptedConfig, folder: Path, where: str, asked: Sequence[Asked], columns: Sequence[str]
) -> Template | Rubric:
    from judgeaudit.judges.prompts.rubric import Rubric
    from judgeaudit.judges.prompts.template import read_template

    if section.prompt is not None:
        text = read_text(folder, section.prompt, f"{where}.prompt")
        pairwise = any(one.layout == "pairwise" for one in asked)
        return read_template(text, name=section.prompt, columns=tuple(columns), pairwise=pairwise)
    structured = isinstance(section, ServiceConfig) and section.structured != "none"
    return Rubric(
        bare=isinstance(section, TransformersConfig) and not _writes(section, where),
        wording=section.wording,
        reasoning=section.reasoning,
        structured=structured,
        stated=section.stated_confidence,
        examples=_examples(section, folder, where, asked),
    )


def _examples(section: PromptedConfig, folder: Path, where: str, asked: Sequence[Asked]) -> tuple[Example, ...]:
    """The labelled outputs that are shown first, from a table with `response` and `label`, and `prompt` if there is one."""
    from judgeaudit.judges.prompts.rubric import Example
    from judgeaudit.storage.files.read import read_table

    if section.examples is None:
        return ()
    if len(asked) > 1:
        msg = f"study.toml: {where}.examples: they are labelled for one question; name it with questions"
        raise InputError(msg)
    table = read_table(folder / section.examples)
    for column in ("response", "label"):
        if column not in table.columns:
            raise table.missing(column, "examples")
    frame = table.frame
    found = []
    for index in range(table.rows):
        label = frame["label"][index]
        if label not in asked[0].labels:
            msg = f"{table.at(index, 'label')}: {one_line(label)!r} is not a label of question '{one_line(asked[0].name)}'"
            raise InputError(msg)
        cells = {name: frame[name][index] for name in ("prompt", "response_b") if name in table.columns}
        found.append(Example(response=frame["response"][index], label=label, **cells))
    return tuple(found)


def _by_question(section: PromptedConfig) -> bool:
    parse = section.parse
    return parse is not None and (isinstance(parse.json_path, dict) or isinstance(parse.regex, dict))


def _parsing(section: JudgeConfig, asked: Asked, where: str) -> Parsing:
    parse = section.parse if isinstance(section, PromptedConfig) else None
    if isinstance(section, TransformersConfig) and parse is None:
        family = family_for(section, f"study.toml: {where}")
        meant = meanings(family, asked) if family is not None else {}
        pattern = re.compile(family.pattern) if family is not None and family.pattern else None
        words = {**meant, **section.map}
        return Parsing(pattern=pattern, words=words, threshold=section.threshold, own=pattern is not None)
    if parse is None:
        return Parsing(words=section.map, own=False)
    if parse.cut is not None and asked.scale != "binary":
        msg = f"study.toml: {where}.parse.cut: a cut-off makes one of two labels, and question '{one_line(asked.name)}' is {asked.scale}"
        raise InputError(msg)
    regex = _of(parse.regex, asked, f"{where}.parse.regex")
    return Parsing(
        path=_of(parse.json_path, asked, f"{where}.parse.json") or STRUCTURED,
        pattern=None if regex is None else re.compile(regex),
        cut=parse.cut,
        words=section.map,
        probability=parse.probability,
        confidence=parse.confidence,
        own=True,
    )


def _writes(section: TransformersConfig, where: str) -> bool:
    family = family_for(section, f"study.toml: {where}")
    return section.generate or (family is not None and family.writes)


def _of(value: str | dict[str, str] | None, asked: Asked, where: str) -> str | None:
    """The value for one question, where there is one for each."""
    if not isinstance(value, dict):
        return value
    if asked.name not in value:
        msg = f"study.toml: {where}: nothing for question '{one_line(asked.name)}'{nearest(asked.name, list(value))}"
        raise InputError(msg)
    return value[asked.name]
