"""How well gibberish is recognised where nobody labelled it: the signal computed from the text, held against the labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from judgeaudit.audit.agreement.pairs import against_reference
from judgeaudit.audit.setting.context import Context, make_context
from judgeaudit.domain.doses import COHERENCE
from judgeaudit.domain.question import Question
from judgeaudit.domain.ratings import MISSING, Codes, Mask, Ratings
from judgeaudit.domain.results.audit import Finding
from judgeaudit.stats.intervals.limits import clopper_pearson_lower
from judgeaudit.text.signals import LOOKS, SIGNAL_SUBJECT, looks_like_gibberish

#: texts are read one by one, so of more labelled items so many are looked at, evenly spaced
MOST = 2_000
#: of outputs that nobody labelled a smaller share is enough to ask whether somebody should look
LOOKED_AT = 300
#: the share of sound outputs that the signal takes for gibberish (docs/gibberish.md); more than that is worth a look
FALSE_ALARMS = 0.10
GIBBERISH = COHERENCE[0]
_TOLD = ("sensitivity", "specificity", "precision", "prevalence_judge")


def gibberish_code(question: Question) -> int | None:
    """The place of the label that says a text is gibberish; None on questions that do not ask for it."""
    return next((code for code, label in enumerate(question.labels) if label.casefold() == GIBBERISH), None)


def signal_findings(context: Context) -> list[Finding]:
    """The signal as a rater of "gibberish or not" against the reference, and the share that it flags of each label.

    Sensitivity, specificity and precision in "all"; `prevalence_judge` in the stratum of each label. Empty for questions without a
    label `gibberish`, and where there are no texts.
    """
    question, reference = context.ratings.question, context.reference.codes
    place = gibberish_code(question)
    if place is None or context.scheme.many or not (reference >= 0).any():
        return []
    flagged = _flagged(context.ratings, reference >= 0)
    if flagged is None:
        return []
    held = _as_two_labels(context, place)
    out = [one for one in against_reference(held, SIGNAL_SUBJECT, flagged, "all") if one.statistic in _TOLD[:3]]
    for stratum in held.ratings.strata:
        found = [] if stratum == "all" else against_reference(held, SIGNAL_SUBJECT, flagged, stratum)
        out += [one for one in found if one.statistic == _TOLD[3]]
    return out


def _flagged(ratings: Ratings, wanted: Mask) -> Codes | None:
    """(N,) 1 where the signal says gibberish, 0 where not; MISSING elsewhere. From the strata of the signal where they are declared."""
    yes, no = (ratings.strata.get(f"{LOOKS}={word}") for word in ("yes", "no"))
    if yes is not None or no is not None:
        nowhere = np.zeros(ratings.n_items, dtype=np.bool_)
        yes, no = (nowhere if mask is None else mask for mask in (yes, no))
        return np.where(yes, 1, np.where(no, 0, MISSING)).astype(np.int32)
    texts = _responses(ratings)
    if texts is None:
        return None
    codes = np.full(ratings.n_items, MISSING, dtype=np.int32)
    for item in _spaced(ratings, np.flatnonzero(wanted).tolist(), MOST):
        codes[item] = int(looks_like_gibberish(texts[item]))
    return codes


def _responses(ratings: Ratings) -> tuple[str, ...] | None:
    """The responses; None where there are none, and where two are compared."""
    return None if "response_b" in ratings.texts else ratings.texts.get("response")


def _spaced(ratings: Ratings, items: Sequence[int], most: int) -> list[int]:
    """All, or so many at even distances in the order of their ids."""
    if len(items) <= most:
        return list(items)
    by_id = sorted(items, key=ratings.items.__getitem__)
    return [by_id[at * len(by_id) // most] for at in range(most)]


def _as_two_labels(context: Context, place: int) -> Context:
    """The same items, asked whether they are gibberish; a stratum for each label that the reference holds."""
    ratings, reference, question = context.ratings, context.reference.codes, context.ratings.question
    labels = {f"{question.name}={label}": reference == code for code, label in enumerate(question.labels)}
    two = replace(
        ratings,
        question=Question(name=question.name, scale="binary", labels=("other", GIBBERISH), positive=(GIBBERISH,)),
        people=_sides(ratings.people, place),
        judge_names=(),
        judges=np.empty((0, ratings.n_items), dtype=np.int32),
        reference=_sides(reference, place),
        reference_name=context.reference.rule,
        probability={},
        strata={"all": ratings.strata["all"], **{name: mask for name, mask in labels.items() if mask.any()}},
        columns={},
        doses={},
    )
    return make_context(two, replace(context.options, unanswered="counted"))


def _sides(codes: Codes, place: int) -> Codes:
    return np.where(codes < 0, MISSING, codes == place).astype(np.int32)


def nobody_looked(ratings: Sequence[Ratings]) -> list[str]:
    """A warning where a notable share of the outputs looks like gibberish, and no question and no stratum says which are.

    Notable is a share whose lower bound (Clopper and Pearson, one-sided 95%) exceeds what the signal flags of sound outputs. At most
    300 outputs are looked at.
    """
    judged = [one for one in ratings if one.judge_names]
    if not judged or any(gibberish_code(one.question) is not None or _is_cut(one) for one in ratings):
        return []
    texts = _responses(judged[0])
    if not texts:
        return []
    read = _spaced(judged[0], range(len(texts)), LOOKED_AT)
    k = sum(looks_like_gibberish(texts[item]) for item in read)
    if not clopper_pearson_lower(k, len(read), confidence=0.95) > FALSE_ALARMS:
        return []
    return [
        f"{k} of {len(read)} outputs looked at ({k / len(read):.0%}) look like gibberish, and nobody looked how judges do on it: "
        f"no question has a label '{GIBBERISH}' and no stratum is cut by coherence or {LOOKS}. Label coherence, or cut strata by the "
        f"signal {LOOKS}"
    ]


def _is_cut(ratings: Ratings) -> bool:
    """Whether a stratum says which outputs are gibberish."""
    named = {part.strip() for column in ratings.columns for part in column.split("&")}
    return bool(named & {"coherence", LOOKS}) or any(name.endswith(f"={GIBBERISH}") for name in ratings.strata)
