"""Lists of tasks, whole: nothing lost or taken for the end while people label, add and delete."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from judgeaudit.domain.errors import InputError, OutsideError, one_line
from judgeaudit.domain.timestamps import moment_of
from judgeaudit.labelling.client.errors import MissingError
from judgeaudit.labelling.client.requests import Params, Wire

Row = Mapping[str, object]
Filter = Mapping[str, object]
_T = TypeVar("_T")
#: tasks that this program sent
OURS: Filter = {"filter": "filter:tasks:data.ja_id", "operator": "empty", "type": "String", "value": False}
_STAMP = "%Y-%m-%dT%H:%M:%S.%fZ"


def walk(
    wire: Wire, project_id: int, *, include: str, filters: Sequence[Filter] = (), size: int
) -> Iterator[tuple[list[Row], int]]:
    """Pages of tasks by rising id, each with the number of tasks that were left before it.

    A page is asked for by "id greater than the last one seen", not by its number: numbered pages shift, and drop a task
    at a border, whenever a task is deleted or changes under a filter. A project that goes meanwhile is an error.
    """
    last = seen = 0
    total: int | None = None
    while True:
        beyond = {"filter": "filter:tasks:id", "operator": "greater", "type": "Number", "value": last}
        rows, left = page(wire, project_id, include=include, filters=[*filters, beyond], order="tasks:id", size=size)
        numbers = [number_of(row) for row in rows]
        if numbers != sorted(set(numbers)) or (numbers and numbers[0] <= last):
            raise unexpected(wire, f"listing the tasks of project {project_id}")
        total = left if total is None else total
        seen += len(rows)
        yield rows, left
        if not rows or len(rows) >= left:
            break
        last = numbers[-1]
    if seen < total:  # tasks went: one by one, or with their project
        wire.read(
            f"api/projects/{project_id}/", f"reading project {project_id}", missing=no_project(wire.url, project_id)
        )


def page(
    wire: Wire, project_id: int, *, include: str, filters: Sequence[Filter], order: str, size: int
) -> tuple[list[Row], int]:
    """The first tasks in that order, and how many there are."""
    asked = {"filters": {"conjunction": "and", "items": list(filters)}, "ordering": [order]}
    params: Params = {
        "project": project_id,
        "page": 1,
        "page_size": size,
        "fields": "task_only",
        "include": include,
        # without it a text that looks like the address of a file in a cloud comes back as another text
        "resolve_uri": "false",
        "query": json.dumps(asked),
    }
    doing = f"listing the tasks of project {project_id}"
    answer = wire.read("api/tasks/", doing, params=params, missing=no_project(wire.url, project_id))
    rows, left = (answer.get("tasks"), answer.get("total")) if isinstance(answer, dict) else (None, None)
    if not isinstance(rows, list) or not isinstance(left, int) or not all(isinstance(row, dict) for row in rows):
        raise unexpected(wire, doing)
    return rows, left


def one_of(name: str, values: Sequence[str]) -> Filter:
    """Tasks whose data hold one of these values under that name."""
    return {"filter": f"filter:tasks:data.{name}", "operator": "in_list", "type": "List", "value": list(values)}


def changed_from(mark: str) -> Filter:
    """Tasks that changed at that moment or later. The server fails at any other way to write a moment."""
    moment = moment_of(mark)
    if moment.year < 1970:
        msg = f"{one_line(mark)!r} is no moment by the server's clock; pull everything anew with --full"
        raise InputError(msg)
    value = moment.strftime(_STAMP)
    return {
        "filter": "filter:tasks:updated_at",
        "operator": "greater_or_equal",
        "type": "Datetime",
        "value": value,
    }


def number_of(row: Row) -> int:
    return whole(row.get("id"))


def whole(value: object) -> int:
    """A number that the server tells, 0 where it tells none."""
    return value if isinstance(value, int) else 0


def parts(values: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


def collect(rows: Sequence[Row], found: dict[str, list[int]]) -> None:
    """Adds the ids of ours among these tasks to `found`."""
    for row in rows:
        data = row.get("data")
        ja_id = data.get("ja_id") if isinstance(data, dict) else None
        if isinstance(ja_id, str):
            found.setdefault(ja_id, []).append(number_of(row))


def stamp_of(row: Row) -> str:
    return str(row.get("updated_at") or "")


def organization(wire: Wire) -> str:
    """When the organization of the token was made, by which its server is known again; its address where that is not told."""
    doing = "asking which server this is"
    me, rows = wire.read("api/current-user/whoami", doing), wire.read("api/organizations/", doing)
    own = me.get("active_organization") if isinstance(me, dict) else None
    listed = rows if isinstance(rows, list) else []
    made = [row.get("created_at") for row in listed if isinstance(row, dict) and row.get("id") == own]
    return f"made {made[0]}" if made and isinstance(made[0], str) else wire.url


def no_project(url: str, project_id: int) -> str:
    return (
        f"there is no project {project_id} at {url}: somebody deleted it, or this is another server or another person's "
        "organization; check the address and the token, or push to a new one with --resend"
    )


def unexpected(wire: Wire, doing: str) -> OutsideError:
    return OutsideError(
        f"{wire.url} answered something unexpected while {doing}; try again, and compare its version with 1.23, which this was made for"
    )


def every_project(wire: Wire) -> list[Row]:
    """Number and description of all projects. Numbered pages shift when one goes meanwhile: then they are read anew."""
    doing = "listing the projects"
    rows: list[Row] = []
    counts: set[object] = set()
    while True:
        params: Params = {"page": len(rows) // 100 + 1, "page_size": 100, "ordering": "id", "include": "id,description"}
        try:
            answer = wire.read("api/projects/", doing, params=params)
        except MissingError:  # the page that was the last one is gone
            answer = {"results": [], "count": None}
        part = answer.get("results") if isinstance(answer, dict) else None
        if not isinstance(answer, dict) or not isinstance(part, list):
            raise unexpected(wire, doing)
        rows += part
        counts.add(answer.get("count"))
        if len(counts) > 1:
            rows, counts = [], set()
        elif not answer.get("next"):
            return rows
