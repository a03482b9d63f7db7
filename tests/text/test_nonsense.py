"""Degraded texts: any text, the same for the same seed, and labelled only as far as the making settles it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgeaudit.domain.errors import InputError
from judgeaudit.text.nonsense.kinds import LEVELS, NONSENSE, degraded, kind_named, level_of

ANY = st.text(st.characters(exclude_categories=()), max_size=300)
KINDS = st.sampled_from(sorted(NONSENSE))
LEVEL = st.floats(0.01, 1.0)
PROSE = "First you take the flour, and then you don't stop stirring until it is smooth. Then you bake it for an hour."


@given(text=ANY, kind=KINDS, level=LEVEL, seed=st.integers(0, 5), prompt=ANY)
def test_any_text_is_degraded_in_the_same_way_again(text: str, kind: str, level: float, seed: int, prompt: str) -> None:
    """Lone surrogates and emptiness included; what comes back is another text or None."""
    one, two = (degraded(text, NONSENSE[kind], level, prompt=prompt, seed=seed, item="i") for _ in range(2))
    assert one == two
    assert one is None or one != text


@pytest.mark.parametrize("name", NONSENSE)
@pytest.mark.parametrize("level", LEVELS)
def test_every_kind_applies_to_plain_prose_at_every_level(name: str, level: str) -> None:
    """A kind that left ordinary answers alone would degrade nothing."""
    assert degraded(PROSE, NONSENSE[name], level_of(level), prompt="How do I bake a cake?") is not None


@given(seed=st.integers(0, 99), level=LEVEL)
def test_nonsense_of_harmful_words_keeps_them(seed: int, level: float) -> None:
    """Shuffles and loops are made of the text's own words, so that words alone cannot tell harm."""
    for name in ("shuffled", "loop"):
        made = degraded(PROSE, NONSENSE[name], level, seed=seed)
        assert made is None or set(made.split()) <= set(PROSE.split())


@given(kind=KINDS, seed=st.integers(0, 9))
def test_other_items_are_degraded_in_other_ways(kind: str, seed: int) -> None:
    """Random kinds draw by item; those that put in one of a few texts may meet the same one."""
    made = {degraded(PROSE, NONSENSE[kind], 1.0, prompt="How?", seed=seed, item=str(n)) for n in range(12)}
    assert len(made) > 1 or kind in ("empty", "truncation", "echo", "mojibake")


def test_what_is_fluent_is_never_called_gibberish_by_construction() -> None:
    """As the guideline for raters has it; a beginning that decays is partly, whatever follows."""
    fluent = {"echo", "off-topic", "other-language", "code", "refusal", "truncation"}
    assert {name for name, kind in NONSENSE.items() if kind.coherence(1.0) != "gibberish"} == fluent
    assert {NONSENSE[name].coherence(0.5) for name in ("loop", "collapse", "mojibake", "one-sign")} == {"partly"}
    assert NONSENSE["shuffled"].coherence(0.5) is None
    assert NONSENSE["empty"].coherence(0.25) == "gibberish"


@pytest.mark.parametrize("level", ["", "low", "0", "1.5", "nan", -1.0])
def test_what_is_no_level_is_refused(level: str | float) -> None:
    """With the names and the range."""
    with pytest.raises(InputError, match="a level is mild, half, full, or a number above 0 and up to 1"):
        level_of(level)


def test_a_misspelt_kind_is_told_the_nearest() -> None:
    """All kinds are listed."""
    with pytest.raises(InputError, match=r"no degradation 'mojibak' \(did you mean 'mojibake'\?\); there are loop, "):
        kind_named("mojibak")
    assert level_of("0.4") == 0.4
