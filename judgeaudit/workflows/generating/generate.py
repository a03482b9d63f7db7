"""`judgeaudit generate`: the models of a study answer its prompts; only what is missing, and nothing that came is lost."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.output import Turn, digest
from judgeaudit.outputs.degrade.examples import KNOWLEDGE
from judgeaudit.outputs.degrade.tuning import ANSWER_TOKENS, Score, knowledge, prose, steps_of
from judgeaudit.outputs.generate_text import Decoding, Text, texts
from judgeaudit.services.messages import Ending, RejectedError, Request
from judgeaudit.services.protocol import Service
from judgeaudit.services.runner import Call, Done, Run
from judgeaudit.storage.config.generate import LocalGenerator, ServiceGenerator
from judgeaudit.storage.config.judges import ServiceConfig, service_section
from judgeaudit.storage.files.study_files import find_table
from judgeaudit.storage.files.write import shown, write_table
from judgeaudit.storage.identity.judge_weights import model_place
from judgeaudit.storage.labelling.book import not_appendable, rows_of
from judgeaudit.storage.study.prompts import read_prompts
from judgeaudit.workflows.generating.plan import (
    GenerateReport,
    Generator,
    Tell,
    Wanted,
    declared,
    generator_of,
    missing,
    named,
    outputs_there,
)
from judgeaudit.workflows.generating.prompts import Asking, asking
from judgeaudit.workflows.judging.connect import pace_for, service_for
from judgeaudit.workflows.judging.report import until_stopped

if TYPE_CHECKING:
    from judgeaudit.judges.transformers.open_model import Opened


def generate(
    folder: Path, names: Sequence[str] = (), *, limit: int | None = None, tell: Tell = lambda report: None
) -> list[GenerateReport]:
    """Runs the models of these names, or all, one after another. `limit` is how many outputs each of them makes at most."""
    from judgeaudit.storage.config.read import read_study
    from judgeaudit.storage.labelling.locks import locked

    config = read_study(folder)
    section = declared(config, names)
    prompts = read_prompts(folder, section.prompts)
    with locked(folder / ".generate.lock", f"{shown(folder)}: another generate"):
        there = outputs_there(folder)
        models = [generator_of(folder, name, section.models[name], tell) for name in names or section.models]
        wanted = {one.name: missing(one, prompts, there)[:limit] for one in models}
        for one in models:
            started = time.monotonic()
            _run(one, wanted[one.name], capability=section.capability)
            one.report.seconds = time.monotonic() - started
            if one.report.stopped or one.report.halted:
                break
    return [one.report for one in models]


def _run(generator: Generator, wanted: Sequence[Wanted], *, capability: bool) -> None:
    section = generator.section
    if isinstance(section, ServiceGenerator):
        if wanted:
            generate_by_service(generator, section, wanted)
        return
    if not isinstance(section, LocalGenerator):
        msg = f"study.toml: {generator.where}: models of kind {section.kind!r} cannot be run by this version"
        raise InputError(msg)

    measuring = capability and not is_measured(generator)
    if not wanted and not measuring:
        return

    writer = open_writer(generator)
    generate_here(generator, writer, wanted)
    if measuring:
        measure(generator, writer)


# How able each model of a study is, in capability.csv, so that degradation has an axis.


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


# Models in this process write outputs: opened once, a batch at a time, each batch on disk before the next one.


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """An opened model that writes as its section says."""

    name: str
    section: LocalGenerator
    opened: Opened
    ask: Asking

    def written(self, prompts: Sequence[Sequence[int]], seeds: Sequence[int], most: int) -> list[Text]:
        """A text after each prompt, of `most` tokens at most; an InputError where the device has too little memory."""
        import torch

        section = self.section
        decoding = Decoding(temperature=section.drawn_at, top_p=section.top_p, max_new_tokens=most)
        try:
            return texts(self.opened.model, self.opened.tokenizer, prompts, seeds, decoding)
        except torch.OutOfMemoryError as error:
            msg = (
                f"{self.opened.model.device} has too little memory for the model {one_line(self.name)}; what was written is "
                "saved; lower batch_size, or name another device"
            )
            raise InputError(msg) from error

    def seed(self, of: str) -> int:
        """What is drawn for an item depends on nothing but the section's seed and the item."""
        return int(digest([f"{self.section.seed}", of])[:15], 16)


def open_writer(generator: Generator) -> Writer:
    """The model of a section, degraded where the section says so; an InputError in one line where it cannot be opened."""
    from judgeaudit.judges.transformers.open_model import Source, open_model
    from judgeaudit.workflows.generating.degrade import checkpoint_of

    section, where = generator.section, f"study.toml: {generator.where}"
    if not isinstance(section, LocalGenerator):
        msg = f"model {generator.name!r} is not in this process"
        raise TypeError(msg)
    place, file = model_place(section.model, generator.folder, where=where)
    source = Source(
        model=place,
        where=where,
        revision=section.revision,
        gguf_file=section.gguf_file or file,
        dtype=section.dtype,
        device=section.device,
    )
    degraded = section.degrading
    if degraded is not None and degraded.changes_weights:
        source = checkpoint_of(source, degraded, section, generator.folder)
    opened = open_model(source, task="write", max_tokens=section.max_tokens, chats=False)
    ask = asking(section, opened.tokenizer, generator.folder, generator.where)
    return Writer(name=generator.name, section=section, opened=opened, ask=ask)


def generate_here(generator: Generator, writer: Writer, wanted: Sequence[Wanted]) -> None:
    """Writes what is wanted. A prompt that the model cannot take has no output, and the report says why."""
    fits = [(one, ids) for one in wanted if (ids := _ids(generator, writer, one))]
    size = writer.section.batch_size
    for start in range(0, len(fits), size):
        batch = fits[start : start + size]
        seeds = [writer.seed(one.item_id) for one, _ in batch]
        found = writer.written([ids for _, ids in batch], seeds, writer.section.max_new_tokens)
        generator.keep(
            [
                generator.row(one, response=text.text, finish=text.finish, tokens=text.tokens)
                for (one, _), text in zip(batch, found, strict=True)
            ]
        )


def _ids(generator: Generator, writer: Writer, one: Wanted) -> list[int]:
    try:
        ids = writer.ask(one.request(writer.section.system))
    except RejectedError as error:
        generator.report.failed[str(error)] += 1
        return []
    room = writer.opened.limit - writer.section.max_new_tokens
    if not 0 < len(ids) <= room:
        generator.report.failed[
            f"a prompt is empty or longer than {room} tokens, which is what max_new_tokens leaves"
        ] += 1
        return []
    return ids


# Models of services write outputs, through the same connections and the same runner as judges.


_FINISH: dict[Ending, str] = {"ended": "stop", "truncated": "length", "refused": "refused"}


def generate_by_service(generator: Generator, section: ServiceGenerator, wanted: Sequence[Wanted]) -> None:
    """Asks the service for what is wanted, until all is there, a person stops it, or no call can succeed."""
    service = service_for(connection(section), generator.where)
    known = {one.item_id: one for one in wanted}
    report = generator.report

    def kept(done: Done) -> None:
        if done.outcome == "reply":
            _keep_reply(generator, service, known[done.call.item_id], done.raw)
        else:
            report.failed[done.error or done.outcome] += 1

    run = Run(service=service, keep=kept, pace=pace_for(connection(section)))
    until_stopped(run.through(_calls(section, wanted)), run.stop, report)
    report.halted = run.halted


def connection(section: ServiceGenerator) -> ServiceConfig:
    """The section as that of a judge, which is what connections are made from."""
    shared: dict[str, Any] = {
        "kind": section.kind,
        "model": section.model,
        "max_output_tokens": section.max_new_tokens,
        "structured": "none",
        **{key: getattr(section, key) for key in ServiceGenerator.model_fields if key in ServiceConfig.model_fields},
    }
    shared |= {**section.keys, **section.provider.written_as}
    shared.pop("runs", None)
    return service_section(section.kind)(**shared)


def _calls(section: ServiceGenerator, wanted: Sequence[Wanted]) -> Iterator[Call]:
    for one in wanted:
        yield Call(
            key=one.item_id,
            item_id=one.item_id,
            item_sha256=one.prompt.output.sha256,
            asked=(),
            request=one.request(section.system),
            run=one.run,
        )


def _keep_reply(generator: Generator, service: Service, one: Wanted, raw: str) -> None:
    try:
        reply = service.read(raw)
    except ValueError as error:
        generator.report.failed[f"malformed answer: {error}"] += 1
        return
    finish = _FINISH[reply.ending]
    generator.keep([generator.row(one, response=reply.text, finish=finish, tokens=reply.output_tokens)])
