"""The items that a judge and the people see differently: to be read, not counted."""

from __future__ import annotations

import numpy as np

from judgeaudit.audit.agreement.pairs import judge_codes
from judgeaudit.audit.setting.context import Context
from judgeaudit.domain.results.questions import Disagreement

MOST = 50
LONGEST = 1200


def disagreement_items(context: Context, judge: str) -> list[int]:
    """Items with a reference that the judge was asked about and did not give: clear cases of the people first, then file order."""
    codes, reference = judge_codes(context, judge), context.reference.codes
    apart = (reference >= 0) & (codes >= 0) & (codes != reference)
    people = context.ratings.people
    against = ((people >= 0) & (people != reference[None, :])).sum(0) if len(people) else np.zeros(len(codes))
    where = np.flatnonzero(apart)
    if context.scheme.ordered:
        numbers = np.append(context.scheme.numbers, np.nan)
        gap = np.nan_to_num(np.abs(numbers[codes[where]] - numbers[reference[where]]), nan=np.inf)
        return [int(i) for i in where[np.lexsort((where, against[where], -gap))]]
    return [int(i) for i in where[np.lexsort((where, against[where]))]]


def disagreements(context: Context, judge: str, *, most: int | None = MOST) -> list[Disagreement]:
    """The first `most` of them as rows, or all; texts cut at 1,200 characters beside their whole length."""
    return [_row(context, judge, i) for i in disagreement_items(context, judge)[:most]]


def _row(context: Context, judge: str, i: int) -> Disagreement:
    ratings, labels = context.ratings, context.ratings.question.labels
    code = int(judge_codes(context, judge)[i])
    texts = {key: each[i] for key, each in ratings.texts.items()}

    def cut(key: str) -> str | None:
        return texts[key][:LONGEST] if key in texts else None

    def length(key: str) -> int | None:
        return len(texts[key]) if key in texts else None

    return Disagreement(
        question=context.question,
        judge=judge,
        item_id=ratings.items[i],
        reference=labels[int(context.reference.codes[i])],
        verdict=None if code == context.scheme.k else labels[code],
        people={
            name: labels[int(codes[i])]
            for name, codes in zip(ratings.people_names, ratings.people, strict=True)
            if codes[i] >= 0
        },
        strata=[name for name, mask in ratings.strata.items() if name != "all" and mask[i]],
        prompt=cut("prompt"),
        prompt_chars=length("prompt"),
        response=cut("response"),
        response_chars=length("response"),
        response_b=cut("response_b"),
        response_b_chars=length("response_b"),
    )
