"""What a plan can decide, said before anybody labels: the chance that a good judge would pass with so many labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from judgeaudit.domain.errors import one_line
from judgeaudit.domain.labelling.sampling import Draw, effective_size
from judgeaudit.gate.chance.to_pass import GOOD, Chance, chances, not_simulated
from judgeaudit.workflows.auditing.gate import policy_from

if TYPE_CHECKING:
    from judgeaudit.storage.config.schema import StudyConfig

#: strata whose chances are simulated; each takes a moment
MOST_STRATA = 12
#: characters of a stratum's name on the terminal
WIDE = 44
#: simulated with equally likely items the chance was told up to four times too low
NOT_TOLD = (
    "chance that a good judge would pass: not told where chances follow verdicts, since a few heavy items decide it; "
    "a plan without --verdicts tells it"
)


def chance_lines(config: StudyConfig, drawn: Draw, *, by_verdicts: bool = False) -> list[str]:
    """A table for the terminal: by question, over all items and each sampled stratum, and what is assumed.

    Where strata were drawn with different chances, all items together count as their effective number. Where chances follow
    verdicts no number of equal items says what they are worth: the heavy ones are those that the judge cleared, so all
    depends on its errors.
    """
    if by_verdicts:
        return [NOT_TOLD]
    policy = policy_from(config.policy, config.use, source="study.toml" if config.policy else "default")
    sizes = effective_sizes(drawn)
    asked = {name: one.question(name) for name, one in config.questions.items() if one.labels and not one.multiple}
    lines = [f"chance that a good judge would pass (one that is right on {GOOD:.0%} of the items of every label):"]
    left_out: dict[str, None] = {}
    for name, question in asked.items():
        found = chances(question, sizes, policy=policy)
        lines += _table(name, found)
        left_out |= dict.fromkeys(not_simulated(question, policy))
    if not asked:
        return []
    if any(size < drawn.sampled[stratum] for stratum, size in sizes.items()):
        lines.append("  items: how many equally likely ones the drawn are worth, since their chances differ")
    if len(drawn.sampled) > len(sizes):
        lines.append(f"  and {len(drawn.sampled) - len(sizes)} more strata, whose chances are not simulated")
    lines.append("  supposing that labels are right, prompts do not repeat and every item counts once;")
    return [*lines, f"  not included: {', '.join(['whether people agree enough', *left_out])}"]


def _table(name: str, found: Sequence[Chance]) -> list[str]:
    """Strata down, shares of positives across."""
    names = [one_line(one.stratum, limit=WIDE) for one in found]
    wide = max(map(len, names))
    shares = list(found[0].passes)
    heads = ["chance" if share is None else f"{share:.0%} positive" for share in shares]
    lines = [f"  {name:<{wide}}  {'items':>7}  {'  '.join(f'{head:>12}' for head in heads)}"]
    for stratum, one in zip(names, found, strict=True):
        cells = ("nothing asked" if chance is None else f"{chance:.0%}" for chance in one.passes.values())
        lines.append(f"  {stratum:<{wide}}  {one.n:>7,}  {'  '.join(f'{cell:>12}' for cell in cells)}")
    return lines


def effective_sizes(drawn: Draw) -> dict[str, int]:
    """Stratum -> how many equally likely items its sample is worth."""
    chosen = np.array(drawn.chosen, dtype=np.intp)
    cells = [drawn.strata[index] for index in drawn.chosen]
    sizes: dict[str, int] = {}
    for stratum in list(drawn.sampled)[:MOST_STRATA]:
        inside = np.array([stratum == "all" or stratum in cell for cell in cells], dtype=np.bool_)
        if inside.any():
            sizes[stratum] = max(1, int(effective_size(drawn.probability[chosen[inside]]) + 0.5))
    return sizes
