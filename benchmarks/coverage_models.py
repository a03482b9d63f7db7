"""Models of people and judges for `coverage.py`: each draws codes (R, N), and its table of probabilities is known."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import product

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from judgeaudit.domain.ratings import MISSING, Codes

Array = npt.NDArray[np.float64]
Draw = Callable[[np.random.Generator], Codes]
RHO = 0.8
SIZE = 20
EVERYDAY, STARK = 1.0, 1.5


def from_table(table: Array, n: int) -> Draw:
    """Two raters whose items fall into the cells of a table of probabilities (K, K)."""
    k = len(table)

    def draw(rng: np.random.Generator) -> Codes:
        cell = rng.choice(k * k, size=n, p=table.ravel())
        return np.stack([cell // k, cell % k]).astype(np.int32)

    return draw


def equal_margins(p: float, kappa: float) -> Array:
    """Two raters with one prevalence and this kappa."""
    q, off = 1 - p, (1 - kappa) * p * (1 - p)
    return np.array([[q - off, off], [off, p - off]])


def detector(p: float, sens: float, spec: float) -> Array:
    """A reference in the rows, a judge with these rates in the columns."""
    return np.array([[(1 - p) * spec, (1 - p) * (1 - spec)], [p * (1 - sens), p * sens]])


def latent(shares: Array, *, raters: int, n: int, holes: float) -> Draw:
    """Raters who cut a common normal value, seen through noise, at the same places: any two correlate by RHO."""
    cuts = ndtri(np.cumsum(shares)[:-1])

    def draw(rng: np.random.Generator) -> Codes:
        item, own = rng.standard_normal(n), rng.standard_normal((raters, n))
        codes = np.searchsorted(cuts, np.sqrt(RHO) * item + np.sqrt(1 - RHO) * own)
        return _with_holes(codes, holes, rng)

    return draw


def latent_table(shares: Array) -> Array:
    """The table of any two of them."""
    given, weight = _latent_shares(shares)
    return np.asarray((given * weight[:, None]).T @ given)


def _latent_shares(shares: Array) -> tuple[Array, Array]:
    """P(label | item's latent value) at quadrature nodes (Q, K), and the nodes' weights (Q,)."""
    node, weight = np.polynomial.hermite_e.hermegauss(120)
    cuts = ndtri(np.cumsum(shares)[:-1])
    below = ndtr((cuts - np.sqrt(RHO) * node[:, None]) / np.sqrt(1 - RHO))
    edges = np.column_stack([np.zeros(len(node)), below, np.ones(len(node))])
    return np.diff(edges, axis=1), weight / weight.sum()


def noisy(p: float, sens: Array, spec: Array, *, n: int, holes: float) -> Draw:
    """Raters with these rates (R,) see a true class: they agree because it is there."""

    def draw(rng: np.random.Generator) -> Codes:
        truth = rng.random(n) < p
        says = np.where(truth, sens[:, None], 1 - spec[:, None])
        return _with_holes((rng.random((len(sens), n)) < says).astype(np.int64), holes, rng)

    return draw


def noisy_table(p: float, sens: float, spec: float) -> Array:
    """The table of any two of them."""
    positive, negative = np.array([1 - sens, sens]), np.array([spec, 1 - spec])
    return p * np.outer(positive, positive) + (1 - p) * np.outer(negative, negative)


def crowd(p: float, sens: Array, spec: Array, *, n: int) -> Draw:
    """Every item has three of the persons (all but the last rater), drawn by chance."""
    everyone = noisy(p, sens, spec, n=n, holes=0.0)

    def draw(rng: np.random.Generator) -> Codes:
        codes = everyone(rng)
        rank = rng.random((len(sens) - 1, n)).argsort(0).argsort(0)
        codes[:-1][rank >= 3] = MISSING
        return codes

    return draw


def delta_truth(p: float, person: tuple[float, float], judge: tuple[float, float]) -> float:
    """P(judge = label | two people agree on it) − P(third person = label | …), with rates given as (sens, spec)."""
    total = difference = 0.0
    for positive, label in product((True, False), (0, 1)):
        share = p if positive else 1 - p
        says = [rates[0] if positive else 1 - rates[1] for rates in (person, judge)]
        one, other = (s if label else 1 - s for s in says)
        total += share * one**2
        difference += share * one**2 * (other - one)
    return difference / total


def clustered(p: float, sens: float, spec: float, *, sd: float, g: int, raters: int) -> Draw:
    """Prompts differ in prevalence (sd 1 on the logit) and in difficulty (`sd`); one rater is a judge of the truth."""
    share, hit, clear = _middle(p, 1.0), _middle(sens, sd), _middle(spec, sd)

    def draw(rng: np.random.Generator) -> Codes:
        common, ease = rng.standard_normal((2, g))
        truth = rng.random((g, SIZE)) < _spread_out(share, common)[:, None]
        right = np.where(truth, _spread_out(hit, sd * ease)[:, None], _spread_out(clear, sd * ease)[:, None])
        says = [np.where(rng.random((g, SIZE)) < right, truth, ~truth).ravel() for _ in range(raters)]
        return np.stack([truth.ravel(), *says] if raters == 1 else says).astype(np.int32)

    return draw


def clustered_people_table(p: float, sens: float, spec: float) -> Array:
    """Two people share a prompt's difficulty: their table, averaged over prompts."""
    node, weight = _nodes()
    hit, clear = (_spread_out(_middle(share, EVERYDAY), EVERYDAY * node) for share in (sens, spec))
    return np.asarray(sum(w * noisy_table(p, h, c) for w, h, c in zip(weight, hit, clear, strict=True)))


def _with_holes(codes: npt.NDArray[np.int64], holes: float, rng: np.random.Generator) -> Codes:
    return np.where(rng.random(codes.shape) < holes, MISSING, codes).astype(np.int32)


def _spread_out(p: float, effect: Array) -> Array:
    """Shares that vary around logit(p): one for each cluster."""
    return np.asarray(1 / (1 + np.exp(-(np.log(p / (1 - p)) + effect))))


@cache
def _middle(mean: float, sd: float) -> float:
    """The share around which shares must vary for their mean to be `mean`."""
    node, weight = _nodes()
    return float(brentq(lambda p: float(_spread_out(float(p), sd * node) @ weight) - mean, 1e-7, 1 - 1e-7))


@cache
def _nodes() -> tuple[Array, Array]:
    node, weight = np.polynomial.hermite_e.hermegauss(80)
    return node, weight / weight.sum()
