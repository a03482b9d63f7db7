"""The sentence that stands first, from the audit's record of it and the findings that it names."""

from __future__ import annotations

from judgeaudit.domain.results.audit import AuditResult, Finding
from judgeaudit.domain.results.questions import Headline, StratumRecord
from judgeaudit.report.content.view import Asked, View, view_of
from judgeaudit.report.words.codes import plural, quoted
from judgeaudit.report.words.numbers import count, p_value, percent_interval

#: above this the rise that is told may be chance, and the sentence says so
CHANCE = 0.05
_WRONG = "error_rate"


def headline_of(result: AuditResult) -> str:
    """The audit's first sentence, and a second one where chance could explain it; empty where the audit has none."""
    return headline_sentence(view_of(result, full=False))


def headline_sentence(view: View) -> str:
    """Which judge is wrong more often on gibberish, how often, and how often elsewhere; of which question where there are several."""
    record = view.result.headline
    asked = next((one for one in view.questions if record is not None and one.name == record.question), None)
    if record is None or asked is None:
        return ""
    judge, statistic = record.judge, record.statistic
    finding = "percent_agreement" if statistic == _WRONG else statistic
    here = view.find(asked, judge, finding, stratum=record.stratum, versus="reference")
    there = view.find(asked, judge, finding, stratum=record.against, versus="reference")
    if here is None or there is None:
        return ""
    of = f"{asked.name}: " if len(view.questions) > 1 else ""
    return f"{of}{_told(view, asked, record, here, there)}{_chance(record)}"


def _told(view: View, asked: Asked, record: Headline, here: Finding, there: Finding) -> str:
    judge, statistic = record.judge, record.statistic
    these, those = _called(view, here.stratum), _called(view, there.stratum)
    rates = percent_interval(here), percent_interval(there)
    # weights are no number of outputs, so none is told where they differ
    sizes = ("", "those ") if asked.weighted else (f"{_size(here)} ", f"{_size(there)} ")
    if statistic == _WRONG:
        first = f"{judge} agreed with the reference on {rates[0]} of {sizes[0]}outputs {these}"
        return f"{first}, and on {rates[1]} of {sizes[1]}{those}."
    first = f"{judge} called {rates[0]} of {sizes[0]}outputs {these} {quoted(asked.positive)}"
    one = "person" if view.by_people else "rater"
    unseen = record.seen_by_rater is False
    nobody = f"; no {one} called any of {'the ' + sizes[0].strip() if sizes[0] else 'the former'} so" if unseen else ""
    return f"{first}, and {rates[1]} of {sizes[1]}{those}{nobody}."


def _called(view: View, stratum: str) -> str:
    """How outputs of a level are spoken of: `labelled gibberish` where labels say so, else by their column."""
    by_label = view.result.strata.get(stratum, StratumRecord()).source == "label"
    return f"labelled {stratum.partition('=')[2]}" if by_label else f"with {stratum}"


def _size(finding: Finding) -> str:
    return count(finding.n_items if finding.n is None else finding.n)


def _chance(record: Headline) -> str:
    """A sentence where the rise (of agreement: the fall) is not beyond what chance makes among so many judges."""
    p = record.p_adjusted
    if p is None or p <= CHANCE:
        return ""
    what = "fall" if record.statistic == _WRONG else "rise"
    return f" The {what} may be chance (p {p_value(p)}, adjusted for {plural(record.tested, 'judge')})."
