"""How far a round is: what is counted, what is not, and what cannot be told."""

from __future__ import annotations

from dataclasses import astuple
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgeaudit.domain.labelling.tasks import PlannedTask
from judgeaudit.domain.question import make_question
from judgeaudit.labelling.progress import Progress, RaterWork, progress
from judgeaudit.labelling.progress_lines import progress_lines

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
QUESTIONS = {"harm": make_question(name="harm", scale="binary", labels=("safe", "unsafe"))}
TASKS = [
    PlannedTask(ja_id="a1", item_id="i1", cell="x=1"),
    PlannedTask(ja_id="a2", item_id="i2", cell="x=2"),
    PlannedTask(ja_id="a3", item_id="i3", cell="x=2"),
    PlannedTask(ja_id="b1", item_id="i1", cell="x=1", purpose="repeat"),
    PlannedTask(ja_id="c1", item_id="k1", purpose="calibration", known=(("harm", "safe"),)),
]


def row(item: str, rater: str, label: str = "safe", minutes: float = 10, **more: str) -> dict[str, str]:
    stamp = (NOW - timedelta(minutes=minutes)).isoformat()
    made = {"item_id": item, "rater": rater, "question": "harm", "label": label, "status": "labelled"}
    return {**made, "seconds": "30", "labelled_at": stamp, **more}


def skip(item: str, rater: str) -> dict[str, str]:
    return {**row(item, rater), "question": "", "label": "", "status": "skipped"}


def look(rows: list[dict[str, str]], tasks: list[PlannedTask] = TASKS, **more: object) -> Progress:
    options: dict[str, object] = {"sent": {"a1", "a2", "b1"}, "overlap": 2, "now": NOW, **more}
    return progress(tasks, rows, questions=QUESTIONS, **options)  # type: ignore[arg-type]


def test_items_are_complete_with_enough_people():
    """Answers of different people complete an item, "cannot judge" among them; a skip and a second answer do not."""
    unable = {**row("i2", "r2"), "label": "", "status": "cannot_judge"}
    found = look(
        [row("i1", "r1"), row("i1", "r2"), row("i1", "r2"), row("i2", "r1"), unable, row("i3", "r1"), skip("i3", "r2")]
    )
    assert astuple(found.whole) == ("all", 3, 2, 3, 2, 5, 6)
    assert [astuple(cell) for cell in found.cells] == [("x=1", 1, 1, 1, 1, 2, 2), ("x=2", 2, 1, 2, 1, 3, 4)]


def test_more_people_than_wanted_do_not_make_up_for_others():
    """Of one item only as many labels count as are wanted of it."""
    found = look([row("i1", rater) for rater in ("r1", "r2", "r3")])
    assert (found.whole.given, found.outlook.labels, found.outlook.checks) == (2, 8, 4)


def test_each_rater_s_work_is_told():
    """Items, skips, repeats, known answers met, time and speed, each counted once."""
    unable = {**row("i2", "r1", minutes=90), "label": "", "status": "cannot_judge"}
    mine = [unable, row("i1", "r1", minutes=20, seconds="10"), row("i1", "r1", minutes=5, purpose="repeat")]
    mine += [row("k1", "r1", "unsafe", purpose="calibration"), skip("i3", "r1"), row("i1", "r1", round="pilot")]
    assert look(mine).raters == (
        RaterWork(
            rater="r1",
            items=2,
            skipped=1,
            cannot_judge=1,
            median_seconds=30.0,
            last_hour=3,
            last_seen="2026-05-01T11:55:00+00:00",
            repeats=1,
            calibration_right=0,
            calibration_all=1,
        ),
    )


def test_an_answer_that_was_taken_back_does_not_count():
    """The last row speaks: a withdrawn label leaves the item open, a later one completes it again."""
    back = {**row("i1", "r1"), "label": "", "status": "skipped"}
    assert look([row("i1", "r1"), back]).whole.begun == 0
    assert look([row("i1", "r1"), skip("i1", "r1")]).raters[0].skipped == 1
    again = look([row("i1", "r1"), skip("i1", "r1"), row("i1", "r1")])
    assert (again.whole.begun, again.raters[0].skipped) == (1, 0)


def test_disputes_are_of_complete_items():
    """An item that is still open is not in dispute yet; without a majority it is counted as such, too."""
    rows = [row("i1", "r1"), row("i1", "r2", "unsafe"), row("i2", "r1", "unsafe")]
    assert (look(rows).disputed, look(rows).tied) == (1, 1)
    more = look([*rows, row("i1", "r3")], overlap=3)
    assert (more.disputed, more.tied) == (1, 0)
    assert look(rows, overlap=3).disputed == 0


def test_the_time_left_is_told_only_where_it_can_be():
    """At the speed of the last hour; without labels, without times or with hardly any labels there is a reason instead."""
    plenty = [PlannedTask(ja_id=f"t{n}", item_id=f"t{n}") for n in range(30)]
    made = [row(f"t{n}", "r1", minutes=30 - n) for n in range(10)]
    outlook = look(made, plenty, overlap=1).outlook
    assert (outlook.labels, outlook.work_seconds, outlook.hours) == (20, 600.0, 1.0)
    assert look([], plenty).outlook.reason == "nobody has labelled yet"
    assert look(made[:4], plenty).outlook.reason == "fewer than 5 labels in the last hour"
    assert look(made, plenty, now=NOW + timedelta(days=1)).outlook.hours is None
    timeless = [{**one, "labelled_at": "", "seconds": ""} for one in made]
    assert look(timeless, plenty).outlook.reason == "labels carry no times"
    assert look(made, plenty[:10], overlap=1).outlook.hours == 0.0


def test_another_round_is_another_count():
    """Rows of a dispute round count there and nowhere else; controls are items of it."""
    tasks = [PlannedTask(ja_id="a", item_id="i1"), PlannedTask(ja_id="b", item_id="i2", purpose="control")]
    rows = [row("i1", "r1"), row("i1", "r1", round="dispute"), row("i2", "r1", round="dispute", purpose="control")]
    assert look(rows, tasks, round_name="dispute", overlap=1).whole.complete == 2
    assert look(rows, tasks, overlap=1).whole.complete == 1


ROWS = st.lists(
    st.builds(
        row,
        item=st.sampled_from(["i1", "i2", "i3", "k1", "elsewhere"]),
        rater=st.sampled_from(["r1", "r2", "r3"]),
        label=st.sampled_from(["safe", "unsafe", "other", ""]),
        minutes=st.floats(-10, 300),
        status=st.sampled_from(["labelled", "skipped"]),
        purpose=st.sampled_from(["", "item", "repeat", "calibration"]),
        question=st.sampled_from(["harm", "", "undeclared"]),
        seconds=st.sampled_from(["", "3.5", "nan", "much", "-1"]),
        labelled_at=st.sampled_from(["", "soon", "2026-05-01T11:59:00Z"]),
    ),
    max_size=30,
)


@given(ROWS, st.integers(1, 3))
def test_counts_add_up_whatever_the_rows(rows, overlap):
    """Cells add up to the whole, no count exceeds what holds it, and the lines fit a terminal."""
    found = look(rows, overlap=overlap)
    whole = found.whole
    assert astuple(whole)[1:] == tuple(map(sum, zip(*(astuple(cell)[1:] for cell in found.cells), strict=True)))
    assert 0 <= whole.complete <= whole.begun <= whole.items
    assert whole.given + found.outlook.labels - found.outlook.checks == whole.wanted
    assert found.tied <= found.disputed <= whole.complete
    assert (found.outlook.hours is None) == bool(found.outlook.reason)
    assert all(len(line) <= 100 and "\n" not in line for line in progress_lines(found))


def test_the_lines_as_they_are_read():
    """The whole screen, as one literal."""
    rows = [row("i1", "rater-5", minutes=50 - n, seconds=str(20 + n)) for n in range(1)]
    rows += [
        row("i1", "rater-6", "unsafe", minutes=5),
        row("i2", "rater-5", minutes=4),
        row("i2", "rater-6", minutes=3),
    ]
    rows += [row("i1", "rater-5", minutes=2, purpose="repeat"), row("k1", "rater-6", minutes=1, purpose="calibration")]
    assert "\n".join(progress_lines(look(rows, sent={task.ja_id for task in TASKS}))) == (
        """\
round main: 2 of 3 items complete, 4 of 6 labels (67%), 2 people for each item

stratum  items  sent  begun  complete  labels
all          3     3      2         2   4 / 6
x=1          1     1      1         1   2 / 2
x=2          2     2      1         1   2 / 4

rater    items  median s  last hour   seen (UTC)  repeats  known
rater-5      2      30.0          3  05-01 11:58        1
rater-6      2      30.0          3  05-01 11:59        0    1/1

in dispute: 1 of the complete items, 1 of them without a majority
still wanted: 4 answers, 2 of them repeats and calibration: 2 minutes of work
at the present speed that is done in 33 minutes"""
    )


def test_wide_names_are_cut_and_long_lists_fit():
    """Names of any length leave the numbers on the screen."""
    tasks = [PlannedTask(ja_id=f"t{n}", item_id=f"t{n}", cell=f"{'wide ' * 30}={n}") for n in range(2)]
    rows = [row("t0", "rater-" + "9" * 80), row("t0", "\u202ex\n")]
    lines = progress_lines(look(rows, tasks))
    assert all(len(line) <= 100 and line.isprintable() for line in lines)
    assert [line.split()[-1] for line in lines[2:6]] == ["labels", "4", "2", "2"]


@pytest.mark.slow
def test_no_digit_of_a_wide_table_is_cut_off():
    """A line may grow longer than the screen, but a number never loses its end."""
    tasks = [
        PlannedTask(ja_id=f"k{n}", item_id=f"k{n}", purpose="calibration", known=(("harm", "safe"),))
        for n in range(20_000)
    ]
    rows = [row(task.item_id, "rater-1234567890", purpose="calibration") for task in tasks]
    rows += [row(f"i{n}", "rater-1234567890", status="cannot_judge", label="", purpose="repeat") for n in range(20_000)]
    rows += [skip(f"s{n}", "rater-1234567890") for n in range(20_000)]
    found = look(rows, tasks, overlap=1)
    (line,) = [line for line in progress_lines(found) if line.startswith("rater-")]
    assert line.endswith(" 20,000  20000/20000")


def test_tasks_that_nobody_is_left_for_are_told():
    """Who skips a task does not get it again: where all who label have answered or skipped it, somebody new is needed."""
    both = [row("i1", "r1"), row("i1", "r2"), row("i2", "r1"), skip("i2", "r2"), row("i3", "r1")]
    found = look(both)
    assert found.stuck == 1
    assert progress_lines(found)[-1].startswith("1 unfinished tasks wait for a new rater")
    assert look([row("i1", "r1"), skip("i2", "r1")]).stuck == 0
