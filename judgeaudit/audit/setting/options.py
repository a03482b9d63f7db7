"""How an audit is to be made: everything that changes what it finds and is not data.

A new option is a field here, an argument of `ja.audit_table` and of `Study.audit`, and the place that reads it. Its flag, its
key under [audit] of `study.toml`, its place in `audit.json` and what `judgeaudit diff` says of it follow from the field.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from judgeaudit.domain.errors import nearest
from judgeaudit.domain.option import declared, listed, names_of, option, refuse_values

IntervalChoice = Literal["auto", "bca", "percentile"]
LabelDesign = Literal["random", "weighted", "elsewhere"]
#: how a reference is made from the people's labels; every other word names a column or a rater
REFERENCE_RULES = ("majority", "each", "dawid-skene")
#: options that are keys of audit.json by themselves; the others stand in its `options`
KEYS_OF_THEIR_OWN = ("level", "seed")


def _one_of(*words: str, more: str = "") -> Any:
    """A check that a value is one of the words, or begins with `more` and goes on."""

    def wrong(value: str) -> str:
        if value in words or (more and value.startswith(more) and len(value) > len(more)):
            return ""
        *first, last = [*words, *([f"{more}LABEL"] if more else [])]
        return f"{value!r} is not {', '.join(first)} or {last}{nearest(value, list(words))}"

    return wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditOptions:
    """Options of one audit. Those of `tables` are flags for a table alone; a study says them elsewhere in `study.toml`.

    `reference` is a rule, a column or a rater; `unanswered` is "counted", "left-out" or "as:LABEL"; `leave_out` are raters of
    a study that count nowhere.
    """

    cluster: str | None = option(
        None, tables=True, metavar="COL", help="What is resampled together, such as the prompt."
    )
    by: tuple[str, ...] = option(
        (), tables=True, metavar="COL,COL", help="Strata; 'a&b' crosses two columns.", texts=listed, value=names_of
    )
    not_asked: str | None = option(None, tables=True, metavar="VALUE", help="Marks what a judge was never asked about.")
    weight: str | None = option(None, tables=True, metavar="COL", help="Sampling weights of the items.")
    reference: str = option(
        "majority",
        study=True,
        metavar="RULE|COL",
        help="majority, each, dawid-skene, or a column (default majority).",
        limits={"min_length": 1},
    )
    unanswered: str = option(
        "counted",
        study=True,
        metavar="RULE",
        help="counted, left-out or as:LABEL (default counted).",
        limits={"min_length": 1},
        check=_one_of("counted", "left-out", more="as:"),
    )
    leave_out: tuple[str, ...] = option((), study=True, limits={"min_length": 1})
    interval: IntervalChoice = option(
        "auto", metavar="METHOD", help="auto, bca or percentile.", check=_one_of("auto", "bca", "percentile")
    )
    level: float = option(
        0.95, help="Level of the intervals.", limits={"ge": 0.5, "lt": 1}, hint="0.95 means 95% intervals"
    )
    replicates: int = option(
        2000,
        help="Resamples of a bootstrap; posteriors take twice as many draws.",
        limits={"ge": 200, "le": 200_000},
    )
    seed: int = option(1, help="Seed of everything random.", limits={"ge": 0})
    max_risk: float = option(
        0.10,
        study=True,
        metavar="R",
        help="Which share of errors may remain when unsure verdicts are left out (0.1).",
        limits={"gt": 0, "lt": 1},
        hint="0.1 means that at most a tenth of the kept verdicts is wrong",
    )
    #: how the labelled rows were chosen; of a study the labelling plan says so where `study.toml` does not
    label_design: LabelDesign | None = option(
        None,
        study=True,
        tables=True,
        after="weight",
        metavar="DESIGN",
        help="How labelled rows were chosen among the judged: random, weighted (--weight) or elsewhere.",
    )
    #: by how much a judge may be worse than a person and still replace one: 0.2 beside experts, 0.15 skilled people, 0.1 a crowd
    alt_test_epsilon: float = option(
        0.2,
        study=True,
        after="label_source",
        metavar="0.2",
        help="By how much a judge may be worse than a person and still replace one (default 0.2; 0.1 beside a crowd).",
        limits={"ge": 0, "lt": 1},
        hint="0.2 beside experts, 0.1 beside a crowd",
    )
    pairs: bool = option(False, after="all_", help="Person by person pairs with more than 12 people, too.")

    def __post_init__(self) -> None:
        refuse_values(self)

    @property
    def draws(self) -> int:
        """Draws from a posterior: twice the replicates of a bootstrap, since its tails are all that is used."""
        return 2 * self.replicates

    def record(self) -> dict[str, Any]:
        """What audit.json holds under `options`. Whose labels a study leaves out is said there with their number."""
        names = [one.name for one in declared(type(self)) if one.flag and one.name not in KEYS_OF_THEIR_OWN]
        found = {name: getattr(self, name) for name in names}
        plain = {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}
        return {**plain, "draws": self.draws}
