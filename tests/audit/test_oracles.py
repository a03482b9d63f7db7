"""Values of an audit against independent libraries, to nine digits, on people with holes and on judges."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable

import krippendorff
import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats
from sklearn import metrics
from statsmodels.stats import inter_rater

from judgeaudit.audit.agreement import alpha_package
from judgeaudit.audit.agreement.pairs import against_reference, between_raters
from judgeaudit.audit.agreement.people import people_findings
from judgeaudit.audit.setting.context import Context, make_context
from judgeaudit.audit.setting.options import AuditOptions
from judgeaudit.domain.question import make_question
from judgeaudit.domain.ratings import Codes, Ratings
from judgeaudit.domain.results.audit import Finding
from judgeaudit.stats.agreement import two_raters as agreement

SEEDS = range(4)
ALPHAS = {
    "krippendorff_alpha": {"nominal": "nominal", "ordinal": "ordinal", "interval": "interval"},
    "krippendorff_alpha_nominal": dict.fromkeys(("ordinal", "interval"), "nominal"),
    "krippendorff_alpha_ordinal": {"interval": "ordinal"},
    "krippendorff_alpha_interval": {"ordinal": "interval"},
    "krippendorff_alpha_ratio": {"interval": "ratio"},
}
LABELS = {
    "binary": ("0", "1"),
    "nominal": ("a", "b", "c", "d"),
    "ordinal": ("1", "2", "4", "5"),
    "interval": ("0", "1", "2.5", "7"),
}


def drawn(scale: str, *, seed: int, people: int = 3, n: int = 60, holes: float = 0.0) -> Context:
    """People and one judge who mostly see the same; the last person is the judge's reference where nobody has holes."""
    rng = np.random.default_rng([seed, people, n])
    k = len(LABELS[scale])
    truth = rng.choice(k, n, p=np.arange(1.0, k + 1) / np.arange(1.0, k + 1).sum())
    codes = np.where(rng.random((people + 1, n)) < 0.3, rng.integers(0, k, (people + 1, n)), truth).astype(np.int32)
    codes[:-1][rng.random((people, n)) < holes] = -1
    return context_of(scale, codes[:-1], codes[-1:])


def context_of(scale: str, people: Codes, judges: Codes) -> Context:
    n = people.shape[1]
    question = make_question(name="q", scale=scale, labels=LABELS[scale])
    return make_context(
        Ratings(
            question=question,
            items=tuple(map(str, range(n))),
            people_names=tuple(f"p{r}" for r in range(len(people))),
            judge_names=tuple(f"j{r}" for r in range(len(judges))),
            people=people,
            judges=judges,
            strata={"all": np.ones(n, bool)},
        ),
        AuditOptions(replicates=200),
    )


def values(findings: list[Finding]) -> dict[str, float]:
    return {f.statistic: f.value for f in findings if f.value is not None}


def judge_values(context: Context) -> tuple[dict[str, float], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The judge's values against the reference, and the codes of both where there is a reference."""
    found = values(against_reference(context, "j0", context.ratings.judges[0], "all"))
    used = context.reference.codes >= 0
    return found, context.reference.codes[used].astype(int), context.ratings.judges[0][used].astype(int)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("scale", ["binary", "nominal", "ordinal"])
def test_judge_against_scikit_learn(scale: str, seed: int) -> None:
    """A judge's kappas, correlation and rates are scikit-learn's."""
    found, y, j = judge_values(drawn(scale, seed=seed))
    labels = list(range(len(LABELS[scale])))
    expected = {
        "cohen_kappa": metrics.cohen_kappa_score(y, j, labels=labels),
        "matthews_corrcoef": metrics.matthews_corrcoef(y, j),
        "accuracy": metrics.accuracy_score(y, j),
        "balanced_accuracy": metrics.balanced_accuracy_score(y, j),
        "f1_macro": metrics.f1_score(y, j, average="macro"),
    }
    if scale == "binary":
        expected |= {
            "f1": metrics.f1_score(y, j),
            "precision": metrics.precision_score(y, j),
            "sensitivity": metrics.recall_score(y, j),
            "specificity": metrics.recall_score(y, j, pos_label=0),
            "negative_predictive_value": metrics.precision_score(y, j, pos_label=0),
        }
    if scale == "ordinal":
        for kind in ("linear", "quadratic"):
            expected[f"cohen_kappa_{kind}"] = metrics.cohen_kappa_score(y, j, labels=labels, weights=kind)
    assert {name: found[name] for name in expected} == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_judge_against_scipy_and_statsmodels(seed: int) -> None:
    """Correlations are scipy's; kappas of a table are those of statsmodels."""
    found, y, j = judge_values(drawn("interval", seed=seed))
    x = np.array([float(label) for label in LABELS["interval"]])
    expected = {
        "spearman_rho": stats.spearmanr(y, j).statistic,
        "kendall_tau_b": stats.kendalltau(y, j).statistic,
        "pearson_r": stats.pearsonr(x[y], x[j]).statistic,
        "mean_absolute_error": metrics.mean_absolute_error(x[y], x[j]),
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected, abs=1e-9)
    found, y, j = judge_values(drawn("ordinal", seed=seed))
    table = np.zeros((4, 4))
    np.add.at(table, (y, j), 1)
    expected = {
        "cohen_kappa": inter_rater.cohens_kappa(table).kappa,
        "cohen_kappa_linear": inter_rater.cohens_kappa(table, wt="linear").kappa,
        "cohen_kappa_quadratic": inter_rater.cohens_kappa(table, wt="quadratic").kappa,
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("scale", ["binary", "nominal", "ordinal"])
def test_people_against_statsmodels(scale: str, seed: int) -> None:
    """Fleiss' kappa of complete ratings is that of statsmodels."""
    context = drawn(scale, seed=seed, people=4)
    counts, _ = inter_rater.aggregate_raters(context.ratings.people.T, n_cat=len(LABELS[scale]))
    found = values(people_findings(context, "all"))
    assert found["fleiss_kappa"] == pytest.approx(inter_rater.fleiss_kappa(counts), abs=1e-9)


def expected_alphas(context: Context, codes: Codes) -> dict[str, float]:
    """What the package says on codes (R, N) with holes, by statistic name.

    On an interval scale the labels may have grown by medians that no person gave: the domain is the grown one.
    """
    question = context.ratings.question
    ordered = question.scale in ("ordinal", "interval")
    numbers = np.array([float(label) for label in question.labels]) if ordered else np.arange(float(question.n_labels))
    kind = "nominal" if question.scale == "binary" else question.scale
    return {
        name: krippendorff.alpha(
            reliability_data=np.where(codes >= 0, numbers[codes], np.nan),
            value_domain=list(numbers),
            level_of_measurement=metric[kind],
        )
        for name, metric in ALPHAS.items()
        if kind in metric
    }


@pytest.fixture(params=["package", "own engine"])
def alpha_by(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Alpha once as the package gives it, once as our engine does where tables are too large for the package."""
    if request.param == "own engine":
        monkeypatch.setattr(alpha_package, "MOST_CELLS", 0)
    return str(request.param)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("scale", list(LABELS))
def test_alpha_of_people_with_holes(scale: str, seed: int, alpha_by: str) -> None:
    """Alpha of people with holes is the package's in every metric, whichever of the two computes it."""
    context = drawn(scale, seed=seed, people=4, holes=0.3)
    expected = expected_alphas(context, context.ratings.people)
    found = values(people_findings(context, "all"))
    assert {name: found[name] for name in expected} == pytest.approx(expected, abs=1e-9), alpha_by


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("scale", list(LABELS))
def test_alpha_of_a_judge_and_a_person(scale: str, seed: int, alpha_by: str) -> None:
    """Alpha of a judge and a person is the package's on items that both labelled, whichever computes it."""
    context = drawn(scale, seed=seed, people=1, holes=0.2)
    person, judge = context.ratings.people[0], context.ratings.judges[0]
    found = values(between_raters(context, "j0", judge, "p0", person, "all"))
    both = np.stack([person, judge])[:, person >= 0]
    expected = expected_alphas(context, both)
    assert {name: found[name] for name in expected} == pytest.approx(expected, abs=1e-9), alpha_by


# ------------------------------------------------------------------------------------------------------------- irrCAC

SCRIPT = """
import json, sys
import pandas as pd
from irrCAC.raw import CAC
out = []
for rows, labels, weights in json.load(sys.stdin):
    frame = pd.DataFrame(rows, columns=[f"r{j}" for j in range(len(rows[0]))])
    cac = CAC(frame, weights=weights, categories=labels, digits=9)
    parts = {"gwet_ac1": cac.gwet, "brennan_prediger": cac.bp, "fleiss_kappa": cac.fleiss,
             "krippendorff_alpha": cac.krippendorff}
    out.append({name: float(f()["est"]["coefficient_value"]) for name, f in parts.items()})
json.dump(out, sys.stdout)
"""
Asked = tuple[list[list[str | float | None]], list[str] | list[float], str]


def by_irrcac(asked: list[Asked], need_real_part: Callable[[object, str], None]) -> list[dict[str, float]]:
    """What irrCAC says of each table of ratings (items by raters), its labels and its weights."""
    python = os.environ.get("JUDGEAUDIT_IRRCAC_PYTHON")
    need_real_part(python, "no interpreter with irrCAC in JUDGEAUDIT_IRRCAC_PYTHON")
    done = subprocess.run(
        [str(python), "-W", "ignore", "-c", SCRIPT],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    said: list[dict[str, float]] = json.loads(done.stdout)
    return said


def test_people_against_irrcac(need_real_part: Callable[[object, str], None]) -> None:
    """AC1, Brennan-Prediger, Fleiss and alpha with holes are irrCAC's, which runs in an environment of its own."""
    cases = [
        (scale, drawn(scale, seed=seed, people=4, holes=0.25)) for scale in ("binary", "nominal") for seed in SEEDS
    ]
    asked: list[Asked] = [
        (
            [[None if c < 0 else LABELS[scale][c] for c in item] for item in context.ratings.people.T.tolist()],
            list(LABELS[scale]),
            "identity",
        )
        for scale, context in cases
    ]
    for (_, context), expected in zip(cases, by_irrcac(asked, need_real_part), strict=True):
        found = values(people_findings(context, "all"))
        assert {name: found[name] for name in expected} == pytest.approx(expected, abs=5e-6)


APART = np.array([[0, 0, 0, 0, 2, 2, 2, 2, 0, 1], [2, 2, 2, 2, 0, 0, 0, 0, 1, 2]], np.int32)


def test_opposite_raters_against_irrcac(need_real_part: Callable[[object, str], None]) -> None:
    """Raters at opposite ends of three labels: AC1 is −0.48 and AC2 below −1, as irrCAC has it."""
    numbers = [1.0, 2.0, 3.0]
    rows: list[list[str | float | None]] = [[numbers[c] for c in item] for item in APART.T.tolist()]
    identity, quadratic = by_irrcac([(rows, numbers, "identity"), (rows, numbers, "quadratic")], need_real_part)
    ours = {name: f.value for name, f in opposite().items()}
    assert ours["gwet_ac1"] == pytest.approx(identity["gwet_ac1"], abs=5e-6)
    assert ours["gwet_ac2"] == pytest.approx(quadratic["gwet_ac1"], abs=5e-6)


def test_opposite_raters_have_an_interval_around_them() -> None:
    """AC2 has no lower limit at −1: a value below it lies inside its interval, which ends below 1."""
    found = opposite(clusters=np.arange(10) // 2)["gwet_ac2"]
    assert found.value is not None and found.low is not None and found.high is not None
    assert found.value < -1
    assert found.low <= found.value <= found.high < 1


def opposite(clusters: npt.NDArray[np.int64] | None = None) -> dict[str, Finding]:
    ratings = Ratings(
        question=make_question(name="q", scale="ordinal", labels=("1", "2", "3")),
        items=tuple(map(str, range(10))),
        people_names=("a", "b"),
        judge_names=(),
        people=APART,
        judges=np.zeros((0, 10), np.int32),
        strata={"all": np.ones(10, bool)},
        clusters=clusters,
    )
    return {f.statistic: f for f in people_findings(make_context(ratings, AuditOptions(replicates=200)), "all")}


def test_unanswered_is_no_label_by_chance() -> None:
    """Who answers nothing agrees with nobody: AC1 then is −p / (1 − p) with chance p over the declared labels, not below −1."""
    people = np.tile(np.array([0, 1], np.int32), 15)[None]
    context = context_of("binary", people, np.full((1, 30), 2, np.int32))
    found = {f.statistic: f for f in against_reference(context, "j0", context.ratings.judges[0], "all")}
    assert found["gwet_ac1"].value == pytest.approx(-0.375 / 0.625)


def test_medians_are_no_declared_labels() -> None:
    """AC2 of people on an interval scale does not depend on the medians that the reference takes between their labels."""
    rng = np.random.default_rng(1)
    people = rng.integers(0, 4, (2, 40)).astype(np.int32)
    ours = values(people_findings(context_of("interval", people, np.zeros((0, 40), np.int32)), "all"))
    x = np.array([float(label) for label in LABELS["interval"]])
    counts = np.zeros((4, 4))
    np.add.at(counts, (people[0], people[1]), 1.0)
    weights = agreement.agreement_weights(x, kind="quadratic", no_answer=False)
    assert ours["gwet_ac2"] == pytest.approx(float(agreement.gwet_ac(counts, weights=weights, n_labels=4)))
