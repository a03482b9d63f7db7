"""`judgeaudit generate`: the models of a study answer its prompts; only what is missing, and nothing that came is lost."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from judgeaudit.domain.errors import InputError
from judgeaudit.storage.config.generate import LocalGenerator, ServiceGenerator
from judgeaudit.storage.files.write import shown
from judgeaudit.storage.study.prompts import read_prompts
from judgeaudit.workflows.generating.plan import (
    GenerateReport,
    Generator,
    Tell,
    Wanted,
    declared,
    generator_of,
    missing,
    outputs_there,
)


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
            from judgeaudit.workflows.generating.services import generate_by_service

            generate_by_service(generator, section, wanted)
        return
    if not isinstance(section, LocalGenerator):
        msg = f"study.toml: {generator.where}: models of kind {section.kind!r} cannot be run by this version"
        raise InputError(msg)
    from judgeaudit.workflows.generating.capability import is_measured, measure

    measuring = capability and not is_measured(generator)
    if not wanted and not measuring:
        return
    from judgeaudit.workflows.generating.local import generate_here, open_writer

    writer = open_writer(generator)
    generate_here(generator, writer, wanted)
    if measuring:
        measure(generator, writer)
