"""Ways to make a model worse on purpose: their names, what their levels mean, and which levels there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from judgeaudit.domain.errors import InputError, nearest, one_line

#: weights: the weights are changed in place. tuning: the model is trained. asking: it is asked in another way
Kind = Literal["weights", "tuning", "asking"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """One way. `level` says what its level counts; from `least` to `most`, whole numbers alone where `whole`."""

    name: str
    kind: Kind
    level: str
    least: float
    most: float
    whole: bool = False

    @property
    def span(self) -> str:
        """The levels that there are, in words."""
        return f"{'a whole number' if self.whole else 'a number'} from {self.least:g} to {self.most:g}"


RECIPES = {
    one.name: one
    for one in (
        Recipe(name="weight-noise", kind="weights", level="spread of the noise", least=0.001, most=10),
        Recipe(
            name="layer-drop", kind="weights", level="share of the layers that are taken out", least=0.001, most=0.95
        ),
        Recipe(name="quantise", kind="weights", level="bits of each weight", least=2, most=8, whole=True),
        Recipe(name="high-rate", kind="tuning", level="learning rate", least=1e-6, most=1),
        Recipe(name="short-answers", kind="tuning", level="steps", least=1, most=2000, whole=True),
        Recipe(name="narrow-data", kind="tuning", level="steps", least=1, most=2000, whole=True),
        Recipe(name="gradient-ascent", kind="tuning", level="steps", least=1, most=2000, whole=True),
        Recipe(name="wrong-template", kind="asking", level="which template", least=1, most=3, whole=True),
        Recipe(name="hot-sampling", kind="asking", level="temperature", least=0.01, most=10),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Degrading:
    """A recipe at a level; the seed is of noise, and of the order in which a model is trained on its texts."""

    recipe: str
    level: float
    seed: int = 1

    def __str__(self) -> str:
        return f"{self.recipe} {self.level:g}"

    @property
    def kind(self) -> Kind:
        return RECIPES[self.recipe].kind

    @property
    def changes_weights(self) -> bool:
        """Whether it makes a checkpoint; the others ask the model as it is in another way."""
        return self.kind != "asking"


def degrading(recipe: str, level: float, seed: int = 1) -> Degrading:
    """The recipe at this level, or an InputError that says which there are.

    >>> str(degrading("weight-noise", 0.4))
    'weight-noise 0.4'
    """
    if recipe not in RECIPES:
        msg = f"no recipe {one_line(recipe)!r}{nearest(recipe, list(RECIPES))}; there are {', '.join(RECIPES)}"
        raise InputError(msg)
    found = RECIPES[recipe]
    if not found.least <= level <= found.most or (found.whole and level != int(level)):
        msg = f"level {level:g} of {recipe} is out of its span ({found.level}): it is {found.span}"
        raise InputError(msg)
    return Degrading(recipe=recipe, level=level, seed=seed)
