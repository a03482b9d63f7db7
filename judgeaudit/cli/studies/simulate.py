"""`simulate`: a study whose truth is known, of one model's checkpoints or of a planted world."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

#: how many people there are where nobody says
_PEOPLE = 3


def simulate(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the study goes.")] = Path("simulated-study"),
    world: Annotated[
        Optional[str],  # noqa: UP045 - typer reads it
        typer.Option(
            metavar="NAME",
            help="A planted world to compare checkpoints in: invented-effect, hidden-effect, equal-at-goal or other-benchmark.",
        ),
    ] = None,
    items: Annotated[Optional[int], typer.Option(help="How many outputs (default: 1200).")] = None,  # noqa: UP045
    prompts: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(help="How many prompts (default: one for six outputs; of a world 300 at each checkpoint)."),
    ] = None,
    labelled: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(help="Of a world: how many outputs of each checkpoint are labelled (default: two thirds)."),
    ] = None,
    people: Annotated[int, typer.Option(help="How many people.")] = _PEOPLE,
    seed: Annotated[int, typer.Option(help="Seed of everything random.")] = 1,
    gibberish: Annotated[Optional[float], typer.Option(help="Share of gibberish (default: 0.25).")] = None,  # noqa: UP045
    prevalence: Annotated[Optional[float], typer.Option(help="Share of unsafe outputs (default: 0.3).")] = None,  # noqa: UP045
) -> None:
    """Writes a study, all marked as simulated, with the truth in truth.json: one wide table (labels.csv), or a planted world."""
    shape = {"items": items, "gibberish": gibberish, "prevalence": prevalence}
    given = {name: value for name, value in shape.items() if value is not None}
    if world is None:
        _refuse({"labelled": labelled}, "is of planted worlds; name one with --world, or leave it out")
        _one_table(out, prompts=prompts, people=people, seed=seed, **given)
    else:
        _refuse(given, "is not of planted worlds, where the world says it; leave it out")
        _world(out, world, prompts=prompts, labelled=labelled, people=people, seed=seed)


def _refuse(values: dict[str, int | None] | dict[str, int | float], why: str) -> None:
    from judgeaudit.domain.errors import InputError

    for name, value in values.items():
        if value is not None:
            msg = f"--{name} {why}"
            raise InputError(msg)


def _one_table(out: Path, *, prompts: int | None, people: int, seed: int, **shape: float) -> None:
    from judgeaudit.cli.shared.screen import out as say
    from judgeaudit.simulation.study import simulate_study

    items = int(shape.pop("items", 1200))
    made = simulate_study(out, items=items, prompts=prompts, people=people, seed=seed, **shape)
    say(
        f"SIMULATED study in {made.folder}: {made.items:,} outputs, {len(made.people)} planted people, {len(made.judges)} planted judges"
    )
    say(f"the truth: {made.truth}")
    say(f"audit it: judgeaudit audit {made.folder}")
    say(f"or as one table: {made.command}")


def _world(out: Path, name: str, *, prompts: int | None, labelled: int | None, people: int, seed: int) -> None:
    from judgeaudit.cli.shared.screen import out as say
    from judgeaudit.simulation.worlds.study import simulate_world

    made = simulate_world(out, name, prompts=prompts, labelled=labelled, people=people, seed=seed)
    say(
        f"SIMULATED world {name} in {made.folder}: {made.outputs:,} outputs of {made.checkpoints} checkpoints, "
        f"{made.labelled} of each labelled by {len(made.people)} planted people, {len(made.judges)} planted judges"
    )
    say(f"the truth: {made.truth}")
    say(f"compare its methods: judgeaudit compare {made.folder}")
