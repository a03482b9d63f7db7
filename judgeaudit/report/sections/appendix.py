"""The end of the page: disagreements, what could not be computed, limits, methods, provenance."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from judgeaudit.domain.catalogue.statistics import STATISTICS
from judgeaudit.domain.results.audit import Finding
from judgeaudit.domain.results.questions import Disagreement, InputRecord
from judgeaudit.report.content.document import (
    Block,
    Bullets,
    Case,
    Cases,
    Cell,
    Code,
    Column,
    Fold,
    Line,
    Passage,
    Run,
    Section,
    Table,
    figures,
    line,
    measured,
    paragraph,
    quiet,
    strong,
    words,
)
from judgeaudit.report.content.view import Asked, View
from judgeaudit.report.sections.scores import per_question
from judgeaudit.report.words.codes import listed, plural, reason
from judgeaudit.report.words.methods import method
from judgeaudit.report.words.numbers import count, cut, is_outside, percent
from judgeaudit.report.words.statistics import Words, statistic

CASES = 40
PASSAGE = 700


def disagreement_section(view: View) -> Section:
    blocks = per_question(view, _disagreements) if view.result.disagreements else ()
    told = blocks or (paragraph("The audit holds no disagreement of a judge with the reference."),)
    return Section(anchor="disagreements", title="Where judge and reference differ: read them", blocks=told)


def _disagreements(view: View, asked: Asked) -> list[Block]:
    rows = [one for one in view.result.disagreements if one.question == asked.name]
    if not rows:
        return []
    shown = rows if view.full else _of_every_judge(rows, CASES)
    groups = tuple(dict.fromkeys(asked.called(one.judge) for one in shown))
    cases = Cases(groups=groups, cases=tuple(_case(asked, one, groups) for one in shown))
    more = len(rows) - len(shown)
    return [cases, paragraph(f"{plural(more, 'more disagreement')} in audit.json.")] if more else [cases]


def _of_every_judge(rows: list[Disagreement], most: int) -> list[Disagreement]:
    """The first rows of each judge, as many of each as there is room for, in their order."""
    seen: Counter[str] = Counter()
    turn = []
    for row in rows:
        turn.append(seen[row.judge])
        seen[row.judge] += 1
    kept = set(sorted(range(len(rows)), key=lambda at: (turn[at], at))[:most])
    return [row for at, row in enumerate(rows) if at in kept]


def _case(asked: Asked, one: Disagreement, groups: tuple[str, ...]) -> Case:
    judge = asked.called(one.judge)
    said = "gave no answer" if one.verdict in (None, "") else f"said {one.verdict}"
    parts: list[str | Run] = [strong(judge), f" {said}; reference {one.reference}"]
    if one.people:
        parts.append(quiet("; " + ", ".join(f"{who}: {label}" for who, label in one.people.items())))
    strata = [name for name in one.strata if name != "all"]
    if strata:
        parts.append(quiet(f"; {', '.join(strata)}"))
    texts = (("prompt", one.prompt, one.prompt_chars), ("response", one.response, one.response_chars))
    passages = tuple(_passage(title, text, whole) for title, text, whole in texts if text is not None)
    return Case(group=groups.index(judge), title=one.item_id, line=line(*parts), passages=passages)


def _passage(title: str, text: str, whole: int | None) -> Passage:
    """A text cut to fit; `whole` is its length before audit.json cut it."""
    length = len(text) if whole is None else whole
    if length <= PASSAGE:
        return Passage(title=title, text=text, note="" if text else "an empty text")
    return Passage(title=title, text=cut(text, PASSAGE), note=f"cut here: {length:,} characters in all")


def unrunnable_section(view: View) -> Section:
    blocks = per_question(view, _unrunnable)
    told = blocks or (paragraph("Every statistic that was tried has a value."),)
    return Section(anchor="undefined", title="What could not be computed, and why", blocks=told)


def _unrunnable(view: View, asked: Asked) -> list[Block]:
    grouped: dict[str, list[Finding]] = defaultdict(list)
    for finding in view.findings(asked):
        if finding.value is None:
            grouped[finding.undefined or ""].append(finding)
    if not grouped:
        return []
    rows = tuple(_undefined_row(asked, code, grouped[code]) for code in sorted(grouped))
    columns = (
        Column(title="why"),
        Column(title="statistics"),
        Column(title="of"),
        Column(title="in"),
        Column(title="values", numeric=True),
    )
    return [Table(caption="Values that do not exist; none of them was taken as 0", columns=columns, rows=rows)]


def _undefined_row(asked: Asked, code: str, found: list[Finding]) -> tuple[Cell, ...]:
    return (
        words(reason(code), under=code),
        words(_some(dict.fromkeys(one.statistic for one in found))),
        words(_some(dict.fromkeys(asked.called(one.subject) for one in found))),
        words(_some(dict.fromkeys(one.stratum for one in found))),
        figures(count(len(found))),
    )


def _some(names: Mapping[str, None], limit: int = 8) -> str:
    listed_names = list(names)
    more = len(listed_names) - limit
    return ", ".join(listed_names[:limit]) + (f" and {more} more" if more > 0 else "")


def limits_section(view: View) -> Section:
    return Section(anchor="limits", title="Limits", blocks=(Bullets(lines=tuple(_limits(view))),))


def _limits(view: View) -> list[Line]:
    counts = view.result.counts
    found = [
        line(
            f"An interval speaks of more items like these {count(counts.items)}: prompts of the same source, "
            "the same models, the same guideline. It does not speak of other data, nor of a judge whose model or "
            "prompt has changed since."
        ),
        line(
            "The reference is what the raters said under their guideline; where they share an error, so does this page."
        ),
    ]
    if not view.by_people:
        found.insert(0, line(strong(view.source.banner), f". {view.source.explanation}"))
    left = view.result.options.get("leave_out") or {}
    if left:
        told = listed([f"{rater} ({plural(n, 'annotation')})" for rater, n in left.items()])
        found.append(line(f"Left out by leave_out in study.toml, and in no number of this page: {told}."))
    ties = counts.reference_ties
    if ties:
        found.append(line(f"{plural(ties, 'item')} had no reference, because the raters tied; no judge is held to it."))
    raters = counts.raters
    if raters == 1:
        found.append(line("One rater only: nothing is known about how far raters agree with each other."))
    if raters == 2:
        found.append(line("Two raters only: a left-out rater cannot be compared with the judge."))
    found.append(line("Many numbers stand on this page; a single one that looks striking may do so by chance."))
    return found


_OUTSIDE = (
    "A value marked † is that of the items seen; its interval, from a posterior or a bootstrap, is where the value of more such "
    "items lies. At an edge, as where all labels agree, it ends short of the value itself."
)


def methods_section(view: View) -> Section:
    tests = _first_words(method(c.test) for c in view.result.contrasts if c.test)
    references = dict.fromkeys(asked.reference for asked in view.questions if asked.reference)
    blocks: list[Block] = []
    if references:
        blocks.append(paragraph(f"The reference is made by this rule: {listed(list(references))}."))
    blocks += _intervals(view)
    if tests:
        blocks.extend((paragraph("Differences were tested by:"), Bullets(lines=tuple(_entry(one) for one in tests))))
    raw = sorted({finding.method for finding in view.result.findings if finding.method})
    if raw:
        blocks.append(paragraph("As the audit names them: ", quiet("; ".join(raw)), "."))
    return Section(anchor="methods", title="Methods", blocks=(*blocks, *_glossary(view)))


def _intervals(view: View) -> list[Block]:
    """Where intervals come from, and what a value outside its own means."""
    used = _first_words(method(f.method) for f in view.result.findings if f.method)
    lines = tuple(_entry(one) for one in used) or (line("no interval was computed"),)
    told = paragraph(f"Intervals are {percent(view.result.level)} and come from:")
    outside = any(is_outside(finding) for finding in view.result.findings)
    return [told, Bullets(lines=lines), *([paragraph(_OUTSIDE)] if outside else [])]


def _glossary(view: View) -> list[Block]:
    """Every statistic that was tried, folded."""
    tried = {finding.statistic for finding in view.result.findings}
    rows = tuple(
        (words(one.title, under=name), words(one.says), words(one.citation))
        for name, one in STATISTICS.items()
        if name in tried
    )
    if not rows:
        return []
    columns = (Column(title="statistic"), Column(title="says"), Column(title="published"))
    table = Table(caption="Every statistic that was computed", columns=columns, rows=rows)
    return [Fold(summary="Glossary of statistics", blocks=(table,))]


def _first_words(found: Iterable[Words]) -> list[Words]:
    return list(dict.fromkeys(found))


def _entry(one: Words) -> Line:
    told = f": {one.says}" if one.says else ""
    return line(strong(one.title), told, quiet(f" {one.cite}.")) if one.cite else line(strong(one.title), told)


def provenance_section(view: View) -> Section:
    result = view.result
    facts = {
        "made at": result.created_at,
        "judgeaudit": result.judgeaudit,
        **{name: version for name, version in result.versions.items() if name != "judgeaudit"},
        "seed": str(result.seed),
        "level": f"{result.level:g}",
        "label source": result.label_source,
    }
    blocks: list[Block] = [_inputs(result.inputs)] if result.inputs else []
    blocks.append(_pairs_table("This audit", facts))
    if result.options:
        table = _pairs_table("Options", {key: _plain(value) for key, value in result.options.items()})
        blocks.append(Fold(summary="Every option", blocks=(table,)))
    if result.command:
        blocks.extend((paragraph("The same numbers again:"), Code(text=result.command)))
    return Section(anchor="provenance", title="Provenance", blocks=tuple(blocks))


def _inputs(inputs: Mapping[str, InputRecord]) -> Table:
    rows = tuple(
        (words(name), Cell(text=one.sha256, code=True), figures(count(one.rows))) for name, one in inputs.items()
    )
    columns = (Column(title="file"), Column(title="sha256"), Column(title="rows", numeric=True))
    return Table(caption="What was read", columns=columns, rows=rows)


def _pairs_table(caption: str, facts: Mapping[str, str]) -> Table:
    rows = tuple((words(name), words(value)) for name, value in facts.items())
    return Table(caption=caption, columns=(Column(title="what"), Column(title="value")), rows=rows)


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def everything_section(view: View) -> Section | None:
    """Every finding of the audit, by stratum; None unless the full page is wanted."""
    blocks = per_question(view, _everything) if view.full else ()
    return Section(anchor="everything", title="Every statistic", blocks=blocks) if blocks else None


def _everything(view: View, asked: Asked) -> list[Block]:
    columns = (
        Column(title="who"),
        Column(title="versus"),
        Column(title="statistic"),
        Column(title="value", numeric=True),
        Column(title="method"),
    )
    blocks: list[Block] = []
    for stratum in view.strata(asked):
        rows = tuple(_finding_row(asked, one) for one in view.findings(asked) if one.stratum == stratum)
        table = Table(caption=f"Every finding in {stratum}", columns=columns, rows=rows)
        blocks.append(Fold(summary=f"{stratum}: {plural(len(rows), 'finding')}", blocks=(table,)))
    return blocks


def _finding_row(asked: Asked, one: Finding) -> tuple[Cell, ...]:
    return (
        words(asked.called(one.subject)),
        words(one.versus),
        words(statistic(one.statistic).title, under=one.statistic),
        measured(one),
        words(one.method),
    )
