"""Laws of a whole audit of one question: what must not change a finding, and what every finding must be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judgeaudit.audit.question import audit_question
from judgeaudit.audit.setting.options import AuditOptions
from judgeaudit.domain.question import make_question
from judgeaudit.domain.ratings import Ratings
from judgeaudit.domain.results.audit import Finding
from tests.fuzzing import examples

LABELS = {
    "binary": ("no", "yes"),
    "nominal": ("a", "b", "c"),
    "ordinal": ("1", "2", "3", "4"),
    "interval": ("0", "1", "2", "5"),
}
OPTIONS = AuditOptions(replicates=200)
Key = tuple[str, str, str, str]


def drawn(scale: str, *, seed: int, n: int = 40, people: int = 3, judges: int = 2, holes: float = 0.15) -> Ratings:
    """People with holes, and judges that leave some questions open and were not asked some others."""
    rng = np.random.default_rng([seed, n, people])
    k = len(LABELS[scale])
    truth = rng.integers(0, k, n)
    codes = np.where(rng.random((people + judges, n)) < 0.3, rng.integers(0, k, (people + judges, n)), truth)
    codes[:people][rng.random((people, n)) < holes] = -1
    codes[people:][rng.random((judges, n)) < 0.05] = k
    codes[people:][rng.random((judges, n)) < 0.05] = -1
    codes = codes.astype(np.int32)
    side = rng.random(n) < 0.5
    return Ratings(
        question=make_question(name="q", scale=scale, labels=LABELS[scale]),
        items=tuple(map(str, range(n))),
        people_names=tuple(f"p{r}" for r in range(people)),
        judge_names=tuple(f"j{r}" for r in range(judges)),
        people=codes[:people],
        judges=codes[people:],
        strata={"all": np.ones(n, bool), "side=left": side, "side=right": ~side},
        columns={"side": ("side=left", "side=right")},
    )


def taken(ratings: Ratings, items: np.ndarray) -> Ratings:  # type: ignore[type-arg]
    """The same ratings of these items, in this order, each as often as it is named."""
    return replace(
        ratings,
        items=tuple(map(str, range(len(items)))),
        people=ratings.people[:, items],
        judges=ratings.judges[:, items],
        strata={name: mask[items] for name, mask in ratings.strata.items()},
        clusters=None if ratings.clusters is None else ratings.clusters[items],
        weights=None if ratings.weights is None else ratings.weights[items],
    )


def findings(ratings: Ratings, options: AuditOptions = OPTIONS) -> dict[Key, Finding]:
    found = audit_question(ratings, options).findings
    keyed = {(f.stratum, f.subject, f.versus, f.statistic): f for f in found}
    assert len(keyed) == len(found), "one row per stratum, pair of raters and statistic"
    return keyed


def equal(
    a: dict[Key, Finding], b: dict[Key, Finding], *, intervals: bool, rename: dict[str, str] | None = None
) -> None:
    """The same keys, values and, where asked, bounds."""
    renamed = {tuple((rename or {}).get(part, part) for part in key): f for key, f in b.items()}
    assert a.keys() == renamed.keys()
    for key, f in a.items():
        g = renamed[key]  # type: ignore[index]
        assert f.undefined == g.undefined, key
        parts = ("value", "low", "high") if intervals else ("value",)
        for part in parts:
            one, two = getattr(f, part), getattr(g, part)
            assert (one is None) == (two is None), (key, part)
            if one is not None:
                assert one == pytest.approx(two, rel=1e-9, abs=1e-9), (key, part)


#: the binary scale in every run, the others in `make test`
scales = pytest.mark.parametrize(
    "scale", ["binary", *(pytest.param(one, marks=pytest.mark.slow) for one in LABELS if one != "binary")]
)
seeds = pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])


@scales
@given(
    seed=st.integers(0, 10_000), n=st.integers(1, 60), people=st.integers(0, 4), holes=st.sampled_from([0, 0.2, 0.8])
)
@settings(max_examples=examples(8))
def test_every_finding_is_a_number_or_a_reason(scale: str, seed: int, n: int, people: int, holes: float) -> None:
    """A finding has a value or a reason, its bounds stand around it, and no number is infinite or not a number."""
    for key, f in findings(drawn(scale, seed=seed, n=n, people=people, holes=holes)).items():
        assert (f.value is None) == (f.undefined is not None), key
        numbers = [v for v in (f.value, f.low, f.high, f.k, f.n, f.design_effect) if v is not None]
        assert np.isfinite(numbers).all(), key
        if f.value is None:
            assert f.low is None and f.high is None, key
        elif f.low is not None and f.high is not None:
            assert f.low < f.high, key
            assert f.low - 1e-9 <= f.high + 1e-9, key


AT_LEAST_MINUS_ONE = (
    "cohen_kappa",
    "cohen_kappa_linear",
    "cohen_kappa_quadratic",
    "scott_pi",
    "gwet_ac1",
    "brennan_prediger",
    "matthews_corrcoef",
    "youden_j",
    "prevalence_bias",
    "leave_one_out_delta",
    "pearson_r",
    "spearman_rho",
    "kendall_tau_b",
    "icc_3_1",
)
#: with holes Fleiss' chance comes from items that only one person labelled, too
UNBOUNDED_BELOW = ("fleiss_kappa", "gwet_ac2", "icc_2_1", "icc_2_k")
NOT_PROMISED = ("dirichlet", "bootstrap")


def lowest(statistic: str) -> float:
    """The least value that a statistic can take. Alpha's small-sample term moves its limit with the number of labels."""
    if statistic in UNBOUNDED_BELOW or "alpha" in statistic:
        return -np.inf
    if statistic == "pairwise_kappa_delta":
        return -2.0
    return -1.0 if statistic in AT_LEAST_MINUS_ONE else 0.0


def highest(statistic: str) -> float:
    """The greatest value: 1, but for errors and for differences of two coefficients."""
    if statistic in ("mean_absolute_error", "alpha_with_judge_delta"):
        return np.inf
    return 2.0 if statistic == "pairwise_kappa_delta" else 1.0


@scales
@given(
    seed=st.integers(0, 10_000),
    n=st.integers(2, 30),
    people=st.integers(2, 3),
    apart=st.sampled_from([0.0, 0.5, 1.0]),
    silent=st.sampled_from([0.0, 0.6]),
    design=st.sampled_from(["items", "clusters", "weights"]),
)
@settings(max_examples=examples(8))
def test_value_in_its_interval_and_range(
    scale: str, seed: int, n: int, people: int, apart: float, silent: float, design: str
) -> None:
    """A value lies in its statistic's range, its interval too; and inside the interval, but for posteriors and bootstraps."""
    rng = np.random.default_rng(seed)
    ratings = drawn(scale, seed=seed, n=n, people=people)
    k, last = len(LABELS[scale]), ratings.people[0]
    opposite = (rng.random(n) < apart) & (last >= 0)
    turned = np.where(opposite, k - 1 - last, ratings.judges[0]).astype(np.int32)
    ratings = replace(
        ratings,
        people=np.concatenate([ratings.people[:-1], np.where(opposite, turned, ratings.people[-1])[None]]),
        judges=np.stack([turned, np.where(rng.random(n) < silent, k, ratings.judges[1])]).astype(np.int32),
        clusters=np.arange(n, dtype=np.int64) // 2 if design == "clusters" else None,
        weights=rng.random(n) + 0.1 if design == "weights" else None,
    )
    for key, f in findings(ratings).items():
        if f.value is None:
            continue
        low, high = f.value if f.low is None else f.low, f.value if f.high is None else f.high
        least, most = lowest(f.statistic), highest(f.statistic)
        assert least - 1e-9 <= min(low, f.value) and max(high, f.value) <= most + 1e-9, (key, f)
        if not any(word in f.method for word in NOT_PROMISED):
            assert low - 1e-9 <= f.value <= high + 1e-9, (key, f)


@scales
@seeds
def test_same_seed_same_findings(scale: str, seed: int) -> None:
    """Two audits with one seed are one audit."""
    ratings = drawn(scale, seed=seed)
    assert audit_question(ratings, OPTIONS).findings == audit_question(ratings, OPTIONS).findings


@scales
@seeds
def test_order_of_items(scale: str, seed: int) -> None:
    """The order of rows is no information: values and bounds stay."""
    ratings = drawn(scale, seed=seed)
    order = np.random.default_rng(seed).permutation(ratings.n_items)
    equal(findings(ratings), findings(taken(ratings, order)), intervals=True)


@scales
@seeds
def test_order_of_raters(scale: str, seed: int) -> None:
    """The order of columns is no information either."""
    ratings = drawn(scale, seed=seed)
    turned = replace(
        ratings,
        people=ratings.people[::-1],
        people_names=ratings.people_names[::-1],
        judges=ratings.judges[::-1],
        judge_names=ratings.judge_names[::-1],
    )
    a, b = (
        {k: f for k, f in findings(r).items() if not (k[1].startswith("p") and k[2].startswith("p"))}
        for r in (ratings, turned)
    )
    equal(a, b, intervals=True)


@seeds
def test_relabelling_a_nominal_scale(seed: int) -> None:
    """Labels of a nominal scale may be declared in any order."""
    ratings = drawn("nominal", seed=seed)
    order = np.array([2, 0, 1, 3, -1])  # the codes of a, b, c, of no answer and of a hole
    turned = replace(
        ratings,
        question=make_question(name="q", scale="nominal", labels=("b", "c", "a")),
        people=order[ratings.people].astype(np.int32),
        judges=order[ratings.judges].astype(np.int32),
    )
    ours, theirs = ({k: f for k, f in findings(r).items() if "baseline" not in k[1]} for r in (ratings, turned))
    equal(ours, theirs, intervals=False)


@pytest.mark.slow
@seeds
def test_affine_interval_scale(seed: int) -> None:
    """Degrees Celsius or Fahrenheit: only the mean error, and the ratio metric, know the unit."""
    ratings = drawn("interval", seed=seed)
    hot = replace(ratings, question=make_question(name="q", scale="interval", labels=("32", "33.8", "35.6", "41")))
    unit = ("mean_absolute_error", "krippendorff_alpha_ratio")
    a, b = ({k: f for k, f in findings(r).items() if k[3] not in unit} for r in (ratings, hot))
    equal(a, b, intervals=False)


@scales
@pytest.mark.parametrize("people", [2, 3])
def test_silent_rater_is_inert(scale: str, people: int) -> None:
    """A person who gave no label changes no finding about anybody else, bounds included."""
    ratings = drawn(scale, seed=4, people=people, holes=0.0)
    silent = np.full((1, ratings.n_items), -1, np.int32)
    more = replace(
        ratings, people=np.concatenate([ratings.people, silent]), people_names=(*ratings.people_names, "mute")
    )
    ties = ("accuracy_ties_wrong", "accuracy_ties_right")
    a = {k: f for k, f in findings(ratings).items() if k[3] not in ties}
    b = {k: f for k, f in findings(more).items() if "mute" not in k and k[3] not in ties}
    equal(a, b, intervals=True)


@scales
@seeds
def test_weight_two_is_twice_there(scale: str, seed: int) -> None:
    """An item of weight 2 has the values of an item that stands there twice, alpha's small-sample term included.

    Tests of persons ask for a number of items, which no weight makes up for.
    """
    ratings = drawn(scale, seed=seed)
    twice = np.random.default_rng(seed).random(ratings.n_items) < 0.4
    weighted = replace(ratings, weights=1.0 + twice)
    repeated = taken(ratings, np.repeat(np.arange(ratings.n_items), 1 + twice))
    a, b = (
        {k: f for k, f in findings(r).items() if "ties" not in k[3] and "alt_test" not in k[3]}
        for r in (weighted, repeated)
    )
    assert a.keys() == b.keys()
    for key, f in a.items():
        assert (f.value is None) == (b[key].value is None), key
        if f.value is not None:
            assert f.value == pytest.approx(b[key].value, abs=1e-9), key


@scales
def test_weights_that_sum_to_one(scale: str) -> None:
    """Weights as shares of the whole have the values of the same weights with mean 1, alpha's included."""
    ratings = drawn(scale, seed=3)
    weights = np.random.default_rng(3).random(ratings.n_items) + 0.1
    shares, items = (replace(ratings, weights=weights / total) for total in (weights.sum(), weights.mean()))
    equal(findings(shares), findings(items), intervals=True)


@scales
def test_lonely_clusters_are_items(scale: str) -> None:
    """Clusters of one item each are items: nothing changes."""
    ratings = drawn(scale, seed=5)
    lonely = replace(ratings, clusters=np.random.default_rng(1).permutation(ratings.n_items).astype(np.int64))
    equal(findings(ratings), findings(lonely), intervals=True)


@scales
def test_clusters_leave_values(scale: str) -> None:
    """Clusters change how sure a value is, never the value; how many tests are passed follows from how sure they are."""
    ratings = drawn(scale, seed=6)
    clustered = replace(ratings, clusters=np.arange(ratings.n_items, dtype=np.int64) // 4)
    a, b = findings(ratings), findings(clustered)
    assert a.keys() == b.keys()
    for key, f in a.items():
        if f.value is not None and b[key].value is not None and key[3] != "alt_test_winning_rate":
            assert f.value == pytest.approx(b[key].value, abs=1e-9), key


@scales
def test_stratum_alone_is_the_stratum(scale: str) -> None:
    """A stratum has the values that its items have when they are all there is."""
    ratings = drawn(scale, seed=7, n=60)
    left = np.flatnonzero(ratings.strata["side=left"])
    alone = findings(replace(taken(ratings, left), strata={"all": np.ones(left.size, bool)}, columns={}))
    whole = {k: f for k, f in findings(ratings).items() if k[0] == "side=left"}
    for key, f in whole.items():
        other = alone["all", *key[1:]]  # type: ignore[index]
        if "baseline" not in key[1] and scale != "interval":
            assert f.value == (None if other.value is None else pytest.approx(other.value, abs=1e-9)), key


@scales
def test_leave_one_out_of_a_copy(scale: str) -> None:
    """A judge that copies one of two like-minded people stands to the others as that person does: delta is 0."""
    ratings = drawn(scale, seed=8, holes=0.0)
    same = replace(ratings, people=np.repeat(ratings.people[:1], 3, axis=0), judges=np.repeat(ratings.people[:1], 2, 0))
    delta = findings(same)["all", "j0", "humans", "leave_one_out_delta"]
    assert delta.value == 0.0
    assert delta.low is not None and delta.high is not None
    assert delta.low < 0.0 < delta.high


@pytest.mark.parametrize("unanswered", ["counted", "left-out", "as:yes"])
def test_treatments_of_no_answer(unanswered: str) -> None:
    """Coverage and the share of all asked that are right do not depend on how no answer is treated elsewhere."""
    ratings = drawn("binary", seed=9)
    options = replace(OPTIONS, unanswered=unanswered)
    plain, treated = findings(ratings), findings(ratings, options)
    for judge in ratings.judge_names:
        key = ("all", judge, "reference")
        assert treated[*key, "coverage"].value == plain[*key, "coverage"].value  # type: ignore[index]
        if (*key, "accuracy_worst_case") in treated:
            worst = treated[*key, "accuracy_worst_case"].value  # type: ignore[index]
            assert worst == plain[*key, "accuracy"].value  # type: ignore[index]
