"""Dawid and Skene's reference: labels weighted by how often each person agrees with the label that all make likely."""

from __future__ import annotations

import numpy as np

from judgeaudit.domain.ratings import MISSING, Codes, Floats
from judgeaudit.stats.agreement.dawid_skene import dawid_skene
from judgeaudit.stats.agreement.patterns import distinct_columns

STARTS = 10
SMOOTHING = 0.1
SEED = 1979
LEAST_PEOPLE = 3


def dawid_skene_labels(people: Codes, *, n_labels: int) -> tuple[Codes, int]:
    """The most likely label per item, MISSING where nobody labelled it or labels are equally likely, and how many those are.

    Two people identify nothing of this: their error rates and the shares of labels are more unknowns than their table has
    numbers. Under three people who labelled what somebody else did, an item on which they differ has no label.
    """
    first, of_item = distinct_columns(people, base=n_labels + 2)
    rows = np.ascontiguousarray(people[:, first].T)
    counts = np.bincount(of_item, minlength=first.size)
    labelled = (rows >= 0).any(1)
    if identifiable(people):
        likely = _likely(rows, counts.astype(float), n_labels)
        top = likely.max(1)
        label, sure = likely.argmax(1), (likely >= top[:, None] - 1e-9).sum(1) == 1
    else:
        label, least = rows.max(1, initial=MISSING), np.where(rows >= 0, rows, n_labels).min(1, initial=n_labels)
        sure = label == least
    codes = np.where(sure & labelled, label, MISSING)
    return codes[of_item].astype(np.int32), int(counts[labelled & ~sure].sum())


def dawid_skene_posterior(people: Codes, *, n_labels: int) -> Floats:
    """(N, K) how likely each label is for each item, from the codes (R, N) of all raters, judges of a panel among them."""
    first, of_item = distinct_columns(people, base=n_labels + 2)
    counts = np.bincount(of_item, minlength=first.size).astype(float)
    return _likely(np.ascontiguousarray(people[:, first].T), counts, n_labels)[of_item]


def _likely(rows: Codes, counts: Floats, n_labels: int) -> Floats:
    raters = np.arange(rows.shape[1])
    return dawid_skene(
        rows, counts, raters=raters, n_labels=n_labels, starts=STARTS, smoothing=SMOOTHING, seed=SEED
    ).posterior


def identifiable(people: Codes) -> bool:
    """Whether three people or more labelled what somebody else labelled, too."""
    shared = (people >= 0).sum(0) >= 2
    return int((people[:, shared] >= 0).any(1).sum()) >= LEAST_PEOPLE


def cautions(question: str, people: Codes, *, rule: str, label_source: str) -> list[str]:
    """What is to be read before a number that rests on this reference."""
    if rule != "dawid-skene":
        return []
    out = []
    if not identifiable(people):
        out.append(
            f"question '{question}': the reference dawid-skene needs three people who label the same items; where these differ, "
            f"an item has no reference, as under majority"
        )
    if label_source == "models":
        out.append(
            f"question '{question}': the reference dawid-skene takes raters to err independently given the true label; models of "
            f"one family do not, and look more accurate to it than they are"
        )
    return out
