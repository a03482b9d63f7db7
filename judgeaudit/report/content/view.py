"""An audit, indexed for picking. Nothing here makes a number; it only finds the ones that the audit holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from judgeaudit.domain.results.audit import AuditResult, Decision, Finding
from judgeaudit.domain.results.questions import QuestionRecord
from judgeaudit.report.words.codes import SOURCES, Source, source
from judgeaudit.text.signals import SIGNAL_SUBJECT

HUMANS = "humans"
ALL = "all"
FRONT = (
    "cohen_kappa",
    "percent_agreement",
    "sensitivity",
    "specificity",
    "matthews_corrcoef",
    "gwet_ac1",
    "krippendorff_alpha",
    "coverage",
    "prevalence_judge",
    "leave_one_out_delta",
)
_Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question as the audit describes it, with defaults for what an older audit does not say."""

    name: str
    text: str
    scale: str
    labels: tuple[str, ...]
    positive: tuple[str, ...]
    reference: str
    people: tuple[str, ...]
    judges: tuple[str, ...]
    baselines: dict[str, str]
    head: str
    front: tuple[str, ...]
    weighted: bool

    @property
    def binary(self) -> bool:
        return bool(self.positive)

    def called(self, subject: str) -> str:
        """How a subject is named on the page."""
        if subject in self.baselines:
            kind = subject.removeprefix("baseline:").replace("_", " ")
            return f"baseline {self.baselines[subject]} ({kind})"
        return subject.replace("signal:", "signal ") if subject == SIGNAL_SUBJECT else subject

    def briefly(self, subject: str) -> str:
        """How a subject is named where its being a baseline is shown by other means."""
        return self.called(subject).removeprefix("baseline ") if subject in self.baselines else subject


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """An audit with its findings indexed."""

    result: AuditResult
    full: bool
    questions: tuple[Asked, ...]
    index: Mapping[_Key, tuple[Finding, ...]]

    def find(
        self, asked: Asked, subject: str, statistic: str, *, stratum: str = ALL, versus: str | None = None
    ) -> Finding | None:
        """The finding, or None; without `versus` first the one against the reference, then the one against people."""
        rows = self.index.get((asked.name, stratum, subject, statistic), ())
        if versus is not None:
            return next((row for row in rows if row.versus == versus), None)
        order = {"reference": 0, HUMANS: 1}
        return min(rows, key=lambda row: order.get(row.versus, 2), default=None)

    def findings(self, asked: Asked) -> Iterable[Finding]:
        return (finding for finding in self.result.findings if finding.question == asked.name)

    def decisions(self, asked: Asked) -> list[Decision]:
        """The decisions about a question; required judges first, baselines last, else in the audit's order."""
        mine = [decision for decision in self.result.decisions if decision.question == asked.name]
        return sorted(mine, key=lambda decision: (decision.baseline, not decision.required))

    def strata(self, asked: Asked) -> list[str]:
        """The strata in which something was found for this question, `all` first."""
        seen = dict.fromkeys(finding.stratum for finding in self.findings(asked) if finding.subject != SIGNAL_SUBJECT)
        declared = [name for name in self.result.strata if name in seen]
        names = [*declared, *(name for name in seen if name not in self.result.strata)]
        return sorted(names, key=lambda name: name != ALL)

    def is_baseline(self, asked: Asked, judge: str) -> bool:
        return judge in asked.baselines or any(d.judge == judge and d.baseline for d in self.decisions(asked))

    @property
    def warnings(self) -> tuple[str, ...]:
        """Everything to be read before a number: what the policy passes over first."""
        return (*self.result.policy.warnings, *self.result.warnings)

    @property
    def source(self) -> Source:
        return source(self.result.label_source)

    @property
    def crowd(self) -> str:
        """`people`, or what stands in for them."""
        return self.source.crowd

    @property
    def by_people(self) -> bool:
        return self.source is SOURCES["people"]

    @property
    def one_question(self) -> bool:
        return len(self.questions) == 1


def view_of(result: AuditResult, *, full: bool) -> View:
    """The audit with its index."""
    rows: dict[_Key, list[Finding]] = defaultdict(list)
    for finding in result.findings:
        rows[(finding.question, finding.stratum, finding.subject, finding.statistic)].append(finding)
    described = {one.name: one for one in result.questions}
    names = dict.fromkeys([*described, *(f.question for f in result.findings), *(d.question for d in result.decisions)])
    questions = tuple(_asked(name, described.get(name), result) for name in names)
    return View(result=result, full=full, questions=questions, index={key: tuple(found) for key, found in rows.items()})


def _asked(name: str, known: QuestionRecord | None, result: AuditResult) -> Asked:
    if known is None:
        judges = dict.fromkeys(d.judge for d in result.decisions if d.question == name and d.judge is not None)
        known = QuestionRecord(name=name, scale="nominal", labels=[], positive=[], judges=list(judges))
    front = tuple(known.front) or FRONT
    return Asked(
        name=name,
        text=known.text,
        scale=known.scale,
        labels=tuple(known.labels),
        positive=tuple(known.positive),
        reference=known.reference,
        people=tuple(known.people),
        judges=tuple(known.judges),
        baselines=dict(known.baselines),
        head=known.head or front[0],
        front=front,
        weighted=known.weighted,
    )


def texts(plain: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """A list of texts in a plain record; empty where it is absent."""
    return tuple(str(one) for one in plain.get(key) or ())


def whole(plain: Mapping[str, Any], key: str) -> float | None:
    """A number in a plain record; None where it is absent."""
    value = plain.get(key)
    return value if isinstance(value, int | float) else None


def part(plain: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """A record within a plain record; empty where it is absent."""
    found = plain.get(key)
    return found if isinstance(found, Mapping) else {}
