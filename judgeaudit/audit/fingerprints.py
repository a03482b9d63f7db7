"""Marks of items and labels, by which two audits can tell what they share: digests, and codes item by item where that is small."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from judgeaudit.audit.setting.context import Context
from judgeaudit.domain.ratings import MISSING, Codes
from judgeaudit.domain.results.questions import Kept, Marks, StratumCodes

Places = npt.NDArray[np.int64]

#: more items than these, or more labels than there are letters, leave digests alone
MOST_ITEMS = 20_000
#: one letter a label; what no label was reached for, and what was asked and gave none
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
NOTHING, NO_ANSWER = "-", "?"
#: characters of an item's mark (48 bits) and of its texts' mark (24 bits)
WIDE_ID, WIDE_TEXT = 8, 4


def item_marks(context: Context) -> Marks:
    """One record for a question. Items stand in the order of their ids, so that the order of a table's rows changes nothing."""
    ratings = context.ratings
    order = np.array(sorted(range(ratings.n_items), key=ratings.items.__getitem__), dtype=np.int64)
    base = _digest(ratings.items[place] for place in order)
    labels = list(ratings.question.labels)

    def digests(names: Iterable[str], rows: Iterable[Codes]) -> dict[str, str]:
        return {name: _codes_digest(base, labels, codes[order]) for name, codes in zip(names, rows, strict=True)}

    each = context.reference.rule == "each"
    marks = Marks(
        question=context.question,
        n_items=ratings.n_items,
        items=base,
        outputs=_texts_digest(context, order),
        reference=None if each else _codes_digest(base, labels, context.reference.codes[order]),
        people=digests(ratings.people_names, ratings.people),
        judges=digests(ratings.judge_names, ratings.judges),
    )
    kept: Kept = "all"
    if ratings.n_items > MOST_ITEMS:  # what nobody labelled is no part of any comparison
        kept = "labelled"
        labelled = (context.reference.codes >= 0) | (ratings.people >= 0).any(0)
        order = order[labelled[order]]
    if order.size > MOST_ITEMS or len(labels) > len(LETTERS) or context.scheme.many:
        return marks
    return _item_by_item(context, marks, order, kept)


def _item_by_item(context: Context, marks: Marks, order: Places, kept: Kept) -> Marks:
    """The marks with a code for each of these items."""
    ratings, weights = context.ratings, context.design.weights
    labels = list(ratings.question.labels)
    strata = {column: _strata(context, names, order) for column, names in ratings.columns.items()}
    each = context.reference.rule == "each"
    return replace(
        marks,
        kept=kept,
        labels=labels,
        ids="".join(_mark(ratings.items[place], WIDE_ID) for place in order),
        texts="".join(_mark("\x1f".join(row), WIDE_TEXT) for row in _rows(context, order)) if ratings.texts else None,
        reference_codes=None if each else _letters(context.reference.codes[order], len(labels)),
        judge_codes={
            name: _letters(codes[order], len(labels))
            for name, codes in zip(ratings.judge_names, ratings.judges, strict=True)
        },
        strata={column: one for column, one in strata.items() if one is not None},
        clusters=_in_order(context.design.units[order]) if context.design.clustered else None,
        weights=None if np.all(weights == weights[:1]) else [float(f"{w:.9g}") for w in weights[order]],
    )


def _strata(context: Context, names: Sequence[str], order: Places) -> StratumCodes | None:
    """The stratum of each item by one column, as letters of its names; None where they are many, or overlap."""
    masks = [context.ratings.strata[name][order] for name in names if name in context.ratings.strata]
    if not masks or len(masks) > len(LETTERS) or np.any(np.sum(masks, axis=0) > 1):
        return None
    codes = np.full(order.size, MISSING, np.int32)
    for code, mask in enumerate(masks):
        codes[mask] = code
    kept = [name for name in names if name in context.ratings.strata]
    return StratumCodes(names=kept, codes=_letters(codes, len(masks)))


def _rows(context: Context, order: Places) -> Iterable[tuple[str, ...]]:
    columns = [context.ratings.texts[name] for name in sorted(context.ratings.texts)]
    return (tuple(column[place] for column in columns) for place in order)


def _texts_digest(context: Context, order: Places) -> str | None:
    return _digest(text for row in _rows(context, order) for text in row) if context.ratings.texts else None


def _digest(texts: Iterable[str]) -> str:
    """Of texts in this order; each is led by its length, so that nothing moves from one into the next."""
    found = hashlib.sha256()
    for text in texts:
        raw = text.encode("utf-8", "surrogatepass")
        found.update(b"%d:" % len(raw))
        found.update(raw)
    return found.hexdigest()


def _codes_digest(base: str, labels: list[str], codes: Codes) -> str:
    """Of who said what about which item. Labels that were not used do not matter, nor does their place."""
    used, dense = np.unique(codes, return_inverse=True)
    words = [NOTHING if c == MISSING else NO_ANSWER if c >= len(labels) else f"={labels[c]}" for c in used]
    by_word = np.argsort(np.argsort(np.array(words, dtype=object), kind="stable"), kind="stable")
    found = hashlib.sha256(_digest([base, *sorted(words)]).encode())
    found.update(by_word[dense.ravel()].astype("<i4").tobytes())
    return found.hexdigest()


def _mark(text: str, wide: int) -> str:
    return urlsafe_b64encode(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()).decode("ascii")[:wide]


def _letters(codes: Codes, n_labels: int) -> str:
    table = np.array([*LETTERS[:n_labels], NO_ANSWER, NOTHING])
    return "".join(table[np.where(codes < 0, n_labels + 1, np.minimum(codes, n_labels))])


def _in_order(clusters: Places) -> list[int]:
    """Clusters numbered as they come, so that their names do not matter."""
    _, first, inverse = np.unique(clusters, return_index=True, return_inverse=True)
    place = np.argsort(np.argsort(first))
    return [int(n) for n in place[inverse.ravel()]]
