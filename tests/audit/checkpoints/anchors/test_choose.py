"""Anchors: the checkpoint that stands for a method under each rule, and what is said where none can."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from random import Random
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

from judgeaudit.audit.checkpoints.anchors.choose import anchors_of, matched, methods_of
from judgeaudit.domain.checkpoints import ANCHORS, Anchor, AtGoal, Checkpoint, ComparePlan, Goal, Measurement
from judgeaudit.domain.errors import InputError

NAN = float("nan")
RULES = (*ANCHORS, "step:250")
BASE = Checkpoint(model="tiny", method="base", checkpoint="base", step=0)
BOOLQ = Goal(tasks=(("boolq", 0.70),))
BOTH = Goal(tasks=(("boolq", 0.70), ("arc", 0.50)))

Scores = tuple[float | None, ...]


class World(NamedTuple):
    """Checkpoints and how able they are."""

    checkpoints: list[Checkpoint]
    measured: list[Measurement]


def world(n: float | None = None, **scores: Scores) -> World:
    """The base at 0.40, and methods with a checkpoint every 100 steps; None: not measured."""
    checkpoints, measured = [BASE], [Measurement(checkpoint=0, task="boolq", score=0.40, n=n)]
    for method, path in scores.items():
        for at, score in enumerate(path, 1):
            if score is not None:
                measured.append(Measurement(checkpoint=len(checkpoints), task="boolq", score=score, n=n))
            name = f"{method}-{100 * at}"
            checkpoints.append(Checkpoint(model="tiny", method=method, checkpoint=name, step=100 * at))
    return World(checkpoints, measured)


def with_arc(made: World, *scores: float) -> World:
    """The same with a second task, for the checkpoints after the base."""
    more = [Measurement(checkpoint=at, task="arc", score=score) for at, score in enumerate(scores, 1)]
    return World(made.checkpoints, [*made.measured, *more])


def anchored(
    made: World,
    rule: str = "goal",
    method: str = "plain",
    *,
    goal: Goal = BOOLQ,
    answered: Collection[int] | None = None,
    baseline: str = "base",
) -> Anchor:
    plan = ComparePlan(goal=goal, baseline=baseline, anchors=(rule,))
    there = range(len(made.checkpoints)) if answered is None else answered
    found = anchors_of(made.checkpoints, made.measured, plan, answered=there)
    return next(one for one in found if one.method == method)


def names(made: World, anchor: Anchor) -> dict[str, float]:
    return {made.checkpoints[place].checkpoint: weight for place, weight in anchor.parts}


def said(anchor: Anchor) -> dict[str, str]:
    return {note.code: note.sentence for note in anchor.notes}


# ---- laws

#: sixteenths: sums and differences of them are exact
sixteenths = st.integers(0, 16).map(lambda k: k / 16)
paths = st.lists(sixteenths, min_size=1, max_size=6).map(tuple)
GOAL = Goal(tasks=(("boolq", 0.625),))


@st.composite
def messy(draw: st.DrawFn) -> tuple[World, frozenset[int]]:
    """Two methods with scores that are missing, nan, or no shares, and outputs of some checkpoints."""
    score = st.one_of(st.none(), sixteenths, st.just(NAN), st.floats(-2, 2))
    made = world(**{name: tuple(draw(st.lists(score, min_size=1, max_size=5))) for name in ("plain", "short")})
    sizes = st.one_of(st.none(), st.integers(0, 300).map(float))
    measured = [replace(one, n=draw(sizes)) for one in made.measured]
    stepless = draw(st.booleans())
    checkpoints = [replace(one, step=None) if stepless else one for one in made.checkpoints]
    return World(checkpoints, measured), draw(st.frozensets(st.integers(0, len(checkpoints) - 1)))


@given(messy(), st.sampled_from(["point", "lower_bound", "interpolated"]), st.sampled_from(["base", "short"]))
def test_every_method_has_one_anchor_by_every_rule(
    case: tuple[World, frozenset[int]], reach: str, baseline: str
) -> None:
    """Rules in order, methods in order, the baseline first; parts with weights that sum to 1 and outputs, or code and sentence."""
    made, answered = case
    plan = ComparePlan(goal=replace(GOAL, reach=reach), baseline=baseline, anchors=RULES)
    found = anchors_of(made.checkpoints, made.measured, plan, answered=answered)
    order = methods_of(made.checkpoints, baseline).names
    assert [(one.rule, one.method) for one in found] == [(rule, name) for rule in RULES for name in order]
    for one in found:
        assert bool(one.parts) == (one.code is None) == (one.sentence == "")
        assert {place for place, _ in one.parts} <= answered
        assert not one.parts or sum(weight for _, weight in one.parts) == pytest.approx(1)
        assert [at.task for at in one.capability] == (["boolq"] if one.parts else [])
        assert "\n" not in " ".join([one.sentence, *said(one).values()])


@given(messy())
def test_the_goal_as_stated_is_one_of_its_three_ways(case: tuple[World, frozenset[int]]) -> None:
    """ "goal" chooses what "goal:REACH" chooses for the reach that was declared."""
    made, answered = case
    for reach in ("point", "lower_bound", "interpolated"):
        goal = replace(GOAL, reach=reach)
        stated = anchored(made, "goal", goal=goal, answered=answered)
        assert replace(stated, rule="") == replace(
            anchored(made, f"goal:{reach}", goal=GOAL, answered=answered), rule=""
        )


@given(paths)
def test_an_interpolated_anchor_has_the_goal_itself(path: Scores) -> None:
    """Between two checkpoints the score is the goal; only a path that begins beyond it lies elsewhere."""
    found = anchored(world(plain=path), "goal:interpolated", goal=GOAL)
    if not found.parts:
        assert max(score for score in path if score is not None) < 0.625
    elif path[0] is not None and path[0] >= 0.625:
        assert found.parts == ((1, 1.0),)
    else:
        assert found.capability[0].score == pytest.approx(0.625)


@given(st.lists(st.tuples(sixteenths, sixteenths), min_size=1, max_size=5))
def test_between_two_checkpoints_no_task_is_short_of_its_goal(path: list[tuple[float, float]]) -> None:
    """With several tasks the one with the longest way decides: it is at its goal, the others at theirs or beyond."""
    made = with_arc(world(plain=tuple(boolq for boolq, _ in path)), *(arc for _, arc in path))
    goal = Goal(tasks=(("boolq", 0.625), ("arc", 0.5)))
    found = anchored(made, "goal:interpolated", goal=goal)
    beyond = [(at.score or 0) - (at.goal or 0) for at in found.capability]
    if found.parts:
        assert min(beyond) >= -1e-12
    if len(found.parts) == 2:
        assert min(beyond) == pytest.approx(0)


@given(paths, st.integers(1, 400))
def test_a_lower_bound_is_no_sooner_than_the_point(path: Scores, n: int) -> None:
    """What is surely reached is reached; and the bound there is that of Clopper and Pearson."""
    made = world(n=n, plain=path)
    sure, point = (anchored(made, f"goal:{way}", goal=GOAL) for way in ("lower_bound", "point"))
    bounds = [beta.ppf(0.05, s * n, n - s * n + 1) if s else 0.0 for s in path]
    expected = next((at for at, bound in enumerate(bounds, 1) if bound >= 0.625), None)
    assert [place for place, _ in sure.parts] == ([] if expected is None else [expected])
    assert not sure.parts or sure.parts[0][0] >= point.parts[0][0]


@given(paths, sixteenths)
def test_a_later_checkpoint_moves_no_point_anchor(path: Scores, later: float) -> None:
    """The earliest that reaches the goal stays so whatever comes after it."""
    before = anchored(world(plain=path), "goal:point", goal=GOAL)
    after = anchored(world(plain=(*path, later)), "goal:point", goal=GOAL)
    assert not before.parts or before.parts == after.parts


@given(paths, st.integers(-3, 5), st.integers(-8, 8))
def test_the_scale_of_scores_changes_no_anchor(path: Scores, power: int, shift: int) -> None:
    """Scores and goal multiplied and shifted together give the same point and interpolated anchors."""
    scale = 2.0**power
    moved = tuple(None if score is None else score * scale + shift for score in path)
    goal = replace(GOAL, tasks=(("boolq", 0.625 * scale + shift),))
    for rule in ("goal:point", "goal:interpolated", "best"):
        here, there = anchored(world(plain=path), rule, goal=GOAL), anchored(world(plain=moved), rule, goal=goal)
        assert [place for place, _ in here.parts] == [place for place, _ in there.parts]
        assert [weight for _, weight in here.parts] == pytest.approx([weight for _, weight in there.parts])


@pytest.mark.slow
@given(messy(), st.randoms(use_true_random=False))
def test_the_order_of_rows_never_matters(case: tuple[World, frozenset[int]], random: Random) -> None:
    """Checkpoints and scores in any order give the same anchors."""
    made, answered = case
    order = list(range(len(made.checkpoints)))
    random.shuffle(order)
    where = {old: new for new, old in enumerate(order)}
    measured = [replace(one, checkpoint=where[one.checkpoint]) for one in reversed(made.measured)]
    mixed = World([made.checkpoints[old] for old in order], measured)
    there = {where[old] for old in answered}
    for rule in RULES:
        for method in ("base", "plain", "short"):
            here = anchored(made, rule, method, goal=GOAL, answered=answered)
            again = anchored(mixed, rule, method, goal=GOAL, answered=there)
            assert names(made, here) == names(mixed, again)
            assert (here.code, here.capability) == (again.code, again.capability)


@given(messy(), st.integers(0, 600))
def test_a_step_is_not_passed(case: tuple[World, frozenset[int]], step: int) -> None:
    """ "step:N" is the last checkpoint with outputs whose step, given or in its name, is at most N."""
    made, answered = case
    own = [place for place, one in enumerate(made.checkpoints) if one.method == "plain" and place in answered]
    allowed = [place for place in own if int(made.checkpoints[place].checkpoint.split("-")[1]) <= step]
    found = anchored(made, f"step:{step}", goal=GOAL, answered=answered)
    assert [place for place, _ in found.parts] == allowed[-1:]


# ---- methods and their order


def test_the_baseline_stands_first() -> None:
    """It is a method's name, else a checkpoint's, else a model's; the others follow as they appear."""
    rows = [("m1", "plain", "a"), ("m2", "short", "b"), ("m3", "plain", "short"), ("m3", "mix", "m1")]
    checkpoints = [Checkpoint(model=model, method=method, checkpoint=name) for model, method, name in rows]
    assert methods_of(checkpoints, "short").places == {"short": (1,), "plain": (0, 2), "mix": (3,)}
    assert methods_of(checkpoints, "m1").places == {"m1": (3,), "plain": (0, 2), "short": (1,)}
    with pytest.raises(InputError, match=r"'m3' names 2 checkpoints of 2 methods \(plain and mix\); name one method$"):
        methods_of(checkpoints, "m3")
    assert methods_of(checkpoints, "m2").names == ("m2", "plain", "mix")


def test_a_baseline_that_is_nowhere_is_refused() -> None:
    """The message names what was meant and what there is."""
    expected = (
        "compare.baseline: no method, checkpoint or model 'bsae' (did you mean 'base'?); methods are base and plain"
    )
    with pytest.raises(InputError) as refused:
        methods_of(world(plain=(0.7,)).checkpoints, "bsae")
    assert str(refused.value) == expected


def test_a_baseline_that_is_everything_is_refused() -> None:
    """A model's name that all checkpoints carry leaves nothing to compare."""
    expected = (
        "compare.baseline: 'tiny' names the checkpoints of all methods, and none is left to compare; "
        "name one of base or plain"
    )
    with pytest.raises(InputError) as refused:
        methods_of(world(plain=(0.7,)).checkpoints, "tiny")
    assert str(refused.value) == expected


@pytest.mark.parametrize(
    ("named", "order", "sentence"),
    [
        (
            ("plain/checkpoint-1000", "plain/checkpoint-200"),
            (2, 1),
            "plain has no step for each checkpoint: the last number in each checkpoint's name stands for it",
        ),
        (
            ("final", "checkpoint-200"),
            (1, 2),
            "plain has no step for each checkpoint: its checkpoints stand in the order in which they were given",
        ),
    ],
)
def test_without_steps_names_or_rows_give_the_order(
    named: tuple[str, str], order: tuple[int, int], sentence: str
) -> None:
    """Numbers in names count as numbers, not as letters; a note says what the order was made from."""
    checkpoints = [BASE, *(Checkpoint(model="tiny", method="plain", checkpoint=name) for name in named)]
    found = methods_of(checkpoints, "base")
    assert found.places["plain"] == order
    assert [(note.code, note.sentence) for note in found.notes["plain"]] == [("no_steps", sentence)]


def test_one_step_of_two_checkpoints_is_said() -> None:
    """Equal steps follow the names, and a note names them."""
    made = world(plain=(0.5, 0.6))
    twins = [made.checkpoints[0], *(replace(one, step=100) for one in reversed(made.checkpoints[1:]))]
    found = methods_of(twins, "base")
    assert found.places["plain"] == (2, 1)
    assert [note.sentence for note in found.notes["plain"]] == [
        "plain has step 100 more than once (plain-100 and plain-200): equal steps follow the names"
    ]


# ---- the rules


def test_each_rule_chooses_as_it_says() -> None:
    """One path, all rules; "best" is the earliest of the highest, the same step is one that all others have."""
    made = world(n=100, plain=(0.60, 0.75, 0.85, 0.85), short=(0.50, 0.70, 0.72))
    chosen = {rule: names(made, anchored(made, rule)) for rule in (*ANCHORS, "step:150", "step:200", "step:1e9")}
    third = pytest.approx(1 / 3)
    assert chosen == {
        "goal": {"plain-200": 1.0},
        "goal:point": {"plain-200": 1.0},
        "goal:lower_bound": {"plain-300": 1.0},
        "goal:interpolated": {"plain-100": third, "plain-200": pytest.approx(2 / 3)},
        "last": {"plain-400": 1.0},
        "same_step": {"plain-300": 1.0},
        "best": {"plain-300": 1.0},
        "step:150": {"plain-100": 1.0},
        "step:200": {"plain-200": 1.0},
        "step:1e9": {"plain-400": 1.0},
    }


@pytest.mark.parametrize("rule", RULES)
def test_the_one_checkpoint_of_a_baseline_stands_by_every_rule(rule: str) -> None:
    """What others are held against is not anchored; its capability is told all the same."""
    found = anchored(world(plain=(0.7,), n=100), rule, "base")
    assert found.parts == ((0, 1.0),)
    assert [(at.score, at.within) for at in found.capability] == [(0.40, False)]
    assert said(found) == {
        "reference_point": "base is one checkpoint, base: it stands under every rule, whatever its capability"
    }


def test_a_baseline_with_a_path_is_anchored() -> None:
    """With several checkpoints it has to reach the goal as any other."""
    made = world(plain=(0.6, 0.7), short=(0.7,))
    assert names(made, anchored(made, method="plain", baseline="plain")) == {"plain-200": 1.0}


def test_capability_at_an_anchor_has_limits_and_a_place_in_the_band() -> None:
    """Wilson's limits where n is known; none of a mixture; 0.72 lies within 0.02 of 0.70."""
    made = world(n=100, plain=(0.60, 0.72))
    point, mixed = (anchored(made, f"goal:{way}").capability[0] for way in ("point", "interpolated"))
    limits = pytest.approx(0.6252, abs=1e-4), pytest.approx(0.7986, abs=1e-4)
    assert point == AtGoal(task="boolq", score=0.72, low=limits[0], high=limits[1], n=100, goal=0.70, within=True)
    near = pytest.approx(0.70)
    assert mixed == AtGoal(task="boolq", score=near, low=None, high=None, n=None, goal=0.70, within=True)


# ---- what is missing


@pytest.mark.parametrize(
    ("rule", "scores", "n", "sentence"),
    [
        (
            "goal",
            (0.50, 0.64, 0.60),
            None,
            "plain never reaches 0.70 in boolq: its best is 0.64 at plain-200; not comparable at this goal",
        ),
        (
            "goal",
            (0.698,),
            None,
            "plain never reaches 0.700 in boolq: its best is 0.698 at plain-100; not comparable at this goal",
        ),
        (
            "goal:lower_bound",
            (0.50, 0.72),
            100,
            "the lower bound of plain never reaches 0.70 in boolq: its best is 0.64 at plain-200; "
            "not comparable at this goal",
        ),
    ],
)
def test_a_goal_out_of_reach_is_said(rule: str, scores: Scores, n: float | None, sentence: str) -> None:
    """How near a method comes, with as many digits as tell it from the goal."""
    found = anchored(world(n=n, plain=scores), rule)
    assert (found.parts, found.code, found.sentence) == ((), "not_reached", sentence)


@pytest.mark.parametrize(
    ("boolq", "arc", "sentence"),
    [
        (
            (0.6, 0.8),
            (0.3, 0.4),
            "plain never reaches 0.50 in arc: its best is 0.40 at plain-200; not comparable at this goal",
        ),
        (
            (0.6, 0.65),
            (0.45, 0.4),
            "plain never reaches 0.70 in boolq: its best is 0.65 at plain-200; "
            "nor 0.50 in arc: its best is 0.45 at plain-100; not comparable at this goal",
        ),
        (
            (0.65, 0.8),
            (0.6, 0.4),
            "plain never reaches 0.70 in boolq and 0.50 in arc at one checkpoint: "
            "nearest is plain-100 with 0.65 in boolq and 0.60 in arc; not comparable at this goal",
        ),
    ],
)
def test_tasks_out_of_reach_are_told_apart(boolq: Scores, arc: tuple[float, ...], sentence: str) -> None:
    """Which task stays short; or that each is reached, but never all at once."""
    found = anchored(with_arc(world(plain=boolq), *arc), goal=BOTH)
    assert (found.code, found.sentence) == ("not_reached", sentence)


@pytest.mark.parametrize(
    ("score", "goal", "sentence"),
    [
        (
            0.75,
            0.7,
            "the score of plain-200 of plain, 0.75 in boolq, has no lower bound without n: "
            'give n, or take reach = "point"',
        ),
        (
            75.0,
            70.0,
            "the score of plain-200 of plain, 75.00 in boolq, is no share and has no lower bound: "
            'give shares with n, or take reach = "point"',
        ),
    ],
)
def test_no_bound_where_none_can_be_had(score: float, goal: float, sentence: str) -> None:
    """A score without n, or one that is no share, cannot surely reach a goal; what to do is said."""
    found = anchored(world(plain=(0.2, score)), "goal:lower_bound", goal=Goal(tasks=(("boolq", goal),)))
    assert (found.code, found.sentence) == ("no_bound", sentence)


@pytest.mark.parametrize(("score", "code"), [(0.69, None), (0.70, "no_bound")])
def test_no_bound_is_asked_for_below_the_goal(score: float, code: str | None) -> None:
    """A checkpoint whose score is short of the goal cannot surely reach it, whatever its n."""
    made = world(n=100, plain=(score, 0.9))
    measured = [replace(one, n=None) if one.checkpoint == 1 else one for one in made.measured]
    assert anchored(World(made.checkpoints, measured), "goal:lower_bound").code == code


def test_no_bound_is_asked_for_beyond_the_anchor() -> None:
    """Once a goal is surely reached, later scores without n make no difference."""
    made = world(n=100, plain=(0.9, 0.9))
    measured = [replace(one, n=None) if one.checkpoint == 2 else one for one in made.measured]
    assert names(made, anchored(World(made.checkpoints, measured), "goal:lower_bound")) == {"plain-100": 1.0}


def test_no_bound_is_asked_for_where_another_task_decides() -> None:
    """A task whose bound is short of its goal settles it; n of the other task would change nothing."""
    found = anchored(with_arc(world(n=100, plain=(0.72,)), 0.9), "goal:lower_bound", goal=BOTH)
    assert (found.code, found.sentence) == (
        "not_reached",
        "the lower bound of plain never reaches 0.70 in boolq: its best is 0.64 at plain-100; not comparable at this goal",
    )


@pytest.mark.parametrize("score", [None, NAN])
def test_a_method_without_capability_is_said(score: float | None) -> None:
    """No score, or one that is no number: nothing to hold against a goal, and rules that ask for none go on."""
    made = world(plain=(score, score))
    found, last = anchored(made), anchored(made, "last")
    sentence = "plain has no checkpoint with a score in boolq: not comparable at a goal"
    assert (found.parts, found.code, found.sentence) == ((), "no_capability", sentence)
    assert names(made, last) == {"plain-200": 1.0}
    assert [(at.score, at.within) for at in last.capability] == [(None, None)]
    assert said(last) == {"unmeasured": "plain-200 of plain has no score in boolq: whether it is matched is not known"}


def test_tasks_measured_apart_are_no_capability() -> None:
    """A goal on two tasks needs a checkpoint with both."""
    sentence = "plain has no checkpoint with a score in each of boolq and arc: not comparable at a goal"
    found = anchored(world(plain=(0.8,)), goal=BOTH)
    assert (found.code, found.sentence) == ("no_capability", sentence)


def test_unmeasured_checkpoints_are_named() -> None:
    """A goal cannot choose them; it may lie there."""
    found = anchored(world(plain=(None, 0.6, NAN, 0.71)))
    assert found.parts == ((4, 1.0),)
    assert said(found) == {
        "unmeasured": "plain-100 and plain-300 of plain have no score in boolq: a goal cannot choose them"
    }


def test_no_goal_is_said() -> None:
    """A plan that names no task anchors nothing on capability."""
    found = anchored(world(plain=(0.7,)), goal=Goal(tasks=()))
    assert (found.code, found.sentence) == ("no_goal", "no task has a goal: methods cannot be matched on capability")


def test_the_next_that_reaches_stands_in() -> None:
    """The checkpoint at the goal has no outputs: a later one that reaches it is taken, and that is said."""
    made = world(plain=(0.5, 0.70, 0.65, 0.71))
    found = anchored(made, answered={0, 1, 3, 4})
    assert names(made, found) == {"plain-400": 1.0}
    assert said(found) == {
        "no_outputs_at_goal": "plain reaches 0.70 in boolq at plain-200, which has no outputs: plain-400 stands for it"
    }


def test_a_goal_reached_without_outputs_is_said() -> None:
    """Nothing that was written at the goal or later: not comparable, though it is reached."""
    found = anchored(world(plain=(0.5, 0.7, 0.6)), answered={0, 1, 3})
    assert (found.parts, found.code) == ((), "no_outputs")
    assert found.sentence == (
        "plain reaches 0.70 in boolq at plain-200, but has no outputs there nor at a later checkpoint that does: "
        "not comparable at this goal"
    )


@pytest.mark.parametrize("rule", ["last", "same_step", "best", "step:250"])
def test_a_method_that_wrote_nothing_is_said(rule: str) -> None:
    """No outputs at all: no rule finds a checkpoint, and the others are not held up."""
    made = world(plain=(0.7,), short=(0.7, 0.8))
    found = anchored(made, rule, answered={0, 2, 3})
    sentence = "plain has no outputs at any checkpoint: nothing to compare"
    assert (found.code, found.sentence) == ("no_outputs", sentence)
    assert anchored(made, rule, "short", answered={0, 2, 3}).code is None


@pytest.mark.parametrize(
    ("answered", "parts", "instead"),
    [
        ({0, 1, 3}, {"plain-100": 0.25, "plain-300": 0.75}, "plain-100 stands for it"),
        ({0, 3}, {"plain-300": 1.0}, "plain-300 stands alone"),
    ],
)
def test_a_gap_before_the_goal_is_bridged(answered: set[int], parts: dict[str, float], instead: str) -> None:
    """Between checkpoints with outputs only; a longer way between them is said."""
    made = world(plain=(0.40, 0.60, 0.80))
    found = anchored(made, "goal:interpolated", answered=answered)
    assert names(made, found) == pytest.approx(parts)
    assert said(found)["no_outputs_before_goal"] == (
        f"plain-200 of plain, last before the goal, has no outputs: {instead}"
    )


@pytest.mark.parametrize(("rule", "wanted"), [("last", "plain-300"), ("best", "plain-200"), ("step:250", "plain-200")])
def test_a_rule_that_had_to_look_elsewhere_says_so(rule: str, wanted: str) -> None:
    """The last, the best or the one at a step has no outputs: what stands for it is named."""
    made = world(plain=(0.70, 0.71, 0.705))
    found = anchored(made, rule, answered={0, 1})
    assert names(made, found) == {"plain-100": 1.0}
    assert said(found) == {"no_outputs_at_choice": f"{wanted} of plain has no outputs: plain-100 stands for it"}


@pytest.mark.parametrize(
    ("scores", "sentence"),
    [
        ((0.70, 0.61, 0.71), "after plain-100 plain falls below 0.68 in boolq: 0.61 at plain-200; it is back at 0.71 at plain-300"),
        ((0.70, 0.69, 0.61, 0.5), "after plain-100 plain falls below 0.68 in boolq: 0.61 at plain-300; no later checkpoint comes back"),
        ((0.70, 0.68, 0.69), None),
    ],
)  # fmt: skip
def test_a_capability_that_is_not_held_is_said(scores: Scores, sentence: str | None) -> None:
    """Falling below the band after the anchor, and rising again; what stays in the band is held."""
    assert said(anchored(world(plain=scores))).get("not_held") == sentence


def test_an_anchor_far_beyond_the_goal_is_not_matched() -> None:
    """One step may leap past the goal: how far is said, and it lies outside the band."""
    found = anchored(world(plain=(0.5, 0.82)))
    assert [at.within for at in found.capability] == [False]
    assert said(found) == {
        "overshoots": "plain has 0.82 in boolq, 0.12 above the goal of 0.70, at plain-200: not matched with the others"
    }


def test_an_anchor_below_the_goal_is_not_matched() -> None:
    """Rules that ask for no goal may stay short of it, and beyond it in another task."""
    found = anchored(with_arc(world(plain=(0.6,)), 0.9), "last", goal=BOTH)
    assert {code: said(found)[code] for code in ("overshoots", "below_goal")} == {
        "overshoots": "plain has 0.90 in arc, 0.40 above the goal of 0.50, at plain-100: not matched with the others",
        "below_goal": "plain has 0.60 in boolq, 0.10 below the goal of 0.70, at plain-100: not matched with the others",
    }


@pytest.mark.parametrize(
    ("score", "sentence"),
    [
        (0.71, "plain has one checkpoint only, plain-100: when it passed 0.70 in boolq is not known"),
        (0.60, "plain has one checkpoint only, plain-100: how its capability moved is not known"),
    ],
)
def test_a_method_with_one_checkpoint_has_no_path(score: float, sentence: str) -> None:
    """It may have passed the goal long ago."""
    assert said(anchored(world(plain=(score,))))["one_checkpoint"] == sentence


def test_no_common_step_is_said() -> None:
    """Methods whose outputs share no step have none; their steps are named."""
    made = world(plain=(0.5, 0.6), short=(0.5, 0.6))
    found = anchored(made, "same_step", answered={0, 1, 4})
    assert (found.code, found.sentence) == (
        "no_common_step",
        "no step has outputs of every method (plain: 100; short: 200)",
    )


def test_a_baseline_that_stops_elsewhere_has_no_common_step() -> None:
    """The others decide which step it is; a baseline with a path has a checkpoint there or none."""
    made = world(plain=(0.5, 0.6), short=(0.5, 0.6, 0.7))
    found = anchored(made, "same_step", baseline="plain")
    others = [BASE, *(one for one in made.checkpoints if one.method == "short")]
    again = World([*others, *(one for one in made.checkpoints if one.method == "plain")], [])
    without = anchored(World(again.checkpoints[1:], []), "same_step", baseline="plain")
    assert found.code == "no_common_step"
    assert found.sentence == "no step has outputs of every method (base: 0; short: 100, 200 and 300)"
    assert without.sentence == "plain has no outputs at step 300, the largest that all others have"


def test_steps_that_nobody_knows_are_asked_for() -> None:
    """Rules about steps need them; the other methods are not held up."""
    made = world(plain=(0.5, 0.6), short=(0.5, 0.6))
    unnamed = [replace(one, step=None, checkpoint=f"{'ab'[n % 2]}") if one.method == "plain" else one
               for n, one in enumerate(made.checkpoints)]  # fmt: skip
    stepless = World(unnamed, made.measured)
    for rule in ("same_step", "step:250"):
        found = anchored(stepless, rule)
        sentence = "the steps of plain are not known: give a step for each checkpoint"
        assert (found.code, found.sentence) == ("no_steps", sentence)
        assert names(stepless, anchored(stepless, rule, "short")) == {"short-200": 1.0}


def test_a_step_before_the_first_is_said() -> None:
    """No checkpoint so early: the first there is is named."""
    found = anchored(world(plain=(0.5,)), "step:50")
    sentence = "plain has no checkpoint with outputs at or before step 50: its first is plain-100 at step 100"
    assert (found.code, found.sentence) == ("no_step", sentence)


def test_several_scores_in_one_task_are_said() -> None:
    """The lowest stands, so that no choice among them makes a method reach a goal."""
    made = world(plain=(0.75,))
    found = anchored(World(made.checkpoints, [*made.measured, Measurement(checkpoint=1, task="boolq", score=0.65)]))
    assert found.code == "not_reached"
    assert said(found)["measured_twice"] == "plain has several scores in one task at plain-100: the lowest stands"


@pytest.mark.parametrize("rule", ["goal:pint", "step:", "step:nan", "step:soon", "first"])
def test_a_rule_that_is_none_is_refused(rule: str) -> None:
    """The message lists the rules there are."""
    with pytest.raises(InputError, match=r"compare.anchors: no rule '.*; rules are goal, .*, best, step:N$"):
        anchored(world(plain=(0.5,)), rule)


def test_what_decimal_fractions_are_off_matters_nowhere() -> None:
    """A score at the band's edge is in it, whatever its binary digits: held, within, and matched."""
    edge = anchored(world(plain=(0.5, 0.41)), goal=Goal(tasks=(("boolq", 0.5),), tolerance=0.09))
    assert said(edge) == {}
    made = world(plain=(0.72, 0.72), short=(0.70, 0.70))
    plan = ComparePlan(goal=BOOLQ, baseline="base", anchors=("goal",))
    found = anchors_of(made.checkpoints, made.measured, plan, answered=range(5))
    assert [one.capability[0].within for one in found] == [False, True, True]
    assert matched(found, tolerance=0.02) is None


# ---- matched


def test_methods_too_far_apart_are_named() -> None:
    """The two farthest apart; the one checkpoint of the baseline is not one of them."""
    made = world(plain=(0.82,), short=(0.70,), mix=(0.71,))
    plan = ComparePlan(goal=BOOLQ, baseline="base", anchors=("goal",))
    found = matched(anchors_of(made.checkpoints, made.measured, plan, answered=range(4)), tolerance=0.02)
    assert found is not None
    assert (found.code, found.sentence) == (
        "not_matched",
        "by goal, plain (0.82) and short (0.70) are 0.12 apart in boolq, more than the tolerance of 0.02: "
        "their capabilities are not matched",
    )


@given(st.lists(paths, min_size=2, max_size=4), sixteenths)
def test_methods_within_the_tolerance_are_matched(several: list[Scores], tolerance: float) -> None:
    """Nothing is said exactly where the highest and the lowest score are within the tolerance."""
    made = world(**{f"m{n}": path for n, path in enumerate(several)})
    plan = ComparePlan(goal=GOAL, baseline="base", anchors=("last",))
    found = matched(anchors_of(made.checkpoints, made.measured, plan, answered=range(99)), tolerance=tolerance)
    ends = sorted(path[-1] for path in several if path[-1] is not None)
    assert (found is None) == (ends[-1] - ends[0] <= tolerance)
