"""Why there is no value, or no better decision: one sentence for each reason code of audit.json.

A sentence starts in lower case and has no full stop, so that it can follow a colon or "because". `remedy` says what to do, where a
reader can do something. Codes of compare.json are in `comparison_reasons.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Literal

#: value     why a value, an interval or a bound does not exist (`undefined`, `refused`)
#: decision  why a decision, or a stratum of it, is no better than it is (`code`)
#: rate      a sign against a corrected rate that is given all the same (`flagged`)
#: change    why a change between two audits is not taken apart (`judgeaudit diff`)
#: comparison  of compare.json
Kind = Literal["value", "decision", "rate", "change", "comparison"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One reason code: what it means, and what to do about it."""

    code: str
    kind: Kind
    says: str
    remedy: str = ""

    @property
    def with_remedy(self) -> str:
        """The sentence with the way out behind it."""
        return f"{self.says}; {self.remedy}" if self.remedy else self.says


_value = partial(Reason, kind="value")
_decision = partial(Reason, kind="decision")

_REASONS = (
    _value(code="follows_no_place", says="no verdict changed with the order of the two answers"),
    _value(code="infinite", says="the judge was certain of something wrong, so the value is infinite"),
    _value(code="infinite_log_odds", says="a probability is exactly 0 or 1, so its log odds are infinite"),
    _value(
        code="needs_independence",
        says="the items share clusters or differ in weight, and the test needs independent ones",
    ),
    _value(code="no_agreement", says="there is no item on which all judges gave the same label"),
    _value(code="no_answers", says="the judge gave no usable label here"),
    _value(code="no_calibration", says="no item with a known answer was labelled"),
    _value(code="no_complete_items", says="no item was labelled by everybody"),
    _value(
        code="no_design",
        says="how the labelled items were chosen is not stated, or does not allow this rate",
        remedy="state it with --label-design random, weighted or elsewhere (label_design under [audit] in study.toml)",
    ),
    _value(code="no_errors", says="no two judges were each wrong on some items and right on others"),
    _value(code="no_interval", says="the value has no interval to take a bound from"),
    _value(code="no_negatives", says="no item here is negative by the reference"),
    _value(code="no_order", says="the labels are few, or their order in time is not known"),
    _value(code="no_pairable", says="no item here has two labels to compare"),
    _value(code="no_positives", says="no item here is positive by the reference"),
    _value(
        code="no_probability",
        says="the judge gave no probabilities",
        remedy="audit it with --probability JUDGE=COL, or leave this out",
    ),
    _value(code="no_reference", says="no judged item here has a reference label"),
    _value(
        code="no_reliability",
        says="the labels agree no more than chance, so together they say nothing about the items",
    ),
    _value(code="no_repeats", says="no item was labelled twice by the same rater"),
    _value(
        code="no_strata",
        says="there are no two strata to compare",
        remedy="declare strata with --by or [strata]",
    ),
    _value(code="no_threshold", says="even the surest verdicts are not shown to be right often enough"),
    _value(code="no_times", says="no label here has a time"),
    _value(code="no_unlabelled", says="every judged item has a label, so there is nothing to correct for"),
    _value(
        code="not_compared", says="these strata are not compared by this statistic, or are too many to compare in pairs"
    ),
    _value(code="not_for_this_scale", says="the statistic does not exist on this scale"),
    _value(code="one_class_human", says="all reference labels here are the same"),
    _value(code="one_class_judge", says="all verdicts of the judge here are the same"),
    _value(code="one_order", says="no pair here was judged in both orders and given a label"),
    _value(code="one_run", says="no item here was judged in two runs"),
    _value(
        code="se_plus_sp_le_1",
        says="the judge tells positive and negative items apart too little",
    ),
    _value(code="separation", says="the probabilities separate the labels completely"),
    _value(code="sides_unknown", says="no label means one of the two answers"),
    _value(code="single_cluster", says="there is only one cluster here"),
    _value(code="stratum_by_labels", says="which unlabelled items belong here is not known"),
    _value(
        code="too_few_clusters",
        says="there are too few clusters here",
        remedy="a bound takes at least 10",
    ),
    _value(code="too_few_items", says="there are too few items here"),
    _value(
        code="too_few_raters",
        says="too few raters labelled these items",
        remedy="have more raters label some of them",
    ),
    _value(code="too_few_strata", says="fewer than two strata have a value"),
    _value(
        code="too_many_probabilities",
        says="the judge uses many distinct probabilities, so most stand for an item or two",
    ),
    _value(code="too_many_raters", says="there are more than 12 raters", remedy="--pairs asks for all pairs"),
    _value(code="too_many_values", says="the scale has too many values for a table of labels"),
    _value(code="verdict_unlabelled", says="no item with one of the judge's two verdicts is labelled"),
    _value(code="weighted", says="the items differ in weight, and exact bounds need items that count alike"),
    _value(code="zero_variance", says="there is no variation here"),
    _value(code="calibration_differs", says="the labelled items differ visibly from those that the rate is wanted for"),
    Reason(code="design_doubtful", kind="rate", says="the labelled items do not look as the stated design says"),
    _decision(code="fails", says="a requirement is not met even by the bound that favours the judge"),
    _decision(code="fails_contrast", says="two strata differ by more than the policy allows"),
    _decision(
        code="more_labels",
        says="the labels are too few to tell whether the requirements hold",
        remedy="label more items of this kind",
    ),
    _decision(
        code="multiplicity", says="passes alone, but not when the strata that could be picked are counted (Holm)"
    ),
    _decision(code="no_requirements", says="the policy requires nothing here"),
    _decision(
        code="one_class",
        says="the labels or the verdicts here are all of one class, where what is required has no value",
    ),
    _decision(
        code="people_disagree",
        says="those who labelled do not agree enough to audit a judge against them",
        remedy="fix the question or its guideline first, since more labels of this kind will not help",
    ),
    _decision(
        code="labels_not_by_people",
        says="labels that do not come from people certify nothing",
        remedy='a policy with label_source = "any" lifts this',
    ),
    _decision(code="some_strata", says="the requirements hold in some strata only"),
    _decision(
        code="corrected_rates",
        says="the judge's own rate is not good enough, but rates that are corrected with the labels are",
    ),
    Reason(
        code="not_separable",
        kind="change",
        says="which part the judge, the labels and the outputs have in it cannot be told from these audits",
    ),
)
#: by code
REASONS: dict[str, Reason] = {one.code: one for one in _REASONS}


def refuse_unknown(code: str | None) -> None:
    """A ValueError for a reason code without a sentence: add the sentence before the code is used."""
    if code is not None and code not in REASONS:
        msg = f"reason {code!r} has no sentence in judgeaudit/domain/catalogue/reasons.py"
        raise ValueError(msg)


def says(code: str | None) -> str:
    """Why there is no value, in plain words; a code of a newer version is given as it is.

    >>> says("no_pairable"), says("of_a_newer_version"), says(None)
    ('no item here has two labels to compare', 'of a newer version', 'no reason given')
    """
    if not code:
        return "no reason given"
    return REASONS[code].says if code in REASONS else code.replace("_", " ")


def with_remedy(code: str) -> str:
    """The same, and what to do about it where a reader can do something.

    >>> with_remedy("too_few_raters")
    'too few raters labelled these items; have more raters label some of them'
    """
    return REASONS[code].with_remedy if code in REASONS else code.replace("_", " ")
