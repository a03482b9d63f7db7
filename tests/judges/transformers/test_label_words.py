"""Words of a verdict as tokens, and their probabilities, with models that are tables."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from judgeaudit.judges.transformers.judge import spell, word_shares

END = 999


def letters(text: str) -> list[int]:
    """A tokenizer that knows letters alone."""
    return [ord(sign) for sign in text]


def whole(text: str) -> list[int]:
    """A tokenizer that knows every word, with a space before it or not."""
    return [sum(ord(sign) * 31**place for place, sign in enumerate(text))]


class Table:
    """A model whose next token depends on the last one alone: P(token | last)."""

    def __init__(self, chances: dict[tuple[str, str], float]) -> None:
        self.chances = {(ord(before), ord(after)): math.log(chance) for (before, after), chance in chances.items()}
        self.passes = 0

    def log_probs(self, prompts: Sequence[Sequence[int]], tokens: Sequence[int]) -> list[list[float]]:
        self.passes += 1
        return [[self.chances.get((prompt[-1], token), -30.0) for token in tokens] for prompt in prompts]


def test_a_word_counts_however_a_model_begins_it():
    """With a space before it and in another case, as long as no other word begins so."""
    spelled = spell(["Yes", "No"], whole, end=END)
    forms = {
        word: {whole(lead + cased)[0] for lead in ("", " ") for cased in (word, word.lower(), word.upper())}
        for word in ("Yes", "No")
    }
    assert {word: set(tokens) for word, tokens in spelled.first.items()} == forms
    assert spelled.whole == {}


def test_case_that_makes_another_word_is_no_form_of_it():
    """Where labels differ in case alone each keeps its own."""
    spelled = spell(["a", "A"], whole, end=END)
    assert spelled.first == {"a": (whole("a")[0], whole(" a")[0]), "A": (whole("A")[0], whole(" A")[0])}


def test_words_with_one_beginning_are_read_to_their_end():
    """And a word that another one goes on from is closed by the end of the answer."""
    spelled = spell(["1", "10", "2"], letters, end=END)
    assert spelled.whole == {"1": (ord("1"), END), "10": (ord("1"), ord("0"))}
    assert set(spelled.first) == {"2"}


def test_a_spaced_form_that_all_words_share_decides_nothing():
    """A tokenizer that makes the space a token of its own gives no word that token."""
    spelled = spell(["Yes", "No"], letters, end=END)
    assert ord(" ") not in {token for tokens in spelled.first.values() for token in tokens}


def test_shared_beginnings_multiply_to_the_end():
    """The probability of a word is the product of its tokens', one after another."""
    model = Table({(":", "g"): 0.6, ("g", "o"): 0.5, ("o", "x"): 0.25, ("g", "a"): 0.4, ("a", "n"): 0.5})
    found = word_shares(model, [[ord(":")]], spell(["gox", "gan"], letters, end=END))
    assert found == [{"gox": pytest.approx(0.6 * 0.5 * 0.25), "gan": pytest.approx(0.6 * 0.4 * 0.5)}]


def test_distinct_words_take_one_pass():
    """Whatever the number of prompts and words."""
    model = Table({(":", "y"): 0.5, (":", "n"): 0.25})
    found = word_shares(model, [[ord(":")]] * 3, spell(["y", "n"], letters, end=END))
    assert (model.passes, found) == (1, [{"y": pytest.approx(0.5), "n": pytest.approx(0.25)}] * 3)
