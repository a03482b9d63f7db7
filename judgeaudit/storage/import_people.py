"""The same people under the same names: one export names them by number, another only by e-mail."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from judgeaudit.domain.errors import InputError, one_line

Row = dict[str, str]
_NUMBERED = re.compile(r"rater-\d+")
_FROM = "label-studio"


def same_people(rows: Sequence[Row], there: Sequence[Mapping[str, str]], *, by_address: bool) -> list[Row]:
    """`rows` with each rater under the name that the study has for the maker of the same annotations.

    Where a name cannot be told and somebody of the other kind of name labelled the same items, the same person may be
    counted twice, so that the import is refused.
    """
    names = _names(rows, there)
    strange = _strangers([row for row in rows if row["rater"] not in names], there, by_address=by_address)
    if strange:
        kinds = ("by e-mail", "by number") if by_address else ("by number", "by e-mail")
        msg = (
            f"{len(strange)} raters, such as '{one_line(min(strange))}', are named {kinds[0]} in this export, and the study "
            f"has labels of the same items by raters who are named {kinds[1]}: the same people would count twice; export the "
            f"project so that people are named {kinds[1]}"
            + (" (JSON from the export button does)" if by_address else "")
        )
        raise InputError(msg)
    return [{**row, "rater": names[row["rater"]]} if row["rater"] in names else row for row in rows]


def _names(rows: Sequence[Row], there: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Name in the export -> name in the study, by the annotations that both hold; only where the two kinds differ."""
    held = {(row.get("source", ""), row["item_id"]): row["rater"] for row in there if row.get("source")}
    known: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        other = held.get((row["source"], row["item_id"]))
        if other is not None:
            known[row["rater"]].add(other)
    return {
        name: next(iter(others))
        for name, others in known.items()
        if len(others) == 1 and name not in others and _is_numbered(name) != _is_numbered(next(iter(others)))
    }


def _strangers(rows: Sequence[Row], there: Sequence[Mapping[str, str]], *, by_address: bool) -> set[str]:
    """Raters whom the study does not have, of items that people of the other kind of name labelled."""
    mine = {row["rater"] for row in there}
    items = {
        row["item_id"]
        for row in there
        if row.get("source", "").startswith(_FROM) and _is_numbered(row["rater"]) == by_address
    }
    return {
        row["rater"]
        for row in rows
        if row["rater"] not in mine and row["item_id"] in items and _is_numbered(row["rater"]) != by_address
    }


def _is_numbered(name: str) -> bool:
    return _NUMBERED.fullmatch(name) is not None
