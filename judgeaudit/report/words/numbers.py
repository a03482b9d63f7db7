"""Numbers and foreign texts, each formatted in this one place."""

from __future__ import annotations

import math
import re
import unicodedata

from judgeaudit.domain.results.audit import Finding
from judgeaudit.report.words.codes import reason

NO_VALUE = "–"
_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_HIDDEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
ESCAPE = re.compile(r"\\u[0-9a-f]{4}|\\U[0-9a-f]{8}")


def visible(text: str, *, keep_lines: bool = False) -> str:
    """A foreign text in which nothing is invisible or turns the line around: such characters stand as escapes.

    >>> visible("safe" + chr(0x202E) + chr(10) + "x")
    'safe\\\\u202e\\\\u000ax'
    """
    if text.isascii() and text.isprintable():
        return text
    if keep_lines:
        text = text.replace("\r\n", "\n")
    kept = "\n\t" if keep_lines else ""
    return "".join(ch if ch in kept or not _is_hidden(ch) else _escape(ch) for ch in text)


def _is_hidden(ch: str) -> bool:
    return unicodedata.category(ch) in _HIDDEN or ch in _BLANK_LETTERS


def _escape(ch: str) -> str:
    return f"\\u{ord(ch):04x}" if ord(ch) < 0x10000 else f"\\U{ord(ch):08x}"


def cut(text: str, limit: int) -> str:
    """The text, or its beginning and an ellipsis, never longer than `limit`."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def number(value: float | None, *, places: int = 2) -> str:
    """A decimal number; a value that is only near 0, 1 or −1 is never rounded onto it.

    >>> number(0.7149), number(0.996), number(0.99996), number(-0.0001), number(1.0), number(None)
    ('0.71', '0.996', '>0.999', '>−0.001', '1.00', '–')
    """
    if value is None or math.isnan(value):
        return NO_VALUE
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    for digits in (places, max(places, 3)):
        text = f"{value:.{digits}f}"
        shown = float(text)
        if shown not in (-1.0, 0.0, 1.0) or abs(shown - value) < 1e-9:
            return _minus(text)
    step = 10.0 ** -max(places, 3)
    near = round(value)
    beyond = near + step if value > near else near - step
    return ("<" if value > near else ">") + _minus(f"{beyond:.{max(places, 3)}f}")


def _minus(text: str) -> str:
    if text.startswith("-"):
        return text[1:] if float(text) == 0.0 else "−" + text[1:]
    return text


def percent(value: float | None) -> str:
    """A share in percent; only a share of exactly 0 or 1 is 0% or 100%.

    >>> percent(0.914), percent(0.996), percent(0.9999), percent(1.0), percent(0.0002)
    ('91%', '99.6%', '>99.9%', '100%', '<0.1%')
    """
    if value is None or not math.isfinite(value):
        return NO_VALUE
    for digits in (0, 1):
        text = f"{100 * value:.{digits}f}"
        if float(text) not in (0.0, 100.0) or abs(float(text) - 100 * value) < 1e-7:
            return f"{_minus(text)}%"
    return "<0.1%" if value < 0.5 else ">99.9%"


def count(value: float | None) -> str:
    """A number of items; weighted counts keep one decimal.

    >>> count(1150), count(12.0), count(7.25)
    ('1,150', '12', '7.2')
    """
    if value is None or not math.isfinite(value):
        return NO_VALUE
    return f"{value:,.0f}" if abs(value - round(value)) < 1e-9 else f"{value:,.1f}"


def p_value(value: float | None) -> str:
    """A p-value with three decimals, never 0."""
    if value is None or math.isnan(value):
        return NO_VALUE
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def dollars(value: float | None) -> str:
    """US dollars; what is only near nothing is never 0.

    >>> dollars(12.345), dollars(0.0312), dollars(0.00002), dollars(0.0), dollars(None)
    ('12.35', '0.031', '<0.001', '0', '–')
    """
    if value is None or not math.isfinite(value):
        return NO_VALUE
    if value == 0:
        return "0"
    return "<0.001" if value < 0.0005 else f"{value:,.3f}" if value < 1 else f"{value:,.2f}"


def interval(
    value: float | None, low: float | None, high: float | None, undefined: str | None = None, *, places: int = 2
) -> str:
    """`0.71 [0.63, 0.78]`; a value that does not exist says why.

    >>> interval(0.7149, 0.63, 0.78), interval(0.5, None, None), interval(None, None, None, "no_pairable")
    ('0.71 [0.63, 0.78]', '0.50 (no interval)', '– (no item here has two labels to compare)')
    """
    if value is None or math.isnan(value):
        return f"{NO_VALUE} ({reason(undefined)})"
    if low is None or high is None:
        return f"{number(value, places=places)} (no interval)"
    return f"{number(value, places=places)} [{number(low, places=places)}, {number(high, places=places)}]"


def percent_interval(finding: Finding) -> str:
    """`91% [85%, 95%]`, for sentences."""
    if finding.low is None or finding.high is None:
        return percent(finding.value)
    return f"{percent(finding.value)} [{percent(finding.low)}, {percent(finding.high)}]"


def estimate(finding: Finding | None) -> str:
    """The estimate of a finding with its interval; a finding that the audit does not hold is a dash."""
    if finding is None:
        return NO_VALUE
    return interval(finding.value, finding.low, finding.high, finding.undefined)


def brief(finding: Finding | None) -> str:
    """The estimate, or a dash alone; `footing` then says why. A dagger where the interval does not hold the value."""
    if finding is None or finding.value is None:
        return NO_VALUE
    return f"{estimate(finding)} †" if is_outside(finding) else estimate(finding)


def is_outside(finding: Finding) -> bool:
    """Whether a value lies outside its own interval, as it may with posteriors and bootstraps."""
    if finding.value is None or finding.low is None or finding.high is None:
        return False
    return not finding.low - 1e-9 <= finding.value <= finding.high + 1e-9


def footing(finding: Finding | None) -> str:
    """What stands under an estimate: why there is no value, and how many items it stands on."""
    if finding is None:
        return "not computed"
    return size(finding) if finding.value is not None else f"{reason(finding.undefined)}, {size(finding)}"


def size(finding: Finding | None) -> str:
    """How many items an estimate stands on: `130 of 143` where it counts them, else `n = 300`."""
    if finding is None:
        return ""
    if finding.k is not None and finding.n is not None:
        return f"{count(finding.k)} of {count(finding.n)}"
    return f"n = {count(finding.n_items)}"


def against(bound: float | None, threshold: float | None) -> tuple[str, str]:
    """A bound and its threshold with as many decimals as it takes to tell them apart.

    >>> against(0.66698, 0.667), against(0.9, 0.8)
    (('0.66698', '0.66700'), ('0.900', '0.800'))
    """
    if bound is None or threshold is None or not math.isfinite(bound):
        return number(bound, places=3), number(threshold, places=3)
    for places in range(3, 9):
        left, right = f"{bound:.{places}f}", f"{threshold:.{places}f}"
        if left != right or bound == threshold:
            break
    return _minus(left), _minus(right)
