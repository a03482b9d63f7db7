"""Checkpoints at a capability goal: what is concluded, the goal and who reaches it, and the section of a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from judgeaudit.domain.results.plain import plain_of
from judgeaudit.report.checkpoints.anchors import notes_of
from judgeaudit.report.checkpoints.contrasts import contrast_blocks
from judgeaudit.report.checkpoints.figures import picture_blocks
from judgeaudit.report.checkpoints.flips import flip_blocks
from judgeaudit.report.checkpoints.lead import lead_sentences
from judgeaudit.report.checkpoints.methods import how_blocks, input_blocks
from judgeaudit.report.checkpoints.rates import rate_blocks, score_cell
from judgeaudit.report.checkpoints.size_limits import fitting
from judgeaudit.report.checkpoints.view import Compared, Plain, compared_of, first_of, rows
from judgeaudit.report.checkpoints.words import REACHES, anchor_words
from judgeaudit.report.content.document import (
    Block,
    Bullets,
    Cell,
    Column,
    Document,
    Fold,
    Heading,
    Section,
    Table,
    Tone,
    code,
    figures,
    fold_long,
    line,
    paragraph,
    words,
)
from judgeaudit.report.content.view import View, part, whole
from judgeaudit.report.words.codes import plural, source
from judgeaudit.report.words.numbers import NO_VALUE, count, number, percent

# A comparison of checkpoints as a page of its own.


#: bytes that the blocks of a page may make, so that the page with its style stays under 1 MiB
_MOST_BYTES = 1_000_000


def comparison_document(comparison: Mapping[str, Any], *, full: bool = False) -> Document:
    """The page of compare.json, given as a plain dict. `full` draws and lists all; without it the page keeps to what can be read."""
    indexed = compared_of(comparison, full=full)
    room = indexed.room if full else fitting(lambda one: _blocks(replace(indexed, room=one)), limit=_MOST_BYTES)
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


#: bytes that the section may add to the page of an audit
_LIMIT = 600_000
#: whether the goal is the one that was declared
_DECLARED: dict[object, str] = {True: "As declared in study.toml", False: "Not as declared in study.toml"}
#: the parts of the section, in this order: title, and what makes its blocks for one question
PARTS: tuple[tuple[str, str, Callable[[Compared, Plain], list[Block]]], ...] = (
    ("contrasts", "Methods against each other", contrast_blocks),
    ("rates", "Rates at the goal", rate_blocks),
    ("paths", "Along the way", picture_blocks),
    ("flips", "What the conclusions hang on", flip_blocks),
)


def checkpoints_section(view: View) -> Section | None:
    """Everything about a comparison in one section; None where an audit holds none."""
    if view.result.comparison is None:
        return None
    indexed = compared_of(plain_of(view.result.comparison), full=view.full)
    room = indexed.room if view.full else fitting(lambda one: _parts(replace(indexed, room=one)), limit=_LIMIT)
    compared = replace(indexed, room=room)
    folded = (*how_blocks(compared), *input_blocks(compared), paragraph(kept_words(compared), tone="quiet"))
    blocks = [*_banner(compared), *answer_blocks(compared), *_parts(compared)]
    blocks.append(Fold(summary="How the comparison was made", blocks=folded))
    return Section(anchor="checkpoints", title="Checkpoints at a capability goal", blocks=tuple(blocks))


def _parts(compared: Compared) -> list[Block]:
    """The goal and every part under its title."""
    blocks: list[Block] = [Heading(text="The goal"), *goal_blocks(compared)]
    for _, title, build in PARTS:
        built = per_question(compared, build)
        blocks += [Heading(text=title), *built] if built else []
    return blocks


def kept_words(compared: Compared) -> str:
    """Where the numbers come from, and what a page leaves out."""
    told = "Every number on this page stands in compare.json."
    if compared.full:
        return told
    return f"{told} Of many judges, contrasts and benchmarks it shows the first; the option --all shows all."


def per_question(compared: Compared, build: Callable[[Compared, Plain], list[Block]]) -> list[Block]:
    """The blocks of every question, each under its name when there are several."""
    blocks: list[Block] = []
    for question in compared.questions:
        built = build(compared, question)
        if built and len(compared.questions) > 1:
            blocks.append(Heading(text=str(question.get("name", ""))))
        blocks += built
    return blocks


def _banner(compared: Compared) -> list[Block]:
    told = source(str(compared.plain.get("label_source") or "people"))
    return [paragraph(f"{told.banner}. {told.explanation}", tone="warning")] if told.banner else []


def answer_blocks(compared: Compared) -> list[Block]:
    """What is concluded of every question, and what a reader should know first."""
    blocks: list[Block] = []
    for question in compared.questions:
        told = lead_sentences(compared, question)
        if told and len(compared.questions) > 1:
            blocks.append(Heading(text=str(question.get("name", ""))))
        blocks += [paragraph(one, tone="plain" if at else "lead") for at, one in enumerate(told)]
    notes = [line(one) for one in notes_of(compared)]
    if notes:
        blocks += [paragraph("To be read with it:"), Bullets(lines=tuple(notes[:6]))]
    if len(notes) > 6:
        blocks.append(Fold(summary=plural(len(notes) - 6, "more note"), blocks=(Bullets(lines=tuple(notes[6:])),)))
    return blocks


def goal_blocks(compared: Compared) -> list[Block]:
    """The goal as declared, and the checkpoint at which each method is taken."""
    goal = part(compared.plain, "goal")
    reach = str(goal.get("reach", ""))
    told = [f"{number(whole(one, 'goal'), places=3)} in {one.get('task', '')}" for one in rows(goal, "tasks")]
    said = (
        f"The goal is {' and '.join(told) or 'not stated'}. Each method is taken {REACHES.get(reach, reach)}. Scores within "
        f"{number(whole(goal, 'tolerance'), places=3)} of the goal count as matched."
    )
    digest = str(goal.get("sha256") or "")
    how = _DECLARED.get(goal.get("declared"), "As it stood when compared")
    tone: Tone = "warning" if goal.get("declared") is False else "plain"
    declared = [paragraph(f"{how}; sha256 of the goal: ", code(digest[:12]), " …", tone=tone)] if digest else []
    rules = list(dict.fromkeys(first_of(question)["anchor"] for question in compared.questions)) or ["goal"]
    return [paragraph(said), *declared, *(_methods_table(compared, rule or "goal") for rule in rules)]


def _methods_table(compared: Compared, rule: str) -> Block:
    tasks = [str(one.get("task", "")) for one in rows(part(compared.plain, "goal"), "tasks")]
    columns = (
        Column(title="method"),
        Column(title="checkpoint"),
        *(
            Column(title=one, under=f"{percent(whole(compared.plain, 'level'))} interval", numeric=True)
            for one in tasks
        ),
        Column(title="in the band"),
        Column(title="to be noted"),
    )
    table = Table(
        caption=f"Who stands where: {anchor_words(rule)}",
        columns=columns,
        rows=tuple(_method_row(compared, rule, method, tasks) for method in compared.methods),
        note="Methods that are not comparable stay in this table, and in no contrast at the goal.",
    )
    return table if len(table.rows) <= 24 else fold_long(table)


def _method_row(compared: Compared, rule: str, method: str, tasks: list[str]) -> tuple[Cell, ...]:
    anchor = compared.anchor(rule, method)
    who = words(method, under="baseline" if method == compared.baseline else "")
    notes = [str(one.get("sentence", "")) for one in rows(anchor, "notes")]
    parts = rows(anchor, "parts")
    if not parts:
        why = str(anchor.get("sentence") or "no checkpoint is known")
        return (
            who,
            words("not comparable", mark="undetermined"),
            *(figures(NO_VALUE) for _ in tasks),
            words(NO_VALUE),
            words(why),
        )
    found = {str(one.get("task", "")): one for one in rows(anchor, "capability")}
    held = [found[task].get("within") for task in tasks if task in found]
    inside = NO_VALUE if not held or None in held else "yes" if all(held) else "no"
    return (
        who,
        _place(compared, method, parts),
        *(score_cell(found.get(task)) for task in tasks),
        words(inside),
        words(" ".join(f"{one.rstrip('.')}." for one in notes)),
    )


def _place(compared: Compared, method: str, parts: list[Plain]) -> Cell:
    """The checkpoint with its step; both with their weights where the anchor lies between two."""
    steps = {str(one.get("checkpoint", "")): whole(one, "step") for one in compared.checkpoints(method)}
    names = [str(one.get("checkpoint", "")) for one in parts]
    told = [f"step {count(steps.get(name))}" for name in names if steps.get(name) is not None]
    if len(parts) == 1:
        return words(names[0], under="".join(told))
    mixed = " + ".join(f"{percent(whole(one, 'weight'))} {one.get('checkpoint', '')}" for one in parts)
    return words(mixed, under=", ".join(["between two", *told]))
