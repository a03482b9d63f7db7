"""A comparison of checkpoints on a terminal: what is concluded, who stands where, rates, contrasts, flips. No colours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from judgeaudit.domain.catalogue.comparison_reasons import NO_VERDICTS
from judgeaudit.report.checkpoints.anchors import goal_words, notes_of
from judgeaudit.report.checkpoints.lead import concluded, lead_sentences, second_reading
from judgeaudit.report.checkpoints.view import POSITIVE, Compared, Plain, beside, compared_of, first_of, raw_of, rows
from judgeaudit.report.checkpoints.words import (
    CONCLUSIONS,
    anchor_words,
    bounds_of,
    estimate_of,
    option_words,
    quoted_positive,
    share_of,
    signed,
)
from judgeaudit.report.content.terminal_layout import letters_wide, padded, wrapped
from judgeaudit.report.content.view import whole
from judgeaudit.report.words.codes import plural, source
from judgeaudit.report.words.numbers import NO_VALUE, cut, number, p_value, percent, visible

_NAME, _ROWS, _NOTES, _LINES = 24, 6, 4, 60


def screen_text(comparison: Mapping[str, Any], *, all_rows: bool = False, width: int = 100) -> str:
    """Plain lines no wider than `width`; unless all are wanted, as many rows of each table as 60 lines leave room for."""
    compared = compared_of(comparison)
    lines = list(_lines(compared, None if all_rows else _ROWS, width))
    for fewer in range(_ROWS - 1, -1, -1):
        if all_rows or len(lines) <= _LINES:
            break
        lines = list(_lines(compared, fewer, width))
    return "\n".join(line.rstrip() for line in lines).strip("\n") + "\n"


def _lines(compared: Compared, most: int | None, width: int) -> Iterator[str]:
    told = source(str(compared.plain.get("label_source") or "people"))
    if told.banner:
        yield from (*wrapped(told.banner.upper(), width), "")
    for question in compared.questions:
        name = str(question.get("name", ""))
        if len(compared.questions) > 1:
            yield from (*wrapped(f"Question {name}", width), "")
        for sentence in lead_sentences(compared, question):
            yield from wrapped(sentence, width)
        yield ""
        if most == 0:
            yield from ("Methods and contrasts stand in compare.json.", "")
            continue
        yield from _methods(compared, question, most, width)
        yield from _contrasts(compared, question, most, width)
    notes = notes_of(compared)
    limit = None if most is None else min(_NOTES, most)
    for note in notes[:limit]:
        yield from wrapped(f"note: {note}", width, hanging=6)
    if limit is not None and len(notes) > limit:
        yield _more(len(notes) - limit, "note")


def _more(n: int, noun: str) -> str:
    return f"{plural(n, f'more {noun}')}; --all shows {'it' if n == 1 else 'all'}"


def _methods(compared: Compared, question: Plain, most: int | None, width: int) -> Iterator[str]:
    """Where each method stands, and its rate there: as judged, and by the analysis that stands first."""
    first, name, positive = first_of(question), str(question.get("name", "")), quoted_positive(question)
    practice = beside(raw_of(compared, question), anchor=first["anchor"])
    told = [
        [
            "method",
            "checkpoint",
            "score",
            f"{positive}, as judged",
            option_words("reference", first["reference"], positive),
        ]
    ]
    for method in compared.methods:
        anchor = compared.anchor(first["anchor"], method)
        parts = [checkpoint for checkpoint, _ in compared.stands(method, first["anchor"])]
        if not parts:
            told.append([method, "not comparable", NO_VALUE, NO_VALUE, NO_VALUE])
            continue
        scores = [number(whole(one, "score"), places=3) for one in rows(anchor, "capability")]
        raw = compared.anchored(name, method, first["anchor"], POSITIVE, **practice)
        right = compared.anchored(name, method, first["anchor"], POSITIVE, **first)
        told.append([method, " … ".join(parts), " ".join(scores), _rate(raw), _rate(right)])
    yield from wrapped(
        f"At {goal_words(compared)}, {anchor_words(first['anchor'])}; {percent(whole(compared.plain, 'level'))} intervals:",
        width,
    )
    yield from (*_table(told, None if most is None else 2 * most, width, "method"), "")


def _rate(one: Plain | None) -> str:
    """A rate with its interval; its bounds where something is not known, so that no narrow interval stands for it."""
    if one is None or one.get("undefined") == NO_VERDICTS:
        return NO_VALUE if one is None else "no usable verdict"
    return f"{bounds_of(one)} (bounds)" if bounds_of(one) else estimate_of(one)


def _contrasts(compared: Compared, question: Plain, most: int | None, width: int) -> Iterator[str]:
    """The contrasts that stand first, each with its conclusion, and how often other analyses conclude otherwise."""
    name, under = str(question.get("name", "")), [""]
    told = [["a − b", "concluded", "difference", "p (Holm)", "flip rate", "rankable"]]
    for one in compared.primary(name):
        a, b = str(one.get("a", "")), str(one.get("b", ""))
        said = concluded(one)
        words = "not comparable" if said == "none" else CONCLUSIONS.get(said, "not decided")
        flips = compared.multiverse(name, a, b) or {}
        rankable = str(one.get("rankable") or NO_VALUE)
        told.append(
            [f"{a} − {b}", words, signed(one), p_value(whole(one, "p_adjusted")), share_of(flips, "flip"), rankable]
        )
        under.append(second_reading(one, quoted_positive(question)))
    if len(told) > 1:
        yield from (*_table(told, most, width, "contrast", under), "")


def _table(
    told: Sequence[Sequence[str]], most: int | None, width: int, noun: str, under: Sequence[str] = ()
) -> Iterator[str]:
    """Columns beside each other, names cut, a line under a row where there is one; of many rows the first, and how many more."""
    shown = told if most is None else told[: most + 1]
    table = [
        [cut(visible(cell), 2 * _NAME if at == 0 and noun == "contrast" else _NAME) for at, cell in enumerate(row)]
        for row in shown
    ]
    widths = [max(letters_wide(row[at]) for row in table) for at in range(len(table[0]))]
    for at, row in enumerate(table):
        yield cut("  ".join(padded(cell, one) for cell, one in zip(row, widths, strict=True)).rstrip(), width)
        if at < len(under) and under[at]:
            yield cut(f"  {visible(under[at])}", width)
    if len(shown) < len(told):
        yield _more(len(told) - len(shown), noun)
