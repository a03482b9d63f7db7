"""What outputs are by people's labels, and which of them a judge's verdict holds for gibberish before anybody labels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from judgeaudit.audit.setting.dawid_skene import dawid_skene_labels, identifiable
from judgeaudit.audit.setting.reference import plurality
from judgeaudit.domain.checkpoints import (
    CLEARED,
    FLAGGED,
    GIBBERISH,
    NO_REFERENCE,
    READABLE,
    SAFE,
    SILENT,
    UNASKED,
    UNLABELLED,
    UNSAFE,
    Codes,
    Note,
)
from judgeaudit.domain.errors import InputError, nearest, one_line
from judgeaudit.domain.question import Question, canonical
from judgeaudit.domain.ratings import MISSING, Mask, Ratings
from judgeaudit.domain.ratings import Codes as Labels
from judgeaudit.storage.table.options import REFERENCE_RULES

DAWID_SKENE = "dawid-skene"
#: the code of the note that nobody labelled coherence
GIBBERISH_BY_SIGNAL = "gibberish_by_signal"
#: (N,) of places of items -> whether the signal holds each for gibberish
Signal = Callable[[np.ndarray], Mask]


class Outcomes(NamedTuple):
    """Rules, the (R, N) outcomes by each, what to say of labels that gave none, and what says which outputs are gibberish."""

    references: tuple[str, ...]
    outcomes: Codes
    notes: tuple[Note | str, ...]
    gibberish_by: str = "labels"


class Screen(NamedTuple):
    """(J, N) outputs that each judge's rates take for gibberish, and by what."""

    mask: Mask
    told: tuple[str, ...]


def sides(judges: Labels, question: Question) -> Codes:
    """(J, N) verdicts as FLAGGED, CLEARED, SILENT and UNASKED, from codes of a question with positive labels."""
    positive = [FLAGGED if yes else CLEARED for yes in question.positive_mask]
    lookup = np.array([*positive, SILENT, UNASKED], dtype=np.int8)
    return np.asarray(lookup[judges], dtype=np.int8)


def chosen_references(
    asked: Sequence[str] | None, rule: str, ratings: Sequence[Ratings], *, where: str
) -> tuple[str, ...]:
    """The rules asked for; else none at all, the study's own, and Dawid and Skene's where three people can tell."""
    if asked is None:
        found = [NO_REFERENCE, rule] if ratings else [NO_REFERENCE]
        if ratings and rule != DAWID_SKENE and any(identifiable(one.people) for one in ratings):
            found.append(DAWID_SKENE)
        return tuple(found)
    raters = list(dict.fromkeys(name for one in ratings for name in one.people_names))
    second = ["adjudicated"] if any(one.adjudicated is not None for one in ratings) else []
    known = [NO_REFERENCE, *REFERENCE_RULES, *second, *raters, rule]
    for name in asked:
        if name not in known:
            near = nearest(name, known)
            msg = f"{where}: references: {one_line(name)!r} is neither {', '.join(known[:4])} nor a rater{near}"
            raise InputError(msg)
        if name != NO_REFERENCE and not ratings:
            msg = f"{where}: references: {one_line(name)!r} needs labels, and there are none; bring them in, or write none"
            raise InputError(msg)
    return tuple(asked)


def reference_of(ratings: Ratings, rule: str) -> Labels:
    """(N,) codes of the reference by a rule, MISSING where it reaches none; by a rater who said nothing here, everywhere."""
    n_labels = len(ratings.question.labels)
    if rule == "adjudicated":
        return _none(ratings) if ratings.adjudicated is None else ratings.adjudicated
    if ratings.reference is not None and rule == ratings.reference_name:
        return ratings.reference
    if rule == DAWID_SKENE:
        return dawid_skene_labels(ratings.people, n_labels=n_labels)[0] if ratings.people.size else _none(ratings)
    if rule in REFERENCE_RULES:
        return plurality(ratings.people, n_labels=n_labels)[0]
    names = list(ratings.people_names)
    return ratings.people[names.index(rule)] if rule in names else _none(ratings)


def outcomes_of(
    harm: Ratings | None,
    coherence: Ratings | None,
    references: Sequence[str],
    *,
    incoherent: Sequence[str],
    signal: Signal,
    called: str,
    signal_called: str,
    n_items: int,
) -> Outcomes:
    """Outcomes by each rule. Gibberish is what the reference of coherence calls so, whatever was said of its harm; what it calls
    otherwise and has no reference of harm is READABLE.

    Where nobody labelled coherence, a labelled output is gibberish if the signal says so. An output without one of the two
    references is unlabelled, and counted.
    """
    rules = tuple(rule for rule in references if rule != NO_REFERENCE)
    if harm is None:
        return Outcomes(rules, np.full((len(rules), n_items), UNLABELLED, dtype=np.int8), ())
    notes: list[Note | str] = []
    about = f"question '{one_line(called)}'"
    labelled = np.asarray((harm.people != MISSING).any(axis=0))
    if harm.reference is not None:
        labelled |= harm.reference != MISSING
    looked = labelled if harm.cannot_judge is None else labelled | harm.cannot_judge.any(axis=0)
    flagged = _by_signal(looked, signal) if coherence is None else np.zeros(n_items, dtype=np.bool_)
    if coherence is None:
        notes.append(_unlabelled(about, signal_called, int(flagged.sum()), int(looked.sum())))
    rows = []
    for rule in rules:
        side, kind = _side(harm, rule), flagged if coherence is None else _gibberish(coherence, rule, incoherent)
        row = np.where(kind, GIBBERISH, side)
        if coherence is not None:
            read = reference_of(coherence, rule) != MISSING
            row = np.where(read & ~kind & (side == UNLABELLED), READABLE, np.where(kind | read, row, UNLABELLED))
        notes += _lost(about, rule, side, row, labelled, several=len(rules) > 1)
        rows.append(row.astype(np.int8))
    stacked = np.stack(rows) if rows else np.full((0, n_items), UNLABELLED, dtype=np.int8)
    return Outcomes(rules, stacked, tuple(notes), "signal" if coherence is None else "labels")


def screen_of(
    verdicts: Codes,
    judges: Sequence[str],
    coherence: Mapping[str, Labels],
    question: Question | None,
    *,
    incoherent: Sequence[str],
    signal: Signal,
    signal_called: str,
) -> Screen:
    """What each judge's rates take for gibberish: by its own verdict on coherence where it gave one, else by the signal."""
    mask, own_words = np.zeros(verdicts.shape, dtype=np.bool_), np.zeros(0, dtype=np.bool_)
    if question is not None:
        own_words = np.array([*_words(question, incoherent), False, False])
    lacking = np.zeros(verdicts.shape, dtype=np.bool_)
    told = []
    for number, judge in enumerate(judges):
        asked = verdicts[number] != UNASKED
        codes = coherence.get(judge)
        if codes is None or question is None:
            lacking[number] = asked
            told.append(signal_called)
            continue
        mask[number] = own_words[codes]
        lacking[number] = asked & ((codes == MISSING) | (codes == len(question.labels)))
        other = f", else {signal_called}" if lacking[number].any() else ""
        told.append(f"its own verdict on {one_line(question.name)}{other}")
    mask |= lacking & _by_signal(np.asarray(lacking.any(axis=0)), signal)
    return Screen(mask, tuple(told))


def _by_signal(wanted: Mask, signal: Signal) -> Mask:
    """(N,) what the signal says of the outputs in the mask; it is asked of no others, since it may be slow."""
    found = np.zeros(wanted.shape, dtype=np.bool_)
    places = np.flatnonzero(wanted)
    if places.size:
        found[places] = signal(places)
    return found


def _words(question: Question, incoherent: Sequence[str]) -> list[bool]:
    keys = {canonical(word) for word in incoherent}
    return [canonical(label) in keys for label in question.labels]


def _side(harm: Ratings, rule: str) -> Codes:
    positive = [UNSAFE if yes else SAFE for yes in harm.question.positive_mask]
    return np.array([*positive, UNLABELLED], dtype=np.int8)[reference_of(harm, rule)]


def _gibberish(coherence: Ratings, rule: str, incoherent: Sequence[str]) -> Mask:
    return np.array([*_words(coherence.question, incoherent), False])[reference_of(coherence, rule)]


def _unlabelled(about: str, signal_called: str, flagged: int, labelled: int) -> Note:
    """That no person's word, but a signal, says which labelled outputs are gibberish."""
    said = f"which labelled outputs are gibberish is what {signal_called} says ({flagged} of {labelled})"
    way_out = "label coherence, too, before you rely on corrected rates"
    return Note(code=GIBBERISH_BY_SIGNAL, sentence=f"{about}: nobody labelled coherence; {said}: {way_out}")


def _lost(about: str, rule: str, side: Codes, row: Codes, labelled: Mask, *, several: bool) -> list[str]:
    """What was labelled and has no outcome."""
    by = f" by {rule}" if several else ""
    readable = int((row == READABLE).sum())
    tied = int((labelled & (side == UNLABELLED) & (row == UNLABELLED)).sum())
    bare = int(((side != UNLABELLED) & (row == UNLABELLED)).sum())
    lines = []
    if tied:
        lines.append(
            f"{about}: {tied} labelled outputs have no reference{by}, since labels tie: they count as unlabelled"
        )
    if readable:
        lines.append(
            f"{about}: {readable} outputs that are no gibberish have no reference{by} of it: they count for the share of gibberish, and "
            "outputs of their kind that have one stand for them"
        )
    if bare:
        lines.append(
            f"{about}: {bare} labelled outputs have no reference for coherence{by}, so nobody knows whether they are gibberish: "
            "they count as unlabelled"
        )
    return lines


def _none(ratings: Ratings) -> Labels:
    return np.full(ratings.n_items, MISSING, dtype=np.int32)
