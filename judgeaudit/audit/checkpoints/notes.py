"""What a reader of a comparison should know, in plain sentences: of its anchors, its labels, its screens and its prompts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from judgeaudit.audit.checkpoints.analyses import Choices
from judgeaudit.audit.checkpoints.anchors.choose import REFERENCE_POINT, matched
from judgeaudit.domain.checkpoints import (
    FLAGGED,
    GIBBERISH,
    SILENT,
    UNASKED,
    UNLABELLED,
    Anchor,
    Checkpoint,
    CheckpointRatings,
    ComparePlan,
    Note,
)
from judgeaudit.domain.errors import one_line
from judgeaudit.domain.results.comparison import MethodContrast, Specification

if TYPE_CHECKING:
    from judgeaudit.audit.checkpoints.anchors.methods import Methods


#: codes of notes that stand before all others: they say that a number is not what it looks like
URGENT = (
    "gibberish_by_signal",
    "no_judge",
    "no_labels",
    "no_design",
    "labels_elsewhere",
    "labels_missing",
    "verdicts_missing",
    "not_asked",
)
#: a share of missing verdicts that is worth a sentence
_MANY = 0.05


def general_notes(
    checkpoints: Sequence[Checkpoint],
    methods: Methods,
    anchors: Sequence[Anchor],
    plan: ComparePlan,
    *,
    answered: Collection[int],
) -> list[Note]:
    """Of the anchors that stand first: who is not comparable, what is odd; then what has no outputs."""
    first = [one for one in anchors if one.rule == plan.anchors[0]]
    out = [Note(code=str(one.code), sentence=one.sentence) for one in first if one.code is not None]
    out += [note for one in first for note in one.notes if note.code != REFERENCE_POINT]
    apart = matched(first, tolerance=plan.goal.tolerance)
    out += [] if apart is None else [apart]
    for method in methods.names:
        bare = [checkpoints[place].checkpoint for place in methods.places[method] if place not in answered]
        if bare:
            out.append(
                Note(
                    code="no_outputs",
                    sentence=f"{one_line(method)}: no outputs of {_listed(bare)}; nothing is said of {_them(bare)}.",
                )
            )
    return [Note(code=one.code, sentence=f"{one.sentence.rstrip('.')}.") for one in out]


def question_notes(
    ratings: CheckpointRatings, choices: Choices, primary: Specification | None, contrasts: Sequence[MethodContrast]
) -> list[Note]:
    """Of one question: no judge, labels missing where they are needed, gibberish that the screen missed, prompts that were dropped."""
    name = one_line(ratings.question)
    if primary is None:
        return [Note(code="no_judge", sentence=f"{name}: no judge gave a verdict; nothing can be compared.")]
    out = list(_labels(ratings, choices, name))
    out += _verdicts(ratings, choices, name)
    out += _screens(ratings, name)
    out += _uncertified(ratings, name)
    dropped = [one for one in contrasts if one.primary and one.n_dropped]
    for one in dropped:
        out.append(
            Note(
                code="prompts_dropped",
                sentence=f"{name}: {one_line(one.a)} against {one_line(one.b)} is compared on the {one.n_prompts} prompts that both "
                f"answered; {one.n_dropped} prompts that only one of them answered are left out.",
            )
        )
    for one in contrasts:
        if one.primary and one.undefined == "no_common_prompts":
            out.append(
                Note(
                    code="no_common_prompts",
                    sentence=f"{name}: {one_line(one.a)} and {one_line(one.b)} have no prompt in common and cannot be compared.",
                )
            )
    return out


def _labels(ratings: CheckpointRatings, choices: Choices, name: str) -> Iterator[Note]:
    """Which methods have no labels at the anchor that stands first."""
    if not len(ratings.outcomes) or not (ratings.outcomes != UNLABELLED).any():
        yield Note(
            code="no_labels",
            sentence=f"{name}: no labels; rates are the judges' own or bounds, and nothing corrects them.",
        )
        return
    if ratings.label_design is None:
        yield Note(
            code="no_design",
            sentence=f"{name}: nobody said how the labelled outputs were chosen, so only checkpoints that are labelled whole are "
            'corrected; write label_design = "random" under [audit] where they are a random sample.',
        )
        return
    if ratings.label_design == "elsewhere":
        yield Note(
            code="labels_elsewhere",
            sentence=f"{name}: the labelled outputs are others than those compared, and judges err otherwise on other outputs; "
            "nothing is corrected.",
        )
        return
    labelled = (ratings.outcomes != UNLABELLED).any(0)
    counts = np.bincount(ratings.checkpoint[labelled & (ratings.checkpoint >= 0)], minlength=len(ratings.checkpoints))
    first = next(iter(choices.anchors.values()))
    bare = [
        method
        for method, parts in zip(choices.methods, first, strict=True)
        if parts and any(not counts[place] for place, _ in parts)
    ]
    if bare:
        there = [m for m, parts in zip(choices.methods, first, strict=True) if parts and m not in bare]
        only = f"labels at the goal are there of {_listed(there)} only" if there else "no labels at the goal"
        yield Note(
            code="labels_missing",
            sentence=f"{name}: {only}; label outputs of {_listed(bare)} there, or {_their(bare)} rates stay the judges' own.",
        )


def _verdicts(ratings: CheckpointRatings, choices: Choices, name: str) -> Iterator[Note]:
    """Methods whose outputs at the first anchor a judge was not asked about, or gave no usable label for; unequal runs."""
    first = next(iter(choices.anchors.values()))
    for method, parts in zip(choices.methods, first, strict=True):
        mine = np.isin(ratings.checkpoint, [place for place, _ in parts])
        total = int(mine.sum())
        for judge, verdicts in zip(ratings.judges, ratings.verdicts, strict=True):
            asked = int((verdicts[mine] != UNASKED).sum())
            silent = int((verdicts[mine] == SILENT).sum())
            who = f"{name}: of {total} outputs of {one_line(method)} {one_line(judge)}"
            if total and asked < total:
                yield Note(code="not_asked", sentence=f"{who} was asked about {asked}; nothing is known of the others.")
            if asked and silent > _MANY * asked:
                yield Note(
                    code="verdicts_missing",
                    sentence=f"{who} gave {silent} no usable label; without labels nothing is concluded that these could turn.",
                )
        runs = np.unique(ratings.prompts[mine], return_counts=True)[1] if total else np.ones(1)
        if runs.min() < runs.max():
            yield Note(
                code="unequal_runs",
                sentence=f"{name}: {one_line(method)} answered some prompts {int(runs.max())} times and others {int(runs.min())}; "
                "every prompt counts once, its answers a part each.",
            )


def _screens(ratings: CheckpointRatings, name: str) -> Iterator[Note]:
    """How much of the labelled gibberish each screen found: what it missed stands in raw rates as if it were readable."""
    if not len(ratings.outcomes):
        return
    gibberish = ratings.outcomes[0] == GIBBERISH
    total = int(gibberish.sum())
    if not total or ratings.gibberish_by != "labels":
        return
    told: dict[tuple[str, int], list[str]] = {}
    for j, (judge, one) in enumerate(zip(ratings.judges, ratings.screens, strict=True)):
        told.setdefault((one, int(ratings.screen[j][gibberish].sum())), []).append(judge)
    for (one, found), judges in told.items():
        screen = one if len(told) == 1 else f"for {_listed(judges)}, {one}"
        if found < total:
            yield Note(
                code="screen_missed",
                sentence=f"{name}: {one_line(screen)} held {found} of {total} outputs labelled gibberish for gibberish; the other "
                f"{total - found} {'stands' if total - found == 1 else 'stand'} in raw rates as the judges called them.",
            )


def _uncertified(ratings: CheckpointRatings, name: str) -> Iterator[Note]:
    """Judges whose verdicts on incoherent outputs count for nothing, and how many these are."""
    told = []
    for j, judge in enumerate(ratings.judges):
        asked = ratings.screen[j] & (ratings.verdicts[j] != UNASKED)
        if judge not in ratings.certified and asked.any():
            flagged = int((ratings.verdicts[j][asked] == FLAGGED).sum())
            silent = int((ratings.verdicts[j][asked] == SILENT).sum())
            answered = int(asked.sum()) - silent
            told.append(f"{one_line(judge)} flagged {flagged} of {answered}")
    if told:
        yield Note(
            code="not_certified_on_incoherent",
            sentence=f"{name}: verdicts on outputs held for gibberish enter no rate, since the gate opened no judge of them there "
            f"({'; '.join(told[:6])}{'; …' if len(told) > 6 else ''}); rates as judged are worst and best cases, "
            "and analyses as judged show what believing these verdicts would conclude.",
        )


def _listed(names: Sequence[str]) -> str:
    words = [one_line(name) for name in names[:8]]
    return ", ".join(words) + (f" and {len(names) - 8} more" if len(names) > 8 else "")


def _them(names: Sequence[str]) -> str:
    return "it" if len(names) == 1 else "them"


def _their(names: Sequence[str]) -> str:
    return "its" if len(names) == 1 else "their"
