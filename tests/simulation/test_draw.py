"""Large samples show the planted rates, whatever is correlated within prompts."""

from __future__ import annotations

import numpy as np
import pytest

from judgeaudit.simulation.draw import (
    NO_LABEL,
    Truth,
    draw_asked,
    draw_person,
    draw_truth,
    draw_verdicts,
    plurality,
    shared_uniforms,
    stream,
)
from judgeaudit.simulation.plan import COHERENCE, HOLES, JUDGES, Size, coherence_shares, people_plans

N = 50_000
CHANCE = 4.0  # standard errors


def truth_without_clusters(prevalence: float = 0.3) -> Truth:
    """Every item has a prompt of its own, so that binomial standard errors hold."""
    size = Size(items=N, prompts=N, people=2, seed=11, gibberish=0.3, prevalence=prevalence)
    return draw_truth(size)


def off_by(share: float, planted: float, n: int) -> float:
    """How many standard errors of the planted rate a share is away from it."""
    error = np.sqrt(planted * (1.0 - planted) / n)
    return 0.0 if share == planted else abs(share - planted) / error if error else np.inf


@pytest.fixture(scope="module")
def truth() -> Truth:
    return truth_without_clusters()


@pytest.mark.parametrize("plan", JUDGES, ids=lambda plan: plan.name)
@pytest.mark.parametrize("level", range(3), ids=COHERENCE)
def test_a_judge_has_its_planted_rates(plan, level, truth):
    """Refusals, unparsed replies, sensitivity and specificity of each stratum lie within four standard errors."""
    drawn = draw_verdicts(stream(3, plan.name), plan, truth, prevalence=0.3)
    here = truth.coherence == level
    assert off_by(drawn.refused[here].mean(), plan.refused[level], here.sum()) < CHANCE
    answered = here & (drawn.label != NO_LABEL)
    for harm, planted in ((1, plan.sensitivity[level]), (0, plan.specificity[level])):
        rows = answered & (truth.harm == harm)
        assert off_by((drawn.label[rows] == harm).mean(), planted, rows.sum()) < CHANCE
    free = ~drawn.refused
    assert off_by(drawn.unparsed[free].mean(), plan.unparsed, free.sum()) < CHANCE


@pytest.mark.parametrize("plan", people_plans(3), ids=lambda plan: plan.name)
def test_a_person_has_the_planted_rates(plan, truth):
    """Sensitivity, specificity, accuracy on coherence, skips and cannot-judge lie within four standard errors."""
    said = draw_person(stream(5, plan.name), plan, truth, asked=np.ones(N, dtype=bool))
    assert off_by(said.skipped.mean(), plan.skipped, N) < CHANCE
    labelled = ~said.skipped
    right = said.coherence[labelled] == truth.coherence[labelled]
    assert off_by(right.mean(), plan.coherence_accuracy, labelled.sum()) < CHANCE
    for level in range(3):
        here = labelled & (truth.coherence == level)
        assert off_by(said.cannot_judge[here].mean(), plan.cannot_judge[level], here.sum()) < CHANCE
    for harm, planted in ((1, plan.sensitivity), (0, plan.specificity)):
        rows = (said.harm != NO_LABEL) & (truth.harm == harm)
        assert off_by((said.harm[rows] == harm).mean(), planted, rows.sum()) < CHANCE


def test_truth_has_the_planted_shares(truth):
    """Prevalence is one in every coherence class, and gibberish has the planted share over the checkpoints."""
    for level, planted in enumerate(coherence_shares(0.3)):
        here = truth.coherence == level
        assert off_by(here.mean(), planted, N) < CHANCE
        assert off_by(truth.harm[here].mean(), 0.3, here.sum()) < CHANCE


def test_gibberish_grows_from_checkpoint_to_checkpoint(truth):
    """The last checkpoint has four times the gibberish of the first one."""
    shares = [(truth.coherence[truth.checkpoint == number] == 0).mean() for number in range(3)]
    assert shares == pytest.approx([0.12, 0.30, 0.48], abs=0.02)


@pytest.mark.parametrize("prevalence", [0.05, 0.3, 0.95])
def test_planted_probabilities_are_honest(prevalence):
    """Among items with a probability near p, a share p is unsafe; and the verdict lies on the side of p."""
    truth = truth_without_clusters(prevalence)
    (careful,) = (plan for plan in JUDGES if plan.probabilities)
    drawn = draw_verdicts(stream(3, careful.name), careful, truth, prevalence=prevalence)
    answered = drawn.label != NO_LABEL
    assert np.isnan(drawn.probability[~answered]).all()
    p, harm, label = drawn.probability[answered], truth.harm[answered], drawn.label[answered]
    assert ((p > 0.5) == (label == 1))[p != 0.5].all()
    edges = np.quantile(p, np.linspace(0, 1, 21)[1:-1])
    for part in range(20):
        here = np.searchsorted(edges, p) == part
        spread = np.sqrt((p[here] * (1 - p[here])).sum())
        assert abs(harm[here].sum() - p[here].sum()) < CHANCE * spread + 0.5


def test_items_of_one_prompt_are_alike():
    """The truth and the errors of a person repeat within a prompt more than chance would have it."""
    clusters = np.repeat(np.arange(N // 2), 2)
    pairs = (shared_uniforms(stream(1, "u"), clusters, correlation=0.4) < 0.3).reshape(-1, 2)
    assert off_by(pairs.mean(), 0.3, N) < CHANCE * np.sqrt(2)
    assert np.corrcoef(pairs.T)[0, 1] > 0.15
    apart = (shared_uniforms(stream(1, "u"), clusters, correlation=0.0) < 0.3).reshape(-1, 2)
    assert abs(np.corrcoef(apart.T)[0, 1]) < 0.03


def test_an_item_misses_at_most_one_person():
    """A planted hole takes one person from an item, so that at least the others are asked."""
    asked = draw_asked(stream(1, "asked"), people=3, items=N)
    holes = (~asked).sum(axis=0)
    assert set(holes.tolist()) == {0, 1}
    assert off_by(holes.mean(), HOLES, N) < CHANCE


def test_another_judge_changes_none_of_the_others(truth):
    """Each name has its own stream: what a judge says depends on the seed and its name alone."""
    first = draw_verdicts(stream(7, "harsh"), JUDGES[2], truth, prevalence=0.3)
    draw_verdicts(stream(7, "newcomer"), JUDGES[5], truth, prevalence=0.3)
    again = draw_verdicts(stream(7, "harsh"), JUDGES[2], truth, prevalence=0.3)
    assert (first.label == again.label).all()


def test_plurality_has_no_label_for_a_tie():
    """The label of most people; none where two labels are equally common or nobody labelled."""
    codes = np.array([[0, 0, 1, NO_LABEL], [0, 1, 1, NO_LABEL], [1, NO_LABEL, 0, NO_LABEL]])
    assert plurality(codes, labels=2).tolist() == [0, NO_LABEL, 1, NO_LABEL]
