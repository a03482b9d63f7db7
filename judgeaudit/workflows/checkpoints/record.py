"""compare.json beside an audit: whether it is about the study as it is, and the audit that shows it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from judgeaudit.workflows.checkpoints.comparison_object import COMPARISON, Comparison, read_comparison

if TYPE_CHECKING:
    from judgeaudit.workflows.auditing.audit_object import Audit

_STUDY = "study.toml"


def capability_of(folder: Path) -> dict[str, Path]:
    """The study's table of capability, under what it is; none where there is none."""
    from judgeaudit.storage.files.study_files import find_table

    file = find_table(folder, "capability")
    return {} if file is None else {f"the study's {file.name}": file}


def comparison_digests(folder: Path) -> dict[str, str]:
    """The tables that a comparison of this study would read: name -> sha256."""
    from judgeaudit.storage.files.write import sha256_file
    from judgeaudit.storage.study.load import table_digests

    return table_digests(folder) | {file.name: sha256_file(file) for file in capability_of(folder).values()}


def changed_since_comparison(made: Comparison, folder: Path) -> list[str]:
    """Names of the tables, and study.toml, that are not as the comparison read them; empty where it is up to date."""
    from judgeaudit.storage.config.read import read_study
    from judgeaudit.workflows.auditing.study_audit import fingerprint

    present = comparison_digests(folder)
    before = {name: known.sha256 for name, known in made.result.inputs.items() if name != _STUDY}
    changed = [name for name, known in before.items() if present.get(name) != known]
    if made.result.options.get("study_sha256") != fingerprint(read_study(folder), of_comparison=True):
        changed.append(_STUDY)
    return [*changed, *(f"{name} (new)" for name in present if name not in before)]


def with_comparison(audit: Audit, folder: Path) -> tuple[Audit, list[str]]:
    """The audit with the study's comparison for a report, and what changed since that was made; then a warning stands for it."""
    from judgeaudit.workflows.auditing.audit_object import Audit

    if not (folder / COMPARISON).exists() or not (folder / _STUDY).exists():
        return audit, []
    made = read_comparison(folder)
    changed = changed_since_comparison(made, folder)
    if changed:
        told = f"{', '.join(changed)} changed since checkpoints were compared, so the comparison is not shown"
        warning = f"{told}; run `judgeaudit compare`, then report again"
        shown = replace(audit.result, warnings=[*audit.result.warnings, warning])
    else:
        shown = replace(audit.result, comparison=made.result)
    return Audit(shown, join=audit.join, disagreements=audit.all_disagreements), changed
