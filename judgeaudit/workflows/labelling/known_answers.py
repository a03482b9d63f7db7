"""Items whose answers are known, which are mixed into a plan: read from the study's table, and how many of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.labelling.tasks import PlannedTask
from judgeaudit.domain.question import canonical

if TYPE_CHECKING:
    from judgeaudit.labelling.order import Known
    from judgeaudit.storage.config.schema import StudyConfig
    from judgeaudit.storage.files.read import Table

#: an item, and question -> answer
KnownItem: TypeAlias = "tuple[Known, tuple[tuple[str, str], ...]]"
#: they cost people's time: so many at least, and else one for every so many items
FEWEST, ITEMS_A_KNOWN = 3, 4


def known_items(study: Path, config: StudyConfig) -> dict[str, KnownItem]:
    """Calibration items with their answers: a table with item_id, response and a column for every known question."""
    from judgeaudit.labelling.order import Known
    from judgeaudit.storage.files.columns import refuse_missing
    from judgeaudit.storage.files.read import read_table

    if config.labelling.calibration is None:
        return {}
    table = read_table(study / config.labelling.calibration)
    refuse_missing(table, "known answers")
    asked = [name for name in config.questions if name in table.columns]
    if not asked:
        msg = f"{table.name}: no column with known answers; name one as a question: {', '.join(map(one_line, config.questions))}"
        raise InputError(msg)
    out: dict[str, KnownItem] = {}
    for row in range(table.rows):
        item = table.frame["item_id"][row]
        answers = tuple((name, _label(table, row, name, config)) for name in asked if table.frame[name][row])
        if not item or item in out or not answers:
            what = "the same item twice" if item in out else "an item_id and a known answer are needed"
            msg = f"{table.at(row, 'item_id')}: {what}"
            raise InputError(msg)
        prompt = table.frame["prompt"][row] if "prompt" in table.columns else ""
        out[item] = (Known(item_id=item, prompt=prompt), answers)
    return out


def known_lines(study: Path, config: StudyConfig) -> list[str]:
    """What the columns of the table of known answers were taken for: a misspelt question is seen, not passed over."""
    from judgeaudit.storage.files.columns import COLUMNS
    from judgeaudit.storage.files.read import read_table

    if config.labelling.calibration is None:
        return []
    table = read_table(study / config.labelling.calibration)
    count = Counter(name for _, answers in known_items(study, config).values() for name, _ in answers)
    read = {*(column.name for column in COLUMNS["known answers"]), *count}
    left = [one_line(column, limit=40) for column in table.columns if column not in read]
    answers = ", ".join(f"{one_line(name)} ({number})" for name, number in count.items())
    return [f"{table.name}: known answers to {answers}" + (f"; not read: {', '.join(left[:20])}" if left else "")]


def more_known(known: Mapping[str, KnownItem], earlier: Sequence[PlannedTask], fresh: int, seed: int) -> list[Known]:
    """What to mix in besides what `earlier` tasks hold: one for every four items of the whole plan, three at least.

    Each kind of answer comes as often as the others, as far as there are any.
    """
    there = {task.item_id for task in earlier if task.purpose == "calibration"}
    items = fresh + sum(task.purpose == "item" for task in earlier)
    kinds: dict[object, list[Known]] = {}
    for place in np.random.default_rng(seed).permutation(len(known)):
        one, answers = list(known.values())[place]
        kinds.setdefault(answers, []).append(one)
    in_turn = [one for rank in zip_longest(*kinds.values()) for one in rank if one is not None]
    left = [one for one in in_turn if one.item_id not in there]
    return left[: max(0, max(FEWEST, -(-items // ITEMS_A_KNOWN)) - len(there))] if fresh else []


def _label(table: Table, row: int, question: str, config: StudyConfig) -> str:
    text = str(table.frame[question][row])
    labels = config.questions[question].labels
    match = [label for label in labels if canonical(label) == canonical(text)]
    if labels and not match:
        msg = f"{table.at(row, question)}: {one_line(text)!r} is not a label of the question ({', '.join(map(one_line, labels))})"
        raise InputError(msg)
    return match[0] if match else text
