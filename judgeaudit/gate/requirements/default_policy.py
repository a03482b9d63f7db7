"""The default policy of each purpose, and which requirements hold in a stratum that knows one class only."""

from __future__ import annotations

from dataclasses import replace

from judgeaudit.domain.policy import Policy, Require

RATE = 0.80
FALSE_ALARMS = 0.20
AGREEMENT = 0.667
#: the code of a stratum with too few items to be decided on
SMALL = "too_few_items"

#: of people: agreement beyond chance, which has no meaning where everything is of one class
_BEYOND_CHANCE = ("fleiss_kappa", "cohen_kappa", "scott_pi", "krippendorff_alpha")
#: of a judge: what needs both classes
_TWO_CLASSES = (
    *_BEYOND_CHANCE,
    "matthews_corrcoef",
    "balanced_accuracy",
    "f1",
    "f1_macro",
    "youden_j",
    "roc_auc",
    "average_precision",
    "pearson_r",
    "spearman_rho",
    "kendall_tau_b",
    "icc_",
)
_OF_POSITIVES = ("sensitivity", "false_negative_rate", "precision")
_OF_NEGATIVES = ("specificity", "false_positive_rate", "negative_predictive_value")


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
    name = require.statistic
    if name is None or require.strata is not None:
        return require
    if require.subject == "humans":
        return replace(require, statistic="percent_agreement") if name.startswith(_BEYOND_CHANCE) else require
    absent = _TWO_CLASSES if positives is None else (*_TWO_CLASSES, *(_OF_NEGATIVES if positives else _OF_POSITIVES))
    return None if name.startswith(absent) else require
