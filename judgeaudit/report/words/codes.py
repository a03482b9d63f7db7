"""What codes are called in plain words: decisions, reasons, label sources."""

from __future__ import annotations

from typing import NamedTuple

from judgeaudit.domain.catalogue.reasons import says
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
    return says(code)


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
