"""What each column of a table was taken for, said before any number: a mistaken column is seen, and one role is enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.storage.files.read import Table
from judgeaudit.storage.table.options import TableOptions

_LISTED = 20


def taken_line(table: Table, roles: Mapping[str, Sequence[str]], options: TableOptions, read: set[str]) -> str:
    """One line: who and what the `roles` are, what flags say of other columns, and columns that are not `read`."""
    flags = {
        "probability": [f"{judge}={column}" for judge, column in options.probability.items()],
        "cluster": [options.cluster] if options.cluster else [],
        "weight": [options.weight] if options.weight else [],
        "strata": list(options.by),
    }
    others = {part for given in options.by for part in (given, *given.split("&"))} | {options.cluster, options.weight}
    left = [column for column in table.columns if column not in read and column not in others]
    said = {**roles, **flags, "not a label": left}
    if options.label_source != "people":
        said = {"raters" if role == "people" else role: names for role, names in said.items()}
    return "taken as " + "; ".join(f"{role}: {_listed(names)}" for role, names in said.items() if names)


def refuse_two_roles(options: TableOptions, table_name: str) -> None:
    """Refuses a column of labels that also names the items, their clusters or their weights."""
    others = [("--item", options.item), ("--cluster", (options.cluster,)), ("--weight", (options.weight,))]
    for flag, raters in (("--human", options.human), ("--judge", options.judge)):
        for other, columns in others:
            both = [name for name in raters if name in columns]
            if both:
                msg = f"{table_name}: '{one_line(both[0])}' stands in {flag} and in {other}; a column of labels is no more than that"
                raise InputError(msg)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(one_line(name, limit=40) for name in names[:_LISTED])
    return shown if len(names) <= _LISTED else f"{shown}, … ({len(names)} in all)"
