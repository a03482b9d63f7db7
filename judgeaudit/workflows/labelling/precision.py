"""What `--precision` comes to: the rate over all items as asked, those over positive or negative items by how many there are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from judgeaudit.domain.errors import one_line
from judgeaudit.domain.labelling.sampling import Draw, half_width
from judgeaudit.domain.question import canonical
from judgeaudit.workflows.labelling.chance_to_decide import WIDE, effective_sizes

if TYPE_CHECKING:
    from judgeaudit.storage.config.schema import StudyConfig
    from judgeaudit.storage.files.read import Table

#: told where neither labels nor verdicts say how many items are positive
SUPPOSED = 0.1


def precision_lines(study: Path, config: StudyConfig, outputs: Table, drawn: Draw, *, by_verdicts: bool) -> list[str]:
    """For the terminal: what half an interval comes to over all items drawn, for each question with a positive side."""
    worth = effective_sizes(drawn)
    asked = {
        name: _share(study, config, name) for name, one in config.questions.items() if one.positive and not one.multiple
    }
    lines = []
    smallest = min((name for name in worth if name != "all"), key=worth.__getitem__, default="all")
    for stratum in dict.fromkeys((smallest, "all")):
        n, items = drawn.sampled[stratum], worth[stratum]
        where = "all" if stratum == "all" else f"the smallest stratum, {one_line(stratum, limit=WIDE)}"
        equal = f" (worth {items:,} equally likely ones)" if items < n else ""
        lines.append(f"precision in {where}, {n:,} items{equal}: accuracy ± {half_width(items):.2f} or better")
        for name, (share, source) in asked.items():
            parts = {"sensitivity": share, "specificity": 1.0 - share}
            told = ", ".join(f"{rate} ± {half_width(max(items * part, 1.0)):.2f}" for rate, part in parts.items())
            lines.append(
                f"  {one_line(name, limit=WIDE)}: {told} or better, {share:.0%} of the items being positive ({source})"
            )
    if by_verdicts:
        lines.append("  chances follow verdicts: sensitivity may be told worse, where few heavy items are positive")
    if config.cluster is not None and _repeats(outputs, config.cluster, drawn):
        lines.append(
            f"  values of {one_line(config.cluster, limit=40)} repeat among the items, which makes all of these wider"
        )
    return lines


def _repeats(outputs: Table, column: str, drawn: Draw) -> bool:
    if column not in outputs.columns:
        return False
    values = outputs.frame[column].to_numpy()[list(drawn.chosen)]
    return len(set(values)) < len(values)


def _share(study: Path, config: StudyConfig, question: str) -> tuple[float, str]:
    """The share of positive items by the labels so far, else by the verdicts, else a supposed one; and which."""
    from judgeaudit.workflows.labelling.rows import label_rows
    from judgeaudit.workflows.labelling.verdict_weights import labels_said

    positive = {canonical(label) for label in config.questions[question].positive}
    people = [row["label"] for row in label_rows(study, config) if _labels(row, question)]
    for said, source in ((people, "by the labels so far"), (labels_said(study, question), "by the verdicts")):
        if said:
            return sum(canonical(label) in positive for label in said) / len(said), source
    return SUPPOSED, "supposed"


def _labels(row: Mapping[str, str], question: str) -> bool:
    return bool(row.get("question") == question and row.get("label") and (row.get("purpose") or "item") == "item")
