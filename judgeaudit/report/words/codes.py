"""What codes are called in plain words: decisions, reasons, label sources."""

from __future__ import annotations

from typing import NamedTuple

from judgeaudit.domain.results.audit import Decision
from judgeaudit.gate.words.sentences import CROWDS

DECISIONS = {
    "certified": "TRUST",
    "restricted": "TRUST ONLY ON",
    "rejected": "DO NOT USE",
    "undetermined": "CANNOT TELL YET",
}
CORRECTED = "ONLY WITH CORRECTED RATES"
STATES = {"open": "may be used", "closed": "must not be used", "undetermined": "cannot tell yet"}
MET = {True: "met", False: "not met", None: "cannot tell"}

REASONS = {
    "calibration_differs": "the labelled items differ visibly from those that the rate is wanted for",
    "follows_no_place": "no verdict changed with the order of the two answers",
    "infinite": "a verdict that was given as certain was wrong, so the value is infinite",
    "infinite_log_odds": "a probability is exactly 0 or 1, and has no log odds",
    "needs_independence": "the items share clusters or differ in weight, and the test needs independent ones",
    "no_agreement": "there is no item on which all judges gave the same label",
    "no_answers": "the judge gave no usable label here",
    "no_calibration": "no item with a known answer was labelled",
    "no_complete_items": "no item was labelled by all",
    "no_design": "how the labelled items were chosen is not stated",
    "no_errors": "no two judges were each wrong on some items and right on others",
    "no_interval": "no interval could be made",
    "no_items": "no item is in this stratum",
    "no_negatives": "no item here is negative by the reference",
    "no_order": "the labels are few, or their order in time is not known",
    "no_pairable": "no item has both labels",
    "no_positives": "no item here is positive by the reference",
    "no_probability": "the judge gave no probabilities",
    "no_reference": "no item here has a reference label",
    "no_reliability": "agreement is not above chance, so the labels together say nothing of the items",
    "no_repeats": "no item was labelled twice by the same rater",
    "no_strata": "there are no two strata to compare",
    "no_threshold": "even the surest verdicts are not shown to be right so often",
    "no_times": "the time is not known",
    "no_unlabelled": "there are no items without labels to speak of",
    "not_for_this_scale": "the statistic does not exist for this scale",
    "one_class_human": "the reference has one label only",
    "one_class_judge": "the judge used one label only",
    "one_order": "no pair here was judged in both orders and given a label",
    "one_run": "no item here was judged in two runs",
    "se_plus_sp_le_1": "the judge is no better than chance, so its rate cannot be corrected",
    "separation": "the probabilities separate the labels completely",
    "sides_unknown": "no label means one of the two answers",
    "single_cluster": "there is only one cluster",
    "stratum_by_labels": "which unlabelled items belong here is not known",
    "too_few_clusters": "too few clusters for a bound",
    "too_few_strata": "fewer than two strata have a value",
    "too_few_items": "too few items",
    "too_few_raters": "too few raters labelled these items",
    "too_many_probabilities": "the judge uses many distinct probabilities, so most stand for an item or two",
    "too_many_raters": "more than 12 raters; `--pairs` asks for all pairs",
    "too_many_values": "too many distinct values",
    "verdict_unlabelled": "no item with one of the judge's two verdicts is labelled",
    "weighted": "items differ in weight, and exact bounds need items that count alike",
    "zero_variance": "there is no variation to relate",
}


class Source(NamedTuple):
    """How a label source is spoken of: banner (empty for people), who labelled, and how an item came to its label."""

    banner: str
    explanation: str
    crowd: str
    called: str


SOURCES = {
    "people": Source(banner="", explanation="", crowd=CROWDS["people"], called="that people called"),
    "models": Source(
        banner="LABELS BY MODELS: no person gave these labels",
        explanation="Labelled by language models, not by people. Agreement with them says how alike models are, not what people think.",
        crowd=CROWDS["models"],
        called="that the labelling models called",
    ),
    "construction": Source(
        banner="LABELS BY CONSTRUCTION: no person gave these labels",
        explanation="Each label follows from how its item was made. Nobody has checked that people read it so.",
        crowd=CROWDS["construction"],
        called="that were constructed as",
    ),
    "simulation": Source(
        banner="SIMULATED: no person gave these labels",
        explanation="Labels and verdicts are random numbers. This page says nothing about any real judge.",
        crowd=CROWDS["simulation"],
        called="that the simulated people called",
    ),
}


def source(name: str) -> Source:
    """The words for a label source; one that is unknown is not taken for people."""
    if name in SOURCES:
        return SOURCES[name]
    return Source(
        banner=f"LABEL SOURCE {name!r}: not known to be people",
        explanation="The audit names a label source that this version does not know.",
        crowd="raters",
        called="that the reference called",
    )


def reason(code: str | None) -> str:
    """Why a value does not exist, in plain words; a code without words is given as it is."""
    if not code:
        return "no reason given"
    return REASONS.get(code, code.replace("_", " "))


def badge(decision: Decision) -> str:
    """The words of a decision, without the strata that it is restricted to."""
    if decision.decision == "restricted" and decision.corrected_rates and not decision.scope:
        return CORRECTED
    return DECISIONS.get(decision.decision, decision.decision)


def listed(words: list[str] | tuple[str, ...], joint: str = "and") -> str:
    """`a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {joint} {words[-1]}"


def quoted(labels: list[str] | tuple[str, ...]) -> str:
    """Labels in quotation marks: `'full' or 'partial'`."""
    return listed([f"'{label}'" for label in labels], "or")


def plural(n: int, noun: str, nouns: str = "") -> str:
    """`1 item`, `300 items`."""
    return f"{n:,} {noun if n == 1 else nouns or noun + 's'}"


def one_of(crowd: str) -> str:
    """One of those who labelled.

    >>> one_of("simulated people"), one_of("labelling models")
    ('simulated person', 'labelling model')
    """
    return f"{crowd.removesuffix('people')}person" if crowd.endswith("people") else crowd.removesuffix("s")
