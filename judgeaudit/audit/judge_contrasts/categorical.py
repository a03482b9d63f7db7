"""Judge against judge on the items that both were asked: who is right more often, and by how much each coefficient differs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import combinations

import numpy as np
import numpy.typing as npt

from judgeaudit.audit.estimates.differences import jackknifed, most_apart, no_surer, within
from judgeaudit.audit.estimates.estimate import clean
from judgeaudit.audit.estimates.jackknife import cluster_df
from judgeaudit.audit.estimates.table_estimates import why_undefined
from judgeaudit.audit.judge_contrasts.roc import Areas
from judgeaudit.audit.setting.context import Context
from judgeaudit.audit.setting.design import generator
from judgeaudit.audit.setting.pair_statistics import PairStatistic, statistics_for
from judgeaudit.audit.strata_contrasts.differences import POSTERIOR_OF_DIFFERENCE, adjusted, tail_of_draws
from judgeaudit.audit.strata_contrasts.tables import codes_of
from judgeaudit.domain.ratings import Codes, Floats, Mask
from judgeaudit.domain.results.audit import Contrast
from judgeaudit.stats.agreement.two_raters import divide
from judgeaudit.stats.comparisons.matched import mcnemar_midp, random_signs, sign_flip, swap_p_value, swapped
from judgeaudit.stats.comparisons.paired import adjusted_for_discoveries, exact_sign, tango
from judgeaudit.stats.intervals.resample import dirichlet_tables, quantiles
from judgeaudit.stats.rates.differences import sides_of

#: judges up to which every pair is compared, if not all pairs are asked for
MANY_JUDGES = 12
#: cells of the joint table of reference and two judges, and numbers drawn for it, up to which it is drawn from
MANY_CELLS, MANY_DRAWN = 1500, 1_000_000
#: draws below which the p-value of the surest difference would not survive Holm over 66 pairs
LEAST_DRAWS = 2000
#: shares whose denominator is the same for both judges: the tests look at who alone is right
_SHARES = ("accuracy", "sensitivity", "specificity", "false_positive_rate")
_SAME_FOR_BOTH = ("percent_agreement", "coverage", "prevalence_reference", "false_negative_rate")


@dataclass(frozen=True, kw_only=True)
class _Bench:
    """What all pairs share: statistics, where each hits, signs to flip clusters by, areas under ROC."""

    context: Context
    everywhere: tuple[PairStatistic, ...]
    in_all: tuple[PairStatistic, ...]
    hits: dict[str, tuple[Floats, Floats]]
    areas: Areas
    codes: dict[str, tuple[Codes, Codes]] = field(default_factory=dict)

    @cached_property
    def signs(self) -> npt.NDArray[np.float32]:
        units, options = int(self.context.design.units.max(initial=-1)) + 1, self.context.options
        return random_signs(options.replicates, units, rng=generator(options.seed, "swaps", self.context.question))

    def of(self, judge: str) -> tuple[Codes, Codes]:
        """The reference's codes and the judge's, both (M, N)."""
        if judge not in self.codes:
            self.codes[judge] = codes_of(self.context, judge)
        return self.codes[judge]


@dataclass(frozen=True, kw_only=True)
class _Pair:
    """Two judges in one stratum. `labels` (V,) counts items by reference label, None where an item has several. Without
    clusters and weights `joint` (V, V, V) counts reference × a × b, else `units` (G, 2, V, V) holds both judges' tables of each cluster.
    """

    known: Contrast
    tables: Floats
    labels: Floats | None
    joint: Floats | None
    units: Floats | None


def judge_contrasts(context: Context) -> list[Contrast]:
    """Every pair of judges, in all items and every stratum; Holm over the pairs of one stratum and statistic.

    `p_discovery` is Benjamini and Hochberg's over all of these contrasts of the question: for screening, not for claims.
    """
    names = context.ratings.judge_names
    if len(names) < 2 or context.scheme.many or (len(names) > MANY_JUDGES and not context.options.pairs):
        return []
    bench = _bench(context)
    pairs = list(combinations(names, 2))
    found: dict[tuple[str, str], list[Contrast]] = {}
    for a, b in pairs:
        for stratum, made in _strata_of(bench, a, b):
            for one in _compared(bench, made, stratum):
                found.setdefault((stratum, one.statistic), []).append(one)
    families = [adjusted(found[key]) for key in sorted(found, key=_order(context))]
    return screened([one for family in families for one in family])


def _order(context: Context) -> Callable[[tuple[str, str]], tuple[int, int]]:
    strata = list(context.ratings.strata)
    names = [s.name for s in statistics_for(context.scheme, reference=True)]
    first = [*_SHARES, *(name for name in names if name not in _SHARES), "roc_auc"]
    return lambda key: (strata.index(key[0]), first.index(key[1]))


def screened(contrasts: list[Contrast]) -> list[Contrast]:
    """With Benjamini and Hochberg's p-values over all of these."""
    known = [one.p_value for one in contrasts if one.p_value is not None]
    found = iter(adjusted_for_discoveries(np.array(known, float)).tolist())
    return [one if one.p_value is None else replace(one, p_discovery=next(found)) for one in contrasts]


def _bench(context: Context) -> _Bench:
    scheme = context.scheme
    shelf = statistics_for(scheme, reference=True)
    head = "krippendorff_alpha" if scheme.ordered else "cohen_kappa"
    cells = np.eye((scheme.k + 1) ** 2).reshape(-1, scheme.k + 1, scheme.k + 1)
    shares = {s.name: s.share(cells, scheme) for s in shelf if s.name in _SHARES and s.share is not None}
    shape = (scheme.k + 1, scheme.k + 1)
    return _Bench(
        context=context,
        everywhere=tuple(s for s in shelf if s.name in (*_SHARES, head)),
        in_all=tuple(s for s in shelf if s.name not in _SAME_FOR_BOTH),
        hits={name: (share.k.reshape(shape), share.n.reshape(shape)[:, 0]) for name, share in shares.items()},
        areas=Areas(context),
    )


def _strata_of(bench: _Bench, a: str, b: str) -> list[tuple[str, _Pair]]:
    """The pair in each stratum. Labels of both are looked up once."""
    context, v = bench.context, bench.context.scheme.k + 1
    rows, one = bench.of(a)
    _, other = bench.of(b)
    pair, item = np.nonzero((rows >= 0) & (one >= 0) & (other >= 0))
    cell = (rows[pair, item].astype(np.int64) * v + one[pair, item]) * v + other[pair, item]
    plain = context.design.exchangeable and len(rows) == 1
    out = []
    for stratum, mask in context.ratings.strata.items():
        here: Mask = np.ones(item.size, bool) if mask.all() else mask[item]
        known = Contrast(
            question=context.question,
            kind="judges",
            a=a,
            b=b,
            stratum=stratum,
            statistic="",
            value=None,
            n_items=int(here.sum() if len(rows) == 1 else np.unique(item[here]).size),
        )
        labels = np.bincount(cell[here] // (v * v), minlength=v).astype(float) if len(rows) == 1 else None
        if plain:
            joint: Floats = np.bincount(cell[here], minlength=v**3).astype(float).reshape(v, v, v)
            out.append((stratum, _Pair(known=known, tables=both(joint), labels=labels, joint=joint, units=None)))
        else:
            units = _units(context, item[here], cell[here])
            out.append((stratum, _Pair(known=known, tables=units.sum(0), labels=labels, joint=None, units=units)))
    return out


def both(joint: Floats) -> Floats:
    """(..., V, V, V) reference × a × b -> (..., 2, V, V) the tables of both."""
    return np.stack([joint.sum(-1), joint.sum(-2)], -3)


def _units(context: Context, item: npt.NDArray[np.int64], cell: npt.NDArray[np.int64]) -> Floats:
    """(G, 2, V, V), a row for each unit of the design, those without items of this stratum being 0."""
    v, design = context.scheme.k + 1, context.design
    g = int(design.units.max(initial=-1)) + 1
    at = design.units[item] * (v * v)
    row, weights = cell // (v * v), design.weights[item]
    sides = [row * v + cell // v % v, row * v + cell % v]
    flat = [np.bincount(at + side, weights, minlength=g * v * v).astype(float).reshape(g, v, v) for side in sides]
    return np.stack(flat, 1)


def _compared(bench: _Bench, pair: _Pair, stratum: str) -> list[Contrast]:
    wanted: Sequence[PairStatistic] = bench.in_all if stratum == "all" else bench.everywhere
    draws, swaps = _drawn(bench, pair), _swaps(bench, pair)
    out = []
    for statistic in wanted:
        known = _valued(bench, pair, statistic)
        if known.value is None:
            out.append(known)
        elif statistic.name in _SHARES:
            out.append(_share(bench, pair, known))
        else:
            out.append(_coefficient(bench, pair, known, statistic, draws, swaps))
    area = bench.areas.contrast(pair.known, bench.context.ratings.strata[stratum])
    return out if area is None else [*out, area]


def _valued(bench: _Bench, pair: _Pair, statistic: PairStatistic) -> Contrast:
    scheme, known = bench.context.scheme, replace(pair.known, statistic=statistic.name)
    x, y = (float(one) for one in statistic.value(pair.tables, scheme))
    lonely = statistic.one_class and np.count_nonzero(pair.tables[0].sum(1)) < 2
    if lonely or np.isnan(x) or np.isnan(y):
        short = pair.tables[0 if np.isnan(x) or lonely else 1]
        return replace(known, undefined=why_undefined(statistic, short))
    return replace(known, value=x - y)


# ---------------------------------------------------------------------------------------------------------- shares


def _share(bench: _Bench, pair: _Pair, known: Contrast) -> Contrast:
    hit, among = bench.hits[known.statistic]
    context = bench.context
    if pair.labels is not None:
        known = replace(known, n_items=int(among @ pair.labels))
    if pair.joint is not None:
        up = float((pair.joint * (hit[:, :, None] * (1 - hit[:, None, :]))).sum())
        down = float((pair.joint * (hit[:, None, :] * (1 - hit[:, :, None]))).sum())
        n = float((pair.joint * among[:, None, None]).sum())
        low, high = tango(up, down, n, level=context.options.level)
        exact = float(exact_sign(np.array(up), np.array(down)))
        p = float(mcnemar_midp(np.array(up), np.array(down)))
        return replace(known, low=low, high=high, p_value=p, p_exact=exact, test="mcnemar_midp")
    assert pair.units is not None
    sides = (pair.units * hit).sum((-2, -1))
    n_g = (pair.units[:, 0] * among[:, None]).sum((-2, -1))
    sums = np.column_stack([sides[:, 0] - sides[:, 1], n_g])
    held = jackknifed(
        known, sums[n_g > 0], lambda t: divide(t[..., 0], t[..., 1])[..., None], level=context.options.level
    )
    rng = generator(context.options.seed, "signs", known.question, known.a, known.b, known.stratum, known.statistic)
    p = sign_flip(sums[:, 0], rng=rng, draws=context.options.replicates)
    both_sides = sides_of(
        sides, n_g[:, None].repeat(2, 1), weights=np.array([1.0, -1.0]), worth=None, degrees=cluster_df
    )
    wide = no_surer(held, both_sides, level=context.options.level)
    return replace(wide, p_value=p, test=_permutation(context), spread=held.spread)


def _permutation(context: Context) -> str:
    return "cluster_permutation" if context.design.clustered else "permutation"


# ----------------------------------------------------------------------------------------------------- coefficients


def _drawn(bench: _Bench, pair: _Pair) -> Floats | None:
    """Draws of both tables (B, 2, V, V) from the joint table's posterior, total prior mass 2; None where that is no way."""
    joint, options = pair.joint, bench.context.options
    if joint is None or joint.size > MANY_CELLS or not joint.any():
        return None
    support = np.ones(joint.shape, bool)
    support[-1] = False
    support[:, -1, :] = bool(joint[:, -1, :].any())
    support[:, :, -1] &= bool(joint[:, :, -1].any())
    known = pair.known
    rng = generator(options.seed, known.question, "judges", known.a, known.b, known.stratum)
    draws = min(options.draws, max(LEAST_DRAWS, MANY_DRAWN // joint.size))
    return both(dirichlet_tables(joint, support=support, draws=draws, rng=rng))


def _coefficient(
    bench: _Bench,
    pair: _Pair,
    known: Contrast,
    statistic: PairStatistic,
    draws: Floats | None,
    swaps: Floats | None,
) -> Contrast:
    context = bench.context
    if draws is not None:
        values = statistic.value(draws, context.scheme)
        d = values[:, 0] - values[:, 1]
        low, high = quantiles(d, level=context.options.level)
        return replace(
            known,
            low=clean(float(low)),
            high=clean(float(high)),
            p_value=tail_of_draws(d),
            test=POSTERIOR_OF_DIFFERENCE,
        )
    size = pair.tables.size

    def f(flat: Floats) -> Floats:
        value = statistic.value(flat.reshape(*flat.shape[:-1], *pair.tables.shape), context.scheme)
        return np.asarray((value[..., 0] - value[..., 1])[..., None])

    level = context.options.level
    if pair.joint is not None:
        at = np.argwhere(pair.joint > 0)
        units = np.zeros((len(at), *pair.tables.shape))
        units[np.arange(len(at)), 0, at[:, 0], at[:, 1]] = 1.0
        units[np.arange(len(at)), 1, at[:, 0], at[:, 2]] = 1.0
        held = jackknifed(known, units.reshape(-1, size), f, level=level, counts=pair.joint[pair.joint > 0])
        return within(held, most_apart(statistic))
    assert pair.units is not None and swaps is not None
    used = pair.units.any((1, 2, 3))
    held = jackknifed(known, pair.units[used].reshape(-1, size), f, level=level)
    p = swap_p_value(known.value or 0.0, f(swaps.reshape(len(swaps), -1))[:, 0])
    return within(replace(held, p_value=p, test=_permutation(context)), most_apart(statistic))


def _swaps(bench: _Bench, pair: _Pair) -> Floats | None:
    """(B, 2, V·V) both tables as they are when in each cluster the two judges change places at random."""
    if pair.units is None:
        return None
    a, b = (pair.units[:, side].reshape(len(pair.units), -1) for side in (0, 1))
    return swapped(a, b, signs=bench.signs)
