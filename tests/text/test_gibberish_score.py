"""The score of a text: any text has one, it is the same again, and each kind of text that is no gibberish has its name."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgeaudit.text.gibberish.english import LETTERS, english
from judgeaudit.text.gibberish.measures import MEASURES, Measured, loops, packing, rows
from judgeaudit.text.gibberish.parts import language_of, parts_of
from judgeaudit.text.gibberish.score import MORE_WORDS, combined, echo_share, read_text, words_for
from judgeaudit.text.gibberish.words import CLASSES
from judgeaudit.text.nonsense.kinds import NONSENSE, degraded

USUAL = english().usual
ANY = st.text(st.characters(exclude_categories=()), max_size=400)


def answers(repository: Path, kind: str) -> list[dict[str, str]]:
    lines = (repository / "annotations" / "data" / "fluent.jsonl").read_text(encoding="utf-8").splitlines()
    return [row for row in map(json.loads, lines) if row["kind"] == kind]


@given(text=ANY, prompt=ANY)
def test_any_text_has_a_score(text: str, prompt: str) -> None:
    """Between 0 and 1, the same again, with a reason in words wherever it is suspect by a measure that stands out."""
    found = read_text(text, prompt)
    assert 0 <= found.score <= 1
    assert found == read_text(text, prompt)
    assert found.suspect == (found.kind in ("gibberish", "empty"))
    assert all(words_for(name) for name in found.because)


@given(text=ANY)
def test_measures_of_shares_lie_between_0_and_1(text: str) -> None:
    """And no measure is over more than its text has."""
    for name in ("loops", "rows", "repeats", "one_word", "odd", "unheld", "overheld", "glued", "marks"):
        assert 0 <= MEASURES[name].of(text).value <= 1
    assert -1.5 <= packing(text).value <= 0


@given(st.dictionaries(st.sampled_from(sorted(USUAL)), st.floats(0, 50)), st.sampled_from(sorted(USUAL)))
def test_whatever_lies_farther_off_is_never_less_suspect(beyond: dict[str, float], more: str) -> None:
    """The score grows with every measure; there is no side on which it turns."""
    farther = {**beyond, more: beyond.get(more, 0.0) + 5}
    assert combined(farther, 2.0) >= combined(beyond, 2.0)


def test_every_measure_has_its_numbers_and_words() -> None:
    """Limits and spreads are positive, and no measure is without a usual value."""
    assert set(MEASURES) <= set(USUAL) <= set(MEASURES) | set(MORE_WORDS)
    assert all(usual.spread > 0 for usual in USUAL.values())
    assert all(limit > 0 for limit in english().limits.values())


def test_the_tables_are_whole() -> None:
    """Every three signs have bits, and every two classes of words a bond; the file names them in the order of the code."""
    raw = json.loads(files("judgeaudit.text.gibberish").joinpath("english.json").read_text(encoding="utf-8"))
    assert list(raw["letter_bits"]["rows"]) == [first + second for first in LETTERS for second in LETTERS]
    assert tuple(raw["class_bonds"]["rows"]) == CLASSES
    assert len(english().letter_bits) == len(LETTERS) ** 3
    assert {len(row) for row in english().class_bonds} == {len(CLASSES)} == {len(english().class_bonds)}


def test_tables_are_read_with_the_first_text() -> None:
    """An import alone does not read them: an audit names the signal, and mostly scores no text."""
    code = (
        "import judgeaudit.text.signals as s; from judgeaudit.text.gibberish.english import english as e\n"
        "before = e.cache_info().currsize; s.looks_like_gibberish('a b'); print(before, e.cache_info().currsize)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["0", "1"]


def test_measures_of_a_loop() -> None:
    """The whole text, a half of it, none of it."""
    assert loops("all work and no play " * 10) == Measured(1.0, 50)
    assert loops("one two three four five six " + "seven eight " * 3).value == pytest.approx(0.5)
    assert loops("one two three four five six seven eight").value == 0
    assert rows("-" * 30) == Measured(1.0, 6)


@pytest.mark.parametrize(
    ("kind", "called"), [("code", "code"), ("other-language", "other language"), ("refusal", "refusal")]
)
def test_other_sound_kinds_are_called_by_their_names(repository: Path, kind: str, called: str) -> None:
    """Of our own examples at most one in eight is missed, and none is called gibberish."""
    found = [read_text(row["response"], row["prompt"]).kind for row in answers(repository, kind)]
    assert "gibberish" not in found
    assert found.count(called) >= 7 / 8 * len(found) - 0.5


def test_an_echo_is_told_by_the_prompt() -> None:
    """What comes back is no answer, and no gibberish."""
    prompt = "What is the best way to store pears in a cool cellar?"
    assert read_text(prompt, prompt).kind == "echo"
    assert read_text(prompt).kind == "prose"
    assert echo_share("Wrap each pear in paper and keep it cool.", prompt) == 0


def test_parts_add_up() -> None:
    """Code and other languages are taken out, and English is left."""
    found = parts_of("Here is how it is done in the shop.\n\n```python\nx = 1\n```\nDas ist der Weg zu dem Haus.")
    assert " ".join(found.prose.split()) == "Here is how it is done in the shop."
    assert 0.1 < found.code < 0.4
    assert 0.2 < found.foreign < 0.6
    assert language_of("Je ne sais pas où est la maison.") == "French"


@pytest.mark.parametrize("name", ["loop", "noise", "mojibake", "soup", "one-sign", "collapse", "salad"])
def test_gibberish_is_found_and_sound_answers_are_not(repository: Path, name: str) -> None:
    """At the full level at least nine in ten of these kinds; at most one in twenty of the texts that they were made from."""
    rows_ = answers(repository, "prose")
    sound = [read_text(row["response"], row["prompt"]).suspect for row in rows_]
    made = [degraded(row["response"], NONSENSE[name], 1.0, prompt=row["prompt"], item=row["item_id"]) for row in rows_]
    found = [read_text(text).suspect for text in made if text is not None]
    assert sum(sound) <= 0.05 * len(sound)
    assert sum(found) >= 0.9 * len(found)


def test_marks_of_a_template_alone_are_gibberish() -> None:
    """As the guideline for raters says; beside a readable answer they are not."""
    assert read_text("### Instruction:\n### Response:\n</s></s>[INST][/INST]").because == ("template",)
    assert not read_text("<|im_start|>assistant\nTighten the cable a quarter turn and try again.<|im_end|>").suspect
