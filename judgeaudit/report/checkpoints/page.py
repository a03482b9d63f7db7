"""A comparison of checkpoints as a page of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from judgeaudit.report.checkpoints.methods import how_blocks, input_blocks
from judgeaudit.report.checkpoints.section import PARTS, answer_blocks, goal_blocks, kept_words, per_question
from judgeaudit.report.checkpoints.size_limits import fitting
from judgeaudit.report.checkpoints.view import Compared, compared_of, rows
from judgeaudit.report.content.document import Block, Document, Section
from judgeaudit.report.content.view import whole
from judgeaudit.report.words.codes import plural, source
from judgeaudit.report.words.numbers import percent

#: bytes that the blocks of a page may make, so that the page with its style stays under 1 MiB
_LIMIT = 1_000_000


def comparison_document(comparison: Mapping[str, Any], *, full: bool = False) -> Document:
    """The page of compare.json, given as a plain dict. `full` draws and lists all; without it the page keeps to what can be read."""
    indexed = compared_of(comparison, full=full)
    room = indexed.room if full else fitting(lambda one: _blocks(replace(indexed, room=one)), limit=_LIMIT)
    compared = replace(indexed, room=room)
    told = source(str(comparison.get("label_source") or "people"))
    sections = (
        Section(anchor="answer", title="What is concluded", blocks=tuple(answer_blocks(compared))),
        Section(anchor="goal", title="The goal", blocks=tuple(goal_blocks(compared))),
        *(
            Section(anchor=anchor, title=title, blocks=tuple(per_question(compared, build)))
            for anchor, title, build in PARTS
        ),
        Section(anchor="methods", title="Methods", blocks=tuple(how_blocks(compared))),
        Section(anchor="provenance", title="Provenance", blocks=tuple(input_blocks(compared))),
    )
    return Document(
        title=str(comparison.get("name") or "Checkpoints at a capability goal"),
        subtitle=_subtitle(compared),
        banner=told.banner,
        banner_text=told.explanation,
        sections=tuple(one for one in sections if one.blocks),
        footer=f"judgeaudit {comparison.get('judgeaudit', '')}. {kept_words(compared)}",
    )


def _blocks(compared: Compared) -> list[Block]:
    """The parts that grow with the study."""
    return [*goal_blocks(compared), *(block for _, _, build in PARTS for block in per_question(compared, build))]


def _subtitle(compared: Compared) -> str:
    parts = ["Fine-tuned checkpoints at a capability goal", plural(len(compared.methods), "method")]
    parts.append(plural(len(rows(compared.plain, "checkpoints")), "checkpoint"))
    judges = {str(one.get("judge", "")) for question in compared.questions for one in rows(question, "judges")}
    return " · ".join([*parts, plural(len(judges), "judge"), f"{percent(whole(compared.plain, 'level'))} intervals"])
