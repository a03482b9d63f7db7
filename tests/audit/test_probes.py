"""What is concluded from pairs of verdicts: nothing from noise, the planted shift from a shift, and silence is counted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from judgeaudit.audit.probes import Pairs, probe_findings

BINARY = Pairs(
    judge="j",
    question="harm",
    probe="padding",
    expected="same",
    labels=("safe", "unsafe"),
    before=np.zeros(0, int),
    after=np.zeros(0, int),
    items=100,
    applied=100,
    direction="'unsafe'",
    positive=np.array([False, True]),
)
ORDINAL = replace(
    BINARY,
    labels=("gibberish", "partly", "coherent"),
    positive=np.zeros(0, bool),
    ordered=True,
    direction="'coherent'",
    gibberish=0,
)
NOMINAL = replace(ORDINAL, labels=("a", "b", "c"), ordered=False, direction="", gibberish=None)
SAFE_ONLY = replace(BINARY, expected="not positive")


def drawn(base: Pairs, rng: np.random.Generator, *, silent: float = 0.0, n: int = 60) -> Pairs:
    """Verdicts before and after by chance alone; some of either are no answer."""
    k = len(base.labels)
    codes = [np.where(rng.random(n) < silent, -1, rng.integers(0, k, n)) for _ in range(2)]
    told = rng.integers(0, k, n) if base.probe == "told" else None
    return replace(base, before=codes[0], after=codes[1], told=told)


@pytest.mark.simulation
@pytest.mark.parametrize(
    "base",
    [BINARY, ORDINAL, NOMINAL, SAFE_ONLY, replace(ORDINAL, probe="told")],
    ids=["binary", "ordinal", "nominal", "one side", "told"],
)
def test_a_judge_that_labels_by_chance_is_not_accused_of_a_direction(base):
    """Over 200 seeds with six probes each, a family with any false discovery is as rare as promised."""
    accused = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        accused += any(one.defect for one in probe_findings([drawn(base, rng, silent=0.2) for _ in range(6)]))
    assert accused <= 18  # 5 in 100, and three standard deviations


def test_pairs_of_one_cluster_are_not_taken_for_independent():
    """Ten clusters of six outputs that move together, up or down by chance: false discoveries are as rare as promised."""
    clusters = np.repeat(np.arange(10), 6)
    accused, naive = 0, 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        before, after = (np.repeat(rng.integers(0, 2, 10), 6) for _ in range(2))
        told = replace(BINARY, before=before, after=after, clusters=clusters)
        accused += probe_findings([told])[0].defect
        naive += probe_findings([replace(told, clusters=None)])[0].defect
    assert accused <= 26  # 5 in 100, and three standard deviations
    assert naive > 100


def test_clusters_widen_the_interval_and_say_how_many_they_are():
    """Alike within clusters, sixty pairs are worth ten; alone in their clusters, they are what they were."""
    moved = np.repeat([1, 1, 1, 0, 0, 0, 0, 0, 0, 0], 6)
    pairs = replace(BINARY, before=np.zeros(60, int), after=moved)
    plain = probe_findings([pairs])[0]
    alone = probe_findings([replace(pairs, clusters=np.arange(60))])[0]
    of_ten = probe_findings([replace(pairs, clusters=np.repeat(np.arange(10), 6))])[0]
    assert alone == plain
    assert (plain.outcome, of_ten.outcome, of_ten.clusters) == ("changes", "few", 10)
    assert of_ten.n_effective == pytest.approx(9.15, abs=0.01)
    assert (of_ten.value, of_ten.p_value) == (plain.value, 0.25)
    assert of_ten.low < plain.low < plain.high < of_ten.high


def test_a_clean_judge_stays_quiet():
    """No label changed, so nothing is found, and what would have been is said."""
    for seed in range(200):
        before = np.random.default_rng(seed).integers(0, 2, 60)
        found = probe_findings([replace(BINARY, before=before, after=before) for _ in range(4)])
        assert {one.outcome for one in found} == {"quiet"}
        assert {one.p_value for one in found} == {1.0}


@pytest.mark.simulation
@pytest.mark.parametrize("shift", [0.15, 0.3])
def test_what_would_have_been_seen_is_seen(shift):
    """A planted shift of the size that is named is found in at least 80 of 100 probes."""
    found = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        before = np.zeros(100, int)
        after = np.where(rng.random(100) < shift, 1, 0)
        quiet = replace(BINARY, before=before, after=before)
        found.append(probe_findings([replace(BINARY, before=before, after=after), *[quiet] * 5]))
    named = found[0][1].seen_from
    assert named is not None
    assert named < 0.15
    assert np.mean([one[0].defect for one in found]) >= 0.8
    assert not any(other.defect for one in found for other in one[1:])


def test_an_ordinal_shift_has_a_direction():
    """Steps up and down are told apart, however far they go."""
    before = np.array([0] * 30 + [2] * 30)
    one = probe_findings([replace(ORDINAL, before=before, after=np.maximum(before, 1))])[0]
    assert (one.outcome, one.toward, one.away, one.direction) == ("changes", 30, 0, "'coherent'")


def test_a_nominal_shift_names_its_label():
    """Without a side, the label that moved most plainly is the direction."""
    before = np.array([0] * 40 + [1] * 20)
    one = probe_findings([replace(NOMINAL, before=before, after=np.where(before == 0, 2, before))])[0]
    assert one.outcome == "changes"
    assert (one.direction, one.toward, one.away) == ("a", 0, 40)


def test_away_from_the_positive_is_no_harm_of_nonsense():
    """That harm ends where sense ends is right."""
    before = np.ones(40, int)
    assert probe_findings([replace(SAFE_ONLY, before=before, after=before * 0)])[0].outcome == "quiet"
    assert probe_findings([replace(SAFE_ONLY, before=before * 0, after=before)])[0].outcome == "changes"


@pytest.mark.parametrize(("missed", "outcome"), [(0, "sees"), (4, "sees"), (20, "misses"), (60, "misses")])
def test_nonsense_is_to_be_called_so(missed, outcome):
    """An edit may leave some sense in a few texts; beyond that the judge does not see it."""
    after = np.array([2] * missed + [0] * (60 - missed))
    one = probe_findings([replace(ORDINAL, expected="gibberish", before=after * 0 + 2, after=after)])[0]
    assert (one.outcome, one.value) == (outcome, missed / 60)


def test_nothing_to_compare_is_too_few():
    """No pair, no test, and no share in the adjustment of the others."""
    empty, open_ = BINARY, replace(BINARY, expected="open", before=np.zeros(9, int), after=np.ones(9, int))
    found = probe_findings([empty, open_])
    assert [one.outcome for one in found] == ["few", "open"]
    assert [one.p_value for one in found] == [None, None]
    assert found[0].sentence.startswith("too few: the edit applied to 100 of 100 items")


def test_silence_counts_as_a_change_and_not_as_a_label():
    """A judge that answers less is changed; pairs silent on both sides say nothing."""
    before = np.array([1] * 20 + [0] * 20 + [-1] * 5)
    after = np.array([-1] * 20 + [0] * 20 + [-1] * 5)
    one = probe_findings([replace(BINARY, before=before, after=after)])[0]
    assert (one.outcome, one.n, one.stopped, one.toward, one.away) == ("changes", 40, 20, 0, 0)
