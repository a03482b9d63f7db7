"""A judge among the people: items with equal labels as one row, and how often each row occurs in each unit of a stratum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from judgeaudit.audit.estimates.jackknife import cluster_df
from judgeaudit.audit.setting.context import Context
from judgeaudit.domain.ratings import Codes, Floats, Mask
from judgeaudit.stats.agreement.patterns import distinct_columns

Numbers = npt.NDArray[np.int64]
MANY_ROWS = 5000
CELLS_AT_ONCE = 4_000_000


class Rows(NamedTuple):
    """Distinct rows of labels: people (R, P), judge (P,), and which row each item has (N,)."""

    people: Codes
    judge: Codes
    of_item: Numbers


@dataclass(frozen=True, kw_only=True)
class Company:
    """C cells, each some items of one row in one unit: `weight` (C,) and `squares` (C,) sum their weights and the squares of
    these, `items` (C,) is their number.

    `repeats` (U,) says how many equal units a unit stands for: where items are exchangeable a row is the unit of all its items.
    """

    rows: Rows
    row: Numbers
    unit: Numbers
    weight: Floats
    squares: Floats
    items: Floats
    repeats: Floats
    exchangeable: bool

    def totals(self, per_row: Floats) -> Floats:
        """(P, D) values of the rows -> (U, D), summed over each unit's items."""
        u = self.repeats.size
        here = per_row[self.row]
        columns = [np.bincount(self.unit, self.weight * column, minlength=u) for column in here.T]
        return np.stack(columns, 1).astype(float)

    def n_items(self, rows: Mask) -> int:
        """Items whose row is marked, (P,)."""
        return int(self.items[rows[self.row]].sum())

    def n_units(self, rows: Mask) -> int:
        """Units that hold such an item: clusters, or the items themselves."""
        used = rows[self.row]
        return int(self.items[used].sum()) if self.exchangeable else int(np.unique(self.unit[used]).size)

    def df(self, units: int) -> float:
        """Degrees of freedom of a mean over so many units: n − 1 of items, fewer of clusters and weighted items."""
        return max(float(units - 1), 1.0) if self.exchangeable else cluster_df(units)


def distinct_rows(people: Codes, judge: Codes, *, n_labels: int) -> Rows:
    """Items with the same labels by the same raters as one row. (R, N), (N,) -> rows and each item's."""
    first, of_item = distinct_columns(np.concatenate([people, judge[None]]), base=n_labels + 2)
    return Rows(people[:, first], judge[first], of_item)


def item_rows(people: Codes, judge: Codes) -> Rows:
    """Every item as a row of its own, where more than labels is known of it."""
    return Rows(people, judge, np.arange(people.shape[1], dtype=np.int64))


def company_in(context: Context, rows: Rows, mask: Mask) -> Company:
    """The cells of a stratum."""
    design, p = context.design, rows.judge.size
    row = rows.of_item[mask]
    if design.exchangeable and p <= MANY_ROWS:
        counts = np.bincount(row, minlength=p)
        used = np.flatnonzero(counts)
        alone = np.ones(used.size)
        n = counts[used].astype(float)
        return Company(
            rows=rows,
            row=used,
            unit=np.arange(used.size),
            weight=alone,
            squares=alone,
            items=n,
            repeats=n,
            exchangeable=True,
        )
    unit, weight, n = design.units[mask], design.weights[mask], np.ones(row.size)
    squares = weight**2
    units = int(design.units.max(initial=-1)) + 1
    if units * p <= CELLS_AT_ONCE:
        key = unit * p + row
        n = np.bincount(key, minlength=units * p)
        used = np.flatnonzero(n)
        weight, squares = (np.bincount(key, w, minlength=units * p)[used].astype(float) for w in (weight, squares))
        n, unit, row = n[used], used // p, used % p
    there = np.bincount(unit, minlength=units) > 0
    dense = (np.cumsum(there) - 1)[unit]
    return Company(
        rows=rows,
        row=row,
        unit=dense,
        weight=weight,
        squares=squares,
        items=n.astype(float),
        repeats=np.ones(int(there.sum())),
        exchangeable=design.exchangeable,
    )
