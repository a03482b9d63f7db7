"""What statistics are called in a decision, and why a requirement has no value."""

from __future__ import annotations

NAMES = {
    "cohen_kappa": "Cohen's kappa",
    "krippendorff_alpha": "Krippendorff's alpha",
    "percent_agreement": "raw agreement",
    "prevalence_bias": "the bias of its rate",
    "prevalence_bias_corrected": "the bias of its rate against the corrected one",
    "prevalence_poststratified": "the corrected rate",
    "prevalence_rogan_gladen": "the corrected rate",
    "false_positive_rate": "the false positive rate",
    "false_negative_rate": "the false negative rate",
    "gwet_ac1": "Gwet's AC1",
    "matthews_corrcoef": "Matthews' correlation",
}
UNDEFINED = {
    "one_class_human": "those who labelled used one label only there",
    "one_class_judge": "the judge used one label only there",
    "no_pairable": "no item has both a label and a verdict there",
    "too_few_raters": "one rater alone cannot show how far raters agree; have a second one label some items",
    "no_design": "how the labelled rows were chosen is not stated (--label-design), or another way that gives other rates",
    "no_unlabelled": "no judged row is without a label",
    "calibration_differs": "the labelled rows differ visibly from those that the rate is wanted for",
    "se_plus_sp_le_1": "the judge tells the classes apart too little to be corrected",
    "verdict_unlabelled": "no row with one of the two verdicts is labelled",
    "stratum_by_labels": "which unlabelled rows belong there is not known",
    "too_few_clusters": "under 10 clusters carry no bound",
    "infinite": "a certain probability was wrong, which makes it infinite",
    "infinite_log_odds": "a probability of exactly 0 or 1 has no log odds",
    "no_interval": "no interval could be made",
    "no_strata": "no two strata were declared to be compared",
    "not_compared": "this statistic, or so many strata, are not compared",
    "not_for_this_scale": "it does not exist on this scale",
    "separation": "the probabilities separate the labels completely",
    "too_many_probabilities": "the judge uses too many distinct probabilities for it",
    "too_many_values": "the scale has too many values for it",
}
