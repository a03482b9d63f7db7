"""Laws of the quality of raters: careful ones are left alone, clickers are found with evidence, nothing is made up."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from judgeaudit.audit.raters.board import Measured
from judgeaudit.audit.raters.quality import RaterQuality, fits, rater_quality
from judgeaudit.audit.setting.options import AuditOptions
from judgeaudit.domain.question import make_question
from judgeaudit.domain.rater_work import Work
from judgeaudit.domain.results.raters import TimeRecord
from tests.audit.rater_cases import Crew
from tests.fuzzing import examples

pytestmark = pytest.mark.slow

ORDINAL = make_question(name="quality", scale="ordinal", labels=("1", "2", "3", "4", "5"))
NOMINAL = make_question(name="kind", scale="nominal", labels=("a", "b", "c", "d"))
FIVE = (0.2,) * 5


def look(work: Work) -> RaterQuality:
    return rater_quality((work,), AuditOptions())


def warned(crew: Crew, runs: int) -> dict[str, int]:
    """In how many of the studies each rater is warned about."""
    names = [one.split(":")[0] for seed in range(runs) for one in look(crew.work(seed)).warnings]
    return {name: names.count(name) for name in names}


@pytest.mark.simulation
@pytest.mark.parametrize(
    "crew",
    [
        Crew(),
        Crew(n=20),
        Crew(n=150, base=(0.95, 0.05)),
        Crew(n=100, raters=6, skill=0.85),
        Crew(question=ORDINAL, base=FIVE),
        Crew(question=NOMINAL, base=(0.25,) * 4, n=100),
        Crew(n=100, sorted_items=True),
        Crew(raters=2),
    ],
)
def test_careful_raters_are_left_alone(crew: Crew) -> None:
    """Careful raters are warned about in at most one study of a hundred, also where items come sorted or classes are rare."""
    assert sum(warned(crew, 40).values()) <= 1


@pytest.mark.parametrize("crew", [Crew(), Crew(question=ORDINAL, base=FIVE), Crew(raters=2), Crew(raters=5)])
def test_a_random_clicker_is_found(crew: Crew) -> None:
    """Somebody who clicks quickly at random over 60 items is found, and nobody else is."""
    found = warned(replace(crew, clicks={0: "random"}), 20)
    assert found == {"rater-1": 20}


def test_a_clicker_who_takes_time_is_found() -> None:
    """Random labels over 60 items are found nearly always without any help of the clock."""
    found = warned(Crew(clicks={0: "random slow"}), 60)
    assert set(found) == {"rater-1"}
    assert found["rater-1"] >= 55


def test_one_label_for_everything_is_found() -> None:
    """Always the same label is no agreement, however often it is right."""
    assert warned(Crew(clicks={0: "0"}, n=100), 20) == {"rater-1": 20}


def test_two_raters_cannot_be_told_apart_by_labels() -> None:
    """Where two disagree by chance, labels do not say which of them clicks; nobody is accused."""
    assert warned(Crew(raters=2, repeats=0, calibration=0, clicks={0: "random slow"}), 20) == {}


def test_a_warning_states_its_evidence() -> None:
    """The sentence has counts, seconds, characters, and agreement with its interval and n."""
    [sentence] = look(Crew(n=80, clicks={0: "random"}).work(1)).warnings
    assert re.match(r"rater-1: \d+ of 80 items answered faster than anyone could read them", sentence)
    assert re.search(r"median \d\.\d s for \d+ characters", sentence)
    assert re.search(r"no better than chance \(-?0\.\d\d \[-?0\.\d\d, -?0\.\d\d\], n=80\)", sentence)


def test_a_warning_says_what_can_be_done() -> None:
    """The advice is the line of study.toml that leaves this rater out; one warning a rater, whatever the questions."""
    work = Crew(n=80, clicks={0: "random"}).work(1)
    labels = np.where(work.rater == 0, np.random.default_rng(5).integers(0, 2, work.label.size), work.label)
    other = replace(work, question=replace(work.question, name="other"), label=labels.astype(np.int32))
    for works in ((work,), (work, other)):
        [warning] = rater_quality(works, AuditOptions()).warnings
        assert warning.endswith('leave_out = ["rater-1"] under [audit] in study.toml.')
        assert warning.count("leave_out") == 1


def test_a_quick_reader_who_agrees_is_not_accused() -> None:
    """Who is fast and agrees as the others do has read enough."""
    for seed in range(20):
        work = Crew(n=80).work(seed)
        hurried = replace(work, seconds=np.where(work.rater == 0, 1.5, work.seconds))
        [record] = [one for one in look(hurried).raters if one.rater == "rater-1"]
        assert record.time.faster_than_reading.k > 40
        assert not any("faster than anyone" in one for one in record.warnings)


def test_one_label_for_everything_is_found_without_help_of_the_clock() -> None:
    """A constant rater's kappa is 0 but for rounding, on whichever side of 0 that falls."""
    assert warned(Crew(clicks={0: "0 slow"}, n=60), 20) == {"rater-1": 20}


def quick(work: Work) -> Work:
    """Rater 1 takes an eighth of the time over every text: faster than reading, and longer over longer ones."""
    return replace(work, seconds=np.where(work.rater == 0, work.seconds / 8.0, work.seconds))


def test_a_quick_reader_of_rare_labels_is_not_accused() -> None:
    """Where few items carry agreement, a test of association acquits who found the rare ones."""
    crew = Crew(n=50, base=(0.95, 0.05), skill=0.97, calibration=0)
    accused = [seed for seed in range(30) if any("rater-1" in one for one in look(quick(crew.work(seed))).warnings)]
    assert len(accused) <= 5
    assert warned(replace(crew, clicks={0: "random"}), 20) == {"rater-1": 20}


@pytest.mark.parametrize("first", [True, False])
def test_speed_belongs_to_the_page(first: bool) -> None:
    """Labels of one question that fit acquit of speed on all: the page was read once."""
    other = make_question(name="coherence", scale="binary", labels=("no", "yes"))
    telling = quick(replace(Crew(n=60, base=(0.5, 0.5), skill=0.97).work(3), question=other))
    silent = quick(Crew(n=60, base=(1.0, 0.0), skill=1.0, calibration=0).work(3))
    alone = look(silent).warnings
    assert len(alone) == 1
    assert "faster than anyone" in alone[0]
    works = (telling, silent) if first else (silent, telling)
    assert rater_quality(works, AuditOptions()).warnings == []


def test_known_answers_that_are_met_acquit_of_speed() -> None:
    """Where the items' own labels say nothing."""
    work = quick(Crew(n=60, base=(1.0, 0.0), skill=1.0, calibration=12).work(3))
    mixed = np.where(work.calibration, work.item % 2, work.label).astype(np.int32)
    known = np.where(work.calibration, work.item % 2, -1).astype(np.int32)
    assert look(replace(work, label=mixed, known=known)).warnings == []


def test_agreement_that_could_be_anything_accuses_nobody() -> None:
    """A kappa of 0.8 whose interval holds everything is nearer to the others' than to chance."""
    wide, no_gap = Measured(0.8, 5.0, 10.0, 30), Measured(0.0, 5.0, 10.0, 30)
    assert fits(wide, wide, no_gap)
    assert not fits(wide._replace(value=0.3), wide, no_gap)
    assert not fits(wide, wide, Measured(0.5, 0.1, 10.0, 30))


def test_a_run_that_items_do_not_explain_is_found() -> None:
    """Thirty equal labels in a row, in an order without reason, are evidence; who agrees otherwise is told about, too."""
    for seed in range(10):
        work = Crew(n=120, base=(0.5, 0.5)).work(seed)
        mine = np.flatnonzero((work.rater == 1) & work.first)[60:90]
        label = work.label.copy()
        label[mine] = 0
        [sentence] = look(replace(work, label=label)).warnings
        assert re.search(r"rater-2: gave 'safe' 3\d times in a row among 120 labels", sentence)


@pytest.mark.parametrize(("question", "weights"), [(None, None), (NOMINAL, None), (ORDINAL, "quadratic")])
def test_beyond_chance_with_one_other_is_kappa(question: Any, weights: str | None) -> None:
    """With one other rater it is Cohen's kappa, quadratic where labels have an order (scikit-learn)."""
    k = 2 if question is None else len(question.labels)
    crew = Crew(raters=2, n=80, skill=0.7, base=(1 / k,) * k, **({} if question is None else {"question": question}))
    work = crew.work(5)
    sides = [work.label[work.first & (work.rater == a)] for a in (0, 1)]
    order = [np.argsort(work.item[work.first & (work.rater == a)]) for a in (0, 1)]
    expected = cohen_kappa_score(sides[0][order[0]], sides[1][order[1]], weights=weights)
    found = look(work).raters
    assert [one.beyond_chance.value for one in found] == [pytest.approx(expected)] * 2
    agreed = float((sides[0][order[0]] == sides[1][order[1]]).mean())
    assert found[0].agreement.value == pytest.approx(agreed)


def test_shares_are_counted() -> None:
    """Self-agreement and known answers are k of n, by hand; humans together are the sum."""
    work = Crew(n=40, repeats=9, calibration=7, skill=0.6).work(2)
    quality = look(work)
    total = 0
    for a, record in enumerate(quality.raters):
        first = {int(i): int(c) for i, c in zip(work.item, work.label, strict=True)}
        mine = work.rater == a
        first = dict(zip(work.item[mine & work.first].tolist(), work.label[mine & work.first].tolist(), strict=True))
        again = zip(work.item[mine & work.repeat].tolist(), work.label[mine & work.repeat].tolist(), strict=True)
        k = sum(first[item] == label for item, label in again)
        right = int((work.label == work.known)[mine & work.calibration].sum())
        total += k
        assert (record.self_agreement.k, record.self_agreement.n) == (k, 9)
        assert (record.calibration.k, record.calibration.n) == (right, 7)
    together = quality.findings[-1]
    assert (together.subject, together.versus, together.statistic) == ("humans", "humans", "self_agreement")
    assert (together.k, together.n, together.n_items) == (total, 27, 27)
    assert together.low is not None and together.value is not None and together.low < together.value


@settings(max_examples=examples(15), deadline=None)
@given(seed=st.integers(0, 10_000), factor=st.sampled_from([0.5, 3.0]))
def test_what_must_not_matter_does_not(seed: int, factor: float) -> None:
    """Other item numbers change nothing; another clock changes seconds and no ratio."""
    work = Crew(n=30).work(seed)
    numbers = np.random.default_rng(seed).permutation(work.n_items)
    work = replace(work, seconds=np.minimum(work.seconds, 90.0))
    other = replace(work, item=numbers[work.item], unit=numbers[work.unit] + 7, seconds=work.seconds * factor)
    for a, b in zip(look(work).raters, look(other).raters, strict=True):
        for key in ("agreement", "beyond_chance", "self_agreement", "calibration"):
            assert getattr(b, key).value == pytest.approx(getattr(a, key).value, nan_ok=True)
        assert b.time.ratio_to_others.value == pytest.approx(a.time.ratio_to_others.value)
        assert b.time.median == pytest.approx(factor * a.time.median)


def test_undefined_is_a_reason() -> None:
    """One rater alone, no times, no repeats, no known answers: reasons, never 0 or 1."""
    work = Crew(raters=1, n=30, repeats=0, calibration=0).work(1)
    work = replace(work, seconds=np.full(30, np.nan), moment=np.full(30, np.nan))
    [record] = look(work).raters
    reasons = {
        key: getattr(record, key).undefined for key in ("agreement", "beyond_chance", "self_agreement", "calibration")
    }
    assert reasons == {
        "agreement": "no_pairable",
        "beyond_chance": "no_pairable",
        "self_agreement": "no_repeats",
        "calibration": "no_calibration",
    }
    assert record.time == TimeRecord(n=0, undefined="no_times")
    drift = (record.drift.agreement, record.drift.labels, record.drift.seconds)
    assert {(one.value, one.undefined) for one in drift} == {(None, "no_order")}
    assert look(work).findings == []


def test_one_label_only_has_no_chance_to_correct() -> None:
    """Where everybody always says the same, agreement is 1 and beyond chance is undefined."""
    work = Crew(n=30).work(1)
    [record, *_] = look(replace(work, label=np.zeros_like(work.label))).raters
    assert record.agreement.value == 1.0
    assert record.agreement.low < 0.95
    assert (record.beyond_chance.value, record.beyond_chance.undefined) == (None, "one_class_human")


def test_breaks_do_not_count_as_work() -> None:
    """A night between opening and answering leaves the median alone and is counted."""
    work = Crew(n=60).work(4)
    place = int(np.flatnonzero(work.first & (work.rater == 0))[20])
    seconds = work.seconds.copy()
    seconds[place] = 30_000.0
    before, after = (look(one).raters[0].time for one in (work, replace(work, seconds=seconds)))
    assert (after.breaks, after.n) == (1, before.n - 1)
    assert after.quartiles[1] < 2 * before.quartiles[1]


def test_sittings_are_split_by_pauses() -> None:
    """Half an hour without an answer begins a new sitting; a single sitting is not listed."""
    work = Crew(n=60).work(4)
    assert [one.sittings for one in look(work).raters] == [[], [], []]
    mine = np.flatnonzero(work.rater == 0)
    moment = work.moment.copy()
    moment[mine[30:]] += 3600.0
    sittings = look(replace(work, moment=moment)).raters[0].sittings
    assert [one.answers for one in sittings] == [30, mine.size - 30]
    assert all(0 < one.agreement.value <= 1 for one in sittings)


def test_a_rater_who_tires_drifts() -> None:
    """Random labels in the last third show as lost agreement whose interval is below 0; steady raters' includes it mostly."""
    work = Crew(n=150).work(6)
    mine = np.flatnonzero(work.first & (work.rater == 0))
    label = work.label.copy()
    label[mine[100:]] = np.random.default_rng(1).integers(0, 2, mine.size - 100)
    drift = look(replace(work, label=label)).raters[0].drift
    assert drift.agreement.high < 0
    assert look(work).raters[0].drift.agreement.high > 0


def test_the_same_evidence_is_said_once() -> None:
    """How fast pages were answered is the same for each of their questions, and one warning says it."""
    work = Crew(n=80, clicks={0: "0"}, base=(0.99, 0.01)).work(2)
    both = rater_quality((work, replace(work, question=replace(work.question, name="other"))), AuditOptions())
    assert len([one for one in both.warnings if one.startswith("rater-1")]) == 1
    assert len([one for one in both.raters if one.warnings]) == 2
