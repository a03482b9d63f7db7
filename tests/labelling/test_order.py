"""The order of tasks: equals apart, repeats far, known answers spread, and all of it recorded by a seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgeaudit.domain.errors import InputError
from judgeaudit.labelling.order import EARLY, Known, Pick, Slot, apart, ordered, touching

PROMPTS = st.lists(st.sampled_from(["", "p", "q", "r", "s", "t"]), max_size=40)


def picks(prompts: list[str]) -> list[Pick]:
    return [Pick(item_id=f"i{k}", prompt=prompt) for k, prompt in enumerate(prompts)]


def known(count: int) -> list[Known]:
    return [Known(item_id=f"c{k}", prompt="p" if k % 3 == 0 else "") for k in range(count)]


def prompts_shown(slots: list[Slot], shown: list[Pick], calibration: list[Known]) -> list[str]:
    """What may not follow itself: the prompt, or the item where it has none."""
    names = {one.item_id: one.prompt or f"item {one.item_id}" for one in [*shown, *calibration]}
    return [names[slot.item_id] for slot in slots]


def least_touching(names: Sequence[str]) -> int:
    """The least that any order can have: c equals need c − 1 others between them."""
    most = max(Counter(names).values(), default=0)
    return max(0, 2 * most - len(names) - 1)


def distances(slots: list[Slot]) -> list[int]:
    first: dict[str, int] = {}
    return [
        slot.position - first[slot.item_id]
        for slot in slots
        if first.setdefault(slot.item_id, slot.position) != slot.position
    ]


@given(st.text("abcd", max_size=60))
def test_equals_touch_as_seldom_as_possible(text: str) -> None:
    """One pass reaches the bound that no order can undercut, and loses nothing."""
    order = apart(text)
    assert sorted(order) == list(range(len(text)))
    assert touching([text[k] for k in order]) == least_touching(text)


@given(st.text("abc", max_size=7))
def test_the_bound_is_the_best_of_all_orders(text: str) -> None:
    """What no order undercuts, some order reaches: tried out on all of them."""
    assert least_touching(text) == min(touching(order) for order in permutations(text))


@given(st.text("abcdef", max_size=30))
def test_an_order_without_neighbours_alike_stays(text: str) -> None:
    """Nothing moves where nothing has to."""
    good = [text[k] for k in apart(text)]
    if touching(good) == 0 and 2 * max(Counter(good).values(), default=0) <= len(good):
        assert apart(good) == list(range(len(good)))


@given(PROMPTS, st.floats(0.0, 1.0), st.integers(0, 6), st.integers(0, 99))
def test_answers_to_one_prompt_never_follow_each_other_where_possible(
    prompts: list[str], repeats: float, count: int, seed: int
) -> None:
    """Over any mix of prompts, repeats and calibration items, neighbours are alike as seldom as any order allows."""
    shown, calibration = picks(prompts), known(count)
    names = prompts_shown(ordered(shown, seed=seed, repeats=repeats, calibration=calibration), shown, calibration)
    assert touching(names) == least_touching(names)


@given(PROMPTS, st.floats(0.0, 1.0), st.integers(0, 6), st.integers(0, 99))
def test_everything_is_shown_once_and_the_wanted_share_twice(
    prompts: list[str], repeats: float, count: int, seed: int
) -> None:
    """Items and calibration items once, repeats after their first showing, positions from 0."""
    slots = ordered(picks(prompts), seed=seed, repeats=repeats, calibration=known(count))
    by = Counter(slot.purpose for slot in slots)
    assert (by["item"], by["calibration"], by["repeat"]) == (len(prompts), count, int(repeats * len(prompts) + 0.5))
    assert [slot.position for slot in slots] == list(range(len(slots)))
    assert all(distance > 0 for distance in distances(slots))
    assert max(Counter(slot.item_id for slot in slots).values(), default=1) <= 2


@given(st.integers(6, 60), st.floats(0.0, 1.0), st.integers(0, 4), st.integers(0, 99))
def test_a_repeat_comes_a_third_of_the_list_later(n: int, repeats: float, count: int, seed: int) -> None:
    """With prompts of their own, every repeat is at least a third of the list after its first showing."""
    slots = ordered(picks([f"p{k}" for k in range(n)]), seed=seed, repeats=repeats, calibration=known(count))
    assert all(3 * distance >= len(slots) for distance in distances(slots))


@given(st.integers(0, 30))
def test_repeats_of_shared_prompts_are_far_too(seed: int) -> None:
    """Ten answers to each of 20 prompts, 5% repeats: both laws hold at once."""
    shown = picks([f"p{k % 20}" for k in range(200)])
    slots = ordered(shown, seed=seed, repeats=0.05, calibration=known(10))
    assert all(3 * distance >= len(slots) for distance in distances(slots))
    assert touching(prompts_shown(slots, shown, known(10))) == 0


@given(st.integers(1, 12), st.integers(60, 120), st.integers(0, 99))
def test_known_answers_are_spread_and_the_first_comes_early(count: int, n: int, seed: int) -> None:
    """One in each equal stretch of the list, the first among the first ten tasks."""
    slots = ordered(picks([""] * n), seed=seed, calibration=known(count), repeats=0.1)
    places = [slot.position for slot in slots if slot.purpose == "calibration"]
    size = len(slots)
    assert places[0] < EARLY
    assert all(size * k // count <= place < size * (k + 1) // count for k, place in enumerate(places))


def test_the_seed_decides_and_is_all_that_does() -> None:
    """The same arguments give the same list; another seed gives another, in places, repeats and calibration."""
    shown = picks(["p", "q"] * 50)
    one, again, other = (ordered(shown, seed=seed, repeats=0.1, calibration=known(5), sides=True) for seed in (1, 1, 2))
    assert one == again
    assert [slot.item_id for slot in one] != [slot.item_id for slot in other]
    assert {s.item_id for s in one if s.purpose == "repeat"} != {s.item_id for s in other if s.purpose == "repeat"}


def test_repeats_and_places_are_spread_over_the_list_by_chance() -> None:
    """Over seeds every item is repeated equally often, and first places go to all items alike."""
    shown = picks([""] * 20)
    again, first = Counter[str](), Counter[str]()
    for seed in range(400):
        slots = ordered(shown, seed=seed, repeats=0.2)
        again.update(slot.item_id for slot in slots if slot.purpose == "repeat")
        first[slots[0].item_id] += 1
    assert all(abs(again[pick.item_id] - 80) < 4 * 8 for pick in shown)
    assert all(abs(first[pick.item_id] - 20) < 5 * 4.4 for pick in shown)


@given(st.integers(0, 41), st.integers(0, 7), st.integers(0, 99))
def test_sides_are_swapped_for_half_and_repeats_keep_theirs(n: int, count: int, seed: int) -> None:
    """A balanced half of the items and of the calibration items, and both showings of an item alike."""
    slots = ordered(picks([""] * n), seed=seed, repeats=0.3, calibration=known(count), sides=True)
    for purpose, size in (("item", n), ("calibration", count)):
        swapped = sum(slot.swapped for slot in slots if slot.purpose == purpose)
        assert swapped in (size // 2, (size + 1) // 2)
    side = {slot.item_id: slot.swapped for slot in slots if slot.purpose == "item"}
    assert all(slot.swapped == side[slot.item_id] for slot in slots if slot.purpose == "repeat")


def test_without_sides_nothing_is_swapped() -> None:
    """Items with one answer have no sides."""
    assert not any(slot.swapped for slot in ordered(picks([""] * 20), seed=1))


def test_controls_stay_controls() -> None:
    """A purpose that the caller gives is kept."""
    slots = ordered([Pick(item_id="a"), Pick(item_id="b", purpose="control")], seed=1)
    assert {slot.item_id: slot.purpose for slot in slots} == {"a": "item", "b": "control"}


def test_one_prompt_for_everything_ends_soon() -> None:
    """20,000 answers to one prompt cannot be kept apart, and are ordered all the same."""
    assert len(ordered(picks(["p"] * 20_000), seed=1, repeats=0.05)) == 21_000


@pytest.mark.parametrize(
    ("shown", "calibration", "repeats"),
    [(["a", "a"], [], 0.0), (["a"], ["a"], 0.0), (["a"], [], 1.5), (["a"], [], -0.1)],
)
def test_lists_that_cannot_be_meant_are_refused(shown: list[str], calibration: list[str], repeats: float) -> None:
    """An item stands once in a plan, is not a calibration item as well, and repeats are a share."""
    with pytest.raises(InputError):
        ordered(
            [Pick(item_id=item) for item in shown],
            seed=1,
            repeats=repeats,
            calibration=[Known(item_id=item) for item in calibration],
        )
