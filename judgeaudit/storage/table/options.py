"""How a table is to be read: every option of `judgeaudit audit TABLE` that concerns reading, and its flags' texts.

A new option is a field of `TableOptions`, an argument of `ja.audit_table`, and the place that reads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, get_args

from judgeaudit.audit.setting.options import REFERENCE_RULES as REFERENCE_RULES
from judgeaudit.audit.setting.options import LabelDesign
from judgeaudit.domain.errors import InputError, nearest, one_line
from judgeaudit.domain.option import listed, names_of, option
from judgeaudit.domain.question import number_of

DEFAULT_QUESTION = "label"
LABEL_DESIGNS: tuple[str, ...] = get_args(LabelDesign)


class MapRule(NamedTuple):
    """A cell that reads `before` is taken as `after`, in one column or, without a `column`, in every rater's."""

    column: str | None
    before: str
    after: str


def map_rules(given: Mapping[str, str] | str | Sequence[str]) -> tuple[MapRule, ...]:
    """Rules from texts COLUMN:FROM=TO, or from a dictionary of COLUMN:FROM to TO."""
    texts = tuple(f"{k}={v}" for k, v in given.items()) if isinstance(given, Mapping) else names_of(given)
    return tuple(map(parse_map, texts))


@dataclass(frozen=True, slots=True, kw_only=True)
class TableOptions:
    """Which columns mean what. Options without a flag here are those of the audit that a reader needs, too."""

    human: tuple[str, ...] = option(
        (), tables=True, metavar="COL,COL", help="Columns with people's labels.", texts=listed, value=names_of
    )
    judge: tuple[str, ...] = option(
        (),
        keyword="judges",
        tables=True,
        metavar="COL,COL",
        help="Columns with judges' verdicts; with --long the raters that are judges.",
        texts=listed,
        value=names_of,
    )
    labels: tuple[str, ...] = option(
        (),
        tables=True,
        metavar="A,B",
        help="The closed set of labels, in the order of the scale.",
        texts=listed,
        value=names_of,
    )
    positive: tuple[str, ...] = option(
        (), tables=True, metavar="B", help="Labels of the positive side.", texts=listed, value=names_of
    )
    scale: str = option("binary", tables=True, metavar="SCALE", help="binary, nominal, ordinal or interval.")
    question: str | None = option(
        None, tables=True, metavar="NAME", help="What was asked; with --long the questions to keep."
    )
    item: tuple[str, ...] = option(
        ("item_id",),
        tables=True,
        metavar="COL,COL",
        help="Columns that name an item (default item_id).",
        texts=listed,
        value=names_of,
    )
    long: tuple[str, ...] | None = option(
        None,
        tables=True,
        metavar="ITEM,RATER,LABEL[,QUESTION]",
        help="One row per label: these columns.",
        texts=lambda text: listed([text]),
        value=lambda given: None if given is None else names_of(given),
    )
    probability: dict[str, str] = option(
        factory=dict,
        tables=True,
        metavar="JUDGE=COL",
        help="Where a judge's probability of the positive side lies.",
        texts=lambda texts: parse_pairs(texts, "--probability"),
        value=lambda given: dict(given or {}),
    )
    threshold: dict[str, float] = option(
        factory=dict,
        tables=True,
        metavar="JUDGE=0.5",
        help="Positive from this probability on.",
        texts=lambda texts: parse_thresholds(texts),
        value=lambda given: dict(given or {}),
    )
    cut: tuple[str, ...] = option(
        (), tables=True, metavar="'JUDGE>=4'", help="Positive where a score passes the cut.", value=names_of
    )
    map: tuple[MapRule | tuple[str | None, str, str], ...] = option(
        (), tables=True, metavar="COL:FROM=TO", help="Read a cell as another label.", value=map_rules
    )
    unusable: tuple[str, ...] = option(
        (),
        tables=True,
        metavar="TEXT",
        help="Cells that are no answer; * stands for anything. May be repeated.",
        value=names_of,
    )
    cluster: str | None = None
    by: tuple[str, ...] = ()
    not_asked: str | None = None
    weight: str | None = None
    reference: str = "majority"
    label_design: str | None = None
    #: who gave the labels, for the words of the account
    label_source: str = option(
        "people",
        tables=True,
        after="unanswered",
        metavar="SOURCE",
        help="people, models, construction or simulation (default people).",
    )
    encoding: str = option(
        "utf-8",
        tables=True,
        after="disagreements",
        metavar="NAME",
        help="Encoding of the table (default utf-8).",
    )
    sep: str | None = option(
        None, tables=True, after="encoding", metavar="CHAR", help="Separator of the table's cells."
    )
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
