"""Panels of judges: verdicts made from those of their members whenever these are read, so that none is ever stale."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from judgeaudit.audit.setting.dawid_skene import dawid_skene_posterior
from judgeaudit.domain.errors import one_line
from judgeaudit.domain.output import Asked, Order
from judgeaudit.domain.panel import NO_LABEL, of_members, panel_verdict
from judgeaudit.domain.ratings import MISSING
from judgeaudit.domain.verdict import Status, Verdict
from judgeaudit.storage.config.judges import PanelConfig
from judgeaudit.storage.files.read import Table, table_of_rows
from judgeaudit.storage.files.write import Cell, cell_text
from judgeaudit.storage.identity.judge import asked_of

if TYPE_CHECKING:
    from judgeaudit.storage.config.schema import StudyConfig

_COLUMNS = ("item_id", "judge", "question", "run", "order", "status", "label", "probability", "error")
Key = tuple[str, str, str, str]


def panels_of(config: StudyConfig) -> dict[str, tuple[str, ...]]:
    """The panels of a study with their members."""
    return {name: one.of for name, one in config.judges.items() if isinstance(one, PanelConfig)}


def panel_tables(root: Path, config: StudyConfig, tables: Sequence[Table]) -> tuple[list[Table], tuple[str, ...]]:
    """A table for each panel of the study, from the verdicts of its members; and what of them was not to be had."""
    panels = {name: one for name, one in config.judges.items() if isinstance(one, PanelConfig)}
    if not panels:
        return [], ()
    wanted = {member for panel in panels.values() for member in panel.of}
    said = _said(tables, config, wanted)
    found, notes = [], []
    for name, panel in panels.items():
        verdicts = list(_verdicts(name, panel, said, root, config))
        if verdicts:
            found.append(_table(name, verdicts))
        missing = [member for member in panel.of if not said.get(member)]
        if missing:
            notes.append(f"panel '{one_line(name)}' waits for verdicts of {', '.join(map(one_line, missing))}")
    return found, tuple(notes)


def _said(tables: Sequence[Table], config: StudyConfig, wanted: set[str]) -> dict[str, dict[Key, Verdict]]:
    """Member -> item, question, run and order -> verdict. A verdict's label is translated as its judge's section says."""
    said: dict[str, dict[Key, Verdict]] = {name: {} for name in wanted}
    for table in tables:
        for row in _rows(table):
            judge = row["judge"]
            if judge in wanted:
                verdict = _member_verdict(row, config)
                key = (row["item_id"], verdict.question, row.get("run") or "0", row.get("order") or "ab")
                said[judge].setdefault(key, verdict)
    return said


def _member_verdict(row: Mapping[str, str], config: StudyConfig) -> Verdict:
    """What a row says, in the labels of its question."""
    section = config.judges[row["judge"]]
    question = row.get("question") or _only(section.questions or tuple(config.questions))
    declared = config.questions[question].labels if question in config.questions else ()
    label = row.get("label", "")
    label = label if label in declared else section.map.get(label, label)
    status = cast("Status", row.get("status") or "answered")
    if status == "answered" and not label:
        status = "unparsed"
    return Verdict(
        item_id=row["item_id"],
        judge=row["judge"],
        question=question,
        status=status,
        label=label if status == "answered" else None,
    )


def _verdicts(
    name: str, panel: PanelConfig, said: Mapping[str, Mapping[Key, Verdict]], root: Path, config: StudyConfig
) -> Iterator[tuple[Key, Verdict]]:
    asked: dict[str, Asked] = {
        question: asked_of(config, root, question, guideline=False)
        for question in panel.questions or tuple(config.questions)
        if not config.questions[question].multiple
    }
    for name_of, question in asked.items():
        keys = [key for key in said[panel.of[0]] if key[1] == name_of]
        rows = [(key, [said[member].get(key) for member in panel.of]) for key in keys]
        if panel.rule == "dawid-skene":
            yield from _most_likely_by_order(name, rows, question)
            continue
        for key, members in rows:
            verdict = panel_verdict(name, members, question, panel.rule, weights=panel.weights)
            if verdict is not None:
                yield key, verdict


def _most_likely_by_order(
    name: str, rows: Sequence[tuple[Key, Sequence[Verdict | None]]], question: Asked
) -> Iterator[tuple[Key, Verdict]]:
    """Where all members have a verdict; each order by itself, since who is shown first may sway a member."""
    whole = [(key, [one for one in row if one is not None]) for key, row in rows if all(row)]
    for order in dict.fromkeys(key[3] for key, _ in whole):
        yield from _most_likely(name, [one for one in whole if one[0][3] == order], question)


def _most_likely(
    name: str, rows: Sequence[tuple[Key, Sequence[Verdict]]], question: Asked
) -> Iterator[tuple[Key, Verdict]]:
    """The label that the members' verdicts on all items make most likely (Dawid and Skene 1979); no label is needed from people.

    A member's weight follows from how it errs, as far as the others tell; where they share an error, it counts as right.
    """
    place = {label: code for code, label in enumerate(question.labels)}
    codes = np.array([[place.get(one.label or "", MISSING) for one in members] for _, members in rows], np.int32)
    if not len(codes):
        return
    posterior = dawid_skene_posterior(codes.T, n_labels=len(place))
    positive = [place[label] for label in question.positive]
    for (key, members), said, chances in zip(rows, codes, posterior, strict=True):
        best = np.flatnonzero(chances >= chances.max() - 1e-9)
        heard = bool((said >= 0).any())
        label = question.labels[int(best[0])] if heard and len(best) == 1 else None
        why = "" if label is not None else "labels are equally likely" if heard else NO_LABEL
        share = float(min(1.0, chances[positive].sum())) if positive else None
        yield key, of_members(name, members, question, label=label, probability=share, source="dawid-skene", why=why)


def panel_cells(table: Table) -> Iterator[dict[str, Cell]]:
    """The rows of a panel's table as a ledger's rows are: numbers as numbers, nothing where a cell is empty."""
    for row in _rows(table):
        cells: dict[str, Cell] = {column: cell or None for column, cell in row.items()}
        run, probability = row["run"], row["probability"]
        yield cells | {
            "run": int(run) if run.isdecimal() else run,
            "probability": float(probability) if probability else None,
        }


def _table(name: str, verdicts: Sequence[tuple[Key, Verdict]]) -> Table:
    rows = [
        (item, name, question, run, cast("Order", order), one.status, one.label, one.probability, one.error)
        for (item, question, run, order), one in verdicts
    ]
    cells = [[cell_text(row[place]) for row in rows] for place in range(len(_COLUMNS))]
    digest = hashlib.sha256("\n".join("\x1f".join(column) for column in cells).encode("utf-8", "surrogatepass"))
    return table_of_rows(list(_COLUMNS), cells, name=f"panel {one_line(name)}", sha256=digest.hexdigest())


def _rows(table: Table) -> Iterator[dict[str, str]]:
    columns = table.columns
    if "judge" in columns and "item_id" in columns:
        for row in zip(*(table.frame[column] for column in columns), strict=True):
            yield dict(zip(columns, row, strict=True))


def _only(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else ""
