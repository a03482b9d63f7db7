"""How the decisions would change if the reference were made from the same labels by another rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from judgeaudit.report.content.document import Block, Cell, Column, Mark, Section, Table, paragraph, words
from judgeaudit.report.content.view import Asked, View, texts, whole
from judgeaudit.report.sections.scores import per_question, plain_interval
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
    records = [one for one in view.result.reference_rules if one.get("question") == asked.name]
    if not records:
        return []
    rules = list(dict.fromkeys(str(one.get("rule", "")) for one in records))
    judges = list(dict.fromkeys(str(one.get("judge", "")) for one in records))
    known = {(str(one.get("judge", "")), str(one.get("rule", ""))): one for one in records}
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


def _held(plain: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    return str(plain.get("decision", "")), texts(plain, "scope")


def _under(records: list[dict[str, Any]], rule: str) -> str:
    one = next(record for record in records if record.get("rule") == rule)
    told = [plural(int(whole(one, "n_items") or 0), "item")]
    ties = int(whole(one, "ties") or 0)
    if ties:
        told.append(plural(ties, "tie"))
    same = whole(one, "same_labels")
    if one.get("used"):
        told.append("used here")
    elif same is not None:
        told.append(f"same: {percent(same)}")
    return ", ".join(told)


def _cell(plain: Mapping[str, Any] | None) -> Cell:
    if plain is None:
        return words("–")
    decision, scope = _held(plain)
    badge = DECISIONS.get(decision, decision)
    if decision == "restricted":
        badge = f"{badge} {listed(scope)}" if scope else CORRECTED
    return words(badge, under=plain_interval(plain), mark=_MARKS.get(decision, ""))
