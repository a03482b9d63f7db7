"""The demo: simulate, audit, report, gate; every step says the command that does it on data of one's own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from judgeaudit.domain.errors import InputError

MARK = ".judgeaudit-demo"


def run_demo(out: Path, *, items: int, seed: int) -> None:
    """Writes a simulated study and its report to `out`; a demo that lies there is replaced, anything else is not."""
    from judgeaudit.cli.screen import out as say
    from judgeaudit.cli.screen import show_audit, working
    from judgeaudit.facade.audit import write_reports
    from judgeaudit.simulation.study import simulate_study
    from judgeaudit.storage.files import write_atomic
    from judgeaudit.study import Study

    study = out / "study"
    _refuse_foreign(out, study)
    with _fresh(study) as fresh:
        with working("simulating people and judges"):
            made = simulate_study(fresh, items=items, seed=seed)
        write_atomic(out / MARK, "made by judgeaudit demo; the next demo replaces what lies here\n")
    say(f"SIMULATED: {made.items:,} outputs, labels and verdicts are drawn by a program; no person labelled anything.")
    say("What was planted in each judge is in truth.json; see whether the audit finds it.")
    say()
    with working("auditing"):
        audit = Study(study).audit(command=f"judgeaudit audit {study}")
    show_audit(audit, full=False)
    paths = write_reports(audit, out)
    decisions = Study(study).gate()
    say()
    say(f"report: {paths[0]} (and {paths[1].name})")
    say(f"gate: `judgeaudit gate {study}` ends with exit code {decisions.exit_code}")
    say("Next, on a table of your own: judgeaudit audit labels.csv --human ann,bob --judge gpt --labels safe,unsafe")


def _refuse_foreign(out: Path, study: Path) -> None:
    there = next(path for path in (out, *out.absolute().parents) if path.exists())
    if not there.is_dir():
        msg = f"{there} is a file; name a folder with --out"
        raise InputError(msg)
    if study.exists() and not (out / MARK).exists():
        msg = f"{study} is there and was not made by the demo; name another folder with --out"
        raise InputError(msg)


@contextmanager
def _fresh(study: Path) -> Iterator[Path]:
    """A folder that takes the place of `study` once it is whole; until then, and on any error, `study` stays as it was."""
    fresh = study.with_name(f".{study.name}.{os.getpid()}.tmp")
    try:
        yield fresh
        if study.exists():
            shutil.rmtree(study)
        fresh.rename(study)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
