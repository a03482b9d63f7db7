"""What a plan can decide, said before anybody labels: the chance that a good judge would pass with so many labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from judgeaudit.domain.sampling import Draw, effective_size
from judgeaudit.facade.gate import policy_from
from judgeaudit.gate.chance import chance_lines as chances_of

if TYPE_CHECKING:
    from judgeaudit.storage.study_schema import StudyConfig

#: strata whose chances are simulated; each takes a moment
MOST_STRATA = 12


def chance_lines(config: StudyConfig, drawn: Draw) -> list[str]:
    """Sentences for each question that is audited, over all items and each sampled stratum.

    Where items were drawn with different chances a stratum counts as its effective number of items.
    """
    policy = policy_from(config.policy, config.use, source="study.toml" if config.policy else "default")
    sizes = _sizes(drawn)
    lines = ["chance that a good judge would pass:"]
    assumed = ""
    for name, asked in config.questions.items():
        if asked.multiple or not asked.labels:
            continue
        *said, assumed = chances_of(asked.question(name), sizes, policy=policy)
        lines += [f"  {line}" for line in said]
    left = len(drawn.sampled) - len(sizes)
    if left > 0:
        lines.append(f"  and {left} more strata, whose chances are not simulated")
    return [*lines, f"  {assumed}"] if assumed else []


def _sizes(drawn: Draw) -> dict[str, int]:
    """Stratum -> how many equally likely items its sample is worth."""
    chosen = np.array(drawn.chosen, dtype=np.intp)
    cells = [set(drawn.cell[index].split(" & ")) for index in drawn.chosen]
    sizes: dict[str, int] = {}
    for stratum in list(drawn.sampled)[:MOST_STRATA]:
        inside = np.array([stratum == "all" or stratum in cell for cell in cells], dtype=np.bool_)
        if inside.any():
            sizes[stratum] = max(1, int(effective_size(drawn.probability[chosen[inside]]) + 0.5))
    return sizes
