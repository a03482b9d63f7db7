"""The columns of the tables that a user brings in: what they are called, what they hold, and which are needed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from judgeaudit.domain.errors import InputError, nearest, one_line

if TYPE_CHECKING:
    from judgeaudit.storage.files.read import Table

#: the page that explains every column
PAGE = "docs/reference/tables.md"


class Column(NamedTuple):
    """A column. `holds` is text, a kind of number, or the words that it may hold; `elsewhere` what others call it."""

    name: str
    holds: str = "text"
    needed: bool = False
    elsewhere: tuple[str, ...] = ()


_ITEM = Column("item_id", needed=True, elsewhere=("id", "item", "output_id", "sample_id", "example_id", "task_id"))
_RESPONSE = Column(
    "response",
    needed=True,
    elsewhere=("output", "completion", "answer", "text", "generation", "model_output", "response_a", "answer_a"),
)
_PROMPT = Column("prompt", elsewhere=("input", "instruction", "question", "query", "request", "user_prompt"))
_SECOND = Column("response_b", elsewhere=("answer_b",))
_LABEL = Column("label", elsewhere=("value", "rating", "annotation", "verdict", "grade", "class"))

#: table -> its columns; every other column is kept, and those of outputs can slice the results
COLUMNS: dict[str, tuple[Column, ...]] = {
    "outputs": (
        _ITEM,
        _RESPONSE,
        _PROMPT,
        Column("messages", "a JSON list"),
        _SECOND,
        *(Column(name) for name in ("prompt_id", "benchmark", "model", "checkpoint", "method", "degradation")),
    ),
    "annotations": (
        _ITEM,
        Column("rater", needed=True, elsewhere=("annotator", "labeler", "labeller", "coder", "worker", "user")),
        Column("question"),
        _LABEL._replace(needed=True),
        Column("status", "labelled, skipped, cannot_judge"),
        Column("confidence"),
        Column("seconds", "a number"),
        Column("labelled_at", "a moment"),
        Column("note"),
        Column("label_source"),
        Column("source"),
        Column("purpose", "item, repeat, calibration, control"),
        Column("round", "main, pilot, dispute, dispute-2, …"),
        Column("known"),
    ),
    "verdicts": (
        _ITEM,
        Column("judge", needed=True, elsewhere=("grader", "evaluator", "judge_name", "judge_model")),
        Column("question"),
        Column("run", "a number"),
        Column("order", "ab, ba"),
        Column("status", "answered, unparsed, refused, failed"),
        _LABEL,
        Column("probability", "a number from 0 to 1"),
        *(Column(name) for name in ("reply", "prompt_sha256", "model")),
        *(Column(name, "a number") for name in ("input_tokens", "output_tokens", "cost_usd", "seconds")),
        Column("judged_at", "a moment"),
        Column("error"),
    ),
    "capability": (
        Column("model", needed=True, elsewhere=("model_name", "base_model")),
        Column("checkpoint", needed=True, elsewhere=("ckpt", "revision")),
        *(Column(name) for name in ("method", "step", "task")),
        Column("score", "a number", needed=True, elsewhere=("accuracy", "acc", "value", "metric")),
        Column("n", "a number"),
    ),
    "known answers": (_ITEM, _RESPONSE, _PROMPT, Column("messages", "a JSON list"), _SECOND),
}

_ROWS = {
    "outputs": "output",
    "annotations": "label",
    "verdicts": "verdict",
    "capability": "measurement",
    "known answers": "item",
}

_WIDE = "; a table with one column per rater needs no study: `judgeaudit audit FILE --human A,B --judge C`"


def needed(kind: str) -> tuple[str, ...]:
    """The columns that a table of this kind cannot be without."""
    return tuple(column.name for column in COLUMNS[kind] if column.needed)


def refuse_missing(table: Table, kind: str) -> None:
    """Refuses a table that lacks a column of its kind; the message names what stands there in its place."""
    for column in needed(kind):
        if column not in table.columns:
            raise missing(table, kind, column)


def missing(table: Table, kind: str, column: str) -> InputError:
    """The error for one column: those that are there, the one that was meant, and what such a table needs."""
    near = meant(table, kind, column)
    wide = "" if near or column not in ("rater", "judge") else _WIDE
    return InputError(f"{table.missing(column, kind, near=near)}; needed is {shape(kind)}, see {PAGE}{wide}")


def shape(kind: str) -> str:
    """What one row of such a table is, and the columns that it cannot be without."""
    return f"one row per {_ROWS[kind]} with {', '.join(needed(kind))}"


def likeness(table: Table, kind: str) -> tuple[float, int]:
    """How much a table looks like one of this kind: the share of needed columns that it has or nearly has, then all it has."""
    found = [column in table.columns or meant(table, kind, column) != "" for column in needed(kind)]
    known = {column.name for column in COLUMNS[kind]}
    return sum(found) / len(found), len(known & set(table.columns))


def misspelt(table: Table, kind: str) -> list[str]:
    """A sentence for each column that is kept as an extra one and is nearly called like a known one that is not there."""
    known = [column.name for column in COLUMNS[kind]]
    absent = [name for name in known if name not in table.columns]
    sentences = []
    for column in table.columns:
        meant = [name for name in absent if column not in known and _alike(column, name)]
        if meant:
            said = f"column '{one_line(column)}' is kept and not read as {meant[0]}"
            sentences.append(f"{table.name}: {said}; if it is that, rename it and import again")
    return sentences


def meant(table: Table, kind: str, column: str) -> str:
    """The phrase for the column that stands in place of a missing one; empty where none does."""
    known = {one.name for one in COLUMNS[kind]}
    strange = [name for name in table.columns if name not in known]
    elsewhere = next((one.elsewhere for one in COLUMNS[kind] if one.name == column), ())
    return nearest(column, strange) or _first_of(elsewhere, strange)


def _first_of(names: Sequence[str], offered: Sequence[str]) -> str:
    folded = {_plain(one): one for one in offered}
    found = next((folded[_plain(name)] for name in names if _plain(name) in folded), None)
    return "" if found is None else f" (did you mean {found!r}?)"


def _alike(one: str, other: str) -> bool:
    """Whether two names differ by case and signs, by an s at the end, or by a slip inside; model_2 is not meant as model."""
    import difflib

    a, b = _plain(one).removesuffix("s"), _plain(other).removesuffix("s")
    if a == b:
        return True
    slip = abs(len(a) - len(b)) <= 1 and a[:-1] != b[:-1] and not a.startswith(b) and not b.startswith(a)
    return slip and difflib.SequenceMatcher(None, a, b).ratio() > 0.8


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


def refuse_doubles(table: Table, column: str, *, called: str, each: str) -> None:
    """Every row has an id of its own in this column. `called` is what an id names, `each` what a row is."""
    first: dict[str, int] = {}
    for index, name in enumerate(table.frame[column]):
        if not name:
            msg = f"{table.at(index, column)}: the cell is empty; every {each} needs an id"
            raise InputError(msg)
        if name in first:
            rows = f"rows {table.row(first[name])} and {table.row(index)}"
            msg = f"{table.name}: {rows} are both {called} '{one_line(name)}'; every {each} needs an id of its own"
            raise InputError(msg)
        first[name] = index
