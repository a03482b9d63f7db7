"""The demo: simulate, audit, report, gate; every step says the command that does it on data of one's own."""

from __future__ import annotations

import shutil
from pathlib import Path

from judgeaudit.domain.errors import InputError

MARK = ".judgeaudit-demo"


def run_demo(out: Path, *, items: int, seed: int) -> None:
    """Writes a simulated study and its report to `out`; a demo that lies there is replaced, anything else is not."""
    from judgeaudit.cli.screen import out as say
    from judgeaudit.cli.screen import show_audit, working
    from judgeaudit.simulation.study import simulate_study
    from judgeaudit.study import Study, write_reports

    study = out / "study"
    _make_room(out, study)
    with working("simulating people and judges"):
        made = simulate_study(study, items=items, seed=seed)
    (out / MARK).write_text("made by judgeaudit demo; the next demo replaces what lies here\n", encoding="utf-8")
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


def _make_room(out: Path, study: Path) -> None:
    if not study.exists():
        return
    if not (out / MARK).exists():
        msg = f"{study} is there and was not made by the demo; name another folder with --out"
        raise InputError(msg)
    shutil.rmtree(study)
