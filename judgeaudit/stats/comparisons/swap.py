"""The change of a statistic between two audits, and what of it the judge, the labels and the items each made.

Six tables of reference labels by verdicts are made, A to F: all items of the old audit; then on the items that both share (old
labels, old verdicts), (old labels, new verdicts), (new labels, old verdicts), (new labels, new verdicts); all items of the new
audit. With f of each: judge = ½ [(C − B) + (E − D)], labels = ½ [(D − B) + (E − C)], items = (B − A) + (F − E). The three sum to
F − A. Halves because either may be swapped first (Shapley 1953, of two players).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from judgeaudit.stats.agreement.two_raters import Array
from judgeaudit.stats.intervals.resample import PRIOR_MASS, quantiles

Codes = npt.NDArray[np.int64]
#: from (..., V, V) to (..., S)
Function = Callable[[Array], Array]
TABLES = 6
#: more cells of the joint table than these have a jackknife instead of a posterior
MOST_CELLS = 2000
_BLOCK = 2_000_000
MANY_UNITS, GROUPS = 5000, 2048


@dataclass(frozen=True, kw_only=True)
class Pairing:
    """N items of either audit. Codes are 0..V−2 for labels, V−1 for no answer, −1 where there is nothing.

    old_labels, new_labels, old_verdicts, new_verdicts  (N,)
    old, new    (N,) whether the item, with the same text, stands in that audit
    weights     (2, N) of the old and of the new audit
    units       (N,) what varies together
    """

    old_labels: Codes
    new_labels: Codes
    old_verdicts: Codes
    new_verdicts: Codes
    old: npt.NDArray[np.bool_]
    new: npt.NDArray[np.bool_]
    weights: Array
    units: Codes
    size: int

    @property
    def exchangeable(self) -> bool:
        """Every item stands for itself."""
        return bool(np.unique(self.units).size == self.units.size and np.all(self.weights == 1.0))


class Change(NamedTuple):
    """(4, S) the whole change and the parts of judge, labels and items; limits are nan where there are none."""

    value: Array
    low: Array
    high: Array
    method: str


def parts_of(values: Array) -> Array:
    """(..., 6, S) values of the six tables -> (..., 4, S): the whole, the judge's part, the labels', the items'."""
    a, b, c, d, e, f = (values[..., i, :] for i in range(TABLES))
    judge, labels = ((c - b) + (e - d)) / 2, ((d - b) + (e - c)) / 2
    return np.stack([f - a, judge, labels, (b - a) + (f - e)], axis=-2)


def change_of(
    pairing: Pairing,
    f: Function,
    *,
    level: float,
    draws: int,
    rng: np.random.Generator,
    quantile: Callable[[int], float],
) -> Change:
    """The change and its parts with intervals; undefined where a table has no value of the statistic.

    Exchangeable items get a posterior of the joint table, whose prior (mass 2 for shared items, old and new ones
    each) lies on what can change alone;
    others a delete-one-unit jackknife, `quantile` giving the quantile of Student's t for so many units.
    """
    value = parts_of(f(tables_of(pairing)))
    if pairing.exchangeable and _joint_cells(pairing) <= MOST_CELLS:
        weight, cells = _joint(pairing)
        drawn = np.concatenate(
            [
                parts_of(f(_tables(rng.standard_gamma(weight, (n, weight.size)), cells, pairing.size)))
                for n in _parts(draws, max(1, _BLOCK // (TABLES * pairing.size**2 + weight.size)))
            ]
        )
        low, high = quantiles(drawn, level=level)
        return Change(value, *_around(value, low, high), "posterior of the joint table")
    se, n = _jackknife(pairing, f, value)
    half = quantile(n) * se
    still = _still(pairing)[:, None] & np.isfinite(value)
    good = np.isfinite(half) & (se > 1e-12)
    low = np.where(still, 0.0, np.where(good, value - half, np.nan))
    high = np.where(still, 0.0, np.where(good, value + half, np.nan))
    return Change(value, low, high, f"jackknife-t over {n:,} units of both audits")


def _still(pairing: Pairing) -> npt.NDArray[np.bool_]:
    """(4,) the parts that are 0 for sure, since nothing of theirs changed."""
    _, _, relabelled, rejudged = _supports(pairing)
    same = bool(np.all(pairing.old & pairing.new) and np.all(pairing.weights[0] == pairing.weights[1]))
    return np.array([same and not relabelled and not rejudged, not rejudged, not relabelled, same])


def tables_of(pairing: Pairing) -> Array:
    """The six tables (6, V, V)."""
    ones = np.ones((1, pairing.old.size))
    made: Array = _tables(ones, _cells(pairing), pairing.size, weights=pairing.weights)[0]
    return made


def _cells(pairing: Pairing) -> Codes:
    """(6, N) the cell of each item in each table; −1 where it is in none."""
    v, both = pairing.size, pairing.old & pairing.new
    out = []
    for labels, verdicts, inside in (
        (pairing.old_labels, pairing.old_verdicts, pairing.old),
        (pairing.old_labels, pairing.old_verdicts, both),
        (pairing.old_labels, pairing.new_verdicts, both),
        (pairing.new_labels, pairing.old_verdicts, both),
        (pairing.new_labels, pairing.new_verdicts, both),
        (pairing.new_labels, pairing.new_verdicts, pairing.new),
    ):
        out.append(np.where(inside & (labels >= 0) & (verdicts >= 0), labels * v + verdicts, -1))
    return np.stack(out)


def _tables(counts: Array, cells: Codes, v: int, *, weights: Array | None = None) -> Array:
    """(B, P) counts of P kinds of items, each with a cell in each table -> (B, 6, V, V)."""
    out = np.zeros((counts.shape[0], TABLES, v * v))
    for table in range(TABLES):
        kinds = np.flatnonzero(cells[table] >= 0)
        spread = np.zeros((kinds.size, v * v))
        weight = 1.0 if weights is None else weights[int(table == TABLES - 1)][kinds]
        spread[np.arange(kinds.size), cells[table][kinds]] = weight
        out[:, table] = counts[:, kinds] @ spread
    return out.reshape(-1, TABLES, v, v)


# ------------------------------------------------------------------------------------------------------- posterior


class _Supports(NamedTuple):
    """The labels and verdicts that could have been given, and whether labels and verdicts of shared items changed at all."""

    labels: Codes
    verdicts: Codes
    relabelled: bool
    rejudged: bool


def _supports(pairing: Pairing) -> _Supports:
    both = pairing.old & pairing.new
    silent = bool(
        np.any(pairing.old_verdicts[pairing.old] == pairing.size - 1)
        or np.any(pairing.new_verdicts[pairing.new] == pairing.size - 1)
    )
    return _Supports(
        labels=np.arange(pairing.size - 1),
        verdicts=np.arange(pairing.size if silent else pairing.size - 1),
        relabelled=bool(np.any((pairing.old_labels != pairing.new_labels)[both])),
        rejudged=bool(np.any((pairing.old_verdicts != pairing.new_verdicts)[both])),
    )


def _joint_cells(pairing: Pairing) -> int:
    labels, verdicts, relabelled, rejudged = _supports(pairing)
    return int(labels.size ** (1 + relabelled) * verdicts.size ** (1 + rejudged) + 2 * labels.size * verdicts.size)


def _joint(pairing: Pairing) -> tuple[Array, Codes]:
    """Kinds of items with their counts and share of the prior (P,), and their cells (6, P)."""
    supports = _supports(pairing)
    kinds: dict[_Kind, float] = {}
    for in_old, in_new in ((True, True), (True, False), (False, True)):
        mine = (pairing.old == in_old) & (pairing.new == in_new)
        if mine.any():
            possible = _possible_answers(supports, shared=in_old and in_new)
            mass = min(PRIOR_MASS, float(mine.sum())) / len(possible)
            kinds |= {(*answers, in_old, in_new): mass for answers in possible}
            for answers, count in _given_answers(pairing, mine, in_old=in_old, in_new=in_new):
                kinds[*answers, in_old, in_new] = kinds.get((*answers, in_old, in_new), 0.0) + count
    keys = np.array([key[:4] for key in kinds], np.int64).reshape(-1, 4)
    sides = np.array([key[4:] for key in kinds], bool).reshape(-1, 2)
    made = Pairing(
        old_labels=keys[:, 0],
        new_labels=keys[:, 1],
        old_verdicts=keys[:, 2],
        new_verdicts=keys[:, 3],
        old=sides[:, 0],
        new=sides[:, 1],
        weights=np.ones((2, len(keys))),
        units=np.arange(len(keys)),
        size=pairing.size,
    )
    return np.array(list(kinds.values())), _cells(made)


#: old label, new label, old verdict, new verdict
_Answers = tuple[int, int, int, int]
#: these, and whether the item is in the old audit and in the new one
_Kind = tuple[int, int, int, int, bool, bool]


def _possible_answers(supports: _Supports, *, shared: bool) -> list[_Answers]:
    """What can be answered about an item; an item that is not shared has one label and one verdict."""
    labels, verdicts = supports.labels.tolist(), supports.verdicts.tolist()
    return [
        (old_label, new_label, old_verdict, new_verdict)
        for old_label in labels
        for new_label in (labels if shared and supports.relabelled else [old_label])
        for old_verdict in verdicts
        for new_verdict in (verdicts if shared and supports.rejudged else [old_verdict])
    ]


def _given_answers(
    pairing: Pairing, mine: npt.NDArray[np.bool_], *, in_old: bool, in_new: bool
) -> Iterator[tuple[_Answers, int]]:
    """What was answered about these items, and how often; what the other audit does not hold is of no account."""
    four = np.stack([pairing.old_labels, pairing.new_labels, pairing.old_verdicts, pairing.new_verdicts])[:, mine]
    seen, counts = np.unique(four, axis=1, return_counts=True)
    for (old_label, new_label, old_verdict, new_verdict), count in zip(seen.T.tolist(), counts.tolist(), strict=True):
        if in_old and in_new:
            yield (old_label, new_label, old_verdict, new_verdict), count
        else:
            label, verdict = (old_label, old_verdict) if in_old else (new_label, new_verdict)
            yield (label, label, verdict, verdict), count


def _parts(total: int, most: int) -> list[int]:
    return [min(most, total - start) for start in range(0, total, most)]


def _around(value: Array, low: Array, high: Array) -> tuple[Array, Array]:
    """Limits that hold the value, whatever the prior does at the edge of a scale."""
    return np.minimum(low, value), np.maximum(high, value)


# ------------------------------------------------------------------------------------------------------- jackknife


def _jackknife(pairing: Pairing, f: Function, value: Array) -> tuple[Array, int]:
    """Standard errors (4, S) from deleting each unit from both audits at once, and how many units there are."""
    _, units = np.unique(pairing.units, return_inverse=True)
    units = units.ravel()
    n = int(units.max(initial=-1)) + 1
    if n > MANY_UNITS:
        units = (np.random.default_rng(20_480).permutation(n) % GROUPS)[units]
        n = GROUPS
    cells, v = _cells(pairing), pairing.size
    total = tables_of(pairing)
    squares = np.zeros_like(value)
    counted = np.zeros_like(value)
    step = max(1, _BLOCK // (TABLES * v * v))
    for start in range(0, n, step):
        size = min(step, n - start)
        taken = np.zeros((size, TABLES, v * v))
        mine = np.flatnonzero((units >= start) & (units < start + size))
        for table in range(TABLES):
            rows = mine[cells[table][mine] >= 0]
            np.add.at(
                taken[:, table],
                (units[rows] - start, cells[table][rows]),
                pairing.weights[int(table == TABLES - 1)][rows],
            )
        left = parts_of(f(total - taken.reshape(size, TABLES, v, v)))
        squares += (np.nan_to_num(left - value[None]) ** 2).sum(0)
        counted += np.isfinite(left).sum(0)
    enough = counted >= 2
    return np.where(enough, np.sqrt((counted - 1) / np.maximum(counted, 1) * squares), np.nan), n
