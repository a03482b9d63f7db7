"""What each statistic is called, what it says, where it was published; the same for interval methods and tests."""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """A title, one sentence, and the publication."""

    title: str
    says: str
    cite: str = ""


_COHEN = "Cohen 1960, Educational and Psychological Measurement 20"
_COHEN68 = "Cohen 1968, Psychological Bulletin 70"
_KRIPP = "Krippendorff 2019, Content Analysis, 4th edition"
_GWET = "Gwet 2008, British Journal of Mathematical and Statistical Psychology 61"
_SHROUT = "Shrout and Fleiss 1979, Psychological Bulletin 86"
_PPI = "Angelopoulos et al. 2023, Science 382"
_BEGG = "Begg and Greenes 1983, Biometrics 39"
_ALT = "Calderon, Reichart and Dror 2025, ACL"
_CORP = "Dimitriadis, Gneiting and Jordan 2021, PNAS 118"
_MURPHY = "Murphy 1973, Journal of Applied Meteorology 12"
_GUO = "Guo et al. 2017, ICML"

STATISTICS = {
    "percent_agreement": Words("Raw agreement", "Share of items with the same label; nothing is taken off for chance."),
    "cohen_kappa": Words("Cohen's kappa", "Agreement beyond chance: 0 is chance, 1 is perfect.", _COHEN),
    "cohen_kappa_linear": Words(
        "Kappa, linear weights", "Kappa in which near misses on the scale count in part.", _COHEN68
    ),
    "cohen_kappa_quadratic": Words("Kappa, quadratic weights", "Kappa in which far misses count much more.", _COHEN68),
    "cohen_kappa_common_prevalence": Words(
        "Cohen's kappa, same mix of labels",
        "Kappa as it would be if labels were as frequent in each stratum as in all of them: what is left differs by errors alone.",
        _COHEN,
    ),
    "scott_pi": Words(
        "Scott's pi", "Agreement beyond chance with pooled margins.", "Scott 1955, Public Opinion Quarterly 19"
    ),
    "fleiss_kappa": Words("Fleiss' kappa", "Scott's pi for several raters.", "Fleiss 1971, Psychological Bulletin 76"),
    "krippendorff_alpha": Words(
        "Krippendorff's alpha", "Agreement beyond chance for any number of raters, holes allowed.", _KRIPP
    ),
    "krippendorff_alpha_nominal": Words(
        "Alpha, nominal", "Krippendorff's alpha in which all labels are equally far apart.", _KRIPP
    ),
    "krippendorff_alpha_ordinal": Words("Alpha, ordinal", "Krippendorff's alpha by ranks.", _KRIPP),
    "krippendorff_alpha_interval": Words("Alpha, interval", "Krippendorff's alpha by squared distance.", _KRIPP),
    "krippendorff_alpha_ratio": Words("Alpha, ratio", "Krippendorff's alpha by relative distance.", _KRIPP),
    "gwet_ac1": Words("Gwet's AC1", "Agreement beyond chance that stays steady when one label is rare.", _GWET),
    "gwet_ac2": Words("Gwet's AC2", "AC1 with weights for ordered labels.", _GWET),
    "brennan_prediger": Words(
        "Brennan–Prediger",
        "Agreement beyond guessing among all declared labels.",
        "Brennan and Prediger 1981, Educational and Psychological Measurement 41",
    ),
    "matthews_corrcoef": Words(
        "Matthews correlation",
        "Correlation of verdict and reference, over answered items.",
        "Matthews 1975, Biochimica et Biophysica Acta 405",
    ),
    "accuracy": Words("Accuracy", "Share of items where the verdict is the reference; no answer is wrong."),
    "accuracy_worst_case": Words("Accuracy, worst case", "Accuracy if every item without an answer were wrong."),
    "accuracy_ties_wrong": Words("Accuracy, ties wrong", "Accuracy if every item on which raters tied were wrong."),
    "accuracy_ties_right": Words("Accuracy, ties right", "Accuracy if every item on which raters tied were right."),
    "balanced_accuracy": Words("Balanced accuracy", "Mean of the shares found of each label."),
    "sensitivity": Words("Sensitivity", "Share of positive items that the judge caught; no answer is a miss."),
    "specificity": Words("Specificity", "Share of negative items that the judge cleared; no answer does not clear."),
    "precision": Words("Precision", "Share of the judge's positives that are positive."),
    "negative_predictive_value": Words(
        "Negative predictive value", "Share of the judge's negatives that are negative."
    ),
    "f1": Words("F1", "Harmonic mean of precision and sensitivity."),
    "f1_macro": Words("F1, macro", "F1 of each label, averaged."),
    "false_positive_rate": Words("False alarms", "Share of negative items that the judge called positive."),
    "false_negative_rate": Words("Misses", "Share of positive items that the judge did not call positive."),
    "youden_j": Words("Youden's J", "Sensitivity + specificity − 1: 0 is chance.", "Youden 1950, Cancer 3"),
    "coverage": Words("Coverage", "Share of asked items for which the judge gave a usable label."),
    "prevalence_reference": Words("Positive by the reference", "Share of items that are positive by the reference."),
    "prevalence_judge": Words("Positive by the judge", "Share of items that the judge called positive, as it stands."),
    "prevalence_bias": Words("Bias of the rate", "The judge's rate minus the reference's."),
    "prevalence_rogan_gladen": Words(
        "Rate, Rogan–Gladen",
        "The judge's rate, corrected for its known error rates.",
        "Rogan and Gladen 1978, American Journal of Epidemiology 107",
    ),
    "prevalence_ppi": Words("Rate, PPI", "Labels and verdicts together: prediction-powered inference.", _PPI),
    "prevalence_ppi_pp": Words(
        "Rate, PPI++",
        "Prediction-powered inference, tuned so that a bad judge cannot hurt.",
        "Angelopoulos, Duchi and Zrnic 2023",
    ),
    "prevalence_poststratified": Words(
        "Rate, post-stratified", "The labelled share within each verdict, weighted by how often the verdict occurs."
    ),
    "prevalence_judge_target": Words(
        "Positive by the judge, where the rate is wanted",
        "The judge's own share of positives in all items that the rate is wanted for, labelled or not.",
    ),
    "prevalence_bias_corrected": Words(
        "Bias against the corrected rate",
        "The judge's own share of positives less the corrected rate of the same items.",
    ),
    "sensitivity_begg_greenes": Words(
        "Sensitivity, all judged", "Sensitivity in all judged items, labelled or not.", _BEGG
    ),
    "specificity_begg_greenes": Words(
        "Specificity, all judged",
        "1 less the share of false alarms among all judged negatives, labelled or not.",
        _BEGG,
    ),
    "leave_one_out_delta": Words(
        "Judge minus left-out rater",
        "The judge's agreement with the raters, less that of a rater who is left out in turn.",
    ),
    "alt_test_winning_rate": Words(
        "Alternative annotator: won",
        "Share of raters against whom the judge is shown to be no worse than ε allows.",
        _ALT,
    ),
    "alt_test_advantage": Words(
        "Alternative annotator: advantage",
        "Chance that the judge fits the other raters at least as well as a rater does.",
        _ALT,
    ),
    "alpha_with_judge_delta": Words(
        "Alpha with the judge, less without",
        "What becomes of the raters' alpha when the judge is one more rater; below 0 it fits them less well than they fit each other.",
    ),
    "pairwise_kappa_delta": Words(
        "Kappa with the judge, less between raters",
        "Mean kappa of judge and rater minus mean kappa of two raters; quadratic weights where labels have an order.",
    ),
    "reference_reliability": Words(
        "Reliability of the reference",
        "Of all labels of an item together, as many as there are in the mean: alpha, stepped up by Spearman and Brown's formula.",
        "Spearman 1910 and Brown 1910, British Journal of Psychology 3",
    ),
    "cross_entropy": Words(
        "Cross-entropy", "Mean surprise, in nats, of a judge's distribution at the raters' labels; lower is better."
    ),
    "cross_entropy_delta": Words(
        "Cross-entropy, less a left-out rater's",
        "The judge's surprise at the others' labels minus that of a rater who is left out in turn; below 0 the judge knows more.",
    ),
    "soft_brier_score": Words(
        "Brier score of shares",
        "Squared distance of the judge's distribution to the raters', without bias by few raters; lower is better.",
        "Brier 1950, Monthly Weather Review 78",
    ),
    "jensen_shannon": Words(
        "Jensen–Shannon",
        "Divergence, in nats, of the judge's distribution and the raters', less that of a perfect judge with so few raters.",
        "Lin 1991, IEEE Transactions on Information Theory 37",
    ),
    "total_variation": Words(
        "Total variation",
        "Half the summed distance of the two distributions, less that of a perfect judge with so few raters.",
    ),
    "icc_2_1": Words("ICC(2,1)", "Reliability of one rater's score, raters drawn at random.", _SHROUT),
    "icc_2_k": Words("ICC(2,k)", "Reliability of the raters' mean score, raters drawn at random.", _SHROUT),
    "icc_3_1": Words("ICC(3,1)", "Reliability of one rater's score, raters fixed.", _SHROUT),
    "pearson_r": Words("Pearson's r", "Linear correlation of scores; a shift does not lower it."),
    "spearman_rho": Words("Spearman's rho", "Correlation of ranks."),
    "kendall_tau_b": Words(
        "Kendall's tau-b", "Ordered pairs of items less reversed ones, ties allowed for.", "Kendall 1945, Biometrika 33"
    ),
    "mean_absolute_error": Words("Mean absolute error", "Mean distance between score and reference."),
    "cannot_judge_rate": Words("Could not be judged", "Share of labels that raters refused with “cannot judge”."),
    "brier_score": Words(
        "Brier score",
        "Mean squared error of the probabilities; lower is better.",
        "Brier 1950, Monthly Weather Review 78",
    ),
    "log_loss": Words("Log loss", "Mean surprise at the reference; lower is better."),
    "ece": Words("Calibration error", "Mean gap of probability and frequency, bins of equal width.", _GUO),
    "ece_equal_mass": Words(
        "Calibration error, equal mass", "Mean gap of probability and frequency, bins of equal size."
    ),
    "ece_squared_debiased": Words(
        "Squared calibration error, debiased",
        "Mean squared gap in bins of equal size, less what chance adds; around 0, and at times below, where all is right.",
        "Kumar, Liang and Ma 2019, NeurIPS",
    ),
    "smooth_ece": Words(
        "Calibration error, smooth", "Calibration error without bins.", "Błasiok and Nakkiran 2024, ICLR"
    ),
    "smooth_ece_by_chance": Words(
        "Smooth error by chance",
        "The smooth calibration error that as many items would show if the probabilities were right.",
    ),
    "brier_miscalibration": Words(
        "Brier, miscalibration",
        "What the best non-decreasing map would take off the Brier score; lower is better.",
        _CORP,
    ),
    "brier_discrimination": Words(
        "Brier, discrimination", "What telling items apart takes off the Brier score; higher is better.", _CORP
    ),
    "brier_uncertainty": Words("Brier, uncertainty", "The Brier score of always saying the share of positives.", _CORP),
    "brier_reliability": Words(
        "Brier, reliability", "Mean squared gap at each probability that the judge uses; lower is better.", _MURPHY
    ),
    "brier_resolution": Words(
        "Brier, resolution",
        "How far the frequencies at the judge's probabilities lie apart; higher is better.",
        _MURPHY,
    ),
    "calibration_slope": Words(
        "Calibration slope", "1 is right; below 1 the probabilities are too extreme.", "Cox 1958, Biometrika 45"
    ),
    "calibration_intercept": Words(
        "Calibration intercept",
        "Log odds of a positive where the judge says one half; 0 is right.",
        "Cox 1958, Biometrika 45",
    ),
    "calibration_in_the_large": Words(
        "Calibration in the large",
        "0 is right; above 0 the probabilities are too low on the whole, in log odds.",
        "Van Calster et al. 2016, Journal of Clinical Epidemiology 74",
    ),
    "spiegelhalter_z": Words(
        "Spiegelhalter's z",
        "A test that the probabilities are right: beyond ±1.96 they are not.",
        "Spiegelhalter 1986, Statistics in Medicine 5",
    ),
    "roc_auc": Words("Area under ROC", "Chance that a positive item gets the higher score than a negative one."),
    "average_precision": Words("Average precision", "Area under the precision–recall curve."),
    "aurc": Words(
        "Area under risk–coverage", "Mean error when the least sure verdicts are left out first; lower is better."
    ),
    "recalibration_gain_log_loss": Words(
        "Gain in log loss",
        "Log loss less that after recalibration, on items that the map had not seen; above 0 it helps.",
    ),
    "recalibration_gain_brier": Words(
        "Gain in Brier score",
        "Brier score less that after recalibration, on items that the map had not seen; above 0 it helps.",
    ),
    "flip_rate": Words("Flips between runs", "Share of items whose runs do not all give the same answer."),
    "self_agreement": Words(
        "Agreement with itself",
        "Of a judge: chance that two runs of an item agree. Of a rater: share of items labelled the same both times.",
    ),
    "position_consistency": Words(
        "Same in both orders", "Share of pairs judged the same when their two answers change places."
    ),
    "position_kappa": Words(
        "Same in both orders, beyond chance", "Cohen's kappa of a judge's verdicts in both orders of a pair.", _COHEN
    ),
    "majority_of_runs_gain": Words(
        "Gain by a majority of runs",
        "How much more often the label that most runs gave is right than that of one run; ties are wrong.",
    ),
    "first_shown_rate": Words(
        "Leans to the first shown",
        "Share of the pairs where the verdict follows the place in which it favours what was shown first; 0.5 is no lean.",
    ),
}


def statistic(name: str) -> Words:
    """The words for a statistic; one without words is called by its name."""
    return STATISTICS.get(name, Words(name.replace("_", " "), ""))
