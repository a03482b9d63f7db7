"""Where a study's verdicts stand: recorded tables, the ledger, replayed files; and panels, which are made from those."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from judgeaudit.domain.errors import InputError, StaleError, one_line
from judgeaudit.domain.output import Asked
from judgeaudit.storage.config.judges import JudgeConfig, PanelConfig, PromptedConfig, ReplayConfig
from judgeaudit.storage.files.read import Table, read_table, table_of_rows
from judgeaudit.storage.files.study_files import LEDGER, find_verdicts
from judgeaudit.storage.files.write import Cell, cell_text, shown, write_table
from judgeaudit.storage.identity.judge import (
    ask_sha256,
    asked_of,
    columns_named,
    fingerprint_of,
    item_sha256,
    reading_of,
)
from judgeaudit.storage.ledger.calls import Ledger
from judgeaudit.storage.ledger.rows import as_cells
from judgeaudit.storage.study.outputs import outputs_of, outputs_of_rows
from judgeaudit.storage.study.panels import panel_cells, panel_tables
from judgeaudit.text.edits.catalogue import is_edited_id

if TYPE_CHECKING:
    from judgeaudit.storage.config.schema import StudyConfig


#: columns of a ledger that an audit reads
_AUDITED = (
    *("item_id", "judge", "question", "run", "order", "status", "label", "probability", "error", "prompt_sha256"),
    *("model", "input_tokens", "output_tokens", "cost_usd", "seconds", "judged_at"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictTables:
    """Tables by their names within the study, tables made from those, and what was left aside."""

    tables: dict[str, Table]
    made: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def all(self) -> list[Table]:
        """Whatever holds verdicts."""
        return [*self.tables.values(), *self.made]


def verdict_tables(root: Path, config: StudyConfig, outputs: Table) -> VerdictTables:
    """Every verdict of the judges as they are now. Those of a judge before it was changed are counted, and left aside."""
    tables = {file.relative_to(root).as_posix(): read_table(file) for file in find_verdicts(root)}
    for name, section in config.judges.items():
        if isinstance(section, ReplayConfig) and section.file is not None:
            tables[section.file] = _replayed(root / section.file, name)
    kept, notes = _of_ledger(root, config, outputs)
    if kept is not None:
        tables[LEDGER] = kept
    panels, told = panel_tables(root, config, list(tables.values()))
    return VerdictTables(tables=tables, made=tuple(panels), notes=(*notes, *told))


def ledger_sha256(rows: Sequence[Mapping[str, Cell]]) -> str:
    """Of what an audit reads of a ledger, in whatever order and file it stands."""
    lines = sorted(json.dumps([row[column] for column in _AUDITED]) for row in rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def ledger_rows(root: Path, config: StudyConfig, outputs: Table) -> tuple[list[dict[str, Cell]], tuple[str, ...]]:
    """The rows of the ledger about the outputs, judges and questions as they are, and what else it holds."""
    if not (root / LEDGER).is_file():
        return [], ()
    rows: list[dict[str, Cell]] = []
    notes: list[str] = []
    with Ledger(root / LEDGER) as ledger:
        known = ledger.judges()
        for name, section in config.judges.items():
            mine, its_notes = _of_judge(ledger, root, config, name, section, outputs, known)
            rows += mine
            notes += its_notes
        for name in dict.fromkeys(judge for judge, *_ in known):
            if name not in config.judges:
                count = sum(calls for judge, _, _, calls in known if judge == name)
                notes.append(
                    f"{LEDGER}: {count} calls of judge '{one_line(name)}', which study.toml does not declare: not used"
                )
    return rows, tuple(notes)


def export_verdicts(root: Path, path: Path, names: Sequence[str] = ()) -> int:
    """Writes the present verdicts of the ledger and of panels as a table, and says how many there are. Of these judges, or all."""
    from judgeaudit.storage.config.read import read_study

    config, outputs = read_study(root), outputs_of(root)
    rows, _ = ledger_rows(root, config, outputs)
    if any(isinstance(one, PanelConfig) for one in config.judges.values()):
        rows += [row for table in verdict_tables(root, config, outputs).made for row in panel_cells(table)]
    rows = [row for row in rows if not names or row["judge"] in names]
    if not rows:
        of = f"judge {', '.join(map(one_line, names))}" if names else "the judges"
        msg = f"{shown(root)}: the ledger holds no verdict of {of} as they are; `judgeaudit judge` makes them"
        raise InputError(msg)
    columns = list(dict.fromkeys(column for row in rows for column in row))
    write_table(path, columns, ([row.get(column) for column in columns] for row in rows))
    return len(rows)


def _of_ledger(root: Path, config: StudyConfig, outputs: Table) -> tuple[Table | None, tuple[str, ...]]:
    rows, notes = ledger_rows(root, config, outputs)
    if not rows:
        return None, notes
    columns = list(rows[0])
    cells = [[cell_text(row[column]) for row in rows] for column in columns]
    return table_of_rows(columns, cells, name=LEDGER, sha256=ledger_sha256(rows)), notes


def _of_judge(
    ledger: Ledger,
    root: Path,
    config: StudyConfig,
    name: str,
    section: JudgeConfig,
    outputs: Table,
    known: Sequence[tuple[str, str, str, int]],
) -> tuple[list[dict[str, Cell]], list[str]]:
    """The verdicts of one judge as it is now, on the outputs as they are now."""
    if not any(judge == name for judge, *_ in known):
        return [], []
    fingerprint, _ = fingerprint_of(config, root, name)
    earlier = sum(calls for judge, one, _, calls in known if judge == name and one != fingerprint)
    notes = []
    if earlier:
        notes.append(
            f"judge '{one_line(name)}' was changed: {earlier} calls made before that are not used; "
            "`judgeaudit judge` asks the judge as it is now"
        )
    reading = reading_of(section)
    if any(one != reading for one in ledger.readings(fingerprint)):
        msg = (
            f"{shown(root / LEDGER)}: judges.{one_line(name)}: parse or map changed since its replies were read; "
            f"run `judgeaudit judge {shown(root)} --reparse`, which costs nothing"
        )
        raise StaleError(msg)
    columns = columns_named(section, root, outputs.columns, where=f"judges.{name}")
    items = {output.item_id: item_sha256(output, columns) for output in outputs_of_rows(outputs)}
    asks = _asks(config, root, section)
    rows, other_texts = [], 0
    for call, verdict in ledger.verdicts(fingerprint):
        if items.get(call.item_id) != call.item_sha256:
            other_texts += not is_edited_id(call.item_id)  # a probe's texts are no outputs, and were never to be
        elif call.ask_sha256 in asks:
            rows.append(as_cells(call, verdict, name))
    if other_texts:
        notes.append(
            f"{other_texts} verdicts of judge '{one_line(name)}' are about texts that the outputs do not hold any more: not used"
        )
    return rows, notes


def _asks(config: StudyConfig, root: Path, section: JudgeConfig) -> set[str]:
    """Fingerprints of the questions as they are, asked alone or together."""
    names = section.questions or tuple(name for name, one in config.questions.items() if not one.multiple)
    guideline = not isinstance(section, PromptedConfig) or section.guideline or section.prompt is not None
    asked: list[Asked] = [asked_of(config, root, name, guideline=guideline) for name in names]
    return {ask_sha256(asked), *(ask_sha256([one]) for one in asked)}


def _replayed(file: Path, name: str) -> Table:
    """A recorded table; its rows are the judge's, whatever they call it, where they call it one thing."""
    table = read_table(file)
    needed = "label"
    if not {needed, "status"} & set(table.columns):
        raise table.missing(needed, f"verdicts of judge '{one_line(name)}'")
    if "judge" not in table.columns:
        return replace(table, frame=table.frame.assign(judge=name))
    called = [one for one in dict.fromkeys(table.frame["judge"]) if one]
    if len(called) > 1 and name not in called:
        msg = f"{table.name}: verdicts of {len(called)} judges and none of '{one_line(name)}'; name the section after one of them"
        raise InputError(msg)
    if len(called) == 1:
        return replace(table, frame=table.frame.assign(judge=name))
    return table
