"""What came back where there is no label: refusals, answers outside the labels and failures, told apart by stratum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from judgeaudit.report.content.document import (
    Block,
    Bullets,
    Column,
    Line,
    Table,
    figures,
    fold_long,
    line,
    paragraph,
    quiet,
    words,
)
from judgeaudit.report.content.view import ALL, Asked, View, whole
from judgeaudit.report.words.codes import plural
from judgeaudit.report.words.numbers import count, p_value

SENTENCES = 12
ROWS = 120
#: kind of silence -> title of its column, and what a judge does that keeps it
KINDS = {
    "refused": ("refused", "refuses"),
    "outside_labels": ("outside the labels", "answers outside the labels"),
    "malformed": ("malformed", "answers in another form than it was asked for"),
    "truncated": ("cut off", "is cut off"),
    "empty": ("empty", "gives empty replies"),
    "unexplained": ("unparsed", "gives no label, for reasons that are not told,"),
    "failed": ("failed", "fails"),
}


def silence_blocks(view: View, asked: Asked) -> list[Block]:
    """Where a judge keeps silent decisively more often than elsewhere, and the counts; nothing where all answered."""
    rows = [one for one in view.result.silence if one.get("question") == asked.name]
    silent = {one["judge"] for one in rows if any(whole(one, kind) for kind in KINDS)}
    rows = [one for one in rows if one["judge"] in silent]
    if not rows:
        return []
    told = [_sentence(one, test) for one in rows for test in one.get("against_elsewhere", ()) if test.get("decisive")]
    blocks: list[Block] = [Bullets(lines=tuple(told[:SENTENCES]))] if told else []
    if told[SENTENCES:]:
        blocks.append(paragraph(f"{plural(len(told) - SENTENCES, 'more difference')} in audit.json."))
    shown = rows if view.full else rows[:ROWS]
    blocks.append(fold_long(_table(shown)))
    if len(shown) < len(rows):
        blocks.append(paragraph(f"{plural(len(rows) - len(shown), 'more row')} in audit.json."))
    return blocks


def _sentence(one: Mapping[str, Any], test: Mapping[str, Any]) -> Line:
    here = f"{count(whole(test, 'k'))} of {count(whole(test, 'n'))}"
    elsewhere = f"{count(whole(test, 'elsewhere_k'))} of {count(whole(test, 'elsewhere_n'))}"
    does = KINDS[str(test["kind"])][1]
    p = p_value(whole(test, "p_adjusted"))
    return line(
        f"{one['judge']} {does} on {one['stratum']}: {here}, elsewhere {elsewhere}", quiet(f" (adjusted p {p}).")
    )


def _table(rows: list[dict[str, Any]]) -> Table:
    kept = [kind for kind in KINDS if any(whole(one, kind) for one in rows)]
    columns = [Column(title="judge"), Column(title="stratum")]
    columns += [
        Column(title=title, numeric=True) for title in ("asked", "answered", *(KINDS[kind][0] for kind in kept))
    ]
    return Table(
        caption="What came back from judges that left items without a label",
        columns=tuple(columns),
        rows=tuple(
            (
                words(str(one["judge"])),
                words("all items" if one["stratum"] == ALL else str(one["stratum"])),
                *(figures(count(whole(one, key))) for key in ("asked", "answered", *kept)),
            )
            for one in rows
        ),
        note="Differences between strata are told where Fisher's exact test finds them at 1%, adjusted for all judges, "
        "strata and kinds (Holm); items of one cluster count once in it.",
    )
