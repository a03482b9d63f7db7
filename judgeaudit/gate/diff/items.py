"""Two audits of one question, item by item: which items they share, and what labels and verdicts these had in each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from judgeaudit.audit.fingerprints import LETTERS, NO_ANSWER, NOTHING, WIDE_ID, WIDE_TEXT
from judgeaudit.domain.question import Question, canonical, number_of
from judgeaudit.domain.results.questions import Marks, QuestionRecord
from judgeaudit.stats.comparisons.swap import Pairing

Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """Entries of both audits: an item with the same text is one, an item whose text changed is an old and a new one.

    old, new  (N,) place of the entry in each audit, −1 where it is not there
    """

    old: Places
    new: Places
    added: int
    removed: int
    rewritten: int
    texts_known: bool

    @property
    def both(self) -> npt.NDArray[np.bool_]:
        return (self.old >= 0) & (self.new >= 0)

    @property
    def n_shared(self) -> int:
        return int(self.both.sum())


def shared_items(old: Marks | None, new: Marks | None) -> Shared | None:
    """The items of two records of marks; None where either holds digests alone.

    Where one audit kept its labelled items alone, the other's unlabelled ones are left out.
    """
    if old is None or new is None or old.ids is None or new.ids is None:
        return None
    partly = old.kept != new.kept
    if partly and None in (old.reference_codes, new.reference_codes):
        return None
    olds, news = _cut(old.ids, WIDE_ID), _cut(new.ids, WIDE_ID)
    known = old.texts is not None and new.texts is not None
    old_texts, new_texts = (_texts(one, known=known) for one in (old, new))
    old_counts, new_counts = (_counting(one, partly=partly) for one in (old, new))
    place = {mark: index for index, mark in enumerate(olds) if old_counts[index]}
    right = np.flatnonzero(new_counts)
    found = np.array([place.get(news[index], -1) for index in right], np.int64)
    same = [at >= 0 and old_texts[at] == new_texts[index] for at, index in zip(found, right, strict=True)]
    rewritten = int((found >= 0).sum()) - sum(same)
    left = np.where(same, found, -1)
    gone = np.setdiff1d([*place.values()], left).astype(np.int64)
    return Shared(
        old=np.concatenate([left, gone]),
        new=np.concatenate([right, np.full(gone.size, -1)]),
        added=int((found < 0).sum()),
        removed=gone.size - rewritten,
        rewritten=rewritten,
        texts_known=known,
    )


def _texts(mark: Marks, *, known: bool) -> list[str]:
    """Digests of the texts of all items; equal ones where an audit kept none."""
    return _cut(mark.texts or "", WIDE_TEXT) if known else [""] * len(_cut(mark.ids or "", WIDE_ID))


def _counting(mark: Marks, *, partly: bool) -> list[bool]:
    """Which of the kept items count: all, or those with a reference where the other audit kept no others."""
    if not partly:
        return [True] * (len(mark.ids or "") // WIDE_ID)
    return [letter != NOTHING for letter in mark.reference_codes or ""]


def within(mark: Marks, stratum: str) -> npt.NDArray[np.bool_] | None:
    """(n,) which kept items lie in a stratum; None where that is not kept."""
    for one in mark.strata.values():
        if stratum in one.names:
            letter = LETTERS[one.names.index(stratum)]
            return np.array([code == letter for code in one.codes], np.bool_)
    return None


def pairing_in(pairing: Pairing, shared: Shared, marks: tuple[Marks, Marks], stratum: str) -> Pairing | None:
    """The same pairing of the items of one stratum; an item that moved out of it is there in one audit alone."""
    inside = [within(mark, stratum) for mark in marks]
    if inside[0] is None or inside[1] is None:
        return None
    old = pairing.old & inside[0][np.maximum(shared.old, 0)]
    new = pairing.new & inside[1][np.maximum(shared.new, 0)]
    keep = old | new
    return Pairing(
        old_labels=pairing.old_labels[keep],
        new_labels=pairing.new_labels[keep],
        old_verdicts=pairing.old_verdicts[keep],
        new_verdicts=pairing.new_verdicts[keep],
        old=old[keep],
        new=new[keep],
        weights=pairing.weights[:, keep],
        units=pairing.units[keep],
        size=pairing.size,
    )


def joint_question(old: QuestionRecord, new: QuestionRecord) -> Question | None:
    """The question with the labels of both; None where scale, labels or positive side differ.

    On an interval scale labels may have come or gone, since numbers are labels there.
    """
    if (old.scale, old.positive) != (new.scale, new.positive) or not old.labels or not new.labels:
        return None
    labels = list(new.labels)
    values: tuple[float, ...] = ()
    if new.scale == "interval":
        spelled = {canonical(label): label for label in [*old.labels, *new.labels]}
        labels = sorted(spelled.values(), key=lambda label: number_of(label) or 0.0)
        values = tuple(number_of(label) or 0.0 for label in labels)
    elif [*map(canonical, old.labels)] != [*map(canonical, new.labels)]:
        return None
    given = _given(old) | _given(new)
    return Question(
        name=new.name,
        scale=new.scale,
        labels=tuple(labels),
        positive=tuple(new.positive),
        values=values,
        medians=tuple(label for label in labels if canonical(label) not in given),
    )


def _given(about: QuestionRecord) -> set[str]:
    """Labels that somebody gave, and that are not medians alone."""
    return {canonical(label) for label in about.labels} - {canonical(label) for label in about.medians}


def reference_codes(mark: Marks, question: Question) -> Places | None:
    """(n,) codes of the reference in the labels of `question`, −1 without one."""
    letters = mark.reference_codes
    return None if letters is None else _codes(letters, mark.labels or [], question)


def verdict_codes(mark: Marks, judge: str, question: Question, unanswered: str) -> Places | None:
    """(n,) codes of a judge's verdicts under the audit's treatment of no answer; K is no answer, −1 never asked."""
    letters = (mark.judge_codes or {}).get(judge)
    if letters is None:
        return None
    codes, nothing = _codes(letters, mark.labels or [], question), len(question.labels)
    if unanswered == "counted":
        return codes
    instead = -1
    if unanswered.startswith("as:"):
        keys = [canonical(label) for label in question.labels]
        instead = keys.index(canonical(unanswered.removeprefix("as:")))
    return np.where(codes == nothing, instead, codes)


def pairing_of(
    marks: tuple[Marks, Marks], shared: Shared, judge: str, question: Question, unanswered: tuple[str, str]
) -> Pairing | None:
    """What the numbers of a judge's change are made from; None where an audit does not hold it item by item."""
    labels = [reference_codes(mark, question) for mark in marks]
    verdicts = [verdict_codes(mark, judge, question, rule) for mark, rule in zip(marks, unanswered, strict=True)]
    places = (shared.old, shared.new)
    (old_labels, new_labels), (old_verdicts, new_verdicts) = labels, verdicts
    if old_labels is None or new_labels is None or old_verdicts is None or new_verdicts is None:
        return None
    return Pairing(
        old_labels=_at(old_labels, shared.old),
        new_labels=_at(new_labels, shared.new),
        old_verdicts=_at(old_verdicts, shared.old),
        new_verdicts=_at(new_verdicts, shared.new),
        old=shared.old >= 0,
        new=shared.new >= 0,
        weights=np.stack([_weights(mark, place) for mark, place in zip(marks, places, strict=True)]),
        units=_units(marks, places),
        size=len(question.labels) + 1,
    )


def _at(codes: Places, places: Places) -> Places:
    return np.where(places >= 0, codes[np.maximum(places, 0)], -1) if codes.size else np.full(places.size, -1)


def _weights(mark: Marks, places: Places) -> npt.NDArray[np.float64]:
    if mark.weights is None:
        return np.ones(places.size)
    return np.where(places >= 0, np.asarray(mark.weights, float)[np.maximum(places, 0)], 0.0)


def _units(marks: tuple[Marks, Marks], places: tuple[Places, Places]) -> Places:
    """What hangs together by the clusters of either audit; entries by themselves where there are none."""
    n = places[0].size
    links = []
    start = n
    for mark, place in zip(marks, places, strict=True):
        clusters = mark.clusters
        if clusters is None:
            continue
        there = np.flatnonzero(place >= 0)
        links.append(np.stack([there, start + np.asarray(clusters, np.int64)[place[there]]]))
        start += max(clusters, default=-1) + 1
    if not links:
        return np.arange(n, dtype=np.int64)
    rows, columns = np.concatenate(links, axis=1)
    graph = coo_array((np.ones(rows.size), (rows, columns)), shape=(start, start))
    _, part = connected_components(graph, directed=False)
    return np.asarray(part[:n], np.int64)


def _codes(letters: str, labels: Sequence[str], question: Question) -> Places:
    keys = {canonical(label): code for code, label in enumerate(question.labels)}
    table = {letter: keys[canonical(label)] for letter, label in zip(LETTERS, labels, strict=False)}
    table[NO_ANSWER] = len(question.labels)
    return np.array([table.get(letter, -1) for letter in letters], np.int64)


def _cut(text: str, wide: int) -> list[str]:
    return [text[start : start + wide] for start in range(0, len(text), wide)]
