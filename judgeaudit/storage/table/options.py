"""How a table is to be read: every option of `judgeaudit audit TABLE` that concerns reading, and its flags' texts."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np

from judgeaudit.audit.setting.options import REFERENCE_RULES as REFERENCE_RULES
from judgeaudit.domain.errors import InputError, nearest, one_line
from judgeaudit.domain.question import number_of
from judgeaudit.domain.ratings import LABEL_DESIGNS, Floats, Mask

DEFAULT_QUESTION = "label"

Operator = Literal[">=", "<=", ">", "<"]
_COMPARE: dict[str, Callable[[Floats, float], Mask]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_CUT = re.compile(r"(?P<column>.+?)\s*(?P<operator>>=|<=|>|<)(?P<number>[^<>=]*)", re.DOTALL)


class MapRule(NamedTuple):
    """A cell that reads `before` is taken as `after`, in one column or, without a `column`, in every rater's."""

    column: str | None
    before: str
    after: str


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


@dataclass(frozen=True, slots=True, kw_only=True)
class TableOptions:
    """Which columns mean what. Names are those of the command line's flags."""

    human: tuple[str, ...] = ()
    judge: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    positive: tuple[str, ...] = ()
    scale: str = "binary"
    question: str | None = None
    item: tuple[str, ...] = ("item_id",)
    probability: dict[str, str] = field(default_factory=dict)
    threshold: dict[str, float] = field(default_factory=dict)
    cut: tuple[str, ...] = ()
    map: tuple[MapRule | tuple[str | None, str, str], ...] = ()
    unusable: tuple[str, ...] = ()
    cluster: str | None = None
    by: tuple[str, ...] = ()
    not_asked: str | None = None
    weight: str | None = None
    reference: str = "majority"
    label_design: str | None = None
    long: tuple[str, ...] | None = None
    #: who gave the labels, for the words of the account
    label_source: str = "people"
    #: whether nothing can be done without labels; a comparison of checkpoints goes by verdicts alone where there are none
    labels_needed: bool = True


def parse_map(text: str) -> MapRule:
    """`COLUMN:FROM=TO` or, for every column, `FROM=TO`.

    >>> parse_map("gpt4_cf:yes=1"), parse_map("yes=1")
    (MapRule(column='gpt4_cf', before='yes', after='1'), MapRule(column=None, before='yes', after='1'))
    """
    left, equals, after = text.rpartition("=")
    column, colon, before = left.partition(":")
    if not colon:
        column, before = "", left
    if not equals or not before or not after or (colon and not column):
        msg = f"--map '{one_line(text)}': write COLUMN:FROM=TO or FROM=TO, for example gpt4:yes=1"
        raise InputError(msg)
    return MapRule(column=column or None, before=before, after=after)


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


def parse_pairs(texts: Iterable[str], flag: str) -> dict[str, str]:
    """`JUDGE=VALUE` texts as a dictionary; one text may hold several, parted by commas.

    >>> parse_pairs(["a=x,b=y", "c=z"], "--probability")
    {'a': 'x', 'b': 'y', 'c': 'z'}
    """
    pairs: dict[str, str] = {}
    for text in _parted(texts):
        left, equals, right = text.partition("=")
        if not equals or not left or not right:
            msg = (
                f"{flag} '{one_line(text)}': write JUDGE=VALUE, for example {flag} gpt4={_EXAMPLES.get(flag, 'value')}"
            )
            raise InputError(msg)
        if pairs.get(left, right) != right:
            msg = (
                f"{flag}: '{one_line(left)}' is given twice, as {one_line(pairs[left])} and {one_line(right)}; keep one"
            )
            raise InputError(msg)
        pairs[left] = right
    return pairs


def parse_thresholds(texts: Iterable[str]) -> dict[str, float]:
    """`JUDGE=NUMBER` texts as a dictionary.

    >>> parse_thresholds(["gpt4=0.5"])
    {'gpt4': 0.5}
    """
    thresholds: dict[str, float] = {}
    for judge, text in parse_pairs(texts, "--threshold").items():
        value = number_of(text)
        if value is None or not 0 <= value <= 1:
            msg = f"--threshold '{one_line(judge)}={one_line(text)}': a threshold is a number from 0 to 1"
            raise InputError(msg)
        thresholds[judge] = value
    return thresholds


_EXAMPLES = {"--probability": "gpt4_prob", "--threshold": "0.5"}


def _operator(text: str) -> Operator:
    operators: dict[str, Operator] = {">=": ">=", "<=": "<=", ">": ">", "<": "<"}
    return operators[text]


def _parted(texts: Iterable[str]) -> Sequence[str]:
    parts: list[str] = []
    for text in texts:
        several = text.split(",")
        parts.extend(several if all("=" in part for part in several) else [text])
    return parts


def check_roles(options: TableOptions, table_name: str) -> None:
    """One column has one role, and what is said of a judge is said of a judge that is named."""
    for flag, names in (("--human", options.human), ("--judge", options.judge)):
        doubled = [name for name in names if names.count(name) > 1]
        if doubled:
            msg = f"{table_name}: {flag} names '{one_line(doubled[0])}' twice; name it once"
            raise InputError(msg)
    people = {*options.human, *(() if options.reference in REFERENCE_RULES else (options.reference,))}
    refuse_design(options.label_design, weight=options.weight, table_name=table_name)
    both = [judge for judge in options.judge if judge in people]
    if both:
        other = "--human" if both[0] in options.human else "--reference"
        msg = f"{table_name}: '{one_line(both[0])}' stands in --judge and in {other}; it is one or the other"
        raise InputError(msg)
    for flag, given in (("--probability", options.probability), ("--threshold", options.threshold)):
        for judge in given:
            if judge not in options.judge:
                near = nearest(judge, list(options.judge))
                msg = f"{table_name}: {flag} speaks of '{one_line(judge)}', which --judge does not name{near}"
                raise InputError(msg)
    for judge, value in options.threshold.items():
        if not 0 <= value <= 1:
            msg = f"--threshold '{one_line(judge)}={value}': a threshold is a number from 0 to 1"
            raise InputError(msg)


def refuse_design(design: str | None, *, weight: str | None, table_name: str) -> None:
    """How labels were chosen has one of three names, and weights are told of weighted ones."""
    if design is None:
        return
    if design not in LABEL_DESIGNS:
        near = nearest(design, list(LABEL_DESIGNS))
        msg = f"{table_name}: no label design '{one_line(design)}'{near}; it is {', '.join(LABEL_DESIGNS)}"
        raise InputError(msg)
    if design == "weighted" and weight is None:
        msg = f"{table_name}: --label-design weighted needs --weight COL, one over each labelled row's chance to be labelled"
        raise InputError(msg)
    if design == "random" and weight is not None:
        msg = f"{table_name}: --label-design random says that every row had one chance; with --weight it is weighted"
        raise InputError(msg)


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
