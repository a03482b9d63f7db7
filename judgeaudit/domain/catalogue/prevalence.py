"""Shares of positive items: by the reference, by the judge, and corrected by the labels beside its verdicts."""

from __future__ import annotations

from functools import partial

from judgeaudit.domain.catalogue.record import Statistic

_BEGG = "Begg and Greenes 1983, Biometrics 39"
_PPI = "Angelopoulos et al. 2023, Science 382"
_UNSTATED = "how the labelled items were chosen is not stated, or no judged item is without a label"

_positives = partial(Statistic, family="positives", direction="descriptive", low=0.0, high=1.0, positive=True)
_corrected = partial(_positives, needs="label design", bound="interval", undefined=_UNSTATED)

PREVALENCE = (
    _positives(
        name="prevalence_reference",
        title="Positive by the reference",
        phrase="the share of positives by the labels",
        says="Share of items that are positive by the reference.",
        definition="Positive items / items with a reference.",
        undefined="no item has a reference",
        bound="exact",
        plan="share",
    ),
    _positives(
        name="prevalence_judge",
        title="Positive by the judge",
        phrase="the share of positives by the judge",
        says="Share of items that the judge called positive, as it stands.",
        definition="Items called positive / items asked, of those with a reference.",
        undefined="no item has a reference",
        bound="exact",
        plan="share",
    ),
    _positives(
        name="prevalence_bias",
        title="Bias of the rate",
        phrase="the bias of its rate",
        says="The judge's rate minus the reference's.",
        definition="prevalence_judge − prevalence_reference.",
        undefined="no item has a reference",
        direction="target",
        target=0.0,
        low=-1.0,
        bound="within",
        planned_on="identity",
    ),
    _corrected(
        name="prevalence_judge_target",
        title="Positive by the judge, where the rate is wanted",
        phrase="the judge's own rate",
        says="The judge's own share of positives in all items that the rate is wanted for, labelled or not.",
        definition="Items called positive / all judged items, or the unlabelled ones where labels come from elsewhere.",
        bound="exact",
    ),
    _corrected(
        name="prevalence_poststratified",
        title="Rate, post-stratified",
        phrase="the corrected rate",
        says="The labelled share within each verdict, weighted by how often the verdict occurs.",
        definition="Σ P(positive | verdict) P(verdict): the first from labelled items, the second from all judged items.",
        undefined=f"{_UNSTATED}; no item with one of the two verdicts is labelled",
        plan="corrected",
    ),
    _corrected(
        name="prevalence_ppi",
        title="Rate, PPI",
        phrase="the corrected rate by PPI",
        says="Labels and verdicts together: prediction-powered inference.",
        definition="The judge's rate less its mean error on a random sample of labels.",
        abbreviation="PPI",
        citation=_PPI,
    ),
    _corrected(
        name="prevalence_ppi_pp",
        title="Rate, PPI++",
        phrase="the corrected rate by PPI++",
        says="Prediction-powered inference, tuned so that a bad judge cannot hurt.",
        definition="PPI with the judge's rate weighted by the λ of least variance.",
        abbreviation="PPI++",
        citation="Angelopoulos, Duchi and Zrnic 2023, arXiv 2311.01453",
        plan="corrected",
    ),
    _corrected(
        name="prevalence_rogan_gladen",
        title="Rate, Rogan–Gladen",
        phrase="the corrected rate",
        says="The judge's rate, corrected for its known error rates.",
        definition="(judge's rate − FPR) / (sensitivity − FPR) of the unlabelled items, with error rates measured elsewhere; clipped.",
        undefined=f"{_UNSTATED}; the judge is no better than chance; the labelled items differ visibly",
        citation="Rogan and Gladen 1978, American Journal of Epidemiology 107",
        plan="corrected",
    ),
    _corrected(
        name="prevalence_bias_corrected",
        title="Bias against the corrected rate",
        phrase="the bias of its rate against the corrected one",
        says="The judge's own share of positives less the corrected rate of the same items.",
        definition="prevalence_judge_target less the corrected rate: post-stratified, or Rogan–Gladen where labels come from elsewhere.",
        direction="target",
        target=0.0,
        low=-1.0,
        bound="within",
        planned_on="identity",
    ),
    _corrected(
        name="sensitivity_begg_greenes",
        title="Sensitivity, all judged",
        phrase="the corrected sensitivity (Begg and Greenes)",
        says="Sensitivity in all judged items, labelled or not.",
        definition="Sensitivity from P(positive | verdict) of labelled items and P(verdict) of all judged items.",
        citation=_BEGG,
        direction="higher",
    ),
    _corrected(
        name="specificity_begg_greenes",
        title="Specificity, all judged",
        phrase="the corrected specificity (Begg and Greenes)",
        says="1 less the share of false alarms among all judged negatives, labelled or not.",
        definition="1 − false positive rate from P(positive | verdict) of labelled items and P(verdict) of all judged items.",
        citation=_BEGG,
        direction="higher",
    ),
)
