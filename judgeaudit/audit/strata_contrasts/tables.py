"""One judge in the strata of one column: tables and posterior draws are made once and serve every pair and statistic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from judgeaudit.audit.agreement.pairs import judge_codes, reference_rows
from judgeaudit.audit.estimates.table_estimates import posterior_tables
from judgeaudit.audit.setting.context import Context, Tables, tables_of, treated
from judgeaudit.audit.setting.design import ranked
from judgeaudit.audit.setting.pair_statistics import PairStatistic
from judgeaudit.domain.ratings import Codes, Floats


@dataclass(frozen=True, kw_only=True)
class JudgeInStrata:
    """`tables` by stratum; `unanswered` is how no answer is treated, None as the audit treats it; draws and their values are kept."""

    context: Context
    name: str
    tables: dict[str, Tables]
    unanswered: str | None = None
    draws: dict[str, Floats] = field(default_factory=dict)
    values: dict[tuple[str, str], Floats] = field(default_factory=dict)

    @property
    def exchangeable(self) -> bool:
        return all(one.exchangeable for one in self.tables.values())

    def drawn(self, stratum: str, statistic: PairStatistic) -> Floats:
        """Posterior draws of a statistic; strata hold different items, so those of two strata are independent."""
        options, context = self.context.options, self.context
        if stratum not in self.draws:
            names = (context.question, self.name, "reference", stratum)
            table = self.tables[stratum].table
            self.draws[stratum] = posterior_tables(table, draws=options.draws, seed=options.seed, names=names)
        key = (stratum, statistic.name)
        if key not in self.values:
            self.values[key] = statistic.value(self.draws[stratum], context.scheme)
        return self.values[key]

    def units(self, strata: Sequence[str]) -> Floats:
        """(U, L, V, V): each unit's table in each of the strata, in which no two share an item; units without one are left out."""
        names = list(self.tables)
        chosen = self._whole[:, [names.index(stratum) for stratum in strata]]
        return np.asarray(chosen[chosen.any((1, 2, 3))])

    @cached_property
    def _whole(self) -> Floats:
        """The same for all strata, units without an item among them."""
        context, v, strata = self.context, self.context.scheme.k + 1, list(self.tables)
        rows, codes = codes_of(context, self.name, unanswered=self.unanswered)
        side = np.full(context.ratings.n_items, -1)
        for place, stratum in enumerate(strata):
            side[context.ratings.strata[stratum]] = place
        pair, item = np.nonzero((rows >= 0) & (codes >= 0) & (side >= 0))
        dense, g = ranked(context.design.units[item])
        size = len(strata) * v * v
        cell = dense * size + side[item] * v * v + rows[pair, item] * v + codes[pair, item]
        flat = np.bincount(cell, context.design.weights[item], minlength=g * size).astype(float)
        return flat.reshape(g, len(strata), v, v)


def judge_in(context: Context, judge: str, strata: Sequence[str], *, unanswered: str | None = None) -> JudgeInStrata:
    """The tables of a judge in each of the strata."""
    rows, codes = codes_of(context, judge, unanswered=unanswered)
    tables = {name: tables_of(context, rows, codes, context.ratings.strata[name]) for name in strata}
    return JudgeInStrata(context=context, name=judge, tables=tables, unanswered=unanswered)


def codes_of(context: Context, judge: str, *, unanswered: str | None = None) -> tuple[Codes, Codes]:
    """The reference's codes and the judge's, both (M, N)."""
    rows = reference_rows(context)
    codes = treated(judge_codes(context, judge), context, unanswered=unanswered)
    return rows, np.asarray(np.broadcast_to(codes, rows.shape))
