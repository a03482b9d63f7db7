"""How the decisions would change if the reference were made from the same labels by another rule."""

from __future__ import annotations

from judgeaudit.domain.results.people import ReferenceRule
from judgeaudit.report.content.document import Block, Cell, Column, Mark, Section, Table, paragraph, words
from judgeaudit.report.content.view import Asked, View
from judgeaudit.report.sections.scores import part_interval, per_question
from judgeaudit.report.words.codes import CORRECTED, DECISIONS, listed, plural
from judgeaudit.report.words.numbers import percent
from judgeaudit.report.words.statistics import statistic

RULES = {
    "majority": "majority",
    "median": "median",
    "dawid-skene": "Dawid–Skene",
    "each": "each label by itself",
    "adjudicated": "adjudicated",
}
_MARKS: dict[str, Mark] = {name: name for name in ("certified", "restricted", "rejected", "undetermined")}


def reference_section(view: View) -> Section | None:
    """None where the labels allow one reference only, or the policy was changed after the audit."""
    blocks = per_question(view, _rules)
    if not blocks:
        return None
    return Section(anchor="reference-rules", title="If the reference were made otherwise", blocks=blocks)


def _rules(view: View, asked: Asked) -> list[Block]:
    records = [one for one in view.result.reference_rules if one.question == asked.name]
    if not records:
        return []
    rules = list(dict.fromkeys(one.rule for one in records))
    judges = list(dict.fromkeys(one.judge for one in records))
    known = {(one.judge, one.rule): one for one in records}
    turned = [
        judge for judge in judges if len({_held(known[judge, rule]) for rule in rules if (judge, rule) in known}) > 1
    ]
    if turned:
        said = f"The decision about {listed(turned)} depends on the rule by which the labels become a reference."
    else:
        said = "No decision depends on the rule by which the labels become a reference."
    table = Table(
        caption=f"Decision under each rule, and {statistic(asked.head).title} in all items",
        columns=(
            Column(title="judge"),
            *(Column(title=_called(rule), under=_under(records, rule)) for rule in rules),
        ),
        rows=tuple((words(judge), *(_cell(known.get((judge, rule))) for rule in rules)) for judge in judges),
        note=(
            "Under “each label by itself” a judge is held against every single label, so that it can be no better than the "
            f"{view.crowd} are among themselves. Same: share of items to which this rule and the used one give the same label."
        ),
    )
    return [paragraph(said), table]


def _called(rule: str) -> str:
    return RULES.get(rule, rule)


def _held(one: ReferenceRule) -> tuple[str, tuple[str, ...]]:
    return one.decision, tuple(one.scope)


def _under(records: list[ReferenceRule], rule: str) -> str:
    one = next(record for record in records if record.rule == rule)
    told = [plural(one.n_items, "item")]
    if one.ties:
        told.append(plural(one.ties, "tie"))
    if one.used:
        told.append("used here")
    elif one.same_labels is not None:
        told.append(f"same: {percent(one.same_labels)}")
    return ", ".join(told)


def _cell(plain: ReferenceRule | None) -> Cell:
    if plain is None:
        return words("–")
    decision, scope = _held(plain)
    badge = DECISIONS.get(decision, decision)
    if decision == "restricted":
        badge = f"{badge} {listed(scope)}" if scope else CORRECTED
    return words(badge, under=part_interval(plain), mark=_MARKS.get(decision, ""))
