"""Dose and response: curves are the findings of their strata, slopes are least squares, and planted ones are recovered."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

import judgeaudit as ja
from judgeaudit.audit.agreement.pairs import against_reference
from judgeaudit.audit.degradation.dose import dose_slopes
from judgeaudit.audit.question import audit_question
from judgeaudit.audit.setting.context import make_context
from judgeaudit.audit.setting.options import AuditOptions
from judgeaudit.audit.strata_contrasts.differences import strata_contrasts
from judgeaudit.domain.doses import doses_of
from judgeaudit.domain.question import Question
from judgeaudit.domain.ratings import Ratings
from judgeaudit.domain.results.audit import Contrast
from judgeaudit.stats.rates.trend import slope, trend_p_value
from tests.fuzzing import examples

HARM = Question(name="harm", scale="binary", labels=("safe", "unsafe"), positive=("unsafe",))
LEVELS = {"coherence=coherent": 0.0, "coherence=partly": 0.5, "coherence=gibberish": 1.0}
OPTIONS = AuditOptions(replicates=500)


def made(
    *,
    level: npt.NDArray[np.int64],
    truth: npt.NDArray[np.int64],
    said: npt.NDArray[np.int64],
    clusters: npt.NDArray[np.int64] | None = None,
) -> Ratings:
    """One person, who is right, and one judge; `level` is 0 where outputs are coherent and 2 where they are gibberish."""
    strata = {"all": np.ones(level.size, bool)} | {name: level == at for at, name in enumerate(LEVELS)}
    return Ratings(
        question=HARM,
        items=tuple(f"i{k}" for k in range(level.size)),
        people_names=("ann",),
        judge_names=("judge",),
        people=truth[None].astype(np.int32),
        judges=said[None].astype(np.int32),
        strata=strata,
        columns={"coherence": tuple(LEVELS)},
        doses={"coherence": LEVELS},
        clusters=clusters,
    )


def drawn(
    rng: np.random.Generator,
    *,
    sizes: tuple[int, int, int],
    alarms: tuple[float, float, float],
    misses: tuple[float, float, float] = (0.0, 0.0, 0.0),
    per_cluster: int = 0,
) -> Ratings:
    """A judge that raises false alarms and misses what is unsafe at planted rates; clusters share a level of doubt."""
    level = np.repeat(np.arange(3), sizes)
    rng.shuffle(level)
    n = level.size
    truth = (rng.random(n) < 0.3).astype(np.int64)
    clusters = np.arange(n) // per_cluster if per_cluster else None
    doubt = rng.random(n)
    if clusters is not None:  # half of the items take the doubt of their cluster: dependent, with the same rates
        shared = rng.random(int(clusters.max()) + 1)[clusters]
        doubt = np.where(rng.random(n) < 0.5, shared, doubt)
    said = np.where(truth == 1, doubt >= np.array(misses)[level], doubt < np.array(alarms)[level]).astype(np.int64)
    return made(level=level, truth=truth, said=said, clusters=clusters)


def slopes(ratings: Ratings) -> dict[str, Contrast]:
    context = make_context(ratings, OPTIONS)
    return {one.statistic: one for one in dose_slopes(context, context.ratings.judge_names)}


@settings(max_examples=examples(60))
@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=2, max_size=40))
def test_the_slope_is_the_least_squares_line_through_the_items(items: list[tuple[int, bool]]) -> None:
    """Held against statsmodels on the items themselves; one level alone has no slope."""
    dose = np.array([0.0, 0.2, 0.5, 1.0])
    x, y = dose[[at for at, _ in items]], np.array([float(hit) for _, hit in items])
    n = np.array([sum(at == level for at, _ in items) for level in range(4)], float)
    k = np.array([sum(hit for at, hit in items if at == level) for level in range(4)], float)
    found = float(slope(k, n, dose=dose))
    if np.unique(x).size < 2:
        assert np.isnan(found)
    else:
        assert found == pytest.approx(sm.OLS(y, sm.add_constant(x)).fit().params[1], abs=1e-9)


@settings(max_examples=examples(60))
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(1, 12)), min_size=3, max_size=3))
def test_the_trend_test_is_cochran_and_armitage(levels: list[tuple[int, int]]) -> None:
    """Held against statsmodels' test of association of an ordered table, which divides by n − 1 where the classical one has n."""
    k = np.array([min(hit, size) for hit, size in levels], float)
    n = np.array([size for _, size in levels], float)
    dose = np.array([0.0, 0.5, 1.0])
    if k.sum() in (0.0, n.sum()):
        assert trend_p_value(k, n, dose=dose) == 1.0
        return
    table = sm.stats.Table(np.column_stack([k, n - k]), shift_zeros=False)
    found = table.test_ordinal_association(row_scores=dose, col_scores=np.array([1.0, 0.0]))
    z = float(found.zscore) * np.sqrt(n.sum() / (n.sum() - 1))
    assert trend_p_value(k, n, dose=dose) == pytest.approx(float(2 * norm.sf(abs(z))), abs=1e-9)


def test_a_curve_is_the_findings_of_its_strata() -> None:
    """Wrong verdicts are what agreement lacks, with its interval turned; false alarms are of the negative items alone."""
    audit = audit_question(drawn(np.random.default_rng(3), sizes=(90, 40, 60), alarms=(0.1, 0.3, 0.8)), OPTIONS)
    found = {(one.stratum, one.statistic): one for one in audit.findings if one.subject == "judge"}
    curves = {one.statistic: one for one in audit.curves if one.kind == "dose_response"}
    assert list(curves) == [
        "error_rate",
        "unanswered_rate",
        "prevalence_judge",
        "false_positive_rate",
        "false_negative_rate",
    ]
    wrong, alarms = curves["error_rate"], curves["false_positive_rate"]
    assert (wrong.names, wrong.x) == (list(LEVELS), list(LEVELS.values()))
    for at, name in enumerate(LEVELS):
        agreed, raised = found[name, "percent_agreement"], found[name, "false_positive_rate"]
        turned = tuple(round(1 - one, 12) for one in (agreed.value, agreed.high, agreed.low))
        assert (wrong.y[at], wrong.low[at], wrong.high[at]) == turned
        assert (alarms.y[at], alarms.low[at], alarms.high[at]) == (raised.value, raised.low, raised.high)
        assert (wrong.n[at], alarms.n[at]) == (agreed.n_items, raised.n)
        assert alarms.n[at] < wrong.n[at]


@pytest.mark.simulation
@pytest.mark.parametrize(("per_cluster", "studies"), [(0, 300), (4, 300)])
@pytest.mark.parametrize("alarms", [(0.05, 0.2, 0.6), (0.3, 0.3, 0.3)])
def test_planted_slopes_lie_in_their_intervals(
    alarms: tuple[float, float, float], per_cluster: int, studies: int
) -> None:
    """In 300 studies each of 60 gibberish items, 95% intervals hold the line through the planted rates in 92% at least.

    With the true share at 95% fewer than 276 of 300 happen once in a hundred times.
    """
    hits = 0
    for seed in range(studies):
        ratings = drawn(np.random.default_rng(seed), sizes=(120, 60, 60), alarms=alarms, per_cluster=per_cluster)
        negative = np.array([np.sum((ratings.people[0] == 0) & ratings.strata[name]) for name in LEVELS], float)
        truth = float(slope(np.array(alarms) * negative, negative, dose=np.array(list(LEVELS.values()))))
        one = slopes(ratings)["false_positive_rate"]
        hits += one.low is not None and one.high is not None and one.low <= truth <= one.high
    assert hits >= 0.92 * studies


@pytest.mark.simulation
@pytest.mark.parametrize("per_cluster", [0, 4])
def test_planted_errors_of_both_directions_and_their_gaps_lie_in_their_intervals(per_cluster: int) -> None:
    """False alarms and misses on 90 gibberish items, and what they are more than on coherent ones, in 300 studies.

    With the true share at 95% fewer than 276 of 300 happen once in a hundred times.
    """
    alarms, misses = (0.1, 0.2, 0.45), (0.05, 0.2, 0.35)
    planted = {"false_positive_rate": alarms, "false_negative_rate": misses}
    hits = dict.fromkeys(((name, what) for name in planted for what in ("rate", "gap")), 0)
    for seed in range(300):
        rng = np.random.default_rng([7, seed])
        ratings = drawn(rng, sizes=(150, 30, 90), alarms=alarms, misses=misses, per_cluster=per_cluster)
        context = make_context(ratings, OPTIONS)
        rates = against_reference(context, "judge", ratings.judges[0], "coherence=gibberish")
        gaps = [
            c for c in strata_contrasts(context, "judge") if {c.a, c.b} == {"coherence=gibberish", "coherence=coherent"}
        ]
        for name, truth in planted.items():
            rate = next(one for one in rates if one.statistic == name)
            gap = next(one for one in gaps if one.statistic == name)
            more = (truth[2] - truth[0]) * (1 if gap.a == "coherence=gibberish" else -1)
            for what, one, true in (("rate", rate, truth[2]), ("gap", gap, more)):
                hits[name, what] += one.low is not None and one.high is not None and one.low <= true <= one.high
    assert min(hits.values()) >= 276, hits


def test_a_judge_blind_on_gibberish_rises_and_a_fair_one_does_not() -> None:
    """The slope of a judge that calls all gibberish unsafe is near 1; both p-values are adjusted for two judges."""
    rng = np.random.default_rng(1)
    blind = drawn(rng, sizes=(100, 0, 60), alarms=(0.0, 0.0, 1.0))
    fair = np.where(blind.people[0] == 1, 1, 0)
    both = Ratings(
        question=HARM,
        items=blind.items,
        people_names=("ann",),
        judge_names=("blind", "fair"),
        people=blind.people,
        judges=np.stack([blind.judges[0], fair]).astype(np.int32),
        strata=blind.strata,
        columns=blind.columns,
        doses=blind.doses,
    )
    context = make_context(both, OPTIONS)
    found = {(one.subject, one.statistic): one for one in dose_slopes(context, context.ratings.judge_names)}
    rises, stays = found["blind", "false_positive_rate"], found["fair", "false_positive_rate"]
    assert rises.value == pytest.approx(1.0)
    assert rises.low is not None
    assert rises.low > 0.85
    assert (rises.a, rises.b) == ("coherence=gibberish", "coherence=coherent")
    assert (stays.value, stays.p_adjusted) == (0.0, 1.0)
    assert rises.p_value is not None
    assert rises.p_adjusted == pytest.approx(2 * rises.p_value)


def test_silence_is_told_however_the_audit_treats_it() -> None:
    """With unanswered left out, the curve and slope of missing labels still show that gibberish gets none."""
    level = np.repeat([0, 2], 50)
    truth = np.tile([0, 1], 50)
    said = np.where(level == 2, 2, truth)
    context = make_context(
        made(level=level, truth=truth, said=said), AuditOptions(replicates=500, unanswered="left-out")
    )
    found = {one.statistic: one for one in dose_slopes(context, ("judge",))}
    assert found["unanswered_rate"].value == 1.0
    assert (found["error_rate"].value, found["error_rate"].undefined) == (None, "no_pairable")


def test_a_table_knows_its_degradation_by_name() -> None:
    """`coherence` with its labels and `degradation` with numbers are doses; a column of another name is none."""
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(
        {
            "item_id": [f"i{k}" for k in range(120)],
            "ann": rng.choice(["0", "1"], 120),
            "bob": rng.choice(["0", "1"], 120),
            "j": rng.choice(["0", "1"], 120),
            "degradation": rng.choice(["0", "0.5", "2"], 120),
            "checkpoint": rng.choice(["1", "2"], 120),
        }
    )
    audit = ja.audit_table(
        frame,
        human=["ann", "bob"],
        judges=["j"],
        labels=["0", "1"],
        positive="1",
        by=["degradation", "checkpoint"],
        replicates=200,
    )
    curves = [one for one in audit.result.curves if one.kind == "dose_response"]
    assert {tuple(one.names) for one in curves} == {("degradation=0", "degradation=0.5", "degradation=2")}
    assert curves[0].x == [0.0, 0.25, 1.0]


@pytest.mark.parametrize(
    ("column", "values", "order", "doses"),
    [
        ("coherence", ["gibberish", "coherent"], None, {"coherent": 0.0, "gibberish": 1.0}),
        ("coherence", ["good", "bad"], None, {}),
        ("degradation", ["base", "noise"], None, {}),
        ("degradation", ["3", "3.0"], None, {}),
        ("noise", ["base", "much", "some"], ["base", "some", "much"], {"base": 0.0, "some": 0.5, "much": 1.0}),
        ("noise", ["base"], ["base", "some"], {}),
    ],
)
def test_doses(column: str, values: list[str], order: list[str] | None, doses: dict[str, float]) -> None:
    """What is a degradation, and in which order."""
    assert doses_of(column, values, order=order) == doses
    assert list(doses_of(column, values, order=order)) == list(doses)
