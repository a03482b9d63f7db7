"""Areas under ROC of two judges on the same items, where both give probabilities."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from judgeaudit.audit.estimates.estimate import clean
from judgeaudit.audit.estimates.jackknife import cluster_df
from judgeaudit.audit.setting.context import Context
from judgeaudit.domain.ratings import Mask
from judgeaudit.domain.results.audit import Contrast
from judgeaudit.stats.probabilities.delong import paired_delong


@dataclass(frozen=True)
class Areas:
    """Each judge's probabilities are sorted once."""

    context: Context
    ranks: dict[str, npt.NDArray[np.int64]] = field(default_factory=dict)

    def contrast(self, known: Contrast, mask: Mask) -> Contrast | None:
        """The difference of `known`'s two judges; None where one has no probabilities."""
        context, design = self.context, self.context.design
        pa, pb = (context.ratings.probability.get(name) for name in (known.a, known.b))
        if pa is None or pb is None or not context.scheme.has_positive:
            return None
        used = mask & (context.reference.codes >= 0) & ~np.isnan(pa) & ~np.isnan(pb)
        n = int(used.sum())
        known = replace(known, statistic="roc_auc", n_items=n)
        positive = context.scheme.positive[context.reference.codes[used]]
        if not n or positive.all() or not positive.any():
            return replace(known, undefined="one_class_human" if n else "no_pairable")
        rarer = min(int(positive.sum()), int((~positive).sum()))
        plain = design.exchangeable
        units = None if plain else design.units[used]
        found = paired_delong(
            self._ranks(known.a)[used],
            self._ranks(known.b)[used],
            positive,
            weights=None if plain else design.weights[used],
            units=units,
            df=max(1.0, rarer - 1.0) if units is None else cluster_df(int(np.unique(units).size)),
            level=context.options.level,
        )
        return replace(
            known,
            value=found.difference,
            low=clean(found.low),
            high=clean(found.high),
            p_value=clean(found.p_value),
            test="delong",
        )

    def _ranks(self, judge: str) -> npt.NDArray[np.int64]:
        if judge not in self.ranks:
            self.ranks[judge] = np.unique(self.context.ratings.probability[judge], return_inverse=True)[1].ravel()
        return self.ranks[judge]
