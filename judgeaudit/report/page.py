"""The whole page, as data."""

from __future__ import annotations

from judgeaudit.domain.results import AuditResult
from judgeaudit.report.calibration import calibration_section
from judgeaudit.report.checkpoints import checkpoints_section
from judgeaudit.report.crowd import contrast_section, people_section
from judgeaudit.report.degraded import degraded_section
from judgeaudit.report.document import Document
from judgeaudit.report.doubts import unanswered_section
from judgeaudit.report.ends import (
    disagreement_section,
    everything_section,
    limits_section,
    methods_section,
    provenance_section,
    unrunnable_section,
)
from judgeaudit.report.first import decision_section
from judgeaudit.report.format import percent
from judgeaudit.report.probes import probes_section
from judgeaudit.report.raters import raters_section
from judgeaudit.report.recognised import recognised_section
from judgeaudit.report.reference_rules import reference_section
from judgeaudit.report.replacement import replacement_section
from judgeaudit.report.required import requirement_section
from judgeaudit.report.right_rate import right_rate_section
from judgeaudit.report.scores import (
    confusion_section,
    flow_section,
    scorecard_section,
    strata_section,
)
from judgeaudit.report.services import services_section
from judgeaudit.report.steadiness import steadiness_section
from judgeaudit.report.strata_apart import strata_apart_section
from judgeaudit.report.versus import versus_section
from judgeaudit.report.view import View, view_of, whole
from judgeaudit.report.words import listed, one_of, plural

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
        n = whole(counts, key)
        if n is not None and not (key == "clusters" and n == whole(counts, "items")):
            parts.append(plural(int(n), noun, view.crowd if key == "raters" else ""))
    return " · ".join([*parts, f"{percent(view.result.level)} intervals"])
