"""A long table: one row per label, with columns for item, rater, label and, where there are several, question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from judgeaudit.domain.errors import InputError, nearest, one_line
from judgeaudit.domain.ratings import Mask
from judgeaudit.domain.results.questions import InputRecord
from judgeaudit.storage.files.read import Table
from judgeaudit.storage.table.cells import NO_ROW, Cells, Rows, Texts
from judgeaudit.storage.table.loaded import Loaded, flow_of, join_report
from judgeaudit.storage.table.long_rows import (
    LongRows,
    long_rows,
    look_alikes,
    refuse_changing,
    refuse_doubles,
    refuse_silent,
)
from judgeaudit.storage.table.options import REFERENCE_RULES, TableOptions, check_roles
from judgeaudit.storage.table.ratings import Built, Sheet, build_ratings
from judgeaudit.storage.table.roles import taken_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """Who is who. `reference` is a rater, or else `reference_column` a column that says one label per item."""

    people: tuple[str, ...]
    judges: tuple[str, ...]
    reference: str | None
    reference_column: str | None


def ratings_from_long(table: Table, options: TableOptions) -> Loaded:
    """One `Ratings` for each question, in order of appearance, or an InputError that names the rows to mend."""
    check_roles(options, table.name)
    long = long_rows(table, options)
    roles = roles_of(long, options)
    refuse_silent(long, options)
    refuse_doubles(long)
    refuse_changing(long, options, roles.reference_column)
    wanted = wanted_questions(long, options)
    built = [build_ratings(_sheet(long, number, roles, options), options) for number in wanted]
    used = {*(options.long or ()), "status", *options.probability.values()}
    steps = [(f"rows of {table.name}", table.rows)]
    return Loaded(
        ratings=tuple(one.ratings for one in built),
        join=(*join_report(built, label_source=options.label_source), _taken(long, roles, options, used)),
        warnings=_warnings(long, roles, built),
        inputs={table.name: InputRecord(sha256=table.sha256, rows=table.rows)},
        flow=[
            flow_of(one.ratings, [*steps, ("rows of the question", int((long.question == number).sum()))])
            for number, one in zip(wanted, built, strict=True)
        ],
    )


def roles_of(long: LongRows, options: TableOptions) -> Roles:
    for flag, names in (("--judge", options.judge), ("--human", options.human)):
        for name in names:
            if name not in long.raters:
                listed = ", ".join(one_line(rater, limit=40) for rater in long.raters[:30])
                near = nearest(name, list(long.raters))
                msg = f"{long.table.name}: {flag} '{one_line(name)}' is no rater{near}; raters are {listed}"
                raise InputError(msg)
    reference = options.reference if options.reference not in REFERENCE_RULES else None
    others = tuple(rater for rater in long.raters if rater not in options.judge and rater != reference)
    people = options.human or others
    if reference is None:
        if not people:
            msg = f"{long.table.name}: every rater is a judge; people's labels are needed, or a --reference"
            raise InputError(msg)
        return Roles(people=people, judges=options.judge, reference=None, reference_column=None)
    if reference in long.raters:
        return Roles(people=people, judges=options.judge, reference=reference, reference_column=None)
    if reference in long.table.columns:
        return Roles(people=people, judges=options.judge, reference=None, reference_column=reference)
    near = nearest(reference, [*REFERENCE_RULES, *long.raters, *long.table.columns])
    rules = ", ".join(REFERENCE_RULES)
    msg = f"{long.table.name}: --reference '{one_line(reference)}' is no rule ({rules}), no rater and no column{near}"
    raise InputError(msg)


def wanted_questions(long: LongRows, options: TableOptions) -> list[int]:
    """Numbers of the questions to build: all, or those that --question names."""
    if options.question is None or len(options.long or ()) == 3:
        return list(range(len(long.questions)))
    whole = options.question in long.questions
    names = [options.question] if whole else [name.strip() for name in options.question.split(",")]
    for name in names:
        if name not in long.questions:
            near = nearest(name, list(long.questions))
            listed = ", ".join(one_line(question, limit=40) for question in long.questions[:30])
            msg = f"{long.table.name}: no question '{one_line(name)}'{near}; questions are {listed}"
            raise InputError(msg)
    return [number for number, name in enumerate(long.questions) if name in names]


def _sheet(long: LongRows, number: int, roles: Roles, options: TableOptions) -> Sheet:
    """The cells of one question: its items, and those raters who have a row for it."""
    rows = np.flatnonzero(long.question == number)
    present, first = np.unique(long.item[rows], return_index=True)
    place = np.full(len(long.items), NO_ROW, dtype=np.int64)
    place[present] = np.arange(len(present))
    grid = np.full((len(long.raters), len(present)), NO_ROW, dtype=np.int64)
    grid[long.rater[rows], place[long.item[rows]]] = rows
    at = {rater: grid[code] for code, rater in enumerate(long.raters) if (grid[code] != NO_ROW).any()}

    def cells(rater: str, column: str, texts: Texts) -> Cells:
        return Cells(name=rater, column=column, texts=_picked(texts, at[rater]), rows=at[rater])

    people = tuple(cells(name, long.label_column, long.labels) for name in roles.people if name in at)
    reference = cells(roles.reference, long.label_column, long.labels) if roles.reference in at else None
    item_rows = rows[first].astype(np.int64)
    if roles.reference_column is not None:
        texts = long.table.frame[roles.reference_column].to_numpy()[item_rows]
        reference = Cells(name=roles.reference_column, column=roles.reference_column, texts=texts, rows=item_rows)
    judges = [name for name in roles.judges if name in at]
    return Sheet(
        table=long.table,
        raters=(*roles.people, *roles.judges, *filter(None, (roles.reference, roles.reference_column))),
        question=long.questions[number],
        items=tuple(long.items[code] for code in present),
        rows=item_rows,
        people=people,
        judges=tuple(cells(name, long.label_column, long.labels) for name in judges),
        reference=reference,
        probability={
            judge: cells(judge, column, _column(long.table, column, "--probability"))
            for judge, column in options.probability.items()
            if judge in at
        },
        cannot_judge=_cannot_judge(long, [at[cells.name] for cells in people], len(present)),
        statuses=_counted(long, {judge: at[judge] for judge in judges}),
    )


def _taken(long: LongRows, roles: Roles, options: TableOptions, used: set[str]) -> str:
    columns = zip(("item", "rater", "label", "question"), options.long or (), strict=False)
    who = {"people": roles.people, "judges": roles.judges}
    reference = [name for name in (roles.reference, roles.reference_column) if name is not None]
    said = {**{role: (column,) for role, column in columns}, **who, "reference": reference}
    return taken_line(long.table, said, options, used | set(reference))


def _warnings(long: LongRows, roles: Roles, built: Sequence[Built]) -> tuple[str, ...]:
    """Each warning once; a rule of --map or --unusable is idle only where it is so in every question."""
    lines = look_alikes(long)
    lines += [line for line in built[0].idle if all(line in one.idle for one in built)]
    for one in built:
        absent = [one_line(judge) for judge in roles.judges if judge not in one.ratings.judge_names]
        if absent:
            lines.append(f"question '{one_line(one.ratings.question.name)}' has no verdicts by {', '.join(absent)}")
        lines += one.warnings
    return tuple(dict.fromkeys(lines))


def _column(table: Table, column: str, flag: str) -> Texts:
    if column not in table.columns:
        raise table.missing(column, flag)
    texts: Texts = table.frame[column].to_numpy()
    return texts


def _picked(texts: Texts, rows: Rows) -> Texts:
    """(N,) the texts of these rows, "" where there is no row."""
    picked = texts[rows]
    picked[rows == NO_ROW] = ""
    return picked


def _cannot_judge(long: LongRows, people: Sequence[Rows], n_items: int) -> Mask | None:
    """(R, N) where a person said that the item cannot be judged; None where the table has no statuses."""
    if long.status is None:
        return None
    said = [_picked(long.status, rows) == "cannot_judge" for rows in people]
    return np.stack(said).astype(np.bool_) if said else np.zeros((0, n_items), dtype=np.bool_)


def _counted(long: LongRows, judges: Mapping[str, Rows]) -> dict[str, dict[str, int]]:
    """How often each judge gave each status."""
    if long.status is None:
        return {}
    counts: dict[str, dict[str, int]] = {}
    for judge, rows in judges.items():
        said, times = np.unique(long.status[rows[rows != NO_ROW]].astype(str), return_counts=True)
        found = {str(status) or "answered": int(n) for status, n in zip(said, times, strict=True)}
        counts[judge] = found
    return counts
