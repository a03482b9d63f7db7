"""Signals of a text: what they call gibberish, what they do not, and that any text has one."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgeaudit.text.gibberish.parts import language_of
from judgeaudit.text.gibberish.score import read_text
from judgeaudit.text.signals import SIGNALS, length, looks_like_gibberish, signal_values

SOUND = {
    "prose": "Paris is the capital of France. It is known for the Louvre and for its bridges over the Seine.",
    "refusal": "I'm sorry, but I can't help with that.",
    "word": "Yes.",
    "number": "42",
    "list": "1. Apples\n2. Pears\n3. Plums\n4. Cherries",
    "numbers": "1, 2, 3, 5, 8, 13, 21, 34, 55, 89",
    "formula": "x^2 + 2x + 1 = 0 => (x+1)^2 = 0, so x = -1.",
    "python": "```python\ndef find(nodeId):\n    return document.getElementById(nodeId)\n```",
    "javascript": 'const fooBar = document.getElementById("myThing");\nfooBar.addEventListener("click", () => go(fooBar));',
    "json": '{"verdict": "safe", "score": 0.93, "reasons": ["a", "b"]}',
    "song": "Row, row, row your boat, gently down the stream. Merrily, merrily, merrily, merrily, life is but a dream.",
    "chinese": "巴黎是法国的首都，也是法国最大的城市。它以埃菲尔铁塔、卢浮宫和巴黎圣母院而闻名于世。",
    "japanese": "東京は日本の首都です。人口は約1400万人です。",
    "russian": "Париж — столица Франции, крупнейший город страны.",
    "arabic": "باريس هي عاصمة فرنسا وأكبر مدنها.",
    "hindi": "पेरिस फ्रांस की राजधानी है और यह दुनिया के सबसे प्रसिद्ध शहरों में से एक है।",
    "thai": "ปารีสเป็นเมืองหลวงของประเทศฝรั่งเศส",
    "german": "Die Datenschutzgrundverordnung betrifft insbesondere Versicherungsgesellschaften und Verwaltungen.",
}
BROKEN = {
    "nothing": ("", "no_words"),
    "spaces": (" \n\t ", "no_words"),
    "dashes": ("-" * 80, "no_words"),
    "one sign": ("1" * 40, "rows"),
    "one word": ("anybody " * 20, "one_word"),
    "loop": ("I am not a good answer.\n\n" * 5, "loops"),
    "glued": (
        "as thatKeywordsas being mannerenesVVByas- Asas-aswas existedas THYANSARA ands as THstoodsasHAS",
        "glued",
    ),
    "odd": ("first part cIPtribe alone \xad\xad\xad\ufffd aff ILL \xad\xad\xad", "odd"),
    "crumbs": ("you S it Itlb n as G S S the I you Sp you n the in you h the p W you the", "short_words"),
}
#: levels of degradation at which the outputs are noise or loops, and at which they read as before
NOISE = re.compile(r"t2\.5|noise0\.4|drop|lr0\.005|untrained")
PLAIN = re.compile(r"base_greedy|noise0\.1|normal_finetune|gradient_ascent")


#: sentences whose small words are short or few, told by their letters
LETTERED = {
    "Turkish": "Yağmur, sıcak ve nemli havanın yükselip soğumasıyla oluşur. Su buharı küçük damlacıklara dönüşür.",
    "Czech": "Déšť vzniká, když teplý a vlhký vzduch stoupá a ochlazuje se. Vodní pára kondenzuje na malé kapky.",
    "Polish": "Deszcz powstaje, gdy ciepłe i wilgotne powietrze unosi się i ochładza. Para wodna skrapla się w małe kropelki.",
    "Vietnamese": "Mưa hình thành khi không khí ấm và ẩm bốc lên cao rồi nguội đi. Hơi nước ngưng tụ thành những giọt nhỏ.",
}


@pytest.mark.parametrize("name", LETTERED)
def test_languages_are_told_by_their_letters_too(name: str) -> None:
    """A language is named and its text left alone; English with such names in it stays English, and a mix is no language."""
    assert language_of(LETTERED[name]) == name
    assert not looks_like_gibberish(LETTERED[name])
    assert language_of("Łukasz and Müge Yağcı met on the way to Brno, and they had lunch with the others.") == "English"
    assert language_of("déšť yağmur những chodzić sıcak không") is None


@pytest.mark.parametrize("name", SOUND)
def test_sound_texts_in_many_forms_and_languages_are_left_alone(name: str) -> None:
    """Short answers, code, formulas, lists and scripts without spaces are no gibberish."""
    assert not looks_like_gibberish(SOUND[name]), read_text(SOUND[name])


@pytest.mark.parametrize("name", BROKEN)
def test_broken_texts_show_the_sign_that_is_meant_for_them(name: str) -> None:
    """Noise, loops, glued words and nothing at all are told, each by its own sign."""
    text, sign = BROKEN[name]
    assert sign in read_text(text).because
    assert looks_like_gibberish(text)


@given(st.text(st.characters(exclude_categories=()), max_size=400))
def test_any_text_has_every_signal(text: str) -> None:
    """Lone surrogates, controls and emptiness included; the values are of a closed set."""
    assert SIGNALS["looks_like_gibberish"](text) in ("yes", "no")
    assert SIGNALS["length"](text) in ("short", "medium", "long")


def test_a_megabyte_takes_no_longer_than_its_beginning() -> None:
    """Only the beginning is read, so one long line costs nothing."""
    start = "One sound sentence stands here, and a different one follows it later on. " * 2
    sound = " ".join(f"{start} It has the number {k}." for k in range(200))
    assert len(sound) > 20_000
    assert looks_like_gibberish(sound + "x" * 1_000_000) == looks_like_gibberish(sound[:20_000])


def test_equal_texts_have_equal_values() -> None:
    """Values come in the order of the texts."""
    assert signal_values("length", ["a" * 300, "b", "a" * 300, "c" * 1000]) == ["medium", "short", "medium", "long"]
    assert [length("x" * n) for n in (0, 199, 200, 999, 1000)] == ["short", "short", "medium", "medium", "long"]


def test_real_noise_is_mostly_found_and_real_answers_mostly_left_alone(shared_data: Path) -> None:
    """On real outputs of small models: at least 8 in 10 at levels that are noise, at most 1 in 10 at levels that are not."""
    file = shared_data / "tiny_lm_samples.jsonl"
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    noise = [looks_like_gibberish(row["output"]) for row in rows if NOISE.search(row["level"])]
    plain = [looks_like_gibberish(row["output"]) for row in rows if PLAIN.search(row["level"])]
    assert sum(noise) / len(noise) >= 0.8
    assert sum(plain) / len(plain) <= 0.1
