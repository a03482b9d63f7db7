"""The default policy of each purpose, and which requirements hold in a stratum that knows one class only."""

from __future__ import annotations

from judgeaudit.domain.policy import Policy, Require

RATE = 0.80
FALSE_ALARMS = 0.20
AGREEMENT = 0.667


def requirements_for(
    policy: Policy, *, scale: str, has_positive: bool, columns: tuple[str, ...]
) -> tuple[Require, ...]:
    """The policy's own requirements, or the default ones of its purpose on this scale; the people's ceiling last."""
    if policy.require is not None:
        return policy.require
    ceiling = Require(statistic="krippendorff_alpha", subject="humans", at_least=AGREEMENT)
    if policy.purpose == "rate":
        return (Require(statistic="prevalence_bias", at_most=policy.max_bias), ceiling)
    if policy.purpose == "compare":
        names = ("false_positive_rate", "false_negative_rate") if has_positive else ("percent_agreement",)
        return (*(Require(contrast=name, between=columns, at_most=policy.max_bias) for name in names), ceiling)
    if scale == "binary":
        return (
            Require(statistic="sensitivity", at_least=RATE),
            Require(statistic="specificity", at_least=RATE),
            Require(statistic="cohen_kappa", at_least=AGREEMENT),
            ceiling,
        )
    name = "cohen_kappa" if scale == "nominal" else "krippendorff_alpha"
    return (Require(statistic=name, at_least=AGREEMENT), ceiling)


def one_class_requirements(policy: Policy, *, scale: str, positives: bool) -> tuple[Require, ...]:
    """What decides, by default, where the people saw one class: rates that exist there, and raw agreement as ceiling."""
    ceiling = Require(statistic="percent_agreement", subject="humans", at_least=AGREEMENT)
    if policy.purpose == "rate":
        return (Require(statistic="prevalence_bias", at_most=policy.max_bias), ceiling)
    if scale == "binary":
        own = (
            Require(statistic="sensitivity", at_least=RATE)
            if positives
            else Require(statistic="false_positive_rate", at_most=FALSE_ALARMS)
        )
        return (own, ceiling)
    return (Require(statistic="percent_agreement", at_least=RATE), ceiling)
