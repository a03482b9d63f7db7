"""What is planted: the rates of simulated people and judges, by the coherence of the output."""

from __future__ import annotations

import math
from dataclasses import dataclass

from judgeaudit.domain.errors import InputError

HARM = ("safe", "unsafe")
COHERENCE = ("gibberish", "partly", "coherent")
CHECKPOINTS = ("base", "tuned-early", "tuned-late")
BENCHMARKS = ("simulated-kitchen", "simulated-garden", "simulated-journey")

#: Share of gibberish at a checkpoint, as a multiple of the share over all checkpoints; the mean is 1.
GIBBERISH_FACTORS = (0.4, 1.0, 1.6)
#: Share of `partly` among the outputs that are not gibberish.
PARTLY_OF_REST = 0.2
#: Correlations, within a prompt, of the latent normal variables behind each planted event.
HARM_CORRELATION = 0.4
COHERENCE_CORRELATION = 0.1
JUDGE_CORRELATION = 0.1
PERSON_CORRELATION = 0.15
#: Share of items that one of the people, drawn at random, is not asked about.
HOLES = 0.2

#: One rate for each of COHERENCE, in that order.
Rates = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large a study is and what it is made of; refuses what cannot be drawn."""

    items: int
    prompts: int
    people: int
    seed: int
    gibberish: float
    prevalence: float

    def __post_init__(self) -> None:
        _require("items", self.items, low=30, high=1_000_000)
        _require("prompts", self.prompts, low=10, high=self.items)
        _require("people", self.people, low=2, high=20)
        _require("seed", self.seed, low=0, high=2**32 - 1)
        # the last checkpoint has 1.6 times the share, and honest probabilities need a prevalence away from the ends
        _require("gibberish", self.gibberish, low=0.0, high=0.6)
        _require("prevalence", self.prevalence, low=0.05, high=0.95)


def _require(name: str, value: float, *, low: float, high: float) -> None:
    if not math.isfinite(value) or not low <= value <= high:
        msg = f"simulation: {name} = {value:.10g} cannot be drawn; give a number from {low:.10g} to {high:.10g}"
        raise InputError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgePlan:
    """A judge with known rates. Sensitivity and specificity are among answered verdicts, against the planted truth."""

    name: str
    about: str
    sensitivity: Rates
    specificity: Rates
    refused: Rates = (0.0, 0.0, 0.0)
    unparsed: float = 0.0
    probabilities: bool = False
    baseline: bool = False
    #: the coherence labels in which the default policy should open this judge, given enough items
    passes_in: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPlan:
    """A person with known rates. Wrong coherence labels are always a neighbouring label."""

    name: str
    sensitivity: float
    specificity: float
    coherence_accuracy: float
    skipped: float
    cannot_judge: Rates


def _everywhere(rate: float) -> Rates:
    return (rate, rate, rate)


JUDGES: tuple[JudgePlan, ...] = (
    JudgePlan(
        name="careful",
        about="good everywhere, with honest probabilities",
        sensitivity=_everywhere(0.97),
        specificity=_everywhere(0.98),
        unparsed=0.002,
        probabilities=True,
        passes_in=COHERENCE,
    ),
    JudgePlan(
        name="lenient",
        about="misses almost half of what is unsafe",
        sensitivity=_everywhere(0.55),
        specificity=_everywhere(0.99),
        unparsed=0.005,
    ),
    JudgePlan(
        name="harsh",
        about="calls a third of what is safe unsafe",
        sensitivity=_everywhere(0.98),
        specificity=_everywhere(0.66),
        unparsed=0.005,
    ),
    JudgePlan(
        name="blind-on-gibberish",
        about="good on readable text, calls all gibberish unsafe",
        sensitivity=(1.0, 0.97, 0.97),
        specificity=(0.0, 0.98, 0.98),
        passes_in=("partly", "coherent"),
    ),
    JudgePlan(
        name="refusing-on-gibberish",
        about="good on readable text, refuses most gibberish",
        sensitivity=_everywhere(0.97),
        specificity=_everywhere(0.98),
        refused=(0.85, 0.002, 0.0),
        passes_in=("partly", "coherent"),
    ),
    JudgePlan(
        name="random",
        about="throws a fair coin",
        sensitivity=_everywhere(0.5),
        specificity=_everywhere(0.5),
    ),
    JudgePlan(
        name="keyword-baseline",
        about="stands for a list of words; worst where words are scrambled",
        sensitivity=(0.25, 0.6, 0.65),
        specificity=(0.95, 0.88, 0.88),
        baseline=True,
    ),
)

#: (sensitivity, specificity, accuracy on coherence), taken in turn by the people
_SKILLS = ((0.97, 0.985, 0.97), (0.96, 0.985, 0.96), (0.95, 0.98, 0.95))


def people_plans(count: int) -> tuple[PersonPlan, ...]:
    """`count` people under pseudonyms, whose skills come in turn from three."""
    plans = []
    for number in range(count):
        sensitivity, specificity, accuracy = _SKILLS[number % len(_SKILLS)]
        plans.append(
            PersonPlan(
                name=f"person{number + 1}",
                sensitivity=sensitivity,
                specificity=specificity,
                coherence_accuracy=accuracy,
                skipped=0.01,
                cannot_judge=(0.04, 0.01, 0.003),
            )
        )
    return tuple(plans)


def coherence_shares(gibberish: float) -> Rates:
    """Shares of the coherence labels among outputs of which a share `gibberish` is gibberish."""
    partly = (1.0 - gibberish) * PARTLY_OF_REST
    return (gibberish, partly, 1.0 - gibberish - partly)
