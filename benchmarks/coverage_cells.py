"""The cells of `coverage.py`: models of people and judges with known true values, drawn as `Ratings`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from judgeaudit.audit.context import make_context, tables_of
from judgeaudit.audit.estimates import estimate_all
from judgeaudit.audit.leave_one_out import leave_one_out
from judgeaudit.audit.options import AuditOptions
from judgeaudit.audit.pair_statistics import statistics_for
from judgeaudit.audit.people import people_findings
from judgeaudit.audit.scheme import Scheme
from judgeaudit.domain.question import Question, Scale, make_question
from judgeaudit.domain.ratings import MISSING, Codes, Ratings

Array = npt.NDArray[np.float64]
Draw = Callable[[np.random.Generator], Codes]
_BIG = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One setting. `draw` gives codes (R, N): of a pair the reference and the judge, of people R persons, else 3 persons and a judge."""

    name: str
    group: str
    kind: Literal["pair", "people", "delta"]
    question: Question
    draw: Draw
    truth: dict[str, float]
    cluster_size: int = 1


def intervals_of(cell: Cell, *, seed: list[int]) -> dict[str, tuple[float, float]]:
    """One sample's intervals, by statistic; statistics without a value or an interval are left out."""
    codes = cell.draw(np.random.default_rng(seed))
    n = codes.shape[1]
    people = {"pair": codes[:0], "people": codes, "delta": codes[:-1]}[cell.kind]
    ratings = Ratings(
        question=cell.question,
        items=_items(n),
        people_names=tuple(f"p{r}" for r in range(len(people))),
        judge_names=() if cell.kind == "people" else ("judge",),
        people=people,
        judges=codes[:0] if cell.kind == "people" else codes[-1:],
        strata={"all": np.ones(n, bool)},
        reference=codes[0] if cell.kind == "pair" else None,
        clusters=np.arange(n) // cell.cluster_size if cell.cluster_size > 1 else None,
    )
    context = make_context(ratings, AuditOptions(seed=seed[-1]))
    if cell.kind == "pair":
        statistics = tuple(s for s in statistics_for(context.scheme, reference=True) if s.name in cell.truth)
        tables = tables_of(context, codes[0], codes[1], ratings.strata["all"])
        estimates = estimate_all(statistics, tables, context, ("q", "judge", "reference", "all"))
        found = [(s.name, e.value, e.low, e.high) for s, e in zip(statistics, estimates, strict=True)]
    elif cell.kind == "people":
        found = [(f.statistic, f.value, f.low, f.high) for f in people_findings(context, "all")]
    else:
        f = leave_one_out(context, "judge", codes[-1], "all")
        found = [(f.statistic, f.value, f.low, f.high)]
    return {
        name: (low, high)
        for name, value, low, high in found
        if name in cell.truth and value is not None and low is not None and high is not None
    }


@cache
def _items(n: int) -> tuple[str, ...]:
    return tuple(map(str, range(n)))


def _question(k: int, scale: Scale) -> Question:
    return make_question(name="q", scale=scale, labels=tuple("abcdefgh"[:k]))


def _truths(question: Question, table: Array, names: Iterable[str]) -> dict[str, float]:
    """The statistics of a table of probabilities (K, K), as of a sample without end."""
    scheme = Scheme(question=question)
    big = np.zeros((scheme.k + 1, scheme.k + 1))
    big[:-1, :-1] = table * _BIG
    shelf = {s.name: s for s in statistics_for(scheme, reference=True)}
    source = {"fleiss_kappa": "scott_pi"}
    return {name: float(shelf[source.get(name, name)].value(big, scheme)) for name in names}


# ------------------------------------------------------------------------------------------------------ exchangeable pairs


def _from_table(table: Array, n: int) -> Draw:
    k = len(table)

    def draw(rng: np.random.Generator) -> Codes:
        cell = rng.choice(k * k, size=n, p=table.ravel())
        return np.stack([cell // k, cell % k]).astype(np.int32)

    return draw


def _pair(name: str, group: str, question: Question, table: Array, n: int, statistics: tuple[str, ...]) -> Cell:
    truth = _truths(question, table, statistics)
    return Cell(name=name, group=group, kind="pair", question=question, draw=_from_table(table, n), truth=truth)


def _equal_margins(p: float, kappa: float) -> Array:
    q, off = 1 - p, (1 - kappa) * p * (1 - p)
    return np.array([[q - off, off], [off, p - off]])


def _detector(p: float, sens: float, spec: float) -> Array:
    return np.array([[(1 - p) * spec, (1 - p) * (1 - spec)], [p * (1 - sens), p * sens]])


PEERS = ((0.5, 0.85, 0.85), (0.9, 0.95, 0.70), (0.9, 0.98, 0.95), (0.05, 0.80, 0.97))
MARGINS = {"balanced": np.full(5, 0.2), "70% in one label": np.array([0.7, 0.1, 0.1, 0.05, 0.05])}


def _pairs() -> list[Cell]:
    binary, ordinal = _question(2, "binary"), _question(5, "ordinal")
    wanted = ("cohen_kappa", "krippendorff_alpha", "gwet_ac1")
    rates = ("accuracy", "sensitivity", "specificity", "precision")
    out = []
    for p, kappa, n in product((0.05, 0.5), (0.6, 0.85), (50, 200, 1000)):
        name = f"pair: prevalence {p}, kappa {kappa}, n {n}"
        out.append(_pair(name, "Two raters, two labels, equal margins", binary, _equal_margins(p, kappa), n, wanted))
    for (p, sens, spec), n in product(PEERS, (50, 100, 300)):
        name = f"judge: prevalence {p}, sensitivity {sens}, specificity {spec}, n {n}"
        group = "A judge against a reference, two labels"
        out.append(_pair(name, group, binary, _detector(p, sens, spec), n, (*wanted, "matthews_corrcoef", "f1")))
    for (margin, shares), n in product(MARGINS.items(), (50, 200)):
        table = _latent_table(shares)
        names = ("cohen_kappa_quadratic", "cohen_kappa", "krippendorff_alpha")
        out.append(_pair(f"ordinal: {margin}, n {n}", "Two raters, five ordered labels", ordinal, table, n, names))
    for p, n in product((0.2, 0.5), (50, 300)):
        name = f"rates: prevalence {p}, sensitivity 0.9, specificity 0.8, n {n}"
        out.append(_pair(name, "Shares alone (Wilson)", binary, _detector(p, 0.9, 0.8), n, rates))
    return out


# ----------------------------------------------------------------------------------------------------- latent normal labels

RHO = 0.8


def _latent_shares(shares: Array) -> tuple[Array, Array]:
    """P(label | item's latent value) at quadrature nodes (Q, K), and the nodes' weights (Q,)."""
    node, weight = np.polynomial.hermite_e.hermegauss(120)
    cuts = ndtri(np.cumsum(shares)[:-1])
    below = ndtr((cuts - np.sqrt(RHO) * node[:, None]) / np.sqrt(1 - RHO))
    edges = np.column_stack([np.zeros(len(node)), below, np.ones(len(node))])
    return np.diff(edges, axis=1), weight / weight.sum()


def _latent_table(shares: Array) -> Array:
    given, weight = _latent_shares(shares)
    return np.asarray((given * weight[:, None]).T @ given)


def _latent(shares: Array, *, raters: int, n: int, holes: float) -> Draw:
    cuts = ndtri(np.cumsum(shares)[:-1])

    def draw(rng: np.random.Generator) -> Codes:
        item, own = rng.standard_normal(n), rng.standard_normal((raters, n))
        codes = np.searchsorted(cuts, np.sqrt(RHO) * item + np.sqrt(1 - RHO) * own)
        return _with_holes(codes, holes, rng)

    return draw


def _with_holes(codes: npt.NDArray[np.int64], holes: float, rng: np.random.Generator) -> Codes:
    return np.where(rng.random(codes.shape) < holes, MISSING, codes).astype(np.int32)


# ------------------------------------------------------------------------------------------------------------------- people


def _noisy(p: float, sens: Array, spec: Array, *, n: int, holes: float) -> Draw:
    """Raters with these rates (R,) see a true class: they agree because it is there."""

    def draw(rng: np.random.Generator) -> Codes:
        truth = rng.random(n) < p
        says = np.where(truth, sens[:, None], 1 - spec[:, None])
        return _with_holes((rng.random((len(sens), n)) < says).astype(np.int64), holes, rng)

    return draw


def _noisy_table(p: float, sens: float, spec: float) -> Array:
    positive, negative = np.array([1 - sens, sens]), np.array([spec, 1 - spec])
    return p * np.outer(positive, positive) + (1 - p) * np.outer(negative, negative)


RARE, EVEN = (0.05, 0.75, 0.98), (0.5, 0.9, 0.9)


def _people() -> list[Cell]:
    binary, ordinal = _question(2, "binary"), _question(5, "ordinal")
    wanted = ("krippendorff_alpha", "gwet_ac1", "fleiss_kappa", "percent_agreement")
    group = "People with holes"
    out = []
    settings = (
        [(4, 0.2, n) for n in (50, 200, 1000)] + [(3, 0.0, n) for n in (50, 200)] + [(2, 0.2, 100), (2, 0.0, 100)]
    )
    for (p, sens, spec), (raters, holes, n) in product((RARE, EVEN), settings):
        truth = _truths(binary, _noisy_table(p, sens, spec), wanted)
        draw = _noisy(p, np.full(raters, sens), np.full(raters, spec), n=n, holes=holes)
        name = f"people: {raters} raters, {100 * holes:.0f}% holes, prevalence {p}, n {n}"
        out.append(Cell(name=name, group=group, kind="people", question=binary, draw=draw, truth=truth))
    names = ("krippendorff_alpha", "krippendorff_alpha_nominal", "gwet_ac2")
    for (margin, shares), n in product(MARGINS.items(), (50, 200, 1000)):
        truth = _truths(ordinal, _latent_table(shares), names)
        draw = _latent(shares, raters=3, n=n, holes=0.2)
        name = f"people: 3 raters, 20% holes, five ordered labels, {margin}, n {n}"
        out.append(Cell(name=name, group=group, kind="people", question=ordinal, draw=draw, truth=truth))
    return out


def _delta_truth(p: float, person: tuple[float, float], judge: tuple[float, float]) -> float:
    """P(judge = label | two people agree on it) − P(third person = label | …), with rates given as (sens, spec)."""
    total = difference = 0.0
    for positive, label in product((True, False), (0, 1)):
        share = p if positive else 1 - p
        says = [rates[0] if positive else 1 - rates[1] for rates in (person, judge)]
        one, other = (s if label else 1 - s for s in says)
        total += share * one**2
        difference += share * one**2 * (other - one)
    return difference / total


def _deltas() -> list[Cell]:
    binary = _question(2, "binary")
    out = []
    rows = ((RARE, (0.75, 0.98)), (RARE, (0.6, 0.95)), (EVEN, (0.9, 0.9)), (EVEN, (0.97, 0.97)), (EVEN, (0.75, 0.8)))
    for ((p, sens, spec), judge), n in product(rows, (50, 300)):
        draw = _noisy(p, np.array([sens] * 3 + [judge[0]]), np.array([spec] * 3 + [judge[1]]), n=n, holes=0.0)
        truth = {"leave_one_out_delta": _delta_truth(p, (sens, spec), judge)}
        name = f"delta: prevalence {p}, judge {judge[0]}/{judge[1]}, n {n}"
        group = "A judge beside three people (leave one out)"
        out.append(Cell(name=name, group=group, kind="delta", question=binary, draw=draw, truth=truth))
    return out


# ----------------------------------------------------------------------------------------------------------------- clusters

SIZE = 20


def _spread_out(p: float, effect: Array) -> Array:
    """Shares that vary around logit(p): one for each cluster."""
    return np.asarray(1 / (1 + np.exp(-(np.log(p / (1 - p)) + effect))))


@cache
def _middle(mean: float) -> float:
    """The share around which shares must vary for their mean to be `mean`."""
    node, weight = np.polynomial.hermite_e.hermegauss(80)
    return float(brentq(lambda p: _spread_out(p, node) @ weight / weight.sum() - mean, 1e-6, 1 - 1e-6))


def _clustered(p: float, sens: float, spec: float, *, g: int, raters: int) -> Draw:
    """Prompts differ in prevalence and in difficulty, each with a standard normal effect on the logit."""
    middle = [_middle(share) for share in (p, sens, spec)]

    def draw(rng: np.random.Generator) -> Codes:
        common, ease = rng.standard_normal((2, g))
        truth = rng.random((g, SIZE)) < _spread_out(middle[0], common)[:, None]
        right = np.where(truth, _spread_out(middle[1], ease)[:, None], _spread_out(middle[2], ease)[:, None])
        says = [np.where(rng.random((g, SIZE)) < right, truth, ~truth).ravel() for _ in range(raters)]
        return np.stack([truth.ravel(), *says] if raters == 1 else says).astype(np.int32)

    return draw


def _clusters() -> list[Cell]:
    binary = _question(2, "binary")
    out = []
    for (p, sens, spec), g in product(((0.05, 0.8, 0.98), (0.5, 0.85, 0.85)), (10, 20, 50, 200)):
        table = _detector(p, sens, spec)
        truth = _truths(binary, table, ("accuracy", "cohen_kappa", "sensitivity"))
        out.append(
            Cell(
                name=f"clusters: prevalence {p}, {g} prompts of {SIZE}",
                group="A judge against a reference, items in prompts",
                kind="pair",
                question=binary,
                draw=_clustered(p, sens, spec, g=g, raters=1),
                truth=truth,
                cluster_size=SIZE,
            )
        )
    return out


CELLS: dict[str, Cell] = {c.name: c for c in [*_pairs(), *_people(), *_clusters(), *_deltas()]}
