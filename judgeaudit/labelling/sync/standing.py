"""What people say now: of every showing of an item to a person, the answers that were not taken back since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from judgeaudit.domain.labelling.tasks import MAIN
from judgeaudit.domain.question import CANNOT_JUDGE, number_of
from judgeaudit.domain.timestamps import moment_of

LABELLED, UNABLE, SKIPPED = "labelled", CANNOT_JUDGE, "skipped"
_NEVER = moment_of("")


@dataclass(slots=True, kw_only=True)
class Showing:
    """One item as one person answered it. `answers` holds labels, `unable` questions that the person could not judge."""

    item_id: str
    rater: str
    purpose: str
    answers: dict[str, str] = field(default_factory=dict)
    unable: set[str] = field(default_factory=set)
    skipped: bool = False
    seconds: float | None = None
    moment: datetime | None = None
    known: dict[str, str] = field(default_factory=dict)

    @property
    def answered(self) -> bool:
        """Whether the person gave any answer; "I cannot judge this" is one."""
        return bool(self.answers or self.unable)


def showings(rows: Iterable[Mapping[str, str]], *, round_name: str = MAIN) -> list[Showing]:
    """One for each item, person and purpose of a round, as the last rows leave it. A skip of the item withdraws all."""
    found: dict[tuple[str, str, str], Showing] = {}
    for row in rows:
        if (row.get("round") or MAIN) != round_name:
            continue
        key = row["item_id"], row["rater"], row.get("purpose") or "item"
        if key not in found:
            found[key] = Showing(item_id=key[0], rater=key[1], purpose=key[2])
        _say(found[key], row)
    return list(found.values())


def _say(showing: Showing, row: Mapping[str, str]) -> None:
    """Takes up what a row says; a row without a label says nothing."""
    question, label = row.get("question") or "", row.get("label") or ""
    status = row.get("status") or LABELLED
    if status == LABELLED and not label:
        return
    showing.skipped = status == SKIPPED and not question
    if showing.skipped:
        showing.answers.clear()
        showing.unable.clear()
    showing.answers.pop(question, None)
    showing.unable.discard(question)
    if status == LABELLED:
        showing.answers[question] = label
        showing.known.update({question: row["known"]} if row.get("known") else {})
    elif status == UNABLE:
        showing.unable.add(question)
    showing.seconds = _seconds(row.get("seconds") or "")
    moment = moment_of(row.get("labelled_at") or "")
    showing.moment = moment if moment > _NEVER else None


def _seconds(text: str) -> float | None:
    """A time that somebody took; None where there is none."""
    seconds = number_of(text)
    return seconds if seconds is not None and seconds > 0 else None
