"""One judge's scores of items in one stratum, beside what the reference says of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from judgeaudit.audit.estimates.estimate import Estimate, finding_of
from judgeaudit.audit.estimates.jackknife import by_jackknife, varied
from judgeaudit.audit.setting.context import Context
from judgeaudit.domain.ratings import Codes, Floats, Mask
from judgeaudit.domain.results.audit import Finding
from judgeaudit.stats.intervals.limits import Link
from judgeaudit.stats.intervals.resample import jackknife
from judgeaudit.stats.probabilities.ranking import Cells, cells_of, coarser, places_of

Numbers = npt.NDArray[np.int64]
MANY_ITEMS = 2000
#: groups that a jackknife of few or many items deletes in turn, and cells that scores are then put into
_GROUPS, _FEWER_GROUPS = 100, 50
CELLS = 1000


@dataclass(frozen=True, kw_only=True)
class Scored:
    """Items (n,) with a score and a reference, in the order of their ids: place, score, whether positive, weight, dense unit, verdict.

    `verdict` is 1 where the judge calls the item positive, 0 where not, -1 without an answer. `words` say what the score is,
    "" for a probability.
    """

    context: Context
    judge: str
    stratum: str
    item: Numbers
    score: Floats
    positive: Mask
    weights: Floats
    unit: Numbers
    verdict: Numbers
    words: str = ""

    @property
    def n(self) -> int:
        return self.score.size

    @property
    def y(self) -> Floats:
        return self.positive.astype(float)

    @property
    def g(self) -> int:
        """Units that have an item here."""
        return int(self.unit.max(initial=-1)) + 1

    @cached_property
    def distinct(self) -> tuple[Floats, Numbers]:
        """Ascending scores, and the place of each item's among them."""
        return places_of(self.score)

    def cells(self, *, most: int | None, weighted: bool = True) -> Cells:
        """Totals by score, of positive items as hits; beyond `most` scores, of cells of neighbours."""
        value, place = self.distinct if most is None else coarser(*self.distinct, most=most)
        return cells_of(value, place, self.y, self.weights if weighted else np.ones(self.n))

    @cached_property
    def one_class(self) -> bool:
        return bool(self.positive.all() or not self.positive.any())

    @cached_property
    def groups(self) -> tuple[Numbers, str]:
        """The group (n,) that an item is deleted with, and what is deleted, in words: units, or where these are many, groups."""
        most = _GROUPS if self.n <= MANY_ITEMS else _FEWER_GROUPS
        if self.g <= most:
            return self.unit, varied(self.context)
        group = np.random.default_rng(most).permutation(self.g) % most
        return np.asarray(group[self.unit]), f"groups of {varied(self.context)}"

    def where(self, keep: Mask) -> Scored:
        """Of these items alone."""
        unit = np.unique(self.unit[keep], return_inverse=True)[1].ravel()
        return Scored(
            context=self.context,
            judge=self.judge,
            stratum=self.stratum,
            item=self.item[keep],
            score=self.score[keep],
            positive=self.positive[keep],
            weights=self.weights[keep],
            unit=unit,
            verdict=self.verdict[keep],
            words=self.words,
        )

    def finding(self, name: str, e: Estimate) -> Finding:
        return finding_of(
            e,
            question=self.context.question,
            stratum=self.stratum,
            subject=self.judge,
            versus="reference",
            statistic=name,
            n_items=self.n,
            n_clusters=self.g,
        )

    def by_groups(
        self, values: Sequence[float], totals: Floats, f: Callable[[Floats], Floats], links: Sequence[Link]
    ) -> list[Estimate]:
        """Values (S,) with the jackknife intervals of f, which maps totals (..., D) to (..., S), over groups' totals (G, D)."""
        spread = jackknife(totals, counts=np.ones(len(totals)), f=f)
        what = self.groups[1]
        return [
            by_jackknife(self.context, center=value, se=float(se), g=len(totals), link=link, what=what)
            for value, se, link in zip(values, spread.se, links, strict=True)
        ]


def scored(context: Context, judge: str, score: Floats, stratum: str, *, words: str = "") -> Scored:
    """The items of a stratum with a score (N,), nan where there is none, and a reference."""
    codes = context.reference.codes
    used = np.flatnonzero(context.ratings.strata[stratum] & (codes >= 0) & ~np.isnan(score))
    used = used[np.argsort(context.design.rank[used])]  # where scores tie, no bin may depend on the order of rows
    unit = np.unique(context.design.units[used], return_inverse=True)[1].ravel()
    return Scored(
        context=context,
        judge=judge,
        stratum=stratum,
        item=used,
        score=score[used],
        positive=np.asarray(context.scheme.positive[codes[used]], bool),
        weights=context.design.weights[used],
        unit=unit,
        verdict=sides(context, judge)[used],
        words=words,
    )


def sides(context: Context, judge: str) -> Numbers:
    """(N,) 1 where the judge's verdict is positive, 0 where not, -1 where there is none."""
    codes: Codes = context.ratings.judges[context.ratings.judge_names.index(judge)]
    answered = (codes >= 0) & (codes < context.ratings.no_answer)
    positive = np.asarray(context.scheme.positive, bool)[np.where(answered, codes, 0)]
    return np.where(answered, positive, -1).astype(np.int64)
