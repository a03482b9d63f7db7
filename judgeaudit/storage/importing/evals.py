"""Logs of evaluation programs into a study: scores become capability, generated texts become outputs."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.question import canonical
from judgeaudit.storage.config.read import read_study
from judgeaudit.storage.eval_logs.choice import CAPABILITY_KEY, Chosen, choose
from judgeaudit.storage.eval_logs.common.records import EvalOptions
from judgeaudit.storage.eval_logs.programs import PROGRAMS
from judgeaudit.storage.files.read import table_of_rows
from judgeaudit.storage.files.study_files import find_table
from judgeaudit.storage.files.write import append_jsonl, shown, write_table
from judgeaudit.storage.importing.annotations import ImportReport
from judgeaudit.storage.importing.checks import check_table
from judgeaudit.storage.labelling.book import Row, not_appendable, rows_of

_MEASURED = ("model", "checkpoint", "task")


def import_evals(kind: str, path: Path | str, study_folder: Path | str, *, options: EvalOptions) -> ImportReport:
    """Brings logs of `kind` into a study; everything is looked at before anything is written.

    What the study holds already is not doubled. A score or a text that contradicts it is refused, with the file.
    """
    path, folder = Path(path), Path(study_folder)
    config = read_study(folder)
    if not path.exists():
        msg = f"{shown(path)}: no such file or folder"
        raise InputError(msg)
    found = choose(PROGRAMS[kind].read(path, metric=options.metric), options, where=shown(path))
    warnings = list(found.warnings)
    for name, rows in (("capability", found.scores), ("outputs", found.texts)):
        if rows:
            columns, cells = _cells(rows)
            digest = hashlib.sha256(repr(cells).encode("utf-8", "backslashreplace")).hexdigest()
            table = table_of_rows(columns, cells, name=one_line(path.name) or shown(path), sha256=digest)
            warnings += check_table(table, name, folder, config).warnings
    scores, texts = _new_scores(folder, found), _new_texts(folder, found)
    if scores:
        _write_scores(folder, scores)
    if texts:
        append_jsonl(folder / "outputs.jsonl", texts)
    counts = {"capability": (len(scores), len(found.scores)), "outputs": (len(texts), len(found.texts))}
    return ImportReport(
        added={name: new for name, (new, whole) in counts.items() if whole},
        known={name: whole - new for name, (new, whole) in counts.items() if whole},
        lines=found.lines,
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _new_scores(folder: Path, found: Chosen) -> list[Row]:
    file, there = find_table(folder, "capability"), defaultdict[tuple[str, ...], list[Row]](list)
    for row in rows_of(folder, "capability"):
        there[_key(row, _MEASURED)].append(row)
    fresh = []
    for row in found.scores:
        own = [one for one in there[_key(row, _MEASURED)] if _alike(one, row, "method")]
        if not own:
            fresh.append(row)
        name = next((name for name in row for one in own if not _alike(one, row, name)), None)
        if name is not None and file is not None:
            source = found.sources[_key(row, CAPABILITY_KEY)]
            raise _contradicts(row, own[0], name, source=source, file=file)
    if fresh and file is not None and file.name != "capability.csv":
        raise not_appendable(file, "capability", "capability.csv")
    return fresh


def _contradicts(row: Row, before: Row, name: str, *, source: str, file: Path) -> InputError:
    """A score that the study has already, with another value in the column `name`."""
    said = " ".join(dict.fromkeys(row[key] for key in ("model", "method", "checkpoint") if row[key]))
    return InputError(
        f"{one_line(source)}: {name} of {one_line(row['task'])} at {one_line(said)} is "
        f"{one_line(row[name])}, and {shown(file)} has {one_line(before.get(name, ''))}; nothing was imported: take its "
        "row out there to have the new one, or give the run a --checkpoint of its own"
    )


def _new_texts(folder: Path, found: Chosen) -> list[Row]:
    if not found.texts:
        return []
    there = {row["item_id"]: row for row in rows_of(folder, "outputs", appendable=True, needed=("item_id",))}
    fresh = []
    for row in found.texts:
        before = there.get(row["item_id"])
        if before is None:
            fresh.append(row)
            continue
        name = _differing(before, row)
        if name is not None:
            msg = (
                f"{one_line(found.sources[(row['item_id'],)])}: item '{one_line(row['item_id'])}' has another {name} than in "
                f"{shown(folder / 'outputs.jsonl')}; nothing was imported: give the run a --checkpoint or --model of its own, or "
                "take its rows out there"
            )
            raise InputError(msg)
    return fresh


def _write_scores(folder: Path, fresh: Sequence[Row]) -> None:
    there = rows_of(folder, "capability")
    columns = list(dict.fromkeys([*(there[0] if there else {}), *fresh[0]]))
    rows = [[row.get(name, "") for name in columns] for row in [*there, *fresh]]
    write_table(folder / "capability.csv", columns, rows)


def _key(row: Row, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(row.get(name, "") for name in names)


def _alike(before: Row, row: Row, name: str) -> bool:
    """Whether two rows of capability agree in a column; what one of them leaves open agrees, and 0.70 is 0.7."""
    held, given = before.get(name, ""), row.get(name, "")
    return not held or not given or canonical(held) == canonical(given)


def _differing(before: Row, row: Row) -> str | None:
    """The first column of an output that says something else than the study does."""
    return next((name for name, cell in row.items() if before.get(name, "") != cell), None)


def _cells(rows: Sequence[Row]) -> tuple[list[str], list[list[str]]]:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return columns, [[row.get(name, "") for row in rows] for name in columns]
