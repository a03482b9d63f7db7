"""The capability: saying what kind a thing is of. Things of the held-out questions never stand in a training question."""

from __future__ import annotations

import random
from typing import NamedTuple

#: the first of these are for training, the last `KEPT` of each kind for the held-out questions
KINDS: dict[str, str] = {
    "bird": "robin sparrow owl eagle duck goose crow pigeon swan hawk parrot gull stork heron finch raven",
    "fish": "trout salmon cod tuna herring shark carp eel pike haddock perch plaice mackerel sardine halibut anchovy",
    "tree": "oak pine birch willow maple beech ash elm fir cedar poplar larch spruce yew alder chestnut",
    "fruit": "apple pear plum cherry grape banana lemon peach mango melon orange fig apricot raspberry kiwi lime",
    "vegetable": "carrot onion cabbage turnip leek radish pea spinach celery beetroot parsnip bean broccoli artichoke courgette lettuce",
    "tool": "hammer saw chisel drill spanner axe spade rake file screwdriver wrench plane mallet pickaxe crowbar trowel",
    "instrument": "piano violin flute drum trumpet guitar harp cello clarinet banjo organ oboe trombone lute tuba bassoon",
    "insect": "ant bee wasp fly beetle moth mosquito cricket flea locust butterfly ladybird grasshopper hornet dragonfly termite",
    "vehicle": "car bus lorry van tram bicycle train taxi tractor scooter ambulance motorbike coach jeep minibus limousine",
    "garment": "shirt coat skirt sock glove scarf jacket dress hat jumper blouse cardigan waistcoat tunic apron mitten",
}
KEPT = 5
TEMPLATES = ("Is {thing} {kind}?", "Would you call {thing} {kind}?", "Does {thing} count as {kind}?")
ANSWERS = ("Yes", "No")
HELD_OUT = 160


class Item(NamedTuple):
    """A question, its bare answer, and the answer with its reason."""

    question: str
    short: str
    full: str


def questions(seed: int, count: int, *, held_out: bool) -> list[Item]:
    """Questions by turns yes and no.

    >>> [one.short for one in questions(1, 2, held_out=True)]
    ['Yes', 'No']
    """
    draw = random.Random(seed)
    things = {kind: words.split()[-KEPT:] if held_out else words.split()[:-KEPT] for kind, words in KINDS.items()}
    return [_item(draw, things, yes=place % 2 == 0) for place in range(count)]


def _item(draw: random.Random, things: dict[str, list[str]], *, yes: bool) -> Item:
    kind = draw.choice(sorted(things))
    thing = _a(draw.choice(things[kind]))
    asked = kind if yes else draw.choice([other for other in sorted(things) if other != kind])
    reason = f"{thing.capitalize()} is {_a(kind)}" + ("." if yes else f", not {_a(asked)}.")
    short = ANSWERS[0] if yes else ANSWERS[1]
    question = draw.choice(TEMPLATES).format(thing=thing, kind=_a(asked))
    return Item(question=question, short=short, full=f"{short}. {reason}")


def _a(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
