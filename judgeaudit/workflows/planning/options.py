"""What a plan is asked for: numbers that can be reckoned with, or one line that says which cannot."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from judgeaudit.domain.catalogue.statistics import STATISTICS, suggestion
from judgeaudit.domain.errors import InputError, one_line

#: statistic -> the items that it is a share of
RATES = {one.name: one.share_of for one in STATISTICS.values() if one.plan == "share"}
AGREEMENT = tuple(one.name for one in STATISTICS.values() if one.plan == "coefficient")
CORRECTED = tuple(one.name for one in STATISTICS.values() if one.plan == "corrected")
PLANNED = (*RATES, *AGREEMENT, *CORRECTED)
_SHARES = ("floor", "ceiling", "width", "prevalence", "sensitivity", "specificity", "expect")
_BELOW_1 = ("prevalence", "width")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """A stratum or cell: how many items it has, and the share of them that is expected to be positive."""

    name: str
    items: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A wanted width or a line to pass, and what is expected. `judged` inf: many more items judged than labelled."""

    statistics: tuple[str, ...] = ()
    floor: float | None = None
    ceiling: float | None = None
    expect: float | None = None
    width: float | None = None
    prevalence: float | None = None
    shares: tuple[float, ...] = ()
    sensitivity: float | None = None
    specificity: float | None = None
    judged: float = math.inf
    power: float = 0.8
    level: float = 0.95
    design_effect: float = 1.0
    strata: tuple[Stratum, ...] = ()
    labels: int | None = None
    sequential: bool = False
    seen: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        _refuse_unknown(self.statistics)
        self._refuse_no_shares()
        for name, least in (("level", 0.5), ("power", 0.01)):
            if not least <= getattr(self, name) < 1:
                msg = f"--{name} {getattr(self, name):g} is not between {least:g} and 1 (0.95 means 95%)"
                raise InputError(msg)
        if not 1 <= self.design_effect < math.inf:
            msg = f"--design-effect {self.design_effect:g} is below 1, or no number; 1 means that items are independent"
            raise InputError(msg)
        if not self.judged >= 1:
            msg = f"--judged {self.judged:g} is no number of items"
            raise InputError(msg)
        if self.labels is not None and self.labels < 1:
            msg = f"--labels {self.labels} is no number of labels"
            raise InputError(msg)
        self._refuse_clashes()

    def _refuse_no_shares(self) -> None:
        """Shares lie from 0 to 1, and what is planned for is neither 0 nor 1; coefficients of agreement may be negative."""
        low = -1.0 if self.statistics and all(name in AGREEMENT for name in self.statistics) else 0.0
        for name in _SHARES:
            value = getattr(self, name)
            least = low if name in ("expect", "floor", "ceiling") else 0.0
            if value is not None and (not least <= value <= 1 or (value == 1 and name in _BELOW_1)):
                msg = f"--{name} {value:g} is not between {least:g} and 1"
                raise InputError(msg)
        for name in ("width", "prevalence"):
            if getattr(self, name) == 0:
                msg = f"--{name} 0 leaves nothing to plan; give a number above 0"
                raise InputError(msg)

    def _refuse_clashes(self) -> None:
        lines = [name for name in ("floor", "ceiling") if getattr(self, name) is not None]
        if len(lines) == 2:
            msg = "--floor and --ceiling are two plans; give one of them"
            raise InputError(msg)
        if lines and self.width is not None:
            msg = f"--width and --{lines[0]} are two plans: an interval of some width, or a bound that passes a line; give one"
            raise InputError(msg)
        if self.shares and (self.prevalence is not None or abs(sum(self.shares) - 1) > 1e-6):
            msg = "--shares are the shares of all labels, which sum to 1, instead of --prevalence"
            raise InputError(msg)
        if self.shares and (len(self.shares) < 2 or min(self.shares) <= 0):
            msg = "--shares needs two or more shares above 0, as 0.7,0.2,0.1"
            raise InputError(msg)

    @property
    def line(self) -> float | None:
        """The line that a bound shall pass, whichever side."""
        return self.floor if self.floor is not None else self.ceiling

    @property
    def line_words(self) -> str:
        return f"at least {self.floor:g}" if self.floor is not None else f"at most {self.ceiling:g}"

    def need(self, name: str, why: str) -> float:
        """The number, or an InputError that says what it is wanted for."""
        value: float | None = getattr(self, name)
        if value is None:
            msg = f"--{name} is missing: {why}"
            raise InputError(msg)
        return value

    def need_goal(self) -> None:
        """A width or a line; and of a line that what is expected lies on its good side."""
        if self.width is None and self.line is None:
            msg = "nothing to plan for: give --floor or --ceiling (a bound shall pass it) or --width (of the interval)"
            raise InputError(msg)
        if self.line is None:
            return
        expect = self.need(
            "expect", "the value that the judge is expected to have, which decides how many labels it takes"
        )
        wrong = expect <= self.line if self.floor is not None else expect >= self.line
        if wrong:
            side = "above --floor" if self.floor is not None else "below --ceiling"
            msg = f"--expect {expect:g} is not {side} {self.line:g}: no number of labels makes a bound pass there"
            raise InputError(msg)


def parse_strata(texts: Sequence[str]) -> tuple[Stratum, ...]:
    """NAME=ITEMS:SHARE, each a stratum or cell.

    >>> parse_strata(["gibberish=2000:0.3"])
    (Stratum(name='gibberish', items=2000, share=0.3),)
    """
    out = []
    for text in texts:
        name, _, rest = text.rpartition("=")
        items, _, share = rest.partition(":")
        try:
            one = Stratum(name=name, items=int(items.replace("_", "")), share=float(share))
        except ValueError:
            one = Stratum(name="", items=0, share=0.0)
        if not one.name or one.items < 1 or not 0 <= one.share <= 1:
            msg = f"--stratum {one_line(text)!r} is not NAME=ITEMS:SHARE, as gibberish=2000:0.3"
            raise InputError(msg)
        out.append(one)
    doubled = {one.name for one in out if sum(other.name == one.name for other in out) > 1}
    if doubled:
        msg = f"--stratum {one_line(min(doubled))!r} is given twice"
        raise InputError(msg)
    return tuple(out)


def parse_seen(text: str) -> tuple[int, int]:
    """K/N: so many of the labels that came in so far.

    >>> parse_seen("45/50")
    (45, 50)
    """
    k, _, n = text.partition("/")
    try:
        seen = int(k), int(n)
    except ValueError:
        seen = -1, -1
    if not 0 <= seen[0] <= seen[1] or seen[1] < 1:
        msg = f"--seen {one_line(text)!r} is not K/N, as 45/50: of 50 items that were labelled 45 count"
        raise InputError(msg)
    return seen


def _refuse_unknown(statistics: Sequence[str]) -> None:
    for name in statistics:
        if name not in PLANNED:
            msg = f"no plan for {one_line(name)!r}{suggestion(name, among=PLANNED)}; there are plans for {', '.join(PLANNED)}"
            raise InputError(msg)
