"""Cuts: scores that mean the positive label where they pass a number."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from judgeaudit.domain.errors import InputError, nearest, one_line
from judgeaudit.domain.question import number_of
from judgeaudit.domain.ratings import Floats, Mask
from judgeaudit.storage.table.options import TableOptions

Operator = Literal[">=", "<=", ">", "<"]
_COMPARE: dict[str, Callable[[Floats, float], Mask]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_CUT = re.compile(r"(?P<column>.+?)\s*(?P<operator>>=|<=|>|<)(?P<number>[^<>=]*)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A numeric column becomes the positive label where the comparison holds, else the other label."""

    column: str
    operator: Operator
    value: float

    def holds(self, numbers: Floats) -> Mask:
        """(n,) -> (n,)."""
        return np.asarray(_COMPARE[self.operator](numbers, self.value), dtype=np.bool_)

    def beyond(self, numbers: Floats) -> Floats:
        """(n,) -> (n,) how far each number lies on the positive side of the cut; below 0 on the other."""
        away = np.asarray(numbers - self.value, dtype=np.float64)
        return away if self.operator in (">", ">=") else -away


def parse_cut(text: str) -> Cut:
    """`COLUMN>=NUMBER`, with one of >= > <= <.

    >>> parse_cut("gpt4_cf >= 4")
    Cut(column='gpt4_cf', operator='>=', value=4.0)
    """
    found = _CUT.fullmatch(text.strip())
    value = number_of(found["number"]) if found else None
    if found is None or value is None:
        msg = f"--cut '{one_line(text)}': write COLUMN>=NUMBER with one of >= > <= <, for example 'gpt4>=4'"
        raise InputError(msg)
    return Cut(column=found["column"], operator=_operator(found["operator"]), value=value)


def cuts_of(options: TableOptions, raters: Sequence[str], table_name: str) -> dict[str, Cut]:
    """The cut of each rater that has one; a rater is cut once, and not held against a threshold too."""
    cuts: dict[str, Cut] = {}
    for cut in map(parse_cut, options.cut):
        if cut.column not in raters:
            near = nearest(cut.column, list(raters))
            listed = ", ".join(one_line(name, limit=40) for name in raters)
            msg = f"{table_name}: --cut names no rater '{one_line(cut.column)}'{near}; raters are {listed}"
            raise InputError(msg)
        if cut.column in cuts or cut.column in options.threshold:
            msg = f"{table_name}: '{one_line(cut.column)}' has two cuts, or a cut and a threshold; keep one"
            raise InputError(msg)
        cuts[cut.column] = cut
    return cuts


def _operator(text: str) -> Operator:
    operators: dict[str, Operator] = {">=": ">=", "<=": "<=", ">": ">", "<": "<"}
    return operators[text]
