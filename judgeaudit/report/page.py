"""The whole page, as data."""

from __future__ import annotations

from judgeaudit.domain.results.audit import AuditResult
from judgeaudit.report.checkpoints.section import checkpoints_section
from judgeaudit.report.content.document import Document
from judgeaudit.report.content.view import View, view_of
from judgeaudit.report.sections.appendix import (
    disagreement_section,
    everything_section,
    limits_section,
    methods_section,
    provenance_section,
    unrunnable_section,
)
from judgeaudit.report.sections.behaviour import services_section, steadiness_section, unanswered_section
from judgeaudit.report.sections.calibration import calibration_section
from judgeaudit.report.sections.corrected_rate import right_rate_section
from judgeaudit.report.sections.decision import decision_section
from judgeaudit.report.sections.degradation import degraded_section, recognised_section
from judgeaudit.report.sections.judge_pairs import versus_section
from judgeaudit.report.sections.people.agreement import contrast_section, people_section
from judgeaudit.report.sections.people.raters import raters_section
from judgeaudit.report.sections.people.reference_rules import reference_section
from judgeaudit.report.sections.people.replacement import replacement_section
from judgeaudit.report.sections.probes import probes_section
from judgeaudit.report.sections.requirements import requirement_section
from judgeaudit.report.sections.scores import (
    confusion_section,
    flow_section,
    scorecard_section,
    strata_section,
)
from judgeaudit.report.sections.strata_apart import strata_apart_section
from judgeaudit.report.words.codes import listed, one_of, plural
from judgeaudit.report.words.numbers import percent

SECTIONS = (
    decision_section,
    flow_section,
    scorecard_section,
    unanswered_section,
    steadiness_section,
    versus_section,
    strata_section,
    strata_apart_section,
    degraded_section,
    recognised_section,
    requirement_section,
    reference_section,
    confusion_section,
    people_section,
    replacement_section,
    raters_section,
    right_rate_section,
    calibration_section,
    contrast_section,
    probes_section,
    checkpoints_section,
    disagreement_section,
    services_section,
    unrunnable_section,
    limits_section,
    methods_section,
    provenance_section,
    everything_section,
)


def build_document(result: AuditResult, *, full: bool = False) -> Document:
    """The page of an audit. `full` adds every finding; without it the page keeps to what a reader needs to decide."""
    view = view_of(result, full=full)
    sections = [section for build in SECTIONS if (section := build(view)) is not None]
    return Document(
        title=result.name or "Audit of automated judges",
        subtitle=_subtitle(view),
        banner=view.source.banner,
        banner_text=view.source.explanation,
        sections=tuple(section for section in sections if section.blocks),
        footer=f"judgeaudit {result.judgeaudit}. Every number on this page stands in {_files(result)}.",
    )


def _files(result: AuditResult) -> str:
    others = (("probes.json", result.probes), ("compare.json", result.comparison))
    return listed(["audit.json", *(name for name, held in others if held)], "or")


def _subtitle(view: View) -> str:
    """What was held against what: items, raters, judges, level."""
    counts = view.result.counts
    parts = ["Agreement of automated judges with people" if view.by_people else "Agreement of automated judges"]
    nouns = {"items": "item", "clusters": "cluster", "raters": one_of(view.crowd), "judges": "judge"}
    for key, noun in nouns.items():
        n = getattr(counts, key)
        if not (key == "clusters" and n == counts.items):
            parts.append(plural(n, noun, view.crowd if key == "raters" else ""))
    return " · ".join([*parts, f"{percent(view.result.level)} intervals"])
