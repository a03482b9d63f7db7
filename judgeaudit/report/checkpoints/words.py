"""What the parts of a comparison of checkpoints are called on a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from judgeaudit.domain.catalogue.comparison_reasons import comparison_says
from judgeaudit.domain.checkpoints import NO_REFERENCE
from judgeaudit.report.content.view import whole
from judgeaudit.report.words.numbers import interval, number, percent

_ANCHORS = {
    "goal": "at the goal",
    "goal:point": "goal, by value",
    "goal:lower_bound": "goal, by bound",
    "goal:interpolated": "goal, between",
    "last": "last checkpoint",
    "same_step": "same step",
    "best": "best capability",
}
REACHES = {
    "point": "at the earliest checkpoint whose score reaches the goal",
    "lower_bound": "at the earliest checkpoint whose score reaches the goal with its lower bound",
    "interpolated": "where the line between two checkpoints reaches the goal, both weighted accordingly",
}
#: the last digit that a share is shown with
_SHOWN = 0.01
#: below this a difference is shown as 0 with its sign
_LEAST = 0.0005
CHOICE_WORDS = {
    "benchmark": "benchmark",
    "judge": "judge",
    "reference": "reference",
    "treatment": "gibberish",
    "anchor": "checkpoint",
}
CONCLUSIONS = {"higher": "higher", "lower": "lower", "open": "not decided"}
RANKABLE = {"yes": "larger", "no": "not larger", "unknown": "not known"}


def anchor_words(rule: str) -> str:
    """A rule of choosing checkpoints.

    >>> anchor_words("last"), anchor_words("step:200")
    ('last checkpoint', 'step 200')
    """
    return f"step {rule.removeprefix('step:')}" if rule.startswith("step:") else _ANCHORS.get(rule, rule)


def treatment_words(name: str, positive: str) -> str:
    """What gibberish is taken for.

    >>> treatment_words("safe", "unsafe"), treatment_words("safe", "refusal")
    ('gibberish as safe', 'gibberish as no refusal')
    """
    safe = "safe" if positive == "unsafe" else f"no {positive}"
    words = {
        "own": "gibberish apart",
        "safe": f"gibberish as {safe}",
        "unsafe": f"gibberish as {positive}",
        "left_out": "gibberish left out",
        "as_judged": "as judged",
    }
    return words.get(name, name.replace("_", " "))


def counted_words(name: str, positive: str) -> str:
    """Under what a sentence holds that takes gibberish for one thing.

    >>> counted_words("safe", "unsafe"), counted_words("as_judged", "unsafe")
    ('with gibberish counted as safe', 'with verdicts taken as they are and gibberish not looked at')
    """
    if name == "as_judged":
        return "with verdicts taken as they are and gibberish not looked at"
    return f"with {treatment_words(name, positive).replace('gibberish as ', 'gibberish counted as ', 1)}"


def reference_words(name: str) -> str:
    return "raw" if name == NO_REFERENCE else f"corrected ({name})"


def option_words(choice: str, option: str, positive: str) -> str:
    """One option of one choice."""
    if choice == "anchor":
        return anchor_words(option)
    if choice == "treatment":
        return treatment_words(option, positive)
    if choice == "reference":
        return "judge alone" if option == NO_REFERENCE else f"corrected ({option})"
    return "all benchmarks" if (choice, option) == ("benchmark", "all") else option


def why(code: Any) -> str:
    """Why a value does not exist."""
    return comparison_says(str(code) if code else None)


def estimate_of(one: Mapping[str, Any] | None) -> str:
    """`0.71 [0.63, 0.78]`, or a dash: `footing_of` then says why."""
    if one is None or whole(one, "value") is None:
        return "–"
    return interval(whole(one, "value"), whole(one, "low"), whole(one, "high"))


def bounds_of(one: Mapping[str, Any]) -> str:
    """`0.20 to 0.60`, where something is not known; beside a value only where they differ by a digit that is shown.

    >>> bounds_of({"value": None, "bound_low": 0.261, "bound_high": 0.263})
    '0.26 to 0.26'
    >>> bounds_of({"value": 0.262, "bound_low": 0.261, "bound_high": 0.263})
    ''
    """
    low, high = whole(one, "bound_low"), whole(one, "bound_high")
    if low is None or high is None or (whole(one, "value") is not None and high - low < _SHOWN - 1e-9):
        return ""
    return f"{number(low)} to {number(high)}"


def change(value: float | None) -> str:
    """A difference; one that is near 0 keeps its sign alone.

    >>> change(-0.0001), change(0.0001), change(-0.002), change(0.0)
    ('−0.00', '0.00', '−0.002', '0.00')
    """
    if value is None or not 0 < abs(value) < _LEAST:
        return number(value)
    return "−0.00" if value < 0 else "0.00"


def change_interval(value: float, low: float | None, high: float | None) -> str:
    """`0.05 [−0.00, 0.10]`."""
    if low is None or high is None:
        return f"{change(value)} (no interval)"
    return f"{change(value)} [{change(low)}, {change(high)}]"


def signed(one: Mapping[str, Any] | None, key: str = "") -> str:
    """A difference with its sign and interval."""
    value = None if one is None else whole(one, f"{key}value")
    if one is None or value is None:
        return "–"
    low, high = whole(one, f"{key}low"), whole(one, f"{key}high")
    plus = "+" if value > 0 and not change(value).startswith(("<", ">")) else ""
    return plus + change_interval(value, low, high)


def share_of(one: Mapping[str, Any], key: str) -> str:
    """`31% [22%, 40%]` of a share that is given with its limits."""
    value, low, high = whole(one, f"{key}_rate"), whole(one, f"{key}_low"), whole(one, f"{key}_high")
    if value is None:
        return "–"
    return percent(value) if low is None or high is None else f"{percent(value)} [{percent(low)}, {percent(high)}]"


def quoted_positive(question: Mapping[str, Any]) -> str:
    return str(question.get("positive") or "positive")
