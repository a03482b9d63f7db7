"""A comparison of checkpoints on a terminal: the goal, who stands where, what is concluded, and what it hangs on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from judgeaudit.report.format import visible

_REACHED = {
    "point": "reached by its score",
    "lower_bound": "reached by the lower bound of its score",
    "interpolated": "interpolated between checkpoints",
}
_CONCLUDED = {"higher": "higher", "lower": "lower", "open": "not decided"}
LAST = "last"
#: notes and analyses that stand on the screen without --all
_SHORT = 12


def screen_text(comparison: Mapping[str, Any], *, full: bool = False) -> str:
    """What compare.json says, given as a plain dict; `full` lists every note and every judge's own primary contrast."""
    lines = [*_goal(comparison), "", *_methods(comparison)]
    for about in comparison["questions"]:
        lines += ["", *_question(comparison, about, full=full)]
    lines += ["", *_notes(comparison, full=full)]
    return "\n".join(visible(line) for line in lines).rstrip() + "\n"


def _goal(comparison: Mapping[str, Any]) -> Iterator[str]:
    goal = comparison["goal"]
    tasks = ", ".join(f"{one['task']} {one['goal']:g}" for one in goal["tasks"])
    yield f"goal: {tasks}, {_REACHED[goal['reach']]}, tolerance {goal['tolerance']:g}; baseline {comparison['baseline']}"
    declared = {True: "as declared in study.toml", False: "NOT as declared in study.toml"}.get(goal.get("declared"), "")
    yield f"  sha256 of the goal {goal['sha256'][:16]}…{f', {declared}' if declared else ''}"


def _methods(comparison: Mapping[str, Any]) -> Iterator[str]:
    """Each method's checkpoint by the rule that stands first, or why there is none."""
    anchors = comparison["anchors"]
    first = [one for one in anchors if one["rule"] == anchors[0]["rule"]]
    width = max(len(one["method"]) for one in first)
    yield "methods at the goal"
    for one in first:
        if not one["parts"]:
            yield f"  {one['method']:<{width}}  not comparable: {one['sentence']}"
            continue
        several = len(one["parts"]) > 1
        parts = [f"{part['checkpoint']}{_share(part['weight']) if several else ''}" for part in one["parts"]]
        scores = ", ".join(f"{each['task']} {_number(each['score'])}" for each in one["capability"])
        yield f"  {one['method']:<{width}}  {' and '.join(parts)}{f' ({scores})' if scores else ''}"


def _question(comparison: Mapping[str, Any], about: Mapping[str, Any], *, full: bool) -> Iterator[str]:
    name, primary = about["name"], about["primary"]
    if primary is None:
        yield f"{name}: no judge gave a verdict"
        return
    by = "judge alone" if primary["reference"] == "none" else f"corrected by labels ({primary['reference']})"
    yield f"{name}: share {about['positive']} by {primary['judge']}, {by}, gibberish {_treatment(primary['treatment'])}"
    mine = [one for one in comparison["contrasts"] if one["question"] == name]
    first = [one for one in mine if one["primary"]]
    for one in first if full else first[:_SHORT]:
        yield f"  {one['a']} against {one['b']}: {_contrast(one)}"
        last = next((each for each in mine if _same_but_last(one, each)), None)
        if last is not None and one["anchor"] != LAST:
            yield f"    at the last checkpoint: {_contrast(last)}"
    for one in (one for one in comparison["multiverse"] if one["question"] == name):
        yield f"  {one['sentence']}{_flips(one)}"


def _same_but_last(primary: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    keys = ("a", "b", "benchmark", "judge", "reference", "treatment")
    return other["anchor"] == LAST and all(primary[key] == other[key] for key in keys)


def _contrast(one: Mapping[str, Any]) -> str:
    if one["value"] is None:
        return f"no value ({one['undefined'] or 'undefined'})"
    told = f"{one['value']:+.2f}{_limits(one['low'], one['high'])} {_CONCLUDED[one['conclusion']]}"
    return told + (f", rankable: {one['rankable']}" if one["rankable"] else "")


def _notes(comparison: Mapping[str, Any], *, full: bool) -> Iterator[str]:
    notes = comparison["notes"]
    shown = notes if full else notes[:_SHORT]
    if shown:
        yield "notes"
    for one in shown:
        yield f"  {one['sentence']}"
    if len(notes) > len(shown):
        yield f"  … {len(notes) - len(shown)} more with --all"


def _treatment(name: str) -> str:
    words = {
        "own": "an outcome of its own",
        "safe": "counted as not",
        "unsafe": "counted as such",
        "left_out": "left out",
        "as_judged": "as the judge called it",
    }
    return words.get(name, name)


def _flips(one: Mapping[str, Any]) -> str:
    """How many analyses conclude otherwise than the primary one, with limits."""
    if one["flip_rate"] is None:
        return ""
    return f" {one['flip_rate']:.0%} {_percents(one['flip_low'], one['flip_high'])}conclude otherwise than the primary one."


def _percents(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"[{low:.0%}, {high:.0%}] "


def _limits(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f" [{low:+.2f}, {high:+.2f}]"


def _number(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.2f}"


def _share(weight: float) -> str:
    return f" × {weight:.2f}"
