"""A judge's distribution over labels against that of the people, from few raters. q or r (P, K) are people's, p (P, K) the judge's."""

from __future__ import annotations

import numpy as np

from judgeaudit.stats.agreement.two_raters import Array, divide


def shares(counts: Array) -> Array:
    """Counts (P, K) as shares; nan where nobody labelled."""
    return divide(counts, counts.sum(-1)[..., None])


def smoothed(p: Array, *, mass: float) -> Array:
    """The distribution with `mass` of it spread evenly over the labels, so that no label is ruled out."""
    return np.asarray((1.0 - mass) * p + mass / p.shape[-1])


def cross_entropy_terms(q: Array, p: Array) -> Array:
    """−Σ q log p in nats, (P,); infinite where a label that people gave has probability 0.

    Linear in q, so few raters make it noisy and not biased: its mean over items is that of the true distributions.
    """
    with np.errstate(divide="ignore"):
        log = np.log(p)
    return np.asarray(-np.where(q > 0, q * np.where(q > 0, log, 0.0), 0.0).sum(-1))


def kullback_leibler_terms(q: Array, p: Array) -> Array:
    """Σ q log (q / p) in nats, (P,)."""
    return cross_entropy_terms(q, p) - cross_entropy_terms(q, q)


def jensen_shannon_terms(q: Array, p: Array) -> Array:
    """The Jensen–Shannon divergence in nats, (P,), 0 to log 2 (Lin 1991). scipy's `jensenshannon` is its square root."""
    middle = (q + p) / 2.0
    return np.maximum(kullback_leibler_terms(q, middle) / 2.0 + kullback_leibler_terms(p, middle) / 2.0, 0.0)


def total_variation_terms(q: Array, p: Array) -> Array:
    """½ Σ |q − p|, (P,), 0 to 1."""
    return np.asarray(np.abs(q - p).sum(-1) / 2.0)


def brier_terms(counts: Array, p: Array) -> Array:
    """Σ (p − q)² without bias by few raters, (P,): Σ (p − r/m)² − Σ r (m − r) / (m² (m − 1)). nan where m < 2; may be below 0."""
    m = counts.sum(-1)
    several = np.where(m >= 2, m, np.nan)[..., None]
    spread = counts * (several - counts) / (several**2 * (several - 1.0))
    return np.asarray(((p - counts / several) ** 2 - spread).sum(-1))


def floors(raters: Array, *, base: Array, alpha: float, draws: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """What a judge that knows each item's true distribution would still get, (M,) Jensen–Shannon and total variation.

    `raters` (M,) are numbers of raters, `base` (K,) the shares of labels, `alpha` how far raters agree. The items' distributions
    are taken to be Dirichlet(a · base) with a = (1 − α) / α, which gives two raters that agreement: all equal to `base` at
    α ≤ 0, each on one label at α = 1, where nothing is to be corrected.
    """
    if not alpha < 1.0 or np.count_nonzero(base) < 2:
        return np.zeros(raters.size), np.zeros(raters.size)
    if alpha <= 1e-6:
        q = np.broadcast_to(base, (draws, base.size))
    else:
        g = rng.standard_gamma(np.maximum((1.0 - alpha) / alpha * base, 1e-9), size=(draws, base.size))
        total = g.sum(-1, keepdims=True)
        lone = np.eye(base.size)[rng.choice(base.size, draws, p=base)]
        q = np.where(total > 1e-200, g / np.maximum(total, 1e-200), lone)
    seen = [rng.multinomial(int(m), q) / m for m in raters]
    return (
        np.array([jensen_shannon_terms(one, q).mean() for one in seen]),
        np.array([total_variation_terms(one, q).mean() for one in seen]),
    )
