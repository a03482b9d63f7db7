"""The shelf: every statistic of one rater against another, by its name in audit.json.

A statistic is either a share (numerator and denominator, counted) or a value; both are functions of a table (..., V, V).
A new one is a function in `stats/`, a line here, and a record in `judgeaudit/domain/catalogue`, without which no line is made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from judgeaudit.audit.setting.scheme import Scheme
from judgeaudit.domain.catalogue.statistics import entry_of
from judgeaudit.domain.ratings import Floats
from judgeaudit.stats.agreement import correlation as ranks
from judgeaudit.stats.agreement import two_raters as agreement
from judgeaudit.stats.intervals.limits import Link
from judgeaudit.stats.rates import confusion as rates
from judgeaudit.stats.rates.confusion import Share


@dataclass(frozen=True, slots=True, kw_only=True)
class PairStatistic:
    """How one statistic is computed, on which scale its jackknife interval is made, and when it applies."""

    name: str
    link: Link
    share: Callable[[Floats, Scheme], Share] | None = None
    function: Callable[[Floats, Scheme], Floats] | None = None
    one_class: bool = False  # has no value, or says nothing, where the reference uses one label only
    reference_only: bool = False
    answered_only: bool = False

    def __post_init__(self) -> None:
        entry_of(self.name)

    def value(self, t: Floats, scheme: Scheme) -> Floats:
        """(..., V, V) -> (...)."""
        if self.share is not None:
            return self.share(t, scheme).value
        assert self.function is not None
        return self.function(t, scheme)


@lru_cache(maxsize=8)
def statistics_for(scheme: Scheme, *, reference: bool) -> tuple[PairStatistic, ...]:
    """The statistics that exist on this scale, for a reference (`reference`) or for another rater."""
    if scheme.many:
        return ()
    out = [*_agreement(scheme), *_ordered(scheme)]
    if reference:
        out += [*_RATES, *(_POSITIVE if scheme.has_positive else ())]
    return tuple(out)


def _inner(t: Floats) -> Floats:
    return t[..., :-1, :-1]


def _agreement(scheme: Scheme) -> list[PairStatistic]:
    out = [
        PairStatistic(name="percent_agreement", link="logit", share=lambda t, s: rates.accuracy(t)),
        PairStatistic(
            name="cohen_kappa",
            link="fisher",
            function=lambda t, s: agreement.cohen_kappa(t, weights=s.identity),
            one_class=True,
        ),
        PairStatistic(name="scott_pi", link="fisher", function=lambda t, s: agreement.scott_pi(t, weights=s.identity)),
        PairStatistic(
            name="gwet_ac1",
            link="fisher",
            function=lambda t, s: _gwet_ac(t, s, s.identity),
        ),
        PairStatistic(
            name="brennan_prediger",
            link="fisher",
            function=lambda t, s: agreement.brennan_prediger(t, weights=s.identity, n_labels=s.declared),
        ),
    ]
    out += [_alpha(name) for name in scheme.deltas]
    if scheme.ordered:
        out += [
            PairStatistic(
                name="cohen_kappa_linear",
                link="fisher",
                function=lambda t, s: agreement.cohen_kappa(t, weights=s.linear),
                one_class=True,
            ),
            PairStatistic(
                name="cohen_kappa_quadratic",
                link="fisher",
                function=lambda t, s: agreement.cohen_kappa(t, weights=s.quadratic),
                one_class=True,
            ),
            PairStatistic(
                name="gwet_ac2",
                link="fisher",
                function=lambda t, s: _gwet_ac(t, s, s.quadratic),
            ),
        ]
    return out


def _gwet_ac(t: Floats, s: Scheme, weights: Floats) -> Floats:
    order = s.declared_first
    if s.declared < s.k:
        t, weights = t[..., order, :][..., order], weights[np.ix_(order, order)]
    return agreement.gwet_ac(t, weights=weights, n_labels=s.declared)


def _alpha(name: str) -> PairStatistic:
    def value(t: Floats, s: Scheme) -> Floats:
        return agreement.krippendorff_alpha(t, delta=s.deltas[name], no_answer=True)

    return PairStatistic(name=name, link="fisher", function=value)


def _ordered(scheme: Scheme) -> list[PairStatistic]:
    if not scheme.ordered:
        return []
    out = [
        PairStatistic(
            name="spearman_rho", link="fisher", function=lambda t, s: ranks.spearman_rho(_inner(t)), answered_only=True
        ),
        PairStatistic(
            name="kendall_tau_b",
            link="fisher",
            function=lambda t, s: ranks.kendall_tau_b(_inner(t)),
            answered_only=True,
        ),
    ]
    if scheme.question.scale == "interval":
        out += [
            PairStatistic(
                name="pearson_r",
                link="fisher",
                function=lambda t, s: ranks.pearson_r(ranks.moments(_inner(t), s.numbers)),
                answered_only=True,
            ),
            PairStatistic(
                name="mean_absolute_error",
                link="log",
                function=lambda t, s: ranks.mean_absolute_error(_inner(t), s.numbers),
                answered_only=True,
            ),
            *(_icc(name) for name in ranks.Icc._fields),
        ]
    return out


def _icc(name: str) -> PairStatistic:
    def value(t: Floats, s: Scheme) -> Floats:
        table = ranks.anova_of_pair(ranks.moments(_inner(t), s.numbers))
        return np.asarray(getattr(ranks.intraclass(table), name))

    return PairStatistic(name=name, link="fisher", function=value, answered_only=True)


_RATES = (
    PairStatistic(name="accuracy", link="logit", share=lambda t, s: rates.accuracy(t), reference_only=True),
    PairStatistic(name="coverage", link="logit", share=lambda t, s: rates.coverage(t), reference_only=True),
    PairStatistic(
        name="balanced_accuracy", link="logit", function=lambda t, s: rates.balanced_accuracy(t), one_class=True
    ),
    PairStatistic(name="f1_macro", link="logit", function=lambda t, s: rates.f1_macro(t), one_class=True),
    PairStatistic(
        name="matthews_corrcoef",
        link="fisher",
        function=lambda t, s: rates.matthews_corrcoef(t),
        one_class=True,
        answered_only=True,
    ),
)


def _share(name: str, function: Callable[..., Share]) -> PairStatistic:
    return PairStatistic(name=name, link="logit", share=lambda t, s: function(t, positive=s.positive))


_POSITIVE = (
    _share("sensitivity", rates.sensitivity),
    _share("specificity", rates.specificity),
    _share("precision", rates.precision),
    _share("negative_predictive_value", rates.negative_predictive_value),
    _share("false_positive_rate", rates.false_positive_rate),
    _share("false_negative_rate", rates.false_negative_rate),
    _share("prevalence_reference", rates.prevalence_reference),
    _share("prevalence_judge", rates.prevalence_judge),
    PairStatistic(name="f1", link="logit", function=lambda t, s: rates.f1(t, positive=s.positive), one_class=True),
    PairStatistic(
        name="youden_j", link="fisher", function=lambda t, s: rates.youden_j(t, positive=s.positive), one_class=True
    ),
    PairStatistic(
        name="prevalence_bias",
        link="identity",
        function=lambda t, s: rates.prevalence_bias(t, positive=s.positive, prevalence=None),
    ),
)
