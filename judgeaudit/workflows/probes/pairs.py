"""From a ledger's verdicts on pairs to arrays of codes, one for each question and edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from judgeaudit.audit.probes import Pairs
from judgeaudit.domain.output import Asked
from judgeaudit.domain.question import canonical, number_of
from judgeaudit.storage.config.judges import ServiceConfig
from judgeaudit.storage.ledger.calls import Ledger
from judgeaudit.storage.ledger.rows import VerdictRow
from judgeaudit.text.edits.catalogue import SWAP, Edit, expected, gibberish_label
from judgeaudit.workflows.judging.calls import PART
from judgeaudit.workflows.probes.calls import Pair, Probe, base_order, pairs_of

if TYPE_CHECKING:
    from judgeaudit.storage.files.rows_by_id import RowsById

#: of one pair: the labels before and after, and the label that the text told; None is no answer
Row = tuple[str | None, str | None, str | None]


def read_pairs(probe: Probe, outputs: RowsById, ledger: Ledger) -> list[Pairs]:
    """Every question and edit of the judge, also where there is no pair."""
    rows: dict[tuple[str, str], list[Row]] = {}
    clusters: dict[tuple[str, str], list[str]] = {}
    applied: dict[tuple[str, str], int] = {}
    pairs = pairs_of(probe, outputs)
    while part := list(islice(pairs, PART)):
        said = _said(probe, ledger, part)
        for pair in part:
            for asked in pair.before.ask:
                place = (asked.name, pair.edit)
                applied[place] = applied.get(place, 0) + 1
                if (row := _row(pair, asked, said)) is not None:
                    rows.setdefault(place, []).append(row)
                    clusters.setdefault(place, []).append(pair.cluster or "")
    return [
        replace(
            _pairs(probe, asked, edit, rows.get((asked.name, edit.name), []), applied.get((asked.name, edit.name), 0)),
            clusters=_codes(clusters.get((asked.name, edit.name), [])) if probe.cluster is not None else None,
        )
        for ask in probe.judge.asks
        for asked in ask
        for edit in probe.edits
        if edit.name != SWAP or asked.layout == "pairwise"
    ]


def _said(probe: Probe, ledger: Ledger, pairs: Sequence[Pair]) -> Mapping[tuple[str, str], VerdictRow]:
    """Verdicts that say something of the judge: a service that was down says nothing, a function that raises does."""
    keys = list(dict.fromkeys(one.key for pair in pairs for one in (pair.before, pair.after)))
    if isinstance(probe.judge.section, ServiceConfig):
        final = ledger.final(keys)
        keys = [key for key in keys if key in final]
    return ledger.verdicts_of(keys)


def _row(pair: Pair, asked: Asked, said: Mapping[tuple[str, str], VerdictRow]) -> Row | None:
    before, after = said.get((pair.before.key, asked.name)), said.get((pair.after.key, asked.name))
    if before is None or after is None:
        return None
    told = dict(pair.told).get(asked.name)
    if told is None and pair.second:  # as if the edited response stood first
        return _turned(asked, before.label), _turned(asked, after.label), None
    return before.label, after.label, told


def _turned(asked: Asked, label: str | None) -> str | None:
    return None if label is None else asked.swapped(label)


def _pairs(probe: Probe, asked: Asked, edit: Edit, rows: Sequence[Row], applied: int) -> Pairs:
    labels = asked.labels or _numbers(rows)
    codes = {canonical(label): code for code, label in enumerate(labels)}

    def coded(place: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        found = [-1 if row[place] is None else codes.get(canonical(row[place] or ""), -1) for row in rows]
        return np.array(found, dtype=np.int64)

    ordered = asked.scale in ("ordinal", "interval") and asked.layout == "single"
    positive, direction = _direction(probe, asked, edit, labels, ordered=ordered)
    said = gibberish_label(asked)
    return Pairs(
        judge=probe.judge.name,
        question=asked.name,
        probe=edit.name,
        expected=expected(edit, asked),
        labels=tuple(labels),
        before=coded(0),
        after=coded(1),
        told=coded(2) if edit.tells else None,
        items=len(probe.items),
        applied=applied,
        direction=direction,
        positive=positive,
        ordered=ordered,
        gibberish=None if said is None else codes[canonical(said)],
    )


def _direction(
    probe: Probe, asked: Asked, edit: Edit, labels: Sequence[str], *, ordered: bool
) -> tuple[np.ndarray[tuple[int], np.dtype[np.bool_]], str]:
    """The labels of the side that is watched, and what it is called; no labels where none is."""
    side, called = tuple(asked.positive), " or ".join(f"'{label}'" for label in asked.positive)
    if edit.tells:
        called = "what it was told"
    elif asked.layout == "pairwise":
        side, called = _side_of_pair(probe, asked, edit)
    elif ordered and (not asked.positive or edit.effect == "same"):
        called = f"'{labels[-1]}'" if asked.scale == "ordinal" else "higher numbers"
    if not side:
        return np.zeros(0, dtype=np.bool_), called
    known = {canonical(label) for label in side}
    return np.array([canonical(label) in known for label in labels], dtype=np.bool_), called


def _side_of_pair(probe: Probe, asked: Asked, edit: Edit) -> tuple[tuple[str, ...], str]:
    """Labels for the response that was edited; of a swap, for that which stands first after it."""
    firsts, seconds = tuple(one for one, _ in asked.swap), tuple(two for _, two in asked.swap)
    if edit.name != SWAP:
        return firsts, "the edited response"
    straight = base_order(probe.judge, [asked]) == "ab"
    return (seconds if straight else firsts), "the response that stands first"


def _codes(clusters: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Clusters as numbers in the order in which they come."""
    known = {name: code for code, name in enumerate(dict.fromkeys(clusters))}
    return np.array([known[name] for name in clusters], dtype=np.int64)


def _numbers(rows: Sequence[Row]) -> tuple[str, ...]:
    """The numbers that were given, in order, where a question declares no labels."""
    found = {canonical(cell): cell for row in rows for cell in row[:2] if cell is not None}
    return tuple(sorted(found.values(), key=lambda cell: number_of(cell) or 0.0))
