"""Why a rate or a contrast of compare.json has no value: one sentence for each of its reason codes.

A code of audit.json that stands in compare.json, too, means the same there, except `no_order`.

Codes of anchors and notes are not here: each of them carries its own sentence in compare.json, with names and numbers.
"""

from __future__ import annotations

from functools import partial

from judgeaudit.domain.catalogue.reasons import REASONS, Reason, says

#: no verdict of a judge can be used
NO_VERDICTS = "no_verdicts"
_reason = partial(Reason, kind="comparison")

_REASONS = (
    _reason(
        code="labels_elsewhere",
        says="the labelled outputs are others than these",
        remedy="label some of these",
    ),
    _reason(code="labels_on_one_side", says="only one side is labelled there", remedy="label outputs of both"),
    _reason(code="no_coherent_output", says="no output here can be read"),
    _reason(
        code="no_common_prompts",
        says="the two have no prompt in common there",
        remedy="let both answer the same prompts",
    ),
    _reason(code="no_labels", says="neither side is labelled there", remedy="label outputs of both"),
    _reason(code="no_labels_here", says="no output here is labelled"),
    _reason(code="no_order", says="no two methods have a value under both"),
    _reason(code="no_outputs", says="there are no outputs of one side there", remedy="add them"),
    _reason(
        code=NO_VERDICTS,
        says="the judge gave no usable verdict there",
        remedy="judge these outputs again, or name another judge",
    ),
    _reason(code="not_anchored", says="one side has no checkpoint there"),
    _reason(code="not_asked", says="the judge was not asked about one side", remedy="judge its outputs"),
    _reason(code="not_certified_on_incoherent", says="the judge was not opened on incoherent outputs"),
)
#: by code
COMPARISON_REASONS: dict[str, Reason] = {
    **{code: REASONS[code] for code in ("no_design", "too_few_clusters")},
    **{one.code: one for one in _REASONS},
}


def comparison_says(code: str | None) -> str:
    """Why a rate or a contrast has no value; a code of a newer version is given as it is.

    >>> comparison_says("no_order"), comparison_says("of_a_newer_version")
    ('no two methods have a value under both', 'of a newer version')
    """
    return COMPARISON_REASONS[code].says if code in COMPARISON_REASONS else says(code)


def comparison_with_remedy(code: str) -> str:
    """The same, and what to do about it.

    >>> comparison_with_remedy("no_outputs")
    'there are no outputs of one side there; add them'
    """
    return COMPARISON_REASONS[code].with_remedy if code in COMPARISON_REASONS else says(code)
