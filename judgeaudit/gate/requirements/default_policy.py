"""The default policy of each purpose, and which requirements hold in a stratum that knows one class only."""

from __future__ import annotations

from dataclasses import replace

from judgeaudit.domain.catalogue.statistics import entry_of
from judgeaudit.domain.policy import Policy, Require

RATE = 0.80
FALSE_ALARMS = 0.20
AGREEMENT = 0.667
#: the code of a stratum with too few items to be decided on
SMALL = "too_few_items"


def requirements_for(
    policy: Policy, *, scale: str, has_positive: bool, columns: tuple[str, ...]
) -> tuple[Require, ...]:
    """The policy's own requirements, or the default ones of its purpose on this scale; the people's ceiling last."""
    if policy.require is not None:
        return policy.require
    ceiling = people_requirements(one_class=False)
    if policy.purpose == "rate":
        return (Require(statistic="prevalence_bias", at_most=policy.max_bias), *ceiling)
    if policy.purpose == "compare":
        names = ("false_positive_rate", "false_negative_rate") if has_positive else ("percent_agreement",)
        return (*(Require(contrast=name, between=columns, at_most=policy.max_bias) for name in names), *ceiling)
    if scale == "binary":
        return (
            Require(statistic="sensitivity", at_least=RATE),
            Require(statistic="specificity", at_least=RATE),
            Require(statistic="cohen_kappa", at_least=AGREEMENT),
            *ceiling,
        )
    name = "cohen_kappa" if scale == "nominal" else "krippendorff_alpha"
    return (Require(statistic=name, at_least=AGREEMENT), *ceiling)


def people_requirements(*, one_class: bool) -> tuple[Require, ...]:
    """The ceiling: people's alpha, or their raw agreement where one class is all that they saw."""
    name = "percent_agreement" if one_class else "krippendorff_alpha"
    return (Require(statistic=name, subject="humans", at_least=AGREEMENT),)


def one_class_requirements(policy: Policy, *, scale: str, positives: bool) -> tuple[Require, ...]:
    """What decides, by default, where the people saw one class: rates that exist there, and raw agreement as ceiling."""
    ceiling = people_requirements(one_class=True)
    if policy.purpose == "rate":
        return (Require(statistic="prevalence_bias", at_most=policy.max_bias), *ceiling)
    if scale == "binary":
        own = (
            Require(statistic="sensitivity", at_least=RATE)
            if positives
            else Require(statistic="false_positive_rate", at_most=FALSE_ALARMS)
        )
        return (own, *ceiling)
    return (Require(statistic="percent_agreement", at_least=RATE), *ceiling)


def that_exist_in_one_class(asked: tuple[Require, ...], *, positives: bool | None) -> tuple[Require, ...]:
    """A policy's own requirements where the people saw one class: those on rates that exist there decide.

    What a requirement asks of a stratum that it names itself stays asked. Where nothing asked of the judge exists, all stays
    asked and the stratum stays undetermined.
    """
    kept = tuple(other for r in asked if (other := _in_one_class(r, positives=positives)) is not None)
    return kept if any(r.subject == "judge" for r in kept) else asked


def _in_one_class(require: Require, *, positives: bool | None) -> Require | None:
    if require.statistic is None or require.strata is not None:
        return require
    entry = entry_of(require.statistic)
    if entry.kept:
        return require
    if require.subject == "humans":
        beyond_chance = entry.classes == "two" and not entry.name.startswith("icc_")
        return replace(require, statistic="percent_agreement") if beyond_chance else require
    absent = "two" if positives is None else "negative" if positives else "positive"
    return None if entry.classes in ("two", absent) else require
