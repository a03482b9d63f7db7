"""`label status`: how far a round is, how well people agree so far, and what is still wanted."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from judgeaudit.domain.errors import InputError
from judgeaudit.domain.labelling.tasks import MAIN
from judgeaudit.workflows.labelling.dispute import asked_questions
from judgeaudit.workflows.labelling.rows import label_rows

if TYPE_CHECKING:
    from judgeaudit.domain.results.audit import Finding
    from judgeaudit.labelling.progress import Progress

_SHOWN = ("krippendorff_alpha", "percent_agreement")


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReport:
    """Progress, and agreement so far: findings of people with people, by question; a reason where there is none yet."""

    progress: Progress
    agreement: tuple[Finding, ...]
    no_agreement: str

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        found = [asdict(one) for one in self.agreement]
        return {**asdict(self.progress), "agreement": found, "no_agreement": self.no_agreement}

    def lines(self) -> list[str]:
        """The same, to be read on a terminal."""
        from judgeaudit.labelling.progress_lines import progress_lines

        lines = progress_lines(self.progress)
        if self.no_agreement:
            return [*lines, f"agreement so far: {self.no_agreement}"]
        return [*lines, "agreement so far:", *(f"  {_said(one)}" for one in self.agreement)]


def status_of(study: Path, name: str) -> StatusReport:
    """From the plan, what was sent, and annotations.jsonl; the server is not asked."""
    found = progress_of(study, name)
    agreement, reason = _agreement(study) if name == MAIN else ((), "told of the main round alone")
    return StatusReport(progress=found, agreement=agreement, no_agreement=reason)


def progress_of(study: Path, name: str) -> Progress:
    """How far a round is, without agreement."""
    from judgeaudit.labelling.progress import progress
    from judgeaudit.storage.config.read import read_study
    from judgeaudit.storage.labelling.rounds import RoundFolder

    config, folder = read_study(study), RoundFolder(study, name)
    tasks, project = folder.tasks(), folder.project()
    return progress(
        tasks,
        label_rows(study, config),
        questions=asked_questions(config),
        sent=set(folder.sent()),
        overlap=project.overlap if project else config.labelling.raters_per_item,
        now=datetime.now(UTC),
        round_name=name,
    )


def _agreement(study: Path) -> tuple[tuple[Finding, ...], str]:
    """People with people over all items, with intervals, as the audit computes it."""
    from judgeaudit.audit.agreement.people import people_findings
    from judgeaudit.audit.setting.context import make_context
    from judgeaudit.audit.setting.options import AuditOptions
    from judgeaudit.storage.files.study_files import find_table
    from judgeaudit.storage.study.load import load_study

    if find_table(study, "annotations") is None:
        return (), f"no labels yet; fetch them with `judgeaudit label pull {study}`"
    try:
        _, loaded = load_study(study, reference="majority")
    except InputError as error:
        return (), str(error)
    findings = [
        finding
        for ratings in loaded.ratings
        for finding in people_findings(make_context(ratings, AuditOptions()), "all")
        if finding.statistic in _SHOWN
    ]
    return tuple(sorted(findings, key=lambda one: (one.question, _SHOWN.index(one.statistic)))), ""


def _said(finding: Finding) -> str:
    name = f"{finding.question}: {finding.statistic}"
    if finding.value is None:
        return f"{name} cannot be told yet ({(finding.undefined or '').replace('_', ' ')})"
    interval = "" if finding.low is None or finding.high is None else f" [{finding.low:z.2f}, {finding.high:z.2f}]"
    return f"{name} {finding.value:z.2f}{interval}, {finding.n_items:,} items with two labels or more"
