"""The cells of `coverage.py`: settings with known true values, and how one sample goes through an audit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Literal

import numpy as np
from coverage_models import (
    EVERYDAY,
    SIZE,
    STARK,
    Array,
    Draw,
    clustered,
    clustered_people_table,
    crowd,
    delta_truth,
    detector,
    equal_margins,
    from_table,
    latent,
    latent_table,
    noisy,
    noisy_table,
)

from judgeaudit.audit.agreement.leave_one_out import leave_one_out
from judgeaudit.audit.agreement.people import people_findings
from judgeaudit.audit.estimates.table_estimates import estimate_all
from judgeaudit.audit.setting.context import make_context, tables_of
from judgeaudit.audit.setting.options import AuditOptions
from judgeaudit.audit.setting.pair_statistics import statistics_for
from judgeaudit.audit.setting.scheme import Scheme
from judgeaudit.domain.question import Question, Scale, make_question
from judgeaudit.domain.ratings import Ratings

_BIG = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One setting. `draw` gives codes (R, N): reference and judge of a pair, R persons, or else persons and a judge."""

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


def _pair(name: str, group: str, question: Question, table: Array, n: int, statistics: tuple[str, ...]) -> Cell:
    truth = _truths(question, table, statistics)
    return Cell(name=name, group=group, kind="pair", question=question, draw=from_table(table, n), truth=truth)


PEERS = ((0.5, 0.85, 0.85), (0.9, 0.95, 0.70), (0.9, 0.98, 0.95), (0.05, 0.80, 0.97))
MARGINS = {"balanced": np.full(5, 0.2), "70% in one label": np.array([0.7, 0.1, 0.1, 0.05, 0.05])}


def _pairs() -> list[Cell]:
    binary, ordinal = _question(2, "binary"), _question(5, "ordinal")
    wanted = ("cohen_kappa", "krippendorff_alpha", "gwet_ac1")
    rates = ("accuracy", "sensitivity", "specificity", "precision")
    out = []
    for p, kappa, n in product((0.05, 0.5), (0.6, 0.85), (50, 200, 1000)):
        name = f"pair: prevalence {p}, kappa {kappa}, n {n}"
        out.append(_pair(name, "Two raters, two labels, equal margins", binary, equal_margins(p, kappa), n, wanted))
    for (p, sens, spec), n in product(PEERS, (50, 100, 300)):
        name = f"judge: prevalence {p}, sensitivity {sens}, specificity {spec}, n {n}"
        group = "A judge against a reference, two labels"
        out.append(_pair(name, group, binary, detector(p, sens, spec), n, (*wanted, "matthews_corrcoef", "f1")))
    for (margin, shares), n in product(MARGINS.items(), (50, 200)):
        table = latent_table(shares)
        names = ("cohen_kappa_quadratic", "cohen_kappa", "krippendorff_alpha")
        out.append(_pair(f"ordinal: {margin}, n {n}", "Two raters, five ordered labels", ordinal, table, n, names))
    for p, n in product((0.2, 0.5), (50, 300)):
        name = f"rates: prevalence {p}, sensitivity 0.9, specificity 0.8, n {n}"
        out.append(_pair(name, "Shares alone (Wilson)", binary, detector(p, 0.9, 0.8), n, rates))
    return out


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
        truth = _truths(binary, noisy_table(p, sens, spec), wanted)
        draw = noisy(p, np.full(raters, sens), np.full(raters, spec), n=n, holes=holes)
        name = f"people: {raters} raters, {100 * holes:.0f}% holes, prevalence {p}, n {n}"
        out.append(Cell(name=name, group=group, kind="people", question=binary, draw=draw, truth=truth))
    names = ("krippendorff_alpha", "krippendorff_alpha_nominal", "gwet_ac2")
    for (margin, shares), n in product(MARGINS.items(), (50, 200, 1000)):
        truth = _truths(ordinal, latent_table(shares), names)
        draw = latent(shares, raters=3, n=n, holes=0.2)
        name = f"people: 3 raters, 20% holes, five ordered labels, {margin}, n {n}"
        out.append(Cell(name=name, group=group, kind="people", question=ordinal, draw=draw, truth=truth))
    return out


def _deltas() -> list[Cell]:
    binary = _question(2, "binary")
    out = []
    group = "A judge beside three people (leave one out)"
    rows = ((RARE, (0.75, 0.98)), (RARE, (0.6, 0.95)), (EVEN, (0.9, 0.9)), (EVEN, (0.97, 0.97)), (EVEN, (0.75, 0.8)))
    for ((p, sens, spec), judge), n in product(rows, (50, 300)):
        draw = noisy(p, np.array([sens] * 3 + [judge[0]]), np.array([spec] * 3 + [judge[1]]), n=n, holes=0.0)
        truth = {"leave_one_out_delta": delta_truth(p, (sens, spec), judge)}
        name = f"delta: prevalence {p}, judge {judge[0]}/{judge[1]}, n {n}"
        out.append(Cell(name=name, group=group, kind="delta", question=binary, draw=draw, truth=truth))
    for (p, sens, spec), judge in ((RARE, (0.75, 0.98)), (EVEN, (0.75, 0.8))):
        draw = crowd(p, np.array([sens] * 12 + [judge[0]]), np.array([spec] * 12 + [judge[1]]), n=300)
        truth = {"leave_one_out_delta": delta_truth(p, (sens, spec), judge)}
        name = f"delta: prevalence {p}, judge {judge[0]}/{judge[1]}, n 300, each item by 3 of 12 persons"
        out.append(Cell(name=name, group=group, kind="delta", question=binary, draw=draw, truth=truth))
    return out


def _clusters() -> list[Cell]:
    binary = _question(2, "binary")
    out = []
    rates = ((0.05, 0.8, 0.98), (0.5, 0.85, 0.85))
    for sd, (p, sens, spec), g in product((EVERYDAY, STARK), rates, (10, 20, 50, 200)):
        out.append(
            Cell(
                name=f"clusters: sd {sd}, prevalence {p}, {g} prompts of {SIZE}",
                group=f"A judge against a reference, items in prompts whose difficulty varies with sd {sd} on the logit",
                kind="pair",
                question=binary,
                draw=clustered(p, sens, spec, sd=sd, g=g, raters=1),
                truth=_truths(binary, detector(p, sens, spec), ("accuracy", "cohen_kappa", "sensitivity")),
                cluster_size=SIZE,
            )
        )
    for (p, sens, spec), g in product(rates, (10, 20, 50)):
        table = clustered_people_table(p, sens, spec)
        out.append(
            Cell(
                name=f"people in clusters: 3 raters, prevalence {p}, {g} prompts of {SIZE}",
                group="Three people, items in prompts",
                kind="people",
                question=binary,
                draw=clustered(p, sens, spec, sd=EVERYDAY, g=g, raters=3),
                truth=_truths(binary, table, ("krippendorff_alpha", "percent_agreement")),
                cluster_size=SIZE,
            )
        )
    return out


CELLS: dict[str, Cell] = {c.name: c for c in [*_pairs(), *_people(), *_clusters(), *_deltas()]}
