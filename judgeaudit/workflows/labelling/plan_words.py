"""What a plan says of itself before anybody labels: how many outputs of each stratum, tasks, and labellings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from judgeaudit.domain.errors import one_line
from judgeaudit.domain.labelling.sampling import Draw
from judgeaudit.domain.labelling.tasks import PlannedTask
from judgeaudit.workflows.labelling.chance_to_decide import WIDE

if TYPE_CHECKING:
    from judgeaudit.storage.config.schema import StudyConfig
    from judgeaudit.workflows.labelling.growth import Wish


def plan_lines(
    config: StudyConfig, drawn: Draw, tasks: Sequence[PlannedTask], earlier: Sequence[PlannedTask], wish: Wish
) -> list[str]:
    """Strata down, then what is shown how often, and what of it is new."""
    count = {purpose: sum(task.purpose == purpose for task in tasks) for purpose in ("item", "repeat", "calibration")}
    names = {name: one_line(name, limit=WIDE) for name in drawn.population}
    wide = max(len("stratum"), *map(len, names.values()))
    lines = [f"{'stratum':<{wide}}  outputs  to label"]
    lines += [
        f"{names[name]:<{wide}}  {size:>7,}  {drawn.sampled.get(name, 0):>8,}"
        for name, size in drawn.population.items()
    ]
    lines += _fewer(drawn, wish)
    extra = [f"{count['repeat']:,} shown again" if count["repeat"] else ""]
    extra += [f"{count['calibration']:,} with known answers" if count["calibration"] else ""]
    raters = config.labelling.raters_per_item
    said = "".join(f", {one}" for one in extra if one)
    lines.append(
        f"{count['item']:,} items{said}: {len(tasks):,} tasks for {raters} people each, {len(tasks) * raters:,} labellings"
    )
    if earlier:
        lines.append(
            f"{len(earlier):,} of these tasks were planned before and stay as they are; {len(tasks) - len(earlier):,} are new"
        )
    if count["repeat"]:
        lines.append(
            f"a repeat reaches the same person for certain where {raters} people label; with more people, only by chance"
        )
    return lines


def _fewer(drawn: Draw, wish: Wish) -> list[str]:
    """What limits the plan: strata with fewer outputs than wanted, and outputs that the other round holds."""
    whole = {name: size for name, size in drawn.population.items() if name != "all" or len(drawn.population) == 1}
    short = [name for name, size in whole.items() if size < wish.per_stratum]
    lines = []
    if short:
        named = ", ".join(one_line(name, limit=WIDE) for name in short[:3]) + (", …" if len(short) > 3 else "")
        lines.append(f"fewer than the {wish.per_stratum:,} wanted are there of {named}: all of them are taken")
    if aside := sum(not cell for cell in drawn.cell):
        lines.append(f"{aside:,} outputs are in the {'main round' if wish.pilot else 'pilot'} and are left out here")
    return lines
