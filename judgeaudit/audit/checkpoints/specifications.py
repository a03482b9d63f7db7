"""All declared ways through the choices, and what each concludes of every contrast."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from judgeaudit.audit.checkpoints.analyses import Analysis, Choices
from judgeaudit.audit.checkpoints.shares import MEASURE_OF, UNSAFE_OR_GIBBERISH
from judgeaudit.domain.checkpoints import AS_JUDGED, NO_REFERENCE, Floats
from judgeaudit.domain.results.comparison import Conclusion, Specification

Signs = npt.NDArray[np.int8]
Places = npt.NDArray[np.intp]
Found = Mapping[tuple[str, str, str], Analysis]
CHOICES = ("benchmark", "judge", "reference", "treatment", "anchor")
UNDEFINED = np.int8(-9)
CONCLUSIONS: dict[int, Conclusion] = {1: "higher", -1: "lower", 0: "open"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """S specifications and n contrasts: difference, limits, other limits (where gibberish is its own), conclusion, each (S, n)."""

    specifications: tuple[Specification, ...]
    value: Floats
    low: Floats
    high: Floats
    conclusion: Signs
    #: choice -> (S,) number of the option, and the places of the specifications that leave the primary one in this choice alone
    options: Mapping[str, tuple[Places, Places]]

    @property
    def primary(self) -> int:
        return next(at for at, one in enumerate(self.specifications) if one.primary)


def specifications_of(choices: Choices, *, judge: str) -> tuple[Specification, ...]:
    """Every combination that exists: verdicts without a screen are corrected by nothing. The first of each choice is primary."""
    first = (choices.benchmarks[0], judge, choices.references[0], choices.treatments[0])
    anchor = next(iter(choices.anchors))
    out = []
    for benchmark in choices.benchmarks:
        for name in choices.judges:
            for reference in choices.references:
                for treatment in choices.treatments:
                    if treatment == AS_JUDGED and reference != NO_REFERENCE:
                        continue
                    for rule in choices.anchors:
                        stands = (benchmark, name, reference, treatment) == first and rule == anchor
                        out.append(
                            Specification(
                                benchmark=benchmark,
                                judge=name,
                                reference=reference,
                                treatment=treatment,
                                anchor=rule,
                                primary=stands,
                            )
                        )
    return tuple(out)


def analysis_of(one: Specification, found: Found) -> Analysis:
    """The analysis that a specification reads its numbers from."""
    way = AS_JUDGED if one.treatment == AS_JUDGED else one.reference
    return found[one.benchmark, one.judge, way]


def slot(one: Specification, choices: Choices) -> slice:
    """Where the contrasts of its anchoring rule stand among rules × contrasts."""
    at, n = list(choices.anchors).index(one.anchor), len(choices.contrasts)
    return slice(at * n, at * n + n)


def methods_slot(one: Specification, choices: Choices) -> slice:
    """Where the methods of its anchoring rule stand among all anchors."""
    at, n = list(choices.anchors).index(one.anchor), len(choices.methods)
    return slice(at * n, at * n + n)


def grid_of(specifications: tuple[Specification, ...], found: Found, choices: Choices) -> Grid:
    """What every specification says of every contrast."""
    shape = (len(specifications), len(choices.contrasts))
    value, low, high = (np.full(shape, np.nan) for _ in range(3))
    conclusion = np.full(shape, UNDEFINED, dtype=np.int8)
    for s, one in enumerate(specifications):
        analysis, at, m = analysis_of(one, found), slot(one, choices), MEASURE_OF[one.treatment]
        value[s], low[s], high[s] = analysis.value[at, m], analysis.low[at, m], analysis.high[at, m]
        conclusion[s] = concluded(one.treatment, analysis.low[at], analysis.high[at])
    options = _options(specifications)
    return Grid(specifications=specifications, value=value, low=low, high=high, conclusion=conclusion, options=options)


def _options(specifications: tuple[Specification, ...]) -> dict[str, tuple[Places, Places]]:
    first = next(one for one in specifications if one.primary)
    words = {choice: [getattr(one, choice) for one in specifications] for choice in CHOICES}
    differs = np.array([[word != getattr(first, choice) for word in words[choice]] for choice in CHOICES])
    alone = differs.sum(0) == 1
    out = {}
    for row, choice in enumerate(CHOICES):
        numbers = {word: number for number, word in enumerate(dict.fromkeys(words[choice]))}
        of = np.array([numbers[word] for word in words[choice]], dtype=np.intp)
        out[choice] = of, np.flatnonzero(alone & differs[row])
    return out


def concluded(treatment: str, low: Floats, high: Floats) -> Signs:
    """1 higher, −1 lower, 0 open, UNDEFINED; limits (..., n, M). Gibberish of its own: only what holds whatever it is taken for."""
    m = MEASURE_OF[treatment]
    signs = _signs(low[..., m], high[..., m])
    if treatment != "own":
        return signs
    other = _signs(low[..., UNSAFE_OR_GIBBERISH], high[..., UNSAFE_OR_GIBBERISH])
    same = np.where(signs == other, signs, 0).astype(np.int8)
    return np.where((signs == UNDEFINED) | (other == UNDEFINED), UNDEFINED, same).astype(np.int8)


def _signs(low: Floats, high: Floats) -> Signs:
    told = np.where(low > 0, 1, np.where(high < 0, -1, 0))
    return np.where(np.isnan(low) | np.isnan(high), UNDEFINED, told).astype(np.int8)


def order_signs(
    specifications: tuple[Specification, ...], choices: Choices, *, of: Callable[[Specification], Floats], draws: int
) -> Signs:
    """How each specification orders each pair of methods, (B, S, P): 1, −1, 0 tied, UNDEFINED; `of` gives its shares (B, K, M)."""
    size = len(choices.methods)
    pairs = np.array([(a, b) for a in range(size) for b in range(a + 1, size)], dtype=np.intp).reshape(-1, 2)
    out = np.empty((draws, len(specifications), len(pairs)), dtype=np.int8)
    for s, one in enumerate(specifications):
        out[:, s] = _ordered(one.treatment, of(one)[:, methods_slot(one, choices)], pairs)
    return out


def _ordered(treatment: str, values: Floats, pairs: Places) -> Signs:
    """The sign of a − b of each pair; values (..., K, M). Gibberish of its own: tied where its two readings disagree."""
    m = MEASURE_OF[treatment]
    signs = _direction(values[..., m], pairs)
    if treatment == "own":
        other = _direction(values[..., UNSAFE_OR_GIBBERISH], pairs)
        signs = np.where((signs == UNDEFINED) | (signs == other), signs, 0).astype(np.int8)
    return signs


def _direction(values: Floats, pairs: Places) -> Signs:
    apart = values[..., pairs[:, 0]] - values[..., pairs[:, 1]]
    return np.where(np.isnan(apart), UNDEFINED, np.sign(np.nan_to_num(apart).round(12))).astype(np.int8)
