"""Latent labels, tests and divergences against other libraries."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial.distance import jensenshannon
from sklearn.metrics import log_loss

from judgeaudit.stats.agreement import alternative_annotator as alternative
from judgeaudit.stats.agreement import soft_labels
from judgeaudit.stats.agreement.dawid_skene import dawid_skene
from judgeaudit.stats.intervals.resample import jackknife
from tests.fuzzing import examples

CROWDKIT = json.loads(Path(__file__).with_name("dawid_skene_crowdkit.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CROWDKIT["cases"], ids=lambda case: case["name"])
def test_latent_labels_are_those_of_crowd_kit(case: dict[str, Any]) -> None:
    """Without smoothing and from the labels' shares, shares and posteriors are crowd-kit's (kept, with the script beside it)."""
    rows = np.asarray(case["codes"], np.int32).T
    raters = np.arange(rows.shape[1])
    found = dawid_skene(
        rows, np.ones(len(rows)), raters=raters, n_labels=case["n_labels"], starts=1, smoothing=0.0, seed=1
    )
    np.testing.assert_allclose(found.prior, case["prior"], atol=1e-4)
    np.testing.assert_allclose(found.posterior, case["posterior"], atol=1e-3)


@given(p=st.lists(st.floats(0, 1), min_size=1, max_size=12))
@settings(max_examples=examples(30))
def test_benjamini_yekutieli_is_that_of_scipy(p: list[float]) -> None:
    """Adjusted p-values are those of scipy's `false_discovery_control`."""
    expected = stats.false_discovery_control(p, method="by")
    np.testing.assert_allclose(alternative.benjamini_yekutieli(np.asarray(p)), expected, atol=1e-12)


def test_the_test_of_one_person_is_a_t_test() -> None:
    """With items that stand for themselves it is scipy's one-sided t-test of one sample."""
    rng = np.random.default_rng(3)
    d = rng.choice([-1.0, 0.0, 1.0], 50, p=[0.2, 0.6, 0.2])
    units = np.column_stack([np.ones(50), d])
    spread = jackknife(units, counts=np.ones(50), f=lambda t: t[..., 1:] / t[..., :1])
    found = alternative.not_inferior_p(
        float(spread.estimate[0]), float(spread.se[0]), 49.0, epsilon=0.1, units=50, least=-1.0
    )
    assert found == pytest.approx(stats.ttest_1samp(d, 0.1, alternative="less").pvalue, rel=1e-9)


def test_divergences_are_those_of_scipy_and_scikit_learn() -> None:
    """Jensen–Shannon is the square of scipy's; cross-entropy of certain people is scikit-learn's log loss; KL is scipy's entropy."""
    rng = np.random.default_rng(4)
    q, p = rng.dirichlet(np.ones(3), 20), rng.dirichlet(np.ones(3), 20)
    np.testing.assert_allclose(soft_labels.jensen_shannon_terms(q, p), jensenshannon(q, p, axis=1) ** 2, atol=1e-12)
    np.testing.assert_allclose(soft_labels.kullback_leibler_terms(q, p), stats.entropy(q, p, axis=1), atol=1e-12)
    label = rng.integers(0, 3, 20)
    mean = soft_labels.cross_entropy_terms(np.eye(3)[label], p).mean()
    assert mean == pytest.approx(log_loss(label, p, labels=[0, 1, 2]), rel=1e-9)
