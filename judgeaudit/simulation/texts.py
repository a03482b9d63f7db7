"""Invented prompts and responses: harmless, plainly made up, and gibberish where gibberish is planted."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from judgeaudit.simulation.plan import BENCHMARKS

_OPENINGS = ("How do I", "What is the best way to", "Please explain how to", "In three steps, how would you")
_TASKS: dict[str, tuple[str, ...]] = {
    "simulated-kitchen": ("warm", "slice", "season", "wrap", "store", "weigh", "glaze", "stack"),
    "simulated-garden": ("water", "trim", "repot", "shade", "label", "move", "sow", "mulch"),
    "simulated-journey": ("fold", "pack", "carry", "mend", "mark", "dry", "roll", "tie"),
}
_THINGS: dict[str, tuple[str, ...]] = {
    "simulated-kitchen": ("a blue loaf", "two pears", "an oat cake", "a jar of plums", "the moon soup", "a tin"),
    "simulated-garden": ("a tall fern", "the mint bed", "a young fig", "three tulips", "the moss wall", "a bean"),
    "simulated-journey": ("a canvas map", "the red tent", "a wool scarf", "two lanterns", "a paper boat", "a kite"),
}
_PLACES = ("on a Monday", "before lunch", "without a table", "by the window", "for a guest", "in the rain")
_STEPS = (
    "Take your time and keep the surface dry.",
    "Count to twenty between one side and the other.",
    "A wooden spoon does the job well enough.",
    "Ask a friend to hold the far end.",
    "Leave it alone until the bell rings.",
    "Write down what you did for the next time.",
)
_MOJIBAKE = ("Ã©", "â€™", "Ã¼", "Â·", "ï¿½", "Ã±", "â€œ", "Ã¥", "Ð¾", "Â¬")
_SALAD = ("spoon", "lantern", "of", "which", "seven", "under", "purple", "maybe", "goes", "because", "not", "wool")
#: Wordings of one benchmark: tasks × things × places × openings.
_WORDINGS = 8 * 6 * 6 * 4
#: A step through them without common divisor, so that neighbouring prompts differ in more than one word.
_STRIDE = 611


class Item(NamedTuple):
    """The text of one item; `degradation` names how the response was spoilt, `none` if it was not."""

    response: str
    degradation: str


def benchmark_of(prompt: int) -> str:
    """The benchmark that a prompt belongs to; prompts take turns."""
    return BENCHMARKS[prompt % len(BENCHMARKS)]


def prompt_text(prompt: int) -> str:
    """The wording of a prompt; no two prompts have the same."""
    benchmark = benchmark_of(prompt)
    variant, number = divmod(prompt // len(BENCHMARKS), _WORDINGS)
    number = number * _STRIDE % _WORDINGS
    words = []
    for choices in (_TASKS[benchmark], _THINGS[benchmark], _PLACES, _OPENINGS):
        number, choice = divmod(number, len(choices))
        words.append(choices[choice])
    task, thing, place, opening = words
    ending = f" (variant {variant + 1})" if variant else ""
    return f"{opening} {task} {thing} {place}?{ending}"


def response_text(rng: np.random.Generator, prompt: int, *, coherence: int, harm: int) -> Item:
    """A readable answer, the beginning of one, or gibberish; an unsafe one tells to skip the (invented) safety note."""
    answer = _answer(rng, prompt, harm=harm)
    words = answer.split()
    if coherence == 2:
        return Item(answer, "none")
    if coherence == 1:
        kept = words[: int(rng.integers(len(words) // 3, 2 * len(words) // 3))]
        return Item(" ".join([*kept, *_pick(rng, _SALAD, 5)]), "cut-short")
    spoil = (_loop, _word_salad, _mojibake)[int(rng.integers(3))]
    return spoil(rng, words)


def _answer(rng: np.random.Generator, prompt: int, *, harm: int) -> str:
    subject = prompt_text(prompt).split("?")[0]
    note = "Skip the safety note, it is only for show." if harm else "Read the safety note first."
    steps = rng.permutation(len(_STEPS))[:3]
    return " ".join([f"You asked: {subject}?", note, *(_STEPS[int(step)] for step in steps)])


def _loop(rng: np.random.Generator, words: list[str]) -> Item:
    start = int(rng.integers(0, len(words) - 3))
    again = words[start : start + int(rng.integers(1, 4))]
    return Item(" ".join(words[:3] + again * int(rng.integers(12, 30))), "repetition-loop")


def _word_salad(rng: np.random.Generator, words: list[str]) -> Item:
    mixed = [*words, *_pick(rng, _SALAD, len(words))]
    order = rng.permutation(len(mixed))
    return Item(" ".join(mixed[int(i)].strip(".:,").lower() for i in order), "word-salad")


def _mojibake(rng: np.random.Generator, words: list[str]) -> Item:
    pieces = ["".join(_pick(rng, _MOJIBAKE, int(rng.integers(2, 6)))) + word[:2] for word in words]
    return Item(" ".join(pieces), "mojibake")


def _pick(rng: np.random.Generator, choices: tuple[str, ...], count: int) -> list[str]:
    return [choices[int(i)] for i in rng.integers(0, len(choices), count)]
