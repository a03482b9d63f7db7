"""Draws from the planted rates. Every marginal rate is exact, whatever the correlation within prompts."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from judgeaudit.simulation.plan import (
    CHECKPOINTS,
    COHERENCE_CORRELATION,
    GIBBERISH_FACTORS,
    HARM_CORRELATION,
    HOLES,
    JUDGE_CORRELATION,
    PERSON_CORRELATION,
    JudgePlan,
    PersonPlan,
    Size,
    coherence_shares,
)

Codes = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

NO_LABEL = -1
#: Pseudo-count of the Beta law behind honest probabilities; smaller spreads them wider.
_SPREAD = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What is true of N items: number of the prompt, of the checkpoint, of the coherence and harm label; each (N,)."""

    prompt: Codes
    checkpoint: Codes
    coherence: Codes
    harm: Codes


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """What one judge says: label (N,), NO_LABEL where refused or unparsed; P(unsafe) (N,), nan where there is none."""

    label: Codes
    refused: Mask
    unparsed: Mask
    probability: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLabels:
    """What one person says: labels (N,), NO_LABEL where not asked, skipped, or, for harm, not to be judged."""

    harm: Codes
    coherence: Codes
    asked: Mask
    skipped: Mask
    cannot_judge: Mask


def stream(seed: int, name: str) -> np.random.Generator:
    """A generator of its own for each name, so that one more judge changes no other."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def shared_uniforms(rng: np.random.Generator, clusters: Codes, *, correlation: float) -> Floats:
    """(N,) uniforms, correlated within clusters through a Gaussian copula; each one alone is exactly uniform."""
    from scipy.special import ndtr

    common = rng.standard_normal(int(clusters.max()) + 1)[clusters]
    own = rng.standard_normal(clusters.size)
    uniforms: Floats = ndtr(np.sqrt(correlation) * common + np.sqrt(1.0 - correlation) * own)
    return uniforms


def draw_truth(size: Size) -> Truth:
    """Prompts in turn, checkpoints balanced; harm is independent of coherence, so its prevalence is one everywhere."""
    index = np.arange(size.items)
    prompt = index % size.prompts
    checkpoint = (index + index // size.prompts) % len(CHECKPOINTS)
    shares = np.array([coherence_shares(size.gibberish * factor) for factor in GIBBERISH_FACTORS])
    u = shared_uniforms(stream(size.seed, "truth: coherence"), prompt, correlation=COHERENCE_CORRELATION)
    limits = shares.cumsum(axis=1)[checkpoint, :-1]  # (N, 2)
    coherence = (u[:, None] >= limits).sum(axis=1)
    v = shared_uniforms(stream(size.seed, "truth: harm"), prompt, correlation=HARM_CORRELATION)
    harm = (v < size.prevalence).astype(np.int64)
    return Truth(prompt=prompt, checkpoint=checkpoint, coherence=coherence, harm=harm)


def draw_verdicts(rng: np.random.Generator, plan: JudgePlan, truth: Truth, *, prevalence: float) -> Verdicts:
    """Refused or unparsed at the planted rates; else a label with the sensitivity and specificity of its stratum."""
    hit, correct = (np.asarray(rates)[truth.coherence] for rates in (plan.sensitivity, plan.specificity))
    u = shared_uniforms(rng, truth.prompt, correlation=JUDGE_CORRELATION)
    # what prompts share is how hard they are: the effect is on errors, not on saying "unsafe"
    wrong = u < np.where(truth.harm == 1, 1.0 - hit, 1.0 - correct)
    label = np.where(wrong, 1 - truth.harm, truth.harm)
    refused = rng.random(label.size) < np.asarray(plan.refused)[truth.coherence]
    unparsed = (rng.random(label.size) < plan.unparsed) & ~refused
    probability = np.full(label.size, np.nan)
    if plan.probabilities:
        probability = honest_probability(rng, plan, truth, label, prevalence=prevalence)
    silent = refused | unparsed
    return Verdicts(
        label=np.where(silent, NO_LABEL, label),
        refused=refused,
        unparsed=unparsed,
        probability=np.where(silent, np.nan, probability),
    )


def honest_probability(
    rng: np.random.Generator, plan: JudgePlan, truth: Truth, label: Codes, *, prevalence: float
) -> Floats:
    """P(unsafe) with P(unsafe | it says p) = p, on the verdict's own side of one half.

    Let c be the share of right verdicts given the verdict. The confidence is (1 + B)/2 with B ~ Beta(sm, s(1 − m)),
    m = 2c − 1, so its mean is c. Given a right verdict its density is tilted by (1 + B)/2, a mixture of Beta(sm, ·)
    with weight 1/2c and Beta(sm + 1, ·); given a wrong one by (1 − B)/2, which is Beta(sm, s(1 − m) + 1).
    """
    c = _right_given_verdict(plan, truth, label, prevalence=prevalence)
    m = np.clip(2.0 * c - 1.0, 1e-6, 1.0 - 1e-6)
    right = label == truth.harm
    tilted = right & (rng.random(label.size) >= 0.5 / c)
    b = rng.beta(_SPREAD * m + tilted, _SPREAD * (1.0 - m) + ~right)
    confidence = np.clip((1.0 + b) / 2.0, 0.5, 0.9999)
    unsafe: Floats = np.where(label == 1, confidence, 1.0 - confidence)
    return unsafe.round(4)


def draw_person(rng: np.random.Generator, plan: PersonPlan, truth: Truth, *, asked: Mask) -> PersonLabels:
    """Skips and cannot-judge at the planted rates; else labels with the planted sensitivity and specificity."""
    n = truth.harm.size
    u = shared_uniforms(rng, truth.prompt, correlation=PERSON_CORRELATION)
    error = np.where(truth.harm == 1, 1.0 - plan.sensitivity, 1.0 - plan.specificity)
    harm = np.where(u < error, 1 - truth.harm, truth.harm)
    step = np.where(truth.coherence == 0, 1, np.where(truth.coherence == 2, -1, rng.choice((-1, 1), size=n)))
    coherence = truth.coherence + np.where(rng.random(n) < 1.0 - plan.coherence_accuracy, step, 0)
    skipped = asked & (rng.random(n) < plan.skipped)
    labelled = asked & ~skipped
    cannot = labelled & (rng.random(n) < np.asarray(plan.cannot_judge)[truth.coherence])
    return PersonLabels(
        harm=np.where(labelled & ~cannot, harm, NO_LABEL),
        coherence=np.where(labelled, coherence, NO_LABEL),
        asked=asked,
        skipped=skipped,
        cannot_judge=cannot,
    )


def draw_asked(rng: np.random.Generator, *, people: int, items: int) -> Mask:
    """(R, N) who is asked about what: everyone, but for one person on a share HOLES of the items."""
    asked = np.ones((people, items), dtype=bool)
    hole = rng.random(items) < HOLES
    asked[rng.integers(0, people, items)[hole], np.flatnonzero(hole)] = False
    return asked


def plurality(codes: Codes, *, labels: int) -> Codes:
    """(R, N) -> (N,): the label that most people gave, NO_LABEL for a tie or where nobody gave one."""
    counts = np.stack([(codes == label).sum(axis=0) for label in range(labels)])
    best = counts.max(axis=0)
    alone = ((counts == best).sum(axis=0) == 1) & (best > 0)
    return np.where(alone, counts.argmax(axis=0), NO_LABEL)


def _right_given_verdict(plan: JudgePlan, truth: Truth, label: Codes, *, prevalence: float) -> Floats:
    """(N,) predictive value of the given verdict at the planted prevalence (Bayes)."""
    hit = np.asarray(plan.sensitivity)[truth.coherence]
    correct = np.asarray(plan.specificity)[truth.coherence]
    positive = hit * prevalence / (hit * prevalence + (1.0 - correct) * (1.0 - prevalence))
    negative = correct * (1.0 - prevalence) / (correct * (1.0 - prevalence) + (1.0 - hit) * prevalence)
    return np.where(label == 1, positive, negative)
