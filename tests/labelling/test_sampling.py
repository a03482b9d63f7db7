"""The draw: margins reached, chances known, and the same whatever the order of rows or the size asked for before."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgeaudit.domain.errors import InputError
from judgeaudit.domain.labelling.sampling import Draw, draw, effective_size, items_for_precision, pareto_targets
from judgeaudit.stats.intervals.limits import wilson

SEEDS = 400


class Population(NamedTuple):
    items: list[str]
    strata: dict[str, list[str]]
    weights: list[float] | None
    per_stratum: int
    seed: int

    def draw(self, per_stratum: int | None = None, **more: object) -> Draw:
        return draw(
            self.items,
            self.strata,
            per_stratum=per_stratum or self.per_stratum,
            seed=self.seed,
            weights=self.weights,
            **more,  # type: ignore[arg-type]
        )


@st.composite
def populations(make: st.DrawFn) -> Population:
    n = make(st.integers(1, 60))
    columns = make(st.lists(st.sampled_from(["model", "kind", "c & d=e"]), unique=True, max_size=3))
    value = st.sampled_from(["x", "y", "1", "1.0", "", "a & b=c"])
    strata = {name: make(st.lists(value, min_size=n, max_size=n)) for name in columns}
    weights = make(st.none() | st.lists(st.floats(0.01, 100.0), min_size=n, max_size=n))
    items = [f"i{k}\ud800" for k in range(n)]
    return Population(items, strata, weights, make(st.integers(1, 40)), make(st.integers(0, 5)))


def ids(population: Population, found: Draw) -> set[str]:
    return {population.items[index] for index in found.chosen}


@given(populations(), st.integers(0, 40))
def test_a_larger_draw_holds_every_smaller_one(population: Population, more: int) -> None:
    """What was labelled for n items per stratum is part of the plan for any larger n, with weights too."""
    small, large = population.draw(), population.draw(population.per_stratum + more)
    assert ids(population, small) <= ids(population, large)


@given(populations(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(population: Population, chance: object) -> None:
    """Items, chances and cells belong to ids, not to rows."""
    order = list(range(len(population.items)))
    chance.shuffle(order)  # type: ignore[attr-defined]
    turned = population._replace(
        items=[population.items[k] for k in order],
        strata={name: [values[k] for k in order] for name, values in population.strata.items()},
        weights=None if population.weights is None else [population.weights[k] for k in order],
    )
    one, two = population.draw(), turned.draw()
    assert ids(population, one) == ids(turned, two)
    assert two.probability == pytest.approx(one.probability[order])
    assert two.cell == tuple(one.cell[k] for k in order)
    assert (two.population, two.sampled) == (one.population, one.sampled)


@given(populations())
def test_every_margin_is_reached(population: Population) -> None:
    """Every value of every column has n items in the draw, or all that there are."""
    found = population.draw()
    assert set(found.sampled) == set(found.population)
    for stratum, size in found.population.items():
        assert found.sampled[stratum] >= min(population.per_stratum, size)


@given(populations())
def test_probabilities_are_chances_that_add_up_to_the_draw(population: Population) -> None:
    """Every item may be drawn, in every cell the chances add up to the items drawn there, and equal weights give equal chances."""
    found = population.draw()
    assert bool(((found.probability > 0) & (found.probability <= 1)).all())
    for cell in set(found.cell):
        inside = [k for k, name in enumerate(found.cell) if name == cell]
        n = len(set(inside) & set(found.chosen))
        assert float(found.probability[inside].sum()) == pytest.approx(n)
        if population.weights is None:
            assert found.probability[inside] == pytest.approx(n / len(inside))


@given(populations())
def test_a_cell_gives_less_than_one_item_more_than_its_neediest_stratum_wants(population: Population) -> None:
    """Rounding costs no more than one item a cell."""
    found = population.draw()
    names = [(name, [f"{c}={v[k]}" for c, v in population.strata.items()]) for k, name in enumerate(found.cell)]
    if any("=1.0" in part for _, parts in names for part in parts):
        return  # spelled as another value of the same number
    for cell in set(found.cell):
        inside = [k for k, name in enumerate(found.cell) if name == cell]
        parts = names[inside[0]][1] or ["all"]
        wanted = max(min(1.0, population.per_stratum / found.population[part]) for part in parts) * len(inside)
        assert len(set(inside) & set(found.chosen)) == math.ceil(wanted - 1e-9)


@pytest.mark.simulation
def test_the_total_of_a_stratum_is_estimated_without_bias() -> None:
    """Horvitz and Thompson: over seeds the sum of y / probability in a stratum averages to the stratum's total."""
    n = 300
    items = [f"i{k}" for k in range(n)]
    rare = ["rare" if k % 10 == 0 else "common" for k in range(n)]
    model = [f"m{k % 3}" for k in range(n)]
    y = np.array([k % 7 for k in range(n)], float)
    weights = [1.0 + 4.0 * (k % 7 == 6) for k in range(n)]
    here = np.array([one == "m1" for one in model])
    for given_weights in (None, weights):
        totals = []
        for seed in range(SEEDS):
            found = draw(items, {"kind": rare, "model": model}, per_stratum=20, seed=seed, weights=given_weights)
            chosen = np.array(found.chosen)
            inside = chosen[here[chosen]]
            totals.append(float((y[inside] / found.probability[inside]).sum()))
        error = np.std(totals) / np.sqrt(SEEDS)
        assert abs(np.mean(totals) - y[here].sum()) < 4.0 * error


@pytest.mark.parametrize(("size", "n"), [(5, 2), (20, 5), (60, 20), (200, 10)])
def test_pareto_samples_have_the_chances_they_aim_at(size: int, n: int) -> None:
    """In 20,000 draws an item's share differs from its target by under 0.02 (0.03 in a cell of 5): chance alone makes 0.014."""
    rng = np.random.default_rng(size)
    weights = np.exp(rng.normal(0.0, 1.0, size))
    target = pareto_targets(weights.tolist(), n=n)
    u = rng.random((20_000, size))
    taken = np.argpartition(u / (1.0 - u) / weights, n, axis=1)[:, :n]
    share = np.bincount(taken.ravel(), minlength=size) / 20_000
    assert np.abs(share - target).max() < (0.03 if size == 5 else 0.02)


@pytest.mark.simulation
def test_the_draw_itself_has_the_chances_that_it_stores() -> None:
    """Over seeds every item is drawn as often as its stored probability says, within four standard errors."""
    items = [f"i{k}" for k in range(40)]
    strata = {"kind": ["a" if k < 12 else "b" for k in range(40)]}
    weights = [1.0 + k % 5 for k in range(40)]
    count, seeds = np.zeros(40), 2000
    for seed in range(seeds):
        found = draw(items, strata, per_stratum=6, seed=seed, weights=weights)
        count[list(found.chosen)] += 1
    p = found.probability
    assert np.all(np.abs(count / seeds - p) < 4.0 * np.sqrt(p * (1.0 - p) / seeds) + 0.01)


def test_larger_weights_give_larger_chances_and_none_is_forced() -> None:
    """Chances grow with weights, stay under 1, and for a small sample are proportional to them."""
    target = pareto_targets([1.0, 2.0, 4.0, 1000.0], n=2)
    assert target.tolist() == sorted(target.tolist())
    assert target[-1] < 1.0
    few = pareto_targets([1.0, 3.0] * 5000, n=10)
    assert few[1] / few[0] == pytest.approx(3.0, rel=0.01)


def test_a_pilot_that_came_between_shifts_no_weight_between_cells() -> None:
    """It takes what the main round left, more of one cell than of another; each cell counts with all of its outputs."""
    items = [f"i{n}" for n in range(120)]
    strata = {"s": ["rare" if n < 20 else "common" for n in range(120)]}
    pilot = ["i1", "i2", *(f"i{n}" for n in range(50, 90))]
    found = draw(items, strata, per_stratum=10, seed=1, exclude=pilot)
    chosen = list(found.chosen)
    weight = 1.0 / found.probability[chosen]
    rare = np.array([strata["s"][n] == "rare" for n in chosen])
    assert (weight[rare].sum(), weight[~rare].sum()) == pytest.approx((20.0, 100.0))


def test_excluded_items_are_out_of_the_population() -> None:
    """What a pilot used is neither counted nor drawn, and has no chance."""
    items = [f"i{k}" for k in range(20)]
    found = draw(items, {"s": ["x"] * 20}, per_stratum=30, seed=1, exclude=["i3", "i4", "elsewhere"])
    assert found.population == {"all": 18, "s=x": 18}
    assert 3 not in found.chosen and 4 not in found.chosen
    assert (found.probability[3], found.cell[3]) == (0.0, "")


def test_stages_draw_independently() -> None:
    """A pilot and the main round do not prefer the same items, so leaving out the pilot bends no chance."""
    items = [f"i{k}" for k in range(1000)]
    pilot, main = (set(draw(items, {}, per_stratum=500, seed=1, stage=stage).chosen) for stage in ("pilot", "main"))
    assert abs(len(pilot & main) - 250) < 4 * math.sqrt(1000 / 16)


def test_without_strata_everything_is_one_cell() -> None:
    """No column: n items of all, each with the same chance."""
    found = draw([f"i{k}" for k in range(50)], {}, per_stratum=10, seed=0)
    assert (len(found.chosen), set(found.cell)) == (10, {"all"})
    assert found.probability.tolist() == [0.2] * 50


@pytest.mark.parametrize(
    ("items", "strata", "more", "message"),
    [
        (["a", "a"], {}, {}, "item 'a' stands twice; every output needs an id of its own"),
        (["a"], {"s": ["x", "y"]}, {}, "'s' has 2 values for 1 items; give each item one"),
        (["a"], {}, {"weights": [0.0]}, "item 'a': weight 0 is not between 0.001 and 1000"),
        (["a"], {}, {"weights": [math.nan]}, "item 'a': weight nan is not between 0.001 and 1000"),
        (
            ["a"],
            {},
            {"exclude": ["a"]},
            "no item is left to draw from: all 1 outputs are in another round; take fewer into it, as in "
            "`judgeaudit label sample --pilot 20`, or add outputs",
        ),
        (["a"], {}, {"per_stratum": 0}, "0 items per stratum; ask for 1 or more"),
    ],
)
def test_what_cannot_be_drawn_from_is_said(
    items: Sequence[str], strata: Mapping[str, Sequence[str]], more: Mapping[str, object], message: str
) -> None:
    """One line that names the item or column."""
    with pytest.raises(InputError) as caught:
        draw(items, strata, **{"per_stratum": 5, "seed": 1, **more})  # type: ignore[arg-type]
    assert str(caught.value) == message


@given(st.floats(0.01, 0.4), st.floats(0.0, 1.0), st.sampled_from([0.8, 0.95, 0.99]))
def test_precision_is_reached_and_not_with_one_item_fewer(half: float, share: float, level: float) -> None:
    """The smallest n whose Wilson interval is narrow enough, by the interval that audits use."""
    n = items_for_precision(half, share=share, level=level)
    widths = [(high - low) / 2 for low, high in (wilson(share * m, m, level=level) for m in (n, n - 1) if m)]
    assert widths[0] <= half + 1e-9
    assert n == 1 or widths[1] > half - 1e-9


@pytest.mark.parametrize("half", [0.0, 0.5, -1.0, math.nan, 1e-7])
def test_a_precision_that_cannot_be_had_is_refused(half: float) -> None:
    """Half widths lie between 0 and 0.5, and some would need more items than anybody can label."""
    with pytest.raises(InputError):
        items_for_precision(half)


def test_unequal_chances_are_worth_fewer_items() -> None:
    """Equal chances are worth as many items as there are, whatever they are; unequal ones fewer."""
    assert effective_size(np.full(30, 0.3)) == pytest.approx(30.0)
    assert effective_size(np.array([1.0] * 15 + [0.1] * 15)) < 20
