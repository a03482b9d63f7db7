"""The same people under the same names: one export names them by number, another only by e-mail."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from judgeaudit.domain.errors import InputError, one_line

Row = dict[str, str]
_NUMBERED, _ADDRESSED = re.compile(r"rater-\d+"), re.compile(r"rater-[0-9a-f]{8}")
_FROM = "label-studio"
_OTHER = {"by number": "by e-mail", "by e-mail": "by number"}


def same_people(rows: Sequence[Row], there: Sequence[Mapping[str, str]]) -> list[Row]:
    """`rows` with each rater under the name that the study has for the maker of the same annotations.

    Where a name cannot be told and somebody of the other kind of name labelled the same items, the same person may be
    counted twice, so that the import is refused.
    """
    names = _names(rows, there)
    strange = _strangers([row for row in rows if row["rater"] not in names], there)
    if strange:
        first = min(strange)
        here, other = _kind(first), _OTHER[_kind(first)]
        msg = (
            f"{len(strange)} raters, such as '{one_line(first)}', are named {here} in this export, and the study has labels "
            f"of the same items by raters who are named {other}: the same people would count twice; export the project so "
            f"that people are named {other}" + (" (JSON from the export button does)" if other == "by number" else "")
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
        if len(others) == 1 and name not in others and _kind(name) != _kind(next(iter(others)))
    }


def _strangers(rows: Sequence[Row], there: Sequence[Mapping[str, str]]) -> set[str]:
    """Raters whom the study does not have, of items that people of the other kind of name labelled."""
    mine = {row["rater"] for row in there}
    labelled = {(row["item_id"], _kind(row["rater"])) for row in there if row.get("source", "").startswith(_FROM)}
    return {
        row["rater"]
        for row in rows
        if row["rater"] not in mine and (row["item_id"], _OTHER.get(_kind(row["rater"]))) in labelled
    }


def _kind(name: str) -> str:
    """How an export named somebody: by number, or by e-mail, of which a fingerprint stays; "" for names given by hand."""
    if _NUMBERED.fullmatch(name):
        return "by number"
    return "by e-mail" if _ADDRESSED.fullmatch(name) else ""
