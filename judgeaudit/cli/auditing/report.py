"""`judgeaudit report`: an audit as pages, with the probes and the comparison of its study where they are not out of date."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from judgeaudit.workflows.auditing.audit_object import Audit

Source = Annotated[Path, typer.Argument(metavar="STUDY|AUDIT.json", help="A study's folder, or an audit.json.")]


def report(
    source: Source = Path(),
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where to write (default: reports/ beside the audit).")
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Every statistic.")] = False,
) -> None:
    """Writes report.html and report.md."""
    from judgeaudit.cli.shared.screen import out as say
    from judgeaudit.workflows.auditing.audit_object import read_audit, write_reports

    beside = source if source.is_dir() else source.parent
    for path in write_reports(
        _compared(_probed(read_audit(source), source), source), out or beside / "reports", full=all_
    ):
        say(str(path))
    if (source / "study.toml").exists():
        _hint_stale(source)


def _probed(audit: Audit, source: Path) -> Audit:
    """With the probes of a study's judges; those that are out of date are left out, which is said."""
    if not (source / "probes.json").exists():
        return audit
    from judgeaudit.cli.shared.screen import note
    from judgeaudit.domain.errors import InputError, one_line
    from judgeaudit.workflows.probes.record import with_probes

    try:
        audit, stale = with_probes(audit, source)
    except InputError as error:
        note(f"warning: the report shows no probes: {error}")
        return audit
    for judge in stale:
        told = f"the probes of judge '{one_line(judge)}' are out of date and not in the report"
        note(f"warning: {told}; run `judgeaudit probe {source}`")
    return audit


def _compared(audit: Audit, source: Path) -> Audit:
    """With the study's comparison of checkpoints; one that is out of date is left out, which is said."""
    if not (source / "compare.json").exists():
        return audit
    from judgeaudit.cli.shared.screen import note
    from judgeaudit.domain.errors import InputError
    from judgeaudit.workflows.checkpoints.record import with_comparison

    try:
        audit, changed = with_comparison(audit, source)
    except InputError as error:
        note(f"warning: the report shows no comparison of checkpoints: {error}")
        return audit
    if changed:
        told = f"{', '.join(changed)} changed since checkpoints were compared, and the report does not show that"
        note(f"warning: {told}; run `judgeaudit compare {source}`")
    return audit


def _hint_stale(folder: Path) -> None:
    """A report shows what was audited, whatever the study holds now; that the two differ is said, and stops nothing."""
    from judgeaudit.cli.shared.screen import note
    from judgeaudit.domain.errors import InputError
    from judgeaudit.study import Study

    try:
        changed = Study(folder).changed_since_audit()
    except InputError as error:
        note(f"warning: the study cannot be read now, so this report may be out of date: {error}")
        return
    if changed:
        told = f"{', '.join(changed)} changed since the audit was made"
        note(f"warning: this report is out of date: {told}; run `judgeaudit audit {folder}`, then report again")
