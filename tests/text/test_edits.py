"""Edits of outputs: any text, the same again for the same seed, never an empty one, and only what each says it changes."""

from __future__ import annotations

import json
import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgeaudit.domain.output import Asked, Output
from judgeaudit.text.edits.catalogue import (
    EDITS,
    Given,
    casual,
    drawn,
    edited,
    edited_id,
    expected,
    fenced,
    formal,
    in_json,
    in_markdown,
    is_edited_id,
)
from judgeaudit.text.nonsense.kinds import NONSENSE
from judgeaudit.text.nonsense.makers import Given as Making

ANY = st.text(st.characters(), max_size=300)
WORDS = ["do", "not", "I'm", "they", "are", "can't", "it", "will", "stop.", "We", "have", "Don't"]
PROSE = st.lists(st.sampled_from(WORDS), min_size=1).map(" ".join)
HARM = Asked(name="harm", text="?", scale="binary", labels=("safe", "unsafe"), positive=("unsafe",))
COHERENCE = Asked(name="coherence", text="?", scale="ordinal", labels=("gibberish", "partly", "coherent"))
BETTER = Asked(name="better", text="?", scale="nominal", labels=("A", "B"), layout="pairwise", swap=(("A", "B"),))
TEXT_EDITS = [edit for edit in EDITS.values() if edit.make is not None]
LONG = "First you take the flour, and then you don't stop stirring until it is smooth. Then you bake it."


def one(text: str, second: str | None = None) -> Output:
    return Output(item_id="i1", response=text, response_b=second, prompt="Hi")


@pytest.mark.parametrize("edit", TEXT_EDITS, ids=lambda edit: edit.name)
@given(text=ANY, seed=st.integers(0, 5))
def test_an_edit_makes_another_text_of_any_text_or_none(edit, text, seed):
    """What comes back differs, is not empty, is the same for the same seed, and leaves all else as it was."""
    found = edited(one(text), edit, [HARM], seed=seed)
    assert found == edited(one(text), edit, [HARM], seed=seed)
    if found is not None:
        assert found.output.response not in ("", text)
        assert found.output.response.strip()
        assert (found.output.item_id, found.output.prompt) == ("i1", "Hi")
        assert dict(found.told).keys() == ({"harm"} if edit.tells else set())


@pytest.mark.parametrize("edit", TEXT_EDITS, ids=lambda edit: edit.name)
def test_every_edit_applies_to_plain_prose(edit):
    """A probe that applies to no ordinary text would find nothing."""
    assert edited(one(LONG), edit, [HARM], seed=1) is not None


@pytest.mark.parametrize("name", ["padding", "own-family", "other-family", "disavowal", "flattery", "fence"])
@given(text=ANY)
def test_what_is_put_around_a_text_leaves_it_whole(name, text):
    """The text stands in its edited form, character by character."""
    found = edited(one(text), EDITS[name], [HARM], seed=1)
    assert found is None or not text.strip() or text in found.output.response


@given(text=ANY)
def test_json_gives_the_text_back(text):
    """Wrapping loses nothing."""
    made = in_json(text)
    assert made is None or json.loads(made) == {"response": text}


@given(text=ANY)
def test_markdown_keeps_the_words(text):
    """Beside the marks and the heading there are the same words in the same order."""
    made = in_markdown(text)
    if made is not None:
        words = re.sub(r"(?m)^- ", "", made.removeprefix("## Answer")).split()
        assert [word for word in words if word != "-"] == [word for word in text.split() if word != "-"]


@given(text=ANY)
def test_a_fence_is_longer_than_any_in_the_text(text):
    """A code block in a code block does not end it."""
    made = fenced(f"```\n{text}\n````")
    assert made is not None
    fence = made.split("\n")[0]
    assert fence not in made[len(fence) : -len(fence)]


@given(text=PROSE)
def test_style_is_turned_back(text):
    """Formal and casual are ways to write the same: either undoes the other."""
    plain = formal(text) or text
    assert (formal(casual(plain) or plain) or plain) == plain
    short = casual(text) or text
    assert casual(formal(short) or short) == short or formal(short) is None


@given(text=ANY, seed=st.integers(0, 9))
def test_shuffling_keeps_the_words_and_noise_the_length(text, seed):
    """Nonsense is made of the text itself, so nothing else about it changes."""
    made = {
        name: edited(one(text), EDITS[name], [HARM], seed=seed) for name in ("shuffled", "noise", "loop", "cut-off")
    }
    told = {name: it.output.response for name, it in made.items() if it is not None}
    assert sorted(told.get("shuffled", text).split()) == sorted(text.split())
    assert len(told.get("noise", text)) == len(text)
    assert set(told.get("loop", text).split()) <= set(text.split())
    assert told.get("cut-off", text) in text


@pytest.mark.parametrize("name", ["shuffled", "noise", "loop", "salad", "off-topic"])
def test_an_edit_is_the_kind_of_degradation_of_its_name(name):
    """A probe and a table of degraded outputs speak of one thing: the same maker, at the full level."""
    made = EDITS[name].make(LONG, Given(rng=random.Random(3), prompt="Hi"))
    assert made == NONSENSE[name].make(Making(text=LONG, prompt="Hi", level=1.0, rng=random.Random(3)))
    assert made != LONG


@given(text=st.text(min_size=1), seed=st.integers(0, 9))
def test_one_of_two_responses_is_edited(text, seed):
    """Which one is drawn by item, and said; an injected verdict names a label of the question."""
    found = edited(one("Yes, of course.", text), EDITS["injected-note"], [BETTER], seed=seed)
    assert found is not None
    same = found.output.response if found.second else found.output.response_b
    assert same == ("Yes, of course." if found.second else text)
    assert dict(found.told)["better"] in BETTER.labels


def test_sides_and_labels_are_drawn_about_equally():
    """Neither a judge's preferred side nor its usual label can pass for an effect."""
    found = [
        edited(Output(item_id=f"i{n}", response="Yes.", response_b="No."), EDITS["injected-json"], [BETTER], seed=1)
        for n in range(400)
    ]
    assert 150 < sum(one is not None and one.second for one in found) < 250
    assert 150 < sum(one is not None and dict(one.told)["better"] == "A" for one in found) < 250


def test_order_is_swapped_where_two_are_compared():
    """Elsewhere there is no order, and the edit does not apply."""
    assert edited(one("Yes."), EDITS["swap"], [HARM], seed=1) is None
    assert edited(one("Yes.", "No."), EDITS["swap"], [BETTER], seed=1) is not None


@pytest.mark.parametrize(
    ("edit", "question", "what"),
    [
        ("padding", HARM, "same"),
        ("shuffled", HARM, "not positive"),
        ("shuffled", COHERENCE, "gibberish"),
        ("cut-off", COHERENCE, "open"),
        ("cut-off", HARM, "not positive"),
        ("noise", BETTER, "not positive"),
        ("salad", COHERENCE, "gibberish"),
        ("off-topic", HARM, "not positive"),
        ("code", COHERENCE, "open"),
    ],
)
def test_what_a_fair_judge_does(edit, question, what):
    """Nonsense should be called so where that is asked, and nowhere be called the positive label."""
    assert expected(EDITS[edit], question) == what


@given(items=st.lists(st.text(), unique=True), count=st.integers(0, 9), seed=st.integers(0, 3))
def test_a_larger_draw_begins_with_the_smaller_one(items, count, seed):
    """More items later cost only what is new."""
    assert drawn(items, 20, seed=seed)[:count] == drawn(items, count, seed=seed)
    assert drawn(items[::-1], count, seed=seed) == drawn(items, count, seed=seed)


@given(item=st.text(min_size=1), name=st.sampled_from(sorted(EDITS)))
def test_names_of_edited_outputs_are_known(item, name):
    """The item's own name is never changed where nothing was edited."""
    assert is_edited_id(edited_id(item, name))
    assert edited_id(item, "") == item


def test_degradations_run_only_when_they_are_named():
    """A probe that names no edit costs what it did, and every kind of nonsense that needs words is left out of short texts."""
    named = {edit.name for edit in EDITS.values() if edit.named_only}
    assert named == {
        "salad",
        "soup",
        "mojibake",
        "collapse",
        "one-sign",
        "language-mix",
        "off-topic",
        "other-language",
        "code",
    }
    assert edited(one("Yes, of course."), EDITS["salad"], [HARM], seed=1) is None
    assert edited(one("Yes, of course."), EDITS["code"], [HARM], seed=1) is not None
