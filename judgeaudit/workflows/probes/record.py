"""probes.json: what probes found of each judge, with what they were made from, so that it is known when it is out of date."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.results.plain import plain_of
from judgeaudit.domain.results.probes import JudgeProbes
from judgeaudit.domain.version import VERSION
from judgeaudit.storage.files.records import record_from
from judgeaudit.storage.files.study_files import find_table
from judgeaudit.storage.files.write import cannot_read, sha256_file, shown, write_atomic
from judgeaudit.storage.identity.judge import asked_of, fingerprint_of, reading_of

if TYPE_CHECKING:
    from judgeaudit.storage.config.schema import StudyConfig
    from judgeaudit.workflows.auditing.audit_object import Audit

PROBES = "probes.json"


def inputs_of(config: StudyConfig, folder: Path, name: str) -> dict[str, str]:
    """What the probes of a judge depend on: the outputs, the judge, how it is read, and its questions."""
    section, outputs = config.judges[name], find_table(folder, "outputs")
    questions = section.questions or tuple(one for one, question in config.questions.items() if not question.multiple)
    return {
        "outputs": sha256_file(outputs) if outputs is not None else "",
        "judge": fingerprint_of(config, folder, name)[0],
        "reading": reading_of(section),
        **{f"question:{one}": asked_of(config, folder, one).sha256 for one in questions},
    }


def fresh_records(folder: Path, config: StudyConfig) -> tuple[list[JudgeProbes], list[str]]:
    """The records that are about the study as it is, and the judges whose records are not."""
    fresh: list[JudgeProbes] = []
    stale: list[JudgeProbes] = []
    for one in read_records(folder / PROBES):
        as_it_is = one.judge in config.judges and one.inputs == _inputs_or_none(config, folder, one.judge)
        (fresh if as_it_is else stale).append(one)
    return fresh, list(dict.fromkeys(one.judge for one in stale))


def _inputs_or_none(config: StudyConfig, folder: Path, name: str) -> dict[str, str] | None:
    """None where a file that the judge or a question names is gone: whoever runs that judge is told."""
    try:
        return inputs_of(config, folder, name)
    except InputError:
        return None


def with_probes(audit: Audit, folder: Path) -> tuple[Audit, list[str]]:
    """The audit with the probes of its judges for a report, and the judges whose probes are out of date."""
    from judgeaudit.storage.config.read import read_study
    from judgeaudit.workflows.auditing.audit_object import Audit

    if not (folder / PROBES).exists() or not (folder / "study.toml").exists():
        return audit, []
    fresh, stale = fresh_records(folder, read_study(folder))
    shown = replace(audit.result, probes=fresh)
    return Audit(shown, join=audit.join, disagreements=audit.all_disagreements), stale


def keep_record(folder: Path, config: StudyConfig, new: JudgeProbes, *, edits: Sequence[str]) -> None:
    """After this the file holds this record, and of those that are not out of date what it does not replace.

    That is the records of other judges, and the findings of other edits than these, each with the run that it is of.
    """
    fresh = fresh_records(folder, config)[0]
    kept = [one if one.judge != new.judge else _without(one, edits) for one in fresh]
    order = list(config.judges)
    records = sorted([*(one for one in kept if one.findings), new], key=lambda one: order.index(one.judge))
    write_atomic(folder / PROBES, text_of(records))


def _without(record: JudgeProbes, edits: Sequence[str]) -> JudgeProbes:
    return replace(record, findings=tuple(one for one in record.findings if one.probe not in edits))


def text_of(records: Sequence[JudgeProbes]) -> str:
    """The file's text, with a line for each finding."""
    judges = []
    for one in records:
        plain = plain_of(one)
        findings = ",\n".join(json.dumps(row, allow_nan=False) for row in plain.pop("findings"))
        head = json.dumps(plain, allow_nan=False)
        judges.append(f'{head[:-1]}, "findings": [\n{findings}\n]}}')
    body = ",\n".join(judges)
    return f'{{\n"schema": 1,\n"judgeaudit": {json.dumps(VERSION)},\n"judges": [\n{body}\n]\n}}\n'


def read_records(file: Path) -> list[JudgeProbes]:
    """The records of the file; none where there is no file."""
    if not file.exists():
        return []
    try:
        plain: Any = json.loads(file.read_text(encoding="utf-8"))
        if plain["schema"] != 1:
            msg = f"schema {plain['schema']!r}"
            raise ValueError(msg)
        return [record_from(JudgeProbes, one) for one in plain["judges"]]
    except OSError as error:
        raise cannot_read(file, error) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        msg = f"{shown(file)}: not a probes.json of schema 1 ({one_line(str(error))}); delete it, and run `judgeaudit probe` again"
        raise InputError(msg) from None
