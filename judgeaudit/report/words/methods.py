"""What interval methods and tests are called on a page, what they do, and where they come from."""

from __future__ import annotations

from judgeaudit.report.words.statistics import Words

#: the first word found in a method or test names it; order matters
METHODS = {
    "dirichlet": Words(
        "Dirichlet posterior",
        "Confusion tables drawn around the counts with a weak prior; quantiles of the statistic.",
        "Goutte and Gaussier 2005, ECIR",
    ),
    "jeffreys": Words(
        "Jeffreys Monte Carlo",
        "Each share drawn from its posterior with Jeffreys' prior, and put together; with clusters and weights at effective numbers.",
    ),
    "no narrower": Words(
        "Jackknife of a weighted share",
        "Standard error from leaving out one cluster (or item) at a time; no narrower than exact binomial bounds for the effective "
        "number of items.",
        "Quenouille 1956, Biometrika 43; Kish 1965, Survey Sampling",
    ),
    "clopper": Words("Clopper–Pearson", "Exact binomial bounds of a share.", "Clopper and Pearson 1934, Biometrika 26"),
    "wilson": Words(
        "Wilson score", "Score interval of a share.", "Wilson 1927, Journal of the American Statistical Association 22"
    ),
    "bca": Words(
        "BCa bootstrap",
        "Resampled, corrected for bias and skew.",
        "Efron 1987, Journal of the American Statistical Association 82",
    ),
    "percentile": Words(
        "Percentile bootstrap", "Quantiles of the statistic over resamples.", "Efron and Tibshirani 1993"
    ),
    "placements": Words(
        "Placements by cluster",
        "Standard error of an area under ROC when items of a cluster hang together.",
        "Obuchowski 1997, Biometrics 53",
    ),
    "sandwich": Words(
        "Sandwich",
        "Standard error of a regression that holds where the model is wrong or items hang together.",
        "Liang and Zeger 1986, Biometrika 73",
    ),
    "labels drawn": Words("Labels drawn anew", "Quantiles over labels drawn as the probabilities say."),
    "tests": Words(
        "Tests of raters",
        "One-sided t-tests, each rater's p-value adjusted for the number of raters under any dependence.",
        "Benjamini and Yekutieli 2001, Annals of Statistics 29",
    ),
    "mover": Words(
        "Jackknife and sides",
        "Standard error of a difference from leaving out one cluster (or item) at a time; no surer than the bounds of both sides "
        "put together.",
        "Zou and Donner 2008, Statistics in Medicine 27",
    ),
    "jackknife": Words(
        "Jackknife",
        "Standard error from leaving out one cluster (or item) at a time.",
        "Quenouille 1956, Biometrika 43",
    ),
    "bootstrap": Words("Bootstrap", "The statistic over resamples.", "Efron and Tibshirani 1993"),
    "delta": Words("Delta method", "Standard error from the derivative of the statistic."),
    "delong": Words(
        "DeLong", "Standard error of an area under ROC.", "DeLong, DeLong and Clarke-Pearson 1988, Biometrics 44"
    ),
    "ppi": Words(
        "Prediction-powered interval", "Normal interval of the corrected mean.", "Angelopoulos et al. 2023, Science 382"
    ),
    "rogan": Words("Rogan–Gladen interval", "Interval that carries the uncertainty of the error rates."),
    "fisher": Words("Fisher's z", "Normal interval on the z scale of a correlation.", "Fisher 1921, Metron 1"),
    "mcnemar": Words(
        "McNemar",
        "Exact test, mid-p, on the items that only one of the two got right.",
        "McNemar 1947, Psychometrika 12",
    ),
    "permutation": Words("Permutation test", "The difference against random exchanges of the two."),
    "logistic": Words("Wald interval", "Normal interval of a regression's coefficient."),
    "wald": Words("Wald test", "Difference over its standard error."),
    "z_test": Words("z test", "Difference over its standard error."),
    "t_test": Words("t test", "Mean difference over its standard error."),
    "posterior": Words("Posterior of the difference", "The two posteriors, drawn together and subtracted."),
    "bound": Words("Bounds", "The least and the greatest value that the data allow; no sampling error."),
    "none: fitted": Words(
        "No interval, fitted",
        "Frequencies fitted to these very labels follow chance, too; limits around them would mislead.",
    ),
    "none: a test": Words("A test", "A number that is held against its distribution has no interval of its own."),
    "none": Words("No interval", "There is no variation, or one cluster only, to tell a sampling error from."),
    "holm": Words(
        "Holm", "p-values adjusted for the number of comparisons.", "Holm 1979, Scandinavian Journal of Statistics 6"
    ),
}


def method(name: str) -> Words:
    """The words for an interval method or a test; one without words is called by its name."""
    folded = name.casefold()
    for key, words in METHODS.items():
        if key in folded:
            return words
    return Words(name, "")
