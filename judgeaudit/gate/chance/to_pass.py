"""The chance that a good judge passes with so many labels: simulated before anybody labels, by the gate's own bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from judgeaudit.audit.setting.pair_statistics import statistics_for
from judgeaudit.audit.setting.scheme import Scheme
from judgeaudit.domain.errors import InputError
from judgeaudit.domain.policy import Policy
from judgeaudit.domain.question import Question
from judgeaudit.gate.chance.study import World, label_shares, made_up_tables, passes
from judgeaudit.gate.requirements.default_policy import one_class_requirements, requirements_for

GOOD = 0.95
#: shown where nothing is known of how many items are positive
PREVALENCES = (0.1, 0.3, 0.5)
#: simulated studies: a chance is told to within 7 in 100
SAMPLES = 200


def chance_to_pass(
    question: Question,
    *,
    n: int,
    prevalence: float | None,
    policy: Policy,
    quality: float = GOOD,
    stratum: str = "all",
    seed: int = 1,
    samples: int = SAMPLES,
) -> float | None:
    """The share of simulated studies in which a judge meets all that the policy asks of it in one stratum of `n` items.

    The judge gives the right label with chance `quality` whatever it is, else any other one alike; a share `prevalence` of
    the items is positive (on a scale without a positive side labels are equally frequent). Labels are right, items
    exchangeable, verdicts complete. Differences between strata are simulated as between two of `n` items each. Not
    included: the people's own agreement, statistics that need more than labels (such as probabilities), and what
    choosing some of several strata costs. None where nothing that can be simulated is asked.
    """
    if n < 1 or not 0.0 < quality <= 1.0 or not (prevalence is None or 0.0 <= prevalence <= 1.0):
        msg = f"{n} items, quality {quality:g}, prevalence {prevalence}: items are 1 or more, the others shares"
        raise InputError(msg)
    scheme = Scheme(question=question)
    asked = _simulated(policy, scheme)
    if scheme.many or scheme.k < 2 or asked.require == () or not _asks_here(asked, question, stratum):
        return None
    if stratum != "all" and n < policy.least_items and not _names(asked, stratum):
        return 0.0
    world = World(
        scheme=scheme,
        shares=label_shares(scheme, prevalence),
        verdicts=np.where(np.eye(scheme.k) > 0, quality, (1.0 - quality) / (scheme.k - 1)),
        policy=asked,
        stratum=stratum,
        names=_needed(asked, scheme),
    )
    tables = made_up_tables(world, n, samples * (3 if _contrasts(asked) else 1), np.random.default_rng([seed, n]))
    studies = tables.reshape(samples, -1, *tables.shape[1:])
    distinct, times = np.unique(studies, axis=0, return_counts=True)
    passed = [passes(world, study, seed + number) for number, study in enumerate(distinct)]
    return float(times[passed].sum() / samples)


def not_simulated(question: Question, policy: Policy) -> tuple[str, ...]:
    """What the policy asks and the chance leaves out, besides the people's own agreement."""
    known = _known(Scheme(question=question))
    asked = [r for r in policy.require or () if r.question in (None, question.name) and r.subject == "judge"]
    return tuple(dict.fromkeys(name for r in asked if (name := r.statistic or r.contrast or "") not in known))


class Chance(NamedTuple):
    """What was simulated for one stratum: `passes` by assumed share of positives; None where nothing can be simulated."""

    stratum: str
    n: int
    passes: dict[float | None, float | None]


def chances(
    question: Question, sizes: Mapping[str, int], *, policy: Policy, quality: float = GOOD, seed: int = 1
) -> list[Chance]:
    """The chance in each stratum with its number of items, for each share of positives that may be met.

    The share is the policy's prevalence, else each of `PREVALENCES`; None on scales without a positive side.
    """
    known = (policy.prevalence,) if policy.prevalence is not None else PREVALENCES
    shares: tuple[float | None, ...] = known if Scheme(question=question).has_positive else (None,)
    cache: dict[object, float | None] = {}
    out = []
    for stratum, n in sizes.items():
        found: dict[float | None, float | None] = {}
        for share in shares:
            key = (n, share, stratum if _names(policy, stratum) else stratum == "all")
            if key not in cache:
                cache[key] = chance_to_pass(
                    question, n=n, prevalence=share, policy=policy, quality=quality, stratum=stratum, seed=seed
                )
            found[share] = cache[key]
        out.append(Chance(stratum, n, found))
    return out


def _simulated(policy: Policy, scheme: Scheme) -> Policy:
    """The policy without what cannot be simulated; differences between strata become those of a made-up pair."""
    if policy.require is None:
        return policy
    known = _known(scheme)
    kept = (r for r in policy.require if r.subject == "judge" and (r.statistic or r.contrast) in known)
    return replace(policy, require=tuple(replace(r, between=("pair",)) if r.contrast else r for r in kept))


def _needed(policy: Policy, scheme: Scheme) -> frozenset[str]:
    """Names of the statistics that requirements are read from, in strata of both classes and of one."""
    scale = scheme.question.scale
    asked = [*requirements_for(policy, scale=scale, has_positive=scheme.has_positive, columns=("pair",))]
    if policy.require is None:
        asked += [r for side in (False, True) for r in one_class_requirements(policy, scale=scale, positives=side)]
    names = {r.statistic or r.contrast or "" for r in asked if r.subject == "judge"}
    return frozenset(names | ({"false_positive_rate", "false_negative_rate"} if "prevalence_bias" in names else set()))


def _known(scheme: Scheme) -> set[str]:
    return {s.name for s in statistics_for(scheme, reference=True)}


def _asks_here(policy: Policy, question: Question, stratum: str) -> bool:
    if policy.require is None:
        return policy.purpose != "compare" or stratum == "all"
    about = [r for r in policy.require if r.question in (None, question.name)]
    return any(stratum == "all" if r.contrast else r.strata is None or stratum in r.strata for r in about)


def _names(policy: Policy, stratum: str) -> bool:
    return any(stratum in (r.strata or ()) for r in policy.require or ())


def _contrasts(policy: Policy) -> bool:
    return policy.purpose == "compare" if policy.require is None else any(r.contrast for r in policy.require)
