"""The outputs of a study: their table, and its rows as outputs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.output import Output, Turn
from judgeaudit.storage.files.columns import refuse_doubles
from judgeaudit.storage.files.read import Table, read_table
from judgeaudit.storage.files.study_files import find_table
from judgeaudit.storage.files.write import shown

_OWN = ("item_id", "response", "prompt", "messages", "response_b")


def outputs_of(root: Path) -> Table:
    """The study's outputs: every row with an id of its own, and a response."""
    file = find_table(root, "outputs")
    if file is None:
        msg = f"{shown(root)}: no outputs; bring them in with `judgeaudit import outputs FILE {shown(root)}`"
        raise InputError(msg)
    table = read_table(file)
    for column in ("item_id", "response"):
        if column not in table.columns:
            raise table.missing(column, "outputs")
    refuse_doubles(table, "item_id", called="item", each="output")
    return table


def outputs_of_rows(table: Table) -> Iterator[Output]:
    """One output for each row, in order."""
    columns = table.columns
    for row in zip(*(table.frame[column] for column in columns), strict=True):
        yield output_of(dict(zip(columns, row, strict=True)))


def output_of(row: Mapping[str, str]) -> Output:
    """An output from its row; an InputError where its dialogue cannot be read."""
    return Output(
        item_id=row["item_id"],
        response=row["response"],
        prompt=row.get("prompt", ""),
        turns=_turns(row.get("messages", ""), row["item_id"]),
        response_b=row.get("response_b"),
        columns=tuple((name, cell) for name, cell in row.items() if name not in _OWN),
    )


def _turns(messages: str, item: str) -> tuple[Turn, ...]:
    """The messages of a dialogue. Contents that are lists of parts are taken for the text of their parts."""
    if not messages:
        return ()
    try:
        found: object = json.loads(messages)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        msg = f"item '{one_line(item)}': messages is not a JSON list of objects with role and content; correct the outputs"
        raise InputError(msg)
    return tuple(Turn(role=str(one.get("role") or "user"), content=_content(one.get("content"))) for one in found)


def _content(content: object) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        parts = (part.get("text") if isinstance(part, dict) else part for part in content)
        return "\n".join(part for part in parts if isinstance(part, str))
    return "" if content is None else json.dumps(content)
