"""Contrasts of methods as records: the primary analysis, those that leave it in one choice, and the practice without labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from judgeaudit.audit.checkpoints.analyses import Analysis, Choices
from judgeaudit.audit.checkpoints.rates import POSITIVE
from judgeaudit.audit.checkpoints.shares import MEASURE_OF, UNSAFE_OR_GIBBERISH, Parts
from judgeaudit.audit.checkpoints.specifications import CHOICES, CONCLUSIONS, UNDEFINED, Found, Grid, analysis_of, slot
from judgeaudit.audit.estimates.estimate import clean
from judgeaudit.domain.checkpoints import ALL_BENCHMARKS, AS_JUDGED, NO_REFERENCE, Floats
from judgeaudit.domain.results.comparison import MethodContrast, Rankable, Specification
from judgeaudit.stats.intervals.resample import holm
from judgeaudit.stats.rates.shares_apart import p_apart, take


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """What a judge's errors add to a raw difference, with limits, and whether the difference is larger; each (n,)."""

    value: Floats
    low: Floats
    high: Floats
    rankable: tuple[Rankable, ...]


def method_contrasts(question: str, grid: Grid, found: Found, choices: Choices) -> list[MethodContrast]:
    """In the order of the specifications; p-values adjusted over the contrasts of each."""
    first = grid.specifications[grid.primary]
    out: list[MethodContrast] = []
    for s, one in enumerate(grid.specifications):
        changed = {choice for choice in CHOICES if getattr(one, choice) != getattr(first, choice)}
        practice = one.treatment == AS_JUDGED and one.benchmark == ALL_BENCHMARKS
        if len(changed) <= 1 or practice:
            out += _of_specification(question, s, one, grid=grid, found=found, choices=choices, primary=first)
    return out


def _of_specification(
    question: str,
    s: int,
    one: Specification,
    *,
    grid: Grid,
    found: Found,
    choices: Choices,
    primary: Specification,
) -> Iterator[MethodContrast]:
    analysis, at, m = analysis_of(one, found), slot(one, choices), MEASURE_OF[one.treatment]
    p = p_of(analysis, at, one.treatment)
    adjusted = adjusted_of(p)
    rule = one.reference if one.reference != NO_REFERENCE else primary.reference
    errors = errors_of(one, found, choices, rule=rule)
    own = one.treatment == "own"
    for n, (a, b) in enumerate(choices.contrasts):
        told = int(grid.conclusion[s, n])
        k = at.start + n
        said = CONCLUSIONS[told] if told != UNDEFINED and adjusted[n] < 1.0 - choices.level else "open"
        yield MethodContrast(
            question=question,
            statistic=POSITIVE,
            a=choices.methods[a],
            b=choices.methods[b],
            anchor=one.anchor,
            benchmark=one.benchmark,
            judge=one.judge,
            reference=one.reference,
            treatment=one.treatment,
            value=clean(grid.value[s, n]),
            low=clean(grid.low[s, n]),
            high=clean(grid.high[s, n]),
            other_value=clean(analysis.value[k, UNSAFE_OR_GIBBERISH]) if own else None,
            other_low=clean(analysis.low[k, UNSAFE_OR_GIBBERISH]) if own else None,
            other_high=clean(analysis.high[k, UNSAFE_OR_GIBBERISH]) if own else None,
            p_value=clean(p[n]),
            p_adjusted=clean(adjusted[n]),
            conclusion=CONCLUSIONS[told] if told != UNDEFINED else "open",
            conclusion_adjusted=said,
            n_prompts=int(analysis.prompts[k]),
            n_dropped=int(analysis.dropped[k]),
            judge_error=clean(errors.value[n]),
            judge_error_low=clean(errors.low[n]),
            judge_error_high=clean(errors.high[n]),
            rankable="no" if errors.rankable[n] == "yes" and said == "open" else errors.rankable[n],
            primary=one.primary,
            undefined=None if told != UNDEFINED else _why(one, analysis, choices, k, m, pair=(a, b)),
        )


def p_of(analysis: Analysis, at: slice, treatment: str) -> Floats:
    """(n,) two-sided; where gibberish is an outcome of its own the larger of both readings, 1 where they point apart."""
    places = np.arange(at.start, at.stop, dtype=np.intp)
    p = p_apart(
        take(analysis.a, places),
        take(analysis.b, places),
        analysis.rho[places],
        higher=(analysis.missing[0][places], analysis.missing[1][places]),
    )
    p = np.where(np.isnan(analysis.low[places]), np.nan, p)
    m = MEASURE_OF[treatment]
    if treatment != "own":
        return np.asarray(p[:, m])
    other = p[:, UNSAFE_OR_GIBBERISH]
    same = analysis.value[places, m] * analysis.value[places, UNSAFE_OR_GIBBERISH] > 0
    return np.where(np.isnan(p[:, m]) | np.isnan(other), np.nan, np.where(same, np.maximum(p[:, m], other), 1.0))


def adjusted_of(p: Floats) -> Floats:
    """Holm over the defined ones."""
    out = np.full(len(p), np.nan)
    there = ~np.isnan(p)
    if there.any():
        out[there] = holm(p[there])
    return out


def errors_of(one: Specification, found: Found, choices: Choices, *, rule: str) -> Errors:
    """The judge's raw difference less the corrected one, of the same anchors; limits by what few labels leave open.

    A difference is rankable where its sign stays, whatever error within the limits is taken from it: of both readings where
    gibberish is an outcome of its own. "unknown" where a side has no labels.
    """
    at = slot(one, choices)
    raw = found[one.benchmark, one.judge, AS_JUDGED if one.treatment == AS_JUDGED else NO_REFERENCE]
    n = len(choices.contrasts)
    if (one.benchmark, one.judge, rule) not in found or rule == NO_REFERENCE:
        none = np.full(n, np.nan)
        unknown: tuple[Rankable, ...] = tuple("unknown" for _ in range(n))
        return Errors(value=none, low=none, high=none, rankable=unknown)
    right = found[one.benchmark, one.judge, rule]
    z = float(ndtri((1.0 + choices.level) / 2.0))
    wanted = [MEASURE_OF[one.treatment], *([UNSAFE_OR_GIBBERISH] if one.treatment == "own" else [])]
    verdicts, values, spreads = [], [], []
    for m in wanted:
        difference, error = raw.value[at, m], raw.value[at, m] - right.value[at, m]
        half = z * np.sqrt(right.label_variance[at, m])
        verdicts.append(np.where(np.isnan(error), np.nan, np.sign(difference) * (difference - error) - half > 0))
        values.append(error)
        spreads.append(half)
    both = np.stack(verdicts)
    words: list[Rankable] = ["unknown" if np.isnan(row).any() else ("yes" if row.all() else "no") for row in both.T]
    low, high = values[0] - spreads[0], values[0] + spreads[0]
    return Errors(value=values[0], low=low, high=high, rankable=tuple(words))


def _why(one: Specification, analysis: Analysis, choices: Choices, k: int, m: int, *, pair: tuple[int, int]) -> str:
    """Why nothing can be said: no anchor, no common prompt, or no labels on one side."""
    anchors = choices.anchors[one.anchor]
    if not anchors[pair[0]] or not anchors[pair[1]]:
        return "not_anchored"
    if not analysis.prompts[k]:
        return "no_common_prompts" if _asked(analysis, anchors, pair) else "not_asked"
    if np.isfinite(analysis.value[k, m]):
        return "too_few_clusters"
    if one.reference == NO_REFERENCE:
        return "no_outputs"
    if choices.design is None:
        return "no_design"
    if choices.design == "elsewhere":
        return "labels_elsewhere"
    sides = [bool(np.isnan(side.value[k, m])) for side in (analysis.a, analysis.b)]
    return "no_labels" if all(sides) else "labels_on_one_side"


def _asked(analysis: Analysis, anchors: tuple[Parts, ...], pair: tuple[int, int]) -> bool:
    """Whether the judge was asked about outputs of both sides."""
    return all(analysis.made.outputs[place] > 0 for side in pair for place, _ in anchors[side])
