"""How able each model of a study is, in capability.csv, so that degradation has an axis."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from judgeaudit.domain.output import Turn
from judgeaudit.judges.replies.reply import Request
from judgeaudit.outputs.degrade.capability import ANSWER_TOKENS, Score, knowledge, prose
from judgeaudit.outputs.degrade.examples import KNOWLEDGE
from judgeaudit.outputs.degrade.tuning import steps_of
from judgeaudit.storage.config.generate import LocalGenerator
from judgeaudit.storage.files.study_files import find_table
from judgeaudit.storage.files.write import write_table
from judgeaudit.storage.labelling.book import not_appendable, rows_of
from judgeaudit.workflows.generating.local import Writer
from judgeaudit.workflows.generating.plan import Generator, named

_FILE = "capability.csv"
_COLUMNS = ("model", "checkpoint", "method", "step", "task", "score", "n", "made_by")
#: task -> what it is called in capability.csv
PROSE, QUESTIONS = "prose_log_probability", "knowledge"


def is_measured(generator: Generator) -> bool:
    """Whether capability.csv holds the measures of this model as its section is now."""
    return any(row.get("made_by") == generator.made_by for row in rows_of(generator.folder, "capability"))


def measure(generator: Generator, writer: Writer) -> None:
    """Measures a model as it is asked and decoded, and puts the scores in place of earlier ones of the same name."""
    found = {QUESTIONS: questions(writer), PROSE: prose(writer.opened.model, writer.opened.tokenizer)}
    generator.report.measured = {task: one.score for task, one in found.items()}
    _keep(generator, found)


def questions(writer: Writer) -> Score:
    """The share of plain questions that the model answers, asked and decoded as its section says."""
    requests = [
        Request(turns=(Turn(role="user", content=text),), system=writer.section.system) for text, _ in KNOWLEDGE
    ]
    prompts = [writer.ask(one) for one in requests]
    size, answers = writer.section.batch_size, []
    for start in range(0, len(prompts), size):
        seeds = [writer.seed(text) for text, _ in KNOWLEDGE[start : start + size]]
        answers += writer.written(prompts[start : start + size], seeds, ANSWER_TOKENS)
    return knowledge([one.text for one in answers])


def _keep(generator: Generator, found: Mapping[str, Score]) -> None:
    section, folder = generator.section, generator.folder
    file = find_table(folder, "capability")
    if file is not None and file.name != _FILE:
        raise not_appendable(file, "capability", _FILE)
    names = named(generator.name, section)
    of_this = {"model": section.model, "checkpoint": names["checkpoint"]}
    degraded = section.degrading if isinstance(section, LocalGenerator) else None
    steps = steps_of(degraded.recipe, degraded.level) if degraded is not None else None
    shared = {**of_this, "method": names["method"], "step": "" if steps is None else f"{steps}"}
    kept = [
        row
        for row in rows_of(folder, "capability")
        if not (row.get("made_by") and of_this.items() <= row.items())  # those without it are a person's own
    ]
    fresh = [
        {**shared, "task": task, "score": _cell(one.score), "n": f"{one.n}", "made_by": generator.made_by}
        for task, one in found.items()
    ]
    columns = list(dict.fromkeys([*(name for row in kept for name in row), *_COLUMNS]))
    write_table(Path(folder) / _FILE, columns, [[row.get(name, "") for name in columns] for row in [*kept, *fresh]])


def _cell(score: float) -> str:
    """A score to four places; an empty cell where the model's numbers are none."""
    return f"{score:.4f}" if math.isfinite(score) else ""
