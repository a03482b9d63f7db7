"""What is in dispute, what teaches most, and who cannot tell which is which."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgeaudit.domain.errors import InputError
from judgeaudit.domain.question import Question, make_question
from judgeaudit.labelling.dispute import Votes, disputed, most_informative, second_round, votes

HARM = make_question(name="harm", scale="binary", labels=("safe", "unsafe"))
KIND = make_question(name="kind", scale="nominal", labels=("a", "b", "c"))
QUALITY = make_question(name="quality", scale="ordinal", labels=("1", "2", "3", "4", "5"))
SCORE = make_question(name="score", scale="interval", labels=())


def rows(question: str, **labels: list[str]) -> list[dict[str, str]]:
    """Rows of one question: item -> the label of each person, "" for nothing."""
    return [
        {"item_id": item, "rater": f"rater-{number}", "question": question, "label": label, "status": "labelled"}
        for item, given in labels.items()
        for number, label in enumerate(given)
        if label
    ]


def order(question: Question, **labels: list[str]) -> list[str]:
    return [one.item_id for one in disputed(rows(question.name, **labels), {question.name: question})]


def test_unanimous_items_are_not_in_dispute():
    """One label from everybody is no dispute, nor is a single label, nor "cannot judge" beside a label."""
    said = rows("harm", one=["safe", "safe", "safe"], alone=["unsafe"], split=["safe", "unsafe"])
    said.append({"item_id": "alone", "rater": "rater-8", "question": "harm", "label": "", "status": "cannot_judge"})
    (only,) = disputed(said, {"harm": HARM})
    assert (only.item_id, only.tied, only.distance) == ("split", True, 1.0)
    assert only.splits[0].counts == (("safe", 1), ("unsafe", 1))


def test_ties_come_before_majorities():
    """Where no label is ahead nobody's is the reference, so such items come first, then the more divided ones."""
    assert order(KIND, most=["a", "a", "b"], none=["a", "b", "c"], many=["a"] * 5 + ["b"], even=["a", "b"]) == [
        "even",
        "none",
        "most",
        "many",
    ]


def test_far_labels_are_more_of_a_dispute():
    """On an ordinal scale 1 against 5 is more than 1 against 2; on a nominal one all labels are equally far."""
    assert order(QUALITY, near=["1", "2", "2"], far=["1", "5", "5"]) == ["far", "near"]
    assert [one.distance for one in disputed(rows("quality", i=["1", "5"], j=["1", "2"]), {"quality": QUALITY})] == [
        1.0,
        0.25,
    ]


def test_numbers_that_are_equal_are_one_label():
    """1 and 1.0 are the same number; on an interval scale nothing ties, since the median stands for a majority."""
    assert order(SCORE, same=["1", "1.0"], near=["1", "2"], far=["1", "11"]) == ["far", "near"]
    assert not any(one.tied for one in disputed(rows("score", i=["1", "2"]), {"score": SCORE}))


def test_only_independent_labels_of_the_items_count():
    """Repeats, calibration items, other rounds, taken-back labels and undeclared questions dispute nothing."""
    said = rows("harm", i=["safe", "safe"]) + rows("other", i=["x", "y"])
    again = {"item_id": "i", "rater": "rater-0", "question": "harm", "label": "unsafe", "status": "labelled"}
    said += [{**again, "purpose": "repeat"}, {**again, "purpose": "calibration"}, {**again, "round": "dispute"}]
    assert disputed(said, {"harm": HARM}) == []
    taken_back = {**again, "rater": "rater-2"}
    said += [taken_back, {**taken_back, "label": "", "status": "skipped"}]
    assert disputed(said, {"harm": HARM}) == []
    assert [one.item_id for one in disputed([*said, taken_back], {"harm": HARM})] == ["i"]


@given(st.dictionaries(st.sampled_from("pqrst"), st.lists(st.sampled_from(["a", "b", "c"]), max_size=5)), st.randoms())
def test_neither_names_nor_order_matter(labels, random):
    """Who said it, in which order, and what the labels are called changes nothing about the dispute."""
    plain = {one.item_id: (one.tied, one.distance) for one in disputed(rows("kind", **labels), {"kind": KIND})}
    mixed = {item: random.sample(said, len(said)) for item, said in labels.items()}
    renamed = {item: [{"a": "c", "b": "a", "c": "b"}[label] for label in said] for item, said in mixed.items()}
    shuffled = rows("kind", **renamed)
    random.shuffle(shuffled)
    found = {one.item_id: (one.tied, one.distance) for one in disputed(shuffled, {"kind": KIND})}
    assert found.keys() == plain.keys() == {item for item, said in labels.items() if len(set(said)) > 1}
    for item, (tied, distance) in plain.items():
        assert found[item][0] is tied
        assert math.isclose(found[item][1], distance)
        assert 0 < distance <= 1


def test_what_divides_people_and_contradicts_them_teaches_most():
    """A contradiction counts as firmly as it is made, and more where people are divided or few."""
    people = {"one": Votes(3, 3), "split": Votes(2, 3), "many": Votes(9, 9), "bare": Votes(0, 0)}
    firm = dict.fromkeys(people, 1.0)
    assert most_informative(firm, people, most=9) == ["split", "one", "many"]
    assert most_informative({**firm, "many": 100.0}, people, most=2) == ["many", "split"]
    assert most_informative({"one": 0.0, "split": math.nan, "many": -1.0, "new": 1.0}, people, most=9) == []


def test_votes_are_how_united_people_are():
    """The number behind the most frequent label, and of all who gave one."""
    assert votes(rows("kind", i=["a", "a", "b"], j=["c"]), KIND) == {"i": Votes(2, 3), "j": Votes(1, 1)}


@given(
    st.lists(st.text(min_size=1), unique=True, max_size=30),
    st.lists(st.text(min_size=1), unique=True, max_size=30),
    st.floats(0, 2),
    st.none() | st.integers(1, 20),
    st.integers(0, 9),
)
def test_a_second_round_mixes_controls_in(contested, others, share, most, seed):
    """The most disputed items stay, each once; controls are undisputed, as many as asked for where there are so many."""
    tasks = second_round(contested, others, share_of_controls=share, most=most, seed=seed)
    kinds = Counter(purpose for _, purpose in tasks)
    assert {item for item, purpose in tasks if purpose == "item"} == set(contested[:most])
    assert {item for item, purpose in tasks if purpose == "control"} <= set(others) - set(contested)
    assert kinds["control"] == min(math.ceil(kinds["item"] * share - 1e-9), len(set(others) - set(contested)))
    assert len({item for item, _ in tasks}) == len(tasks)
    assert tasks == second_round(contested, list(reversed(others)), share_of_controls=share, most=most, seed=seed)


def test_places_tell_nothing():
    """Over many seeds controls stand as often in the first half of a round as in the second."""
    contested, others = [f"d{n}" for n in range(8)], [f"u{n}" for n in range(50)]
    early = sum(
        purpose == "control"
        for seed in range(400)
        for _, purpose in second_round(contested, others, share_of_controls=0.5, seed=seed)[:6]
    )
    assert abs(early - 800) < 4 * math.sqrt(1600 * 0.25)


@pytest.mark.parametrize(("share", "most"), [(-0.1, None), (math.nan, None), (math.inf, None), (0.25, 0)])
def test_rounds_that_cannot_be_are_refused(share, most):
    """A share or a size that makes no round is one line."""
    with pytest.raises(InputError, match=r"^(controls|most): "):
        second_round(["i"], ["u"], share_of_controls=share, most=most, seed=1)
