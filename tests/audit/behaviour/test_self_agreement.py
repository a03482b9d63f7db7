"""Laws of a judge against itself: runs and orders are counted as written down by hand, and change nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgeaudit import Study
from judgeaudit.domain.results.audit import Finding
from judgeaudit.stats.comparisons.exact import fisher_exact
from judgeaudit.stats.intervals.limits import wilson
from judgeaudit.storage.files.write import append_jsonl

HARM = '[questions.harm]\nscale = "binary"\nlabels = ["safe", "unsafe"]\n'
BETTER = '[questions.better]\nscale = "nominal"\nlayout = "pairwise"\nlabels = ["A", "B", "tie"]\n'
Row = dict[str, Any]


def run(run: int, labels: str, *, order: str = "ab", judge: str = "mini") -> list[Row]:
    """Verdicts of one run, a letter an item: s safe, u unsafe, A B t for pairs, r refused, - not asked."""
    words = {"s": "safe", "u": "unsafe", "t": "tie"}
    return [
        {"item_id": f"i{k}", "judge": judge, "run": run, "order": order}
        | ({"status": "refused"} if one == "r" else {"label": words.get(one, one)})
        for k, one in enumerate(labels)
        if one != "-"
    ]


def audited(
    folder: Path,
    verdicts: list[Row],
    n: int,
    *,
    toml: str = HARM,
    columns: dict[str, str] | None = None,
    **options: Any,
) -> Study:
    """A study with the verdicts, audited. `columns` gives the outputs a letter an item."""
    folder.mkdir(exist_ok=True)
    (folder / "study.toml").write_text(f"{toml}\n{options.pop('more', '')}", encoding="utf-8")
    cells = [{name: texts[k] for name, texts in (columns or {}).items()} for k in range(n)]
    append_jsonl(folder / "outputs.jsonl", [{"item_id": f"i{k}", "response": f"x{k}", **cells[k]} for k in range(n)])
    said = "A" if toml == BETTER else "safe"
    append_jsonl(folder / "annotations.jsonl", [{"item_id": f"i{k}", "rater": "ann", "label": said} for k in range(n)])
    append_jsonl(folder / "verdicts" / "all.jsonl", verdicts)
    study = Study(folder)
    study.audit(replicates=200, **options)
    return study


def of_itself(study: Study, statistic: str, stratum: str = "all", judge: str = "mini") -> Finding:
    from judgeaudit.workflows.auditing.audit_object import read_audit

    [found] = [
        one
        for one in read_audit(study.audit_path).result.findings
        if (one.statistic, one.stratum, one.subject, one.versus) == (statistic, stratum, judge, judge)
    ]
    return found


def test_two_runs_are_counted_by_hand(tmp_path: Path) -> None:
    """8 items, 2 of them with another answer the second time: 6 of 8 agree, 2 of 8 flip, with Wilson's interval."""
    study = audited(tmp_path, [*run(0, "ssssuuuu"), *run(1, "sssuuuus")], 8)
    same, flips = of_itself(study, "self_agreement"), of_itself(study, "flip_rate")
    assert (same.k, same.n, same.value, flips.k, flips.n, flips.value) == (6, 8, 0.75, 2, 8, 0.25)
    assert (same.low, same.high) == pytest.approx(wilson(6, 8, level=0.95))
    assert (same.method, same.n_items, same.n_clusters) == ("wilson", 8, 8)


def test_three_runs_agree_in_pairs(tmp_path: Path) -> None:
    """Three runs s s u of an item agree in one pair of three; s s s in all: (1/3 + 1/3 + 1 + 1) / 4; 2 of 4 flip."""
    study = audited(tmp_path, [*run(0, "ssss"), *run(1, "suss"), *run(7, "usss")], 4)
    assert of_itself(study, "self_agreement").value == pytest.approx((1 / 3 + 1 / 3 + 1 + 1) / 4)
    assert of_itself(study, "flip_rate").value == 0.5


def test_silence_agrees_with_silence_alone(tmp_path: Path) -> None:
    """Refused twice is the same answer, refused once is another one; left out, such items do not count."""
    verdicts = [*run(0, "ssrr"), *run(1, "sssr")]
    counted = audited(tmp_path / "a", verdicts, 4)
    left_out = audited(tmp_path / "b", verdicts, 4, unanswered="left-out")
    taken = audited(tmp_path / "c", verdicts, 4, unanswered="as:safe")
    shares = [(one.k, one.n) for one in (of_itself(s, "self_agreement") for s in (counted, left_out, taken))]
    assert shares == [(3, 4), (2, 2), (4, 4)]


def test_further_runs_change_no_other_number(tmp_path: Path) -> None:
    """The first run alone is held against people: with the other runs away every other finding but vote shares' is the same."""
    one = audited(tmp_path / "a", run(0, "ssuus"), 5)
    more = audited(tmp_path / "b", [*run(1, "uuuuu"), *run(0, "ssuus")], 5)
    plain = [f for s in (one, more) for f in [s.audit(replicates=200, write=False).findings]]
    apart = plain[1][(plain[1].subject != plain[1].versus) & ~plain[1].method.str.contains("vote share")]
    apart = apart[~apart.statistic.isin(["roc_auc", "average_precision", "aurc"])]
    assert apart.reset_index(drop=True).equals(plain[0][plain[0].subject != plain[0].versus].reset_index(drop=True))
    assert not plain[0].statistic.isin(["self_agreement", "flip_rate"]).any()


def test_a_stratum_without_second_runs_says_so(tmp_path: Path) -> None:
    """Where no item has two runs there is no value, and the reason is told."""
    study = audited(
        tmp_path, [*run(0, "ssss"), *run(1, "su--")], 4, columns={"kind": "xxyy"}, more='[strata.kind]\nfrom = "column"'
    )
    assert (of_itself(study, "flip_rate", "kind=x").k, of_itself(study, "flip_rate").n) == (1, 2)
    empty = of_itself(study, "flip_rate", "kind=y")
    assert (empty.value, empty.undefined, empty.n_items) == (None, "one_run", 0)


def test_clusters_widen_the_interval(tmp_path: Path) -> None:
    """Items of one prompt that flip together are one piece of evidence: jackknife, with a design effect near their number."""
    first, second = "s" * 40, ("uuuu" + "ssss" * 4) * 2
    study = audited(
        tmp_path,
        [*run(0, first), *run(1, second)],
        40,
        columns={"prompt_id": "".join(chr(97 + k // 4) for k in range(40))},
        more="",
        toml=f'cluster = "prompt_id"\n{HARM}',
    )
    found = of_itself(study, "flip_rate")
    assert (found.value, found.n_items, found.n_clusters) == (0.2, 40, 10)
    assert found.method.startswith("jackknife-t")
    assert found.design_effect is not None
    assert 3.5 < found.design_effect < 5.0


def gain(study: Study, stratum: str = "all") -> Finding | None:
    from judgeaudit.workflows.auditing.audit_object import read_audit

    found = [one for one in read_audit(study.audit_path).result.findings if one.statistic == "majority_of_runs_gain"]
    assert {(one.subject, one.versus) for one in found} <= {("mini", "reference")}
    return next((one for one in found if one.stratum == stratum), None)


def test_a_majority_of_three_runs_gains_what_it_mends(tmp_path: Path) -> None:
    """All are safe: where 2 of 3 runs are right a third is gained, where 1 is a third is lost; a tie beside a silence is wrong."""
    study = audited(tmp_path, [*run(0, "ssuuss"), *run(1, "ssusru"), *run(2, "susuur")], 6)
    found = gain(study)
    assert found is not None
    # sss 0, ssu +1/3, uus −1/3, usu −1/3, sru: one s against one u −1/3, sur: the same −1/3
    assert found.value == pytest.approx((0 + 1 / 3 - 1 / 3 - 1 / 3 - 1 / 3 - 1 / 3) / 6)
    assert found.n_items == 6
    assert found.low is not None and found.low < (found.value or 0.0)


def test_two_runs_have_no_majority_and_of_four_three_count(tmp_path: Path) -> None:
    """Of an even number the last run is left aside; two runs are no more than one."""
    assert gain(audited(tmp_path / "two", [*run(0, "ssu"), *run(1, "usu")], 3)) is None
    runs = [*run(0, "su"), *run(1, "su"), *run(2, "us"), *run(3, "us")]
    found = gain(audited(tmp_path / "four", runs, 2))
    assert found is not None
    assert found.value == pytest.approx((1 / 3 - 1 / 3) / 2)


def test_a_coin_that_is_right_in_three_of_five_gains_by_the_binomial(tmp_path: Path) -> None:
    """Independent runs that are right with chance 0.7: a majority of three is right in 0.784, so the gain is 0.084."""
    rng = np.random.default_rng(1)
    rows = [one for k in range(3) for one in run(k, "".join(rng.choice(["s", "u"], 1500, p=[0.7, 0.3])))]
    found = gain(audited(tmp_path, rows, 1500))
    assert found is not None and found.low is not None and found.high is not None
    assert found.low < 0.084 < found.high
    assert found.value == pytest.approx(0.084, abs=0.03)


def test_kappa_of_both_orders_is_scikit_learns(tmp_path: Path) -> None:
    """No answer in one order is a label of its own there; pairs without any answer are left out."""
    from sklearn.metrics import cohen_kappa_score

    ab, ba = "AABBBtArrA", "ABAABBtArA"
    study = audited(tmp_path, [*run(0, ab), *run(0, ba, order="ba")], 10, toml=BETTER)
    spoken = [pair for pair in zip(ab, ba, strict=True) if pair != ("r", "r")]
    found = of_itself(study, "position_kappa")
    assert found.value == pytest.approx(cohen_kappa_score(*zip(*spoken, strict=True)))
    assert found.n_items == len(spoken) == 9


def test_both_orders_are_counted_by_hand(tmp_path: Path) -> None:
    """Labels of ba are turned back: A then B is the first shown both times, B then A the second; a tie against B leans first."""
    study = audited(tmp_path, [*run(0, "AABBBtArr"), *run(0, "ABAABBtAr", order="ba")], 9, toml=BETTER)
    same, first = of_itself(study, "position_consistency"), of_itself(study, "first_shown_rate")
    assert (same.k, same.n) == (2, 8)
    # A/B, t/B and A/t lean to the first, B/A twice to the second; r/A says nothing of places, r/r nothing at all
    assert (first.k, first.n) == (3, 5)


def test_a_judge_that_always_takes_the_first_leans_wholly(tmp_path: Path) -> None:
    """Whoever names what stands first is never consistent and leans to the first in every pair."""
    study = audited(tmp_path, [*run(0, "A" * 12), *run(0, "B" * 12, order="ba")], 12, toml=BETTER)
    assert of_itself(study, "position_consistency").value == 0.0
    assert of_itself(study, "first_shown_rate").value == 1.0


def test_a_consistent_judge_leans_nowhere(tmp_path: Path) -> None:
    """Without a pair whose verdict follows the place there is no share of such pairs."""
    study = audited(tmp_path, [*run(0, "ABt"), *run(0, "ABt", order="ba")], 3, toml=BETTER)
    assert of_itself(study, "position_consistency").value == 1.0
    assert of_itself(study, "first_shown_rate").undefined == "follows_no_place"


def test_labels_without_sides_say_so(tmp_path: Path) -> None:
    """Where no label means one of the answers, nothing is said about the place; consistency is."""
    toml = HARM + 'layout = "pairwise"\nswap = []\n'
    study = audited(tmp_path, [*run(0, "uss"), *run(0, "ssu", order="ba")], 3, toml=toml)
    assert of_itself(study, "position_consistency").k == 1
    assert of_itself(study, "first_shown_rate").undefined == "sides_unknown"


def test_a_contradiction_in_order_ba_is_refused(tmp_path: Path) -> None:
    """Two verdicts of one run and order on one item are an error there as in order ab."""
    from judgeaudit.domain.errors import InputError

    rows = [*run(0, "A"), *run(0, "A", order="ba"), *run(0, "B", order="ba")]
    with pytest.raises(InputError, match="one judge's run gives two verdicts on one item"):
        audited(tmp_path, rows, 1, toml=BETTER)


def test_a_label_of_a_later_run_is_checked(tmp_path: Path) -> None:
    """A label that the question does not have is refused in whatever run it stands."""
    from judgeaudit.domain.errors import InputError

    with pytest.raises(InputError, match="'rude' is not a label of question 'harm'"):
        audited(tmp_path, [*run(0, "s"), {"item_id": "i0", "judge": "mini", "run": 1, "label": "rude"}], 1)


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))
def test_fisher_is_scipys(k: int, miss: int, other: int, other_miss: int) -> None:
    """The exact test gives the p-value of scipy, whichever side is named first."""
    from scipy.stats import fisher_exact as oracle

    p = fisher_exact(k, k + miss, other, other + other_miss)
    expected = oracle([[k, miss], [other, other_miss]])[1] if k + miss and other + other_miss else 1.0
    assert p == pytest.approx(expected, rel=1e-9)
    assert p == pytest.approx(fisher_exact(other, other + other_miss, k, k + miss), rel=1e-9)


@given(st.integers(0, 2**31), st.integers(2, 5))
def test_self_agreement_is_the_mean_over_pairs_of_runs(seed: int, runs: int) -> None:
    """With the same runs on all items it is the mean raw agreement of all pairs of runs (an oracle by pairs)."""
    from itertools import combinations

    from judgeaudit.audit.behaviour.self_agreement import over_runs
    from judgeaudit.domain.question import make_question
    from judgeaudit.domain.verdict_log import VerdictLog

    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, (runs, 12)).astype(np.int32)  # 2 is no answer
    m = labels.size
    nobody = np.full(m, "", dtype=object)
    log = VerdictLog(
        question=make_question(name="harm", scale="binary", labels=("safe", "unsafe")),
        judges=("mini",),
        judge=np.zeros(m, np.int64),
        item=np.tile(np.arange(12), runs),
        run=np.repeat(np.arange(runs, dtype=float), 12),
        turned=np.zeros(m, bool),
        label=labels.ravel(),
        status=nobody,
        reason=nobody,
        model=nobody,
        first=np.arange(m) < 12,
        side=np.zeros(3, np.int32),
        pairwise=False,
    )
    same, flips = over_runs(log, 0, log.label)
    assert same.hits.mean() == pytest.approx(np.mean([(a == b).mean() for a, b in combinations(labels, 2)]))
    assert flips.hits.tolist() == (labels != labels[0]).any(0).astype(float).tolist()


def test_a_policy_may_ask_for_steadiness(tmp_path: Path) -> None:
    """The gate holds flips against a policy at one-sided bounds; a judge that ran once cannot be told, and no label helps."""
    policy = '[policy]\n[[policy.require]]\nquestion = "harm"\nstatistic = "flip_rate"\nat_most = 0.1\n'
    steady, once = [*run(0, "s" * 60), *run(1, "s" * 60)], run(0, "s" * 60, judge="once")
    flips = [*run(0, "s" * 60, judge="coin"), *run(1, "su" * 30, judge="coin")]
    study = audited(tmp_path, [*steady, *flips, *once], 60, more=policy)
    lines = {one.judge: one.requirements[0] for one in study.audit(replicates=200).decisions}
    assert {judge: (line.met, line.undefined) for judge, line in lines.items()} == {
        "mini": (True, None),
        "coin": (False, None),
        "once": (None, "one_run"),
    }
    assert lines["mini"].bound == pytest.approx(1 - 0.05 ** (1 / 60))  # Clopper and Pearson for none of 60
    assert all(line.labels_missing is None for line in lines.values())
