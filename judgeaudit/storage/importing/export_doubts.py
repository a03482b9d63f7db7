"""What an import should make a person look at: how an export and the rows that a study holds fit together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from judgeaudit.domain.errors import one_line

Row = Mapping[str, str]


def other_items(held: Mapping[str, str], rows: Sequence[Row]) -> list[str]:
    """A sentence where one annotation is about two items: tables have another id where the data hold one of their own.

    `held` maps the source of an annotation that the study holds to its item, here and below.
    """
    other = {row["source"]: row["item_id"] for row in rows if held.get(row["source"], row["item_id"]) != row["item_id"]}
    if not other:
        return []
    first = min(other)
    return [
        f"{len(other)} annotations are in the study about other items, such as '{one_line(first)}' about "
        f"'{one_line(held[first])}' and here about '{one_line(other[first])}': unless they come from two servers, "
        "the labels are now there twice; import one format only"
    ]


def hidden_gold(held: Mapping[str, str], rows: Sequence[Row]) -> list[str]:
    """A sentence where a format that hides known answers meets another export of the same project.

    The full export left ground truth out; here it comes back looking like labels that are merely new.
    """
    sources = {row["source"]: row["rater"] for row in rows}
    fresh = Counter(rater for source, rater in sources.items() if source not in held)
    if not fresh or held.keys().isdisjoint(sources):
        return []
    who = ", ".join(f"{one_line(rater)} ({count})" for rater, count in sorted(fresh.items()))
    return [
        f"the study holds {len(held.keys() & sources.keys())} annotations of this project from another import and not these: "
        f"{who}; if they are ground truth, which this format hides, they are no rater's labels: "
        "import the JSON export instead"
    ]


def gold_within(held: Mapping[str, str], gold: frozenset[str]) -> list[str]:
    """A sentence where an earlier import of a format that hides known answers brought them in as labels."""
    within = sorted(gold & held.keys())
    if not within:
        return []
    return [
        f"the study already holds {len(within)} annotations that this export marks as ground truth, '{within[0]}' first: "
        "an earlier import took them for raters' labels; remove the rows with these sources from annotations.jsonl"
    ]


def no_longer_there(
    there: Sequence[Row], rows: Sequence[Row], present: Collection[str], looked_at: Collection[str]
) -> list[str]:
    """A sentence where an export lacks annotations that the study has of its projects, or of the tasks it holds whole."""
    projects = {row["project"] for row in rows if row.get("project")}
    last = {row["source"]: row for row in there if row.get("source")}
    lacking = {
        source
        for source, row in last.items()
        if source not in present
        and (row.get("project", "") in projects or source.rpartition(":")[0] in looked_at)
        and not (row.get("status") == "skipped" and row.get("question"))  # taken back already
    }
    if not lacking:
        return []
    return [
        f"{len(lacking)} annotations of this project are in the study and not in this export, '{one_line(min(lacking))}' first: "
        "they were deleted on the server, or only a part was exported; their labels stay and count, and to be rid of them "
        "remove their rows from annotations.jsonl"
    ]


def foreign_plan(items: int) -> list[str]:
    """A sentence where tasks were sent by this program, and not from this study."""
    if not items:
        return []
    return [
        f"{items} items carry ids of a labelling plan (ja_id) that this study does not have: items that were shown twice, "
        "items with known answers and answers that changed sides cannot be told from the others; import them into the study "
        "that planned them"
    ]
