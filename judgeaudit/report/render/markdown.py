"""The same page as Markdown. Foreign texts are escaped: none can be markup, the end of a table cell, or a mention."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from judgeaudit.domain.results.audit import AuditResult
from judgeaudit.report.content.document import (
    Block,
    Bullets,
    Cards,
    Case,
    Cases,
    Cell,
    Code,
    Document,
    Figure,
    Fold,
    Heading,
    Line,
    Paragraph,
    Run,
    Table,
)
from judgeaudit.report.page import build_document
from judgeaudit.report.words.numbers import NO_VALUE, visible

MARKS = {"": "", "certified": "✓ ", "restricted": "◐ ", "rejected": "✕ ", "undetermined": "? "}
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "@&#8203;", "\n": " ↵ ", "\t": " "}
_SPECIAL = re.compile(r"[\\`*_\[\]|~$#{]|(?<=[A-Za-z]):(?=//)|(?<=www)\.", re.IGNORECASE)
_STARTS = re.compile(r"^(\s*)(?:([#+=-])|(\d+)([.)]))")
_SAFE_CODE = re.compile(r"[A-Za-z0-9_.,:;=+/%'\" -]+")


def render_markdown(result: AuditResult, *, full: bool = False) -> str:
    """The whole page as Markdown; figures stand as their tables."""
    return markdown_of(build_document(result, full=full))


def markdown_of(document: Document) -> str:
    """A document as Markdown text."""
    parts = [f"# {inline(document.title)}"]
    if document.banner:
        parts.append(f"> **{inline(document.banner)}**\n>\n> {inline(document.banner_text)}")
    parts.append(block_start(inline(document.subtitle)))
    for section in document.sections:
        parts.append(f"## {inline(section.title)}")
        parts.extend(_blocks(section.blocks))
    parts.append(f"---\n\n{block_start(inline(document.footer))}")
    return "\n\n".join(part for part in parts if part.strip()) + "\n"


def inline(text: str) -> str:
    """A foreign text as one line of Markdown that shows exactly this text.

    >>> inline("a|b `c` <d> _e_")
    'a\\\\|b \\\\`c\\\\` &lt;d&gt; \\\\_e\\\\_'
    """
    kept = visible(text, keep_lines=True)
    escaped = _SPECIAL.sub(r"\\\g<0>", kept)
    return "".join(_ENTITIES.get(ch, ch) for ch in escaped)


def block_start(text: str) -> str:
    """A line whose beginning cannot be read as a heading, a list, a rule or a quotation."""
    return _STARTS.sub(lambda found: f"{found[1]}\\{found[2]}" if found[2] else f"{found[3]}\\{found[4]}", text)


def _run(run: Run) -> str:
    text = inline(run.text)
    if run.style == "strong":
        left = " " if run.text.startswith(" ") else ""
        right = " " if run.text.endswith(" ") else ""
        return f"{left}{_bold(run.text.strip())}{right}"
    return f"`{run.text}`" if run.style == "code" and _SAFE_CODE.fullmatch(run.text) else text


def _bold(text: str) -> str:
    """Strong words; an empty name is still something to see."""
    return f"**{inline(text).strip() or NO_VALUE}**"


def _line(runs: Line) -> str:
    return "".join(_run(run) for run in runs)


def _blocks(blocks: Iterable[Block]) -> list[str]:
    return [_RENDERERS[type(block)](block) for block in blocks]


def _paragraph(block: Paragraph) -> str:
    return block_start(_line(block.line).strip())


def _bullets(block: Bullets) -> str:
    return "\n".join(f"- {block_start(_line(one).strip())}" for one in block.lines)


def _code(block: Code) -> str:
    """A fence where the text is harmless in one; else escaped, since a page may be read by a lenient parser."""
    if re.search(r"[`<>&\n]", block.text) or visible(block.text) != block.text:
        return block_start(inline(block.text))
    return f"```text\n{block.text}\n```"


def _heading(block: Heading) -> str:
    return f"### {inline(block.text)}"


def _table(block: Table) -> str:
    head = [_joined(column.title, column.under) for column in block.columns]
    rules = ["---:" if column.numeric else "---" for column in block.columns]
    rows = [[_cell(one) for one in row] for row in block.rows]
    lines = [f"| {' | '.join(row)} |" for row in (head, rules, *rows)]
    parts = [_bold(block.caption), "\n".join(lines)]
    return "\n\n".join([*parts, f"_{inline(block.note)}_"] if block.note else parts)


def _cell(one: Cell) -> str:
    return MARKS[one.mark] + _joined(one.text, one.under)


def _joined(text: str, under: str) -> str:
    return f"{inline(text)} ({inline(under)})" if text and under else inline(text or under)


def _figure(block: Figure) -> str:
    return f"{_bold(block.title)}\n\n{block_start(inline(block.description))}\n\n{_table(block.table)}"


def _cards(block: Cards) -> str:
    lines = []
    for card in block.cards:
        scope = f" {', '.join(inline(one) for one in card.scope)}" if card.scope else ""
        lines.append(f"- {_bold(card.who)}: {MARKS[card.mark]}{_bold(card.badge)}{scope}")
        told = [*card.sentences, card.quiet]
        lines.extend(f"  {block_start(inline(one))}" for one in told if one)
    return "\n".join(lines)


def _cases(block: Cases) -> str:
    return "\n".join(_case(one) for one in block.cases)


def _case(one: Case) -> str:
    lines = [f"- {_bold(one.title)}: {_line(one.line).strip()}"]
    for passage in one.passages:
        note = f" _({inline(passage.note)})_" if passage.note else ""
        lines.append(f"  - {inline(passage.title)}: {inline(passage.text)}{note}")
    return "\n".join(lines)


def _fold(block: Fold) -> str:
    """Nothing is folded here, so a summary that names its only table stands once: as the table's own title."""
    only = block.blocks[0] if len(block.blocks) == 1 else None
    if isinstance(only, Table) and block.summary.startswith(only.caption):
        return _table(only)
    return "\n\n".join([_bold(block.summary), *_blocks(block.blocks)])


_RENDERERS: dict[type, Callable[[Any], str]] = {
    Paragraph: _paragraph,
    Bullets: _bullets,
    Code: _code,
    Heading: _heading,
    Table: _table,
    Figure: _figure,
    Cards: _cards,
    Cases: _cases,
    Fold: _fold,
}
