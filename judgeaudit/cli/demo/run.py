"""The demo on the embedded study: import, judge, audit, report, gate; every step stands under the command that does it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from judgeaudit.domain.errors import InputError

if TYPE_CHECKING:
    from judgeaudit.storage.importing.annotations import ImportReport
    from judgeaudit.workflows.auditing.audit_object import Audit
    from judgeaudit.workflows.judging.report import JudgeReport

MARK = ".judgeaudit-demo"
#: judges of the embedded study that run here; verdicts of the others are recorded
RULES = ("harm-words", "refusal-words", "gibberish-signals")


def run_demo(out: Path) -> None:
    """Copies the embedded study to `out`, audits it, and says first what was found; a demo that lies there is replaced."""
    from judgeaudit.cli.shared.screen import out as say
    from judgeaudit.cli.shared.screen import program, working
    from judgeaudit.report.sections.headline import headline_of
    from judgeaudit.report.words.codes import source
    from judgeaudit.study import Study
    from judgeaudit.workflows.auditing.audit_object import write_reports

    folder = out / "study"
    refuse_foreign(out, folder)
    with fresh(folder) as making:
        imported, judged = _made(making)
        mark(out)
    with working("auditing"):
        audit = Study(folder).audit(command=f"judgeaudit audit {quote(str(folder))}")
    paths = write_reports(audit, out)
    say(headline_of(audit.result))
    say(source(audit.result.label_source).explanation)
    say()
    _say_steps(folder, imported, judged, audit)
    where = quote(str(out))
    say(f"$ judgeaudit report {quote(str(folder))} --out {where}")
    for path in paths:
        say(str(path))
    say()
    say(f"Be the first person to label some of these outputs: {program()} demo --label{_given(out)}")
    say(f"On a table of your own: {program()} audit labels.csv --human ann,bob --judge gpt --labels safe,unsafe")


def _made(folder: Path) -> tuple[ImportReport, list[JudgeReport]]:
    """The study with its labels imported and its rules run, by what the commands of these names call."""
    from judgeaudit.cli.shared.screen import working
    from judgeaudit.storage.study.embedded import EXPORT, embedded_study
    from judgeaudit.study import Study

    embedded_study(folder)
    study = Study(folder)
    with working("importing labels"):
        imported = study.import_label_studio(folder / EXPORT)
    with working("running the rules"):
        judged = study.judge(*RULES)
    return imported, judged


def _say_steps(folder: Path, imported: ImportReport, judged: list[JudgeReport], audit: Audit) -> None:
    from judgeaudit.cli.auditing.gate import decision_line
    from judgeaudit.cli.judging.judge import say_run
    from judgeaudit.cli.shared.screen import out as say
    from judgeaudit.cli.studies.importing import show_import
    from judgeaudit.storage.study.embedded import EXPORT
    from judgeaudit.workflows.auditing.gate import decisions_of

    where, export = quote(str(folder)), folder / EXPORT
    say(f"$ judgeaudit import label-studio {quote(str(export))} {where}")
    show_import(imported, export)
    say(f"$ judgeaudit judge {where} {' '.join(f'--judge {name}' for name in RULES)}")
    for report in judged:
        say_run(report, batch=False)
    say(f"$ judgeaudit audit {where}")
    for line in audit.join:
        say(line)
    say(f"$ judgeaudit gate {where}")
    decisions = decisions_of(audit)
    for one in decisions:
        say(decision_line(one))
    say(f"exit code {decisions.exit_code}; labels that no person gave certify no judge, whatever it does")


def _given(out: Path) -> str:
    return "" if out == Path("demo-report") else f" --out {quote(str(out))}"


def mark(out: Path) -> None:
    """From now on a demo may replace what a demo made here."""
    from judgeaudit.storage.files.write import write_atomic

    write_atomic(
        out / MARK, "made by judgeaudit demo; the next demo replaces study/ and the report, and keeps labels/\n"
    )


def refuse_foreign(out: Path, study: Path) -> None:
    """An InputError where `out` is no folder, or `study` in it was not made by a demo."""
    there = next(path for path in (out, *out.absolute().parents) if path.exists())
    if not there.is_dir():
        msg = f"{there} is a file; name a folder with --out"
        raise InputError(msg)
    if study.exists() and not (out / MARK).exists():
        msg = f"{study} is there and was not made by the demo; name another folder with --out"
        raise InputError(msg)


@contextmanager
def fresh(study: Path) -> Iterator[Path]:
    """A folder that takes the place of `study` once it is whole; until then, and on any error, `study` stays as it was."""
    making = study.with_name(f".{study.name}.{os.getpid()}.tmp")
    try:
        yield making
        if study.exists():
            shutil.rmtree(study)
        making.rename(study)
    finally:
        shutil.rmtree(making, ignore_errors=True)
