"""An audit of judges that say how sure they are: what every such finding must be, and what has no value."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.special import expit

from judgeaudit.audit.probabilities.calibration import FEW_VALUES
from judgeaudit.audit.probabilities.findings import NAMES, of_probabilities, probability_findings
from judgeaudit.audit.probabilities.ranking import NAMES as RANKED
from judgeaudit.audit.probabilities.recalibration import GAINS, recalibration
from judgeaudit.audit.probabilities.selective import selective_use
from judgeaudit.audit.question import QuestionAudit, audit_question
from judgeaudit.audit.setting.context import make_context
from judgeaudit.audit.setting.options import AuditOptions
from judgeaudit.domain.catalogue.reasons import REASONS
from judgeaudit.domain.question import make_question
from judgeaudit.domain.ratings import Floats, Ratings
from judgeaudit.domain.results.audit import Finding
from judgeaudit.domain.results.plain import plain_of

OPTIONS = AuditOptions(replicates=200)


def told(p: Floats, y: Floats, **more: Any) -> Ratings:
    """Two people who agree on `y`, and a judge that gives p and calls positive from one half on."""
    labels = y.astype(np.int32)
    n = y.size
    return Ratings(
        question=make_question(name="q", scale="binary", labels=("no", "yes")),
        items=tuple(map(str, range(n))),
        people_names=("a", "b"),
        judge_names=("j",),
        people=np.stack([labels, labels]),
        judges=np.where(np.isnan(p), 2, p >= 0.5).astype(np.int32)[None],
        strata=more.pop("strata", {"all": np.ones(n, bool)}),
        probability={"j": p},
        **more,
    )


def drawn(n: int = 400, seed: int = 0, slope: float = 2.0, places: int = 6) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(seed)
    odds = rng.normal(0, 2, n)
    y = (rng.random(n) < expit(odds)).astype(float)
    return np.clip(np.round(expit(slope * odds), places), 1e-6, 1 - 1e-6), y


def audited(ratings: Ratings, options: AuditOptions = OPTIONS) -> QuestionAudit:
    return audit_question(ratings, options)


def found(audit: QuestionAudit, name: str, stratum: str = "all", judge: str = "j") -> Finding:
    (one,) = (
        f
        for f in audit.findings
        if (f.subject, f.stratum, f.statistic, f.versus) == (judge, stratum, name, "reference")
    )
    return one


EVERY = (*NAMES, *RANKED, *GAINS, "smooth_ece_by_chance")

CASES: dict[str, tuple[Floats, Floats]] = {
    "one item": (np.array([0.7]), np.array([1.0])),
    "no probabilities": (np.full(30, np.nan), np.arange(30) % 2.0),
    "one class": (np.linspace(0.1, 0.9, 30), np.ones(30)),
    "constant judge": (np.full(60, 0.3), np.arange(60) % 2.0),
    "judge of one half": (np.full(60, 0.5), np.arange(60) % 2.0),
    "perfect judge": (np.where(np.arange(60) % 2, 0.9, 0.1), np.arange(60) % 2.0),
    "anti-judge": (np.where(np.arange(60) % 2, 0.1, 0.9), np.arange(60) % 2.0),
    "certain and right": (np.arange(60) % 2.0, np.arange(60) % 2.0),
    "certain and wrong": (1 - np.arange(60) % 2.0, np.arange(60) % 2.0),
    "certain now and then": (np.where(np.arange(60) % 7, 0.6, 1.0), np.arange(60) % 2.0),
    "two items": (np.array([0.2, 0.6]), np.array([0.0, 1.0])),
}


@pytest.mark.parametrize("name", CASES)
def test_every_finding_has_a_value_or_a_reason(name: str) -> None:
    """Whatever the probabilities: a finite number within its limits, or a reason that has words."""
    audit = audited(told(*CASES[name]))
    mine = [f for f in audit.findings if f.subject == "j" and f.statistic in EVERY]
    assert {f.statistic for f in mine} >= set(EVERY) - {"smooth_ece_by_chance"}
    for f in mine:
        if f.value is None:
            assert f.undefined in REASONS, (f.statistic, f.undefined)
            continue
        assert np.isfinite(f.value)
        assert f.undefined is None
        if f.low is not None and f.high is not None:
            assert f.low - 1e-9 <= f.value <= f.high + 1e-9, f
    assert len(audit.recalibrations) == len(audit.selective) == 1


def reasons(name: str) -> dict[str, str | None]:
    audit = audited(told(*CASES[name]))
    return {f.statistic: f.undefined for f in audit.findings if f.subject == "j" and f.statistic in EVERY}


def test_reasons_are_the_right_ones() -> None:
    """What has no value says why: one class, certainty, separation, no variation, too many values."""
    assert reasons("one class")["roc_auc"] == reasons("one class")["calibration_slope"] == "one_class_human"
    assert reasons("certain now and then")["calibration_slope"] == "infinite_log_odds"
    assert reasons("certain now and then")["log_loss"] == "infinite"
    assert reasons("perfect judge")["calibration_slope"] == "separation"
    assert reasons("constant judge")["calibration_slope"] == "zero_variance"
    assert reasons("judge of one half")["spiegelhalter_z"] == "zero_variance"
    p, y = drawn()
    assert found(audited(told(p, y)), "brier_reliability").undefined == "too_many_probabilities"
    assert np.unique(p).size > FEW_VALUES


def test_an_infinite_loss_is_counted() -> None:
    """How many certain probabilities were wrong stands with the log loss, and z is as infinite."""
    p, y = CASES["certain now and then"]
    one = found(audited(told(p, y)), "log_loss")
    assert (one.value, one.k, one.n) == (None, float(((p == 1) & (y == 0)).sum()), 60.0)


def test_separation_keeps_an_interval() -> None:
    """The area 1 of 30 and 30 items is bounded by 30 disjoint pairs, of which none failed; the anti-judge's is its mirror image."""
    right, wrong = (found(audited(told(*CASES[name])), "roc_auc") for name in ("perfect judge", "anti-judge"))
    assert (right.value, right.high) == (1.0, 1.0)
    assert right.low == pytest.approx(0.025 ** (1 / 30))
    assert (wrong.value, wrong.low) == (0.0, 0.0)
    assert wrong.high == pytest.approx(1 - 0.025 ** (1 / 30))


def test_parts_of_the_brier_score_add_up() -> None:
    """After CORP always, after Murphy where the judge uses few values; what is fitted to the labels has no interval."""
    audit = audited(told(*drawn(places=1)))

    def value(name: str) -> float:
        one = found(audit, name).value
        assert one is not None
        return one

    total = value("brier_score")
    uncertainty = value("brier_uncertainty")
    assert value("brier_miscalibration") - value("brier_discrimination") + uncertainty == pytest.approx(total)
    assert value("brier_reliability") - value("brier_resolution") + uncertainty == pytest.approx(total)
    assert found(audit, "brier_miscalibration").low is found(audit, "brier_resolution").low is None
    assert found(audit, "brier_uncertainty").low is not None


def test_weights_of_two_are_two_items() -> None:
    """Values with sampling weights are those of copied items."""
    p, y = drawn(80)
    weights = np.random.default_rng(0).integers(1, 4, 80).astype(float)
    copies = np.repeat(np.arange(80), weights.astype(int))
    light = audited(told(p, y, weights=weights))
    heavy = audited(told(p[copies], y[copies]))
    bins = {"ece_equal_mass", "ece_squared_debiased", "spiegelhalter_z", "smooth_ece_by_chance", *GAINS}
    for name in sorted(set(EVERY) - bins):
        assert found(light, name).value == pytest.approx(found(heavy, name).value, abs=2e-3), name


def test_clusters_widen_intervals() -> None:
    """Five copies of each item in one cluster: the same values, and intervals as wide as of single items or wider."""
    p, y = drawn(100)
    five = np.repeat(np.arange(100), 5)
    single, copied = audited(told(p, y)), audited(told(p[five], y[five], clusters=five))
    for name in (
        "brier_score",
        "roc_auc",
        "calibration_slope",
        "calibration_in_the_large",
        "average_precision",
        "aurc",
    ):
        one, other = found(single, name), found(copied, name)
        assert other.value == pytest.approx(one.value, abs=1e-2 if name == "aurc" else 1e-6), name
        assert one.low is not None and one.high is not None and other.low is not None and other.high is not None
        assert other.high - other.low > 0.85 * (one.high - one.low), name
    assert found(copied, "spiegelhalter_z").undefined == "needs_independence"


@pytest.mark.simulation
def test_calibrated_judges_are_seen_as_such() -> None:
    """Of judges whose probabilities are right, slope 1 and intercept 0 lie in the interval, and the smooth error is chance's."""
    rng = np.random.default_rng(9)
    hits: dict[str, int] = {"calibration_slope": 0, "calibration_in_the_large": 0, "smooth": 0}
    for _ in range(40):
        p = expit(rng.normal(0, 1.5, 300))
        y = (rng.random(300) < p).astype(float)
        context = make_context(told(p, y), OPTIONS)
        known = {f.statistic: f for f in probability_findings(context, "j", "all")[0]}
        for name, truth in (("calibration_slope", 1.0), ("calibration_in_the_large", 0.0)):
            one = known[name]
            assert one.low is not None and one.high is not None
            hits[name] += one.low <= truth <= one.high
        smooth, chance = known["smooth_ece"].value, known["smooth_ece_by_chance"].high
        assert smooth is not None and chance is not None
        hits["smooth"] += smooth <= chance
    assert min(hits.values()) >= 34


def test_same_seed_same_numbers() -> None:
    """What is drawn follows the seed: bands, folds, chance."""
    p, y = drawn()
    one, two = audited(told(p, y)), audited(told(p, y))
    assert one.curves == two.curves
    assert one.recalibrations == two.recalibrations
    other = audited(told(p, y), replace(OPTIONS, seed=2))
    assert other.curves[0].band_low != one.curves[0].band_low


def test_curves() -> None:
    """Kinds and shapes: a reliability curve with its band in each stratum, ROC and risk over all items."""
    p, y = drawn()
    half = np.arange(400) < 200
    audit = audited(told(p, y, strata={"all": np.ones(400, bool), "s=a": half}, columns={"s": ("s=a",)}))
    kinds = [(one.kind, one.stratum) for one in audit.curves]
    assert kinds == [("reliability", "all"), ("roc", "all"), ("risk_coverage", "all"), ("reliability", "s=a")]
    reliability, roc, risk, _ = audit.curves
    assert len(reliability.band_low) == len(reliability.band_high) == len(reliability.x)
    assert (roc.x[0], roc.y[0], roc.x[-1], roc.y[-1]) == (0.0, 0.0, 1.0, 1.0)
    assert (risk.x[-1], risk.y[-1]) == (1.0, pytest.approx(float(((p >= 0.5) != (y == 1)).mean())))
    assert all(len(part) == len(risk.x) <= 41 for part in (risk.y, risk.low, risk.high, risk.n))


def test_unanswered_items_are_not_ranked_by_risk() -> None:
    """Risk and coverage are of answered items, the area of all that have a probability."""
    p, y = drawn(100)
    ratings = told(p, y)
    silent = ratings.judges.copy()
    silent[0, :10] = 2
    audit = audited(replace(ratings, judges=silent))
    assert (found(audit, "aurc").n_items, found(audit, "roc_auc").n_items) == (90, 100)


# ------------------------------------------------------------------------------------------------- recalibration, risk


def put_to_use(ratings: Ratings, options: AuditOptions = OPTIONS) -> tuple[dict[str, Any], dict[str, Any]]:
    audit = audited(ratings, options)
    one = of_probabilities(audit.context, "j", "all")
    assert one is not None
    assert [recalibration(one).record] == audit.recalibrations
    assert [selective_use(one)] == audit.selective
    return plain_of(audit.recalibrations[0]), plain_of(audit.selective[0])


def test_maps_that_are_offered() -> None:
    """With few labels only one coefficient, from 50 of each side on curves of two and three, from 1,000 labels on isotonic."""

    def offered(n: int) -> list[str]:
        record, _ = put_to_use(told(*drawn(n)))
        return [one["method"] for one in record["tried"] if one["undefined"] is None]

    assert offered(12) == []
    assert offered(60) == ["temperature"]
    assert offered(300) == ["temperature", "platt", "beta"]
    assert offered(1200) == ["temperature", "platt", "beta", "isotonic"]


def test_recalibration_helps_where_it_should() -> None:
    """An overconfident judge gains, and that is shown; one that is calibrated is not said to gain."""
    record, _ = put_to_use(told(*drawn(2000, slope=2.5)))
    assert record["shown_better"]
    gained = found(audited(told(*drawn(2000, slope=2.5))), "recalibration_gain_brier")
    assert gained.low is not None
    assert gained.low > 0
    record, _ = put_to_use(told(*drawn(2000, slope=1.0)))
    assert not record["shown_better"]


def test_folds_keep_clusters_together() -> None:
    """With 400 items in 4 clusters there are no five folds; with 20 clusters there are."""
    p, y = drawn()
    record, _ = put_to_use(told(p, y, clusters=np.arange(400) % 4))
    assert record["undefined"] == "too_few_clusters"
    record, _ = put_to_use(told(p, y, clusters=np.arange(400) % 20))
    assert (record["undefined"], record["folds_by"]) == (None, "clusters")


def test_thresholds() -> None:
    """All items are sampled where they are exchangeable, one of each cluster where they are not; weights are refused."""
    p, y = drawn(1500, slope=1.0)
    _, plain = put_to_use(told(p, y))
    assert plain["sampled"] == "all items"
    sure = np.where(p >= 0.5, p, 1 - p)
    kept = sure >= plain["threshold"]
    wrong = (p >= 0.5) != (y == 1)
    assert (plain["answered"], plain["errors"]) == (int(kept.sum()), int(wrong[kept].sum()))
    assert plain["upper"] <= 0.1
    _, clustered = put_to_use(told(p, y, clusters=np.arange(1500) % 500))
    assert (clustered["n"], clustered["sampled"]) == (500, "one item of each cluster")
    weights = np.where(np.arange(1500) % 2, 1.0, 2.0)
    _, weighted = put_to_use(told(p, y, weights=weights))
    assert (weighted["threshold"], weighted["undefined"]) == (None, "weighted")
    _, few = put_to_use(told(p[:20], y[:20]))
    assert few["undefined"] == "too_few_items"
    _, strict = put_to_use(told(p, y), replace(OPTIONS, max_risk=0.001))
    assert strict["undefined"] == "too_few_items"


def test_scores_are_ranked_alone() -> None:
    """A judge cut from a score has areas, named as the score's, and no calibration; its confidence is the distance to the cut."""
    p, y = drawn(300)
    ratings = replace(told(p, y), probability={}, scores={"j": np.log(p / (1 - p))})
    audit = audited(ratings)
    names = {f.statistic for f in audit.findings if f.subject == "j" and f.statistic in EVERY}
    assert names == set(RANKED)
    plain = audited(told(p, y))
    for name in RANKED:
        assert found(audit, name).value == pytest.approx(found(plain, name).value)
        assert found(audit, name).method.endswith("of the score less its cut")
    assert audit.about.sure_by == {"j": "score less its cut"}
    assert (audit.recalibrations, audit.selective) == ([], [])


def test_vote_shares_of_a_panel_are_named() -> None:
    """A panel's probability is a share of votes, and every method that ranks it says so."""
    p, y = drawn(100, places=1)
    audit = audited(replace(told(p, y), vote_shares=("j",)))
    assert audit.about.sure_by == {"j": "vote share of the panel"}
    assert found(audit, "roc_auc").method.endswith("of the vote share of the panel")
    assert audit.recalibrations[0].of == "vote share of the panel"
