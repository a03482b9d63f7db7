"""What is known of one statistic, whoever computes it: its record, and the closed sets that the record is written in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from judgeaudit.domain.question import SCALES, Scale

#: the parts of docs/reference/statistics.md
Family = Literal["agreement", "people", "itself", "shares", "reference", "positives", "probabilities"]
#: `target`: the nearer to `target` the better; `descriptive`: neither end is better
Direction = Literal["higher", "lower", "target", "descriptive"]
#: whose statistic a policy may ask for: a judge's, or that of the people together, as policies call them
Subject = Literal["judge", "humans"]
#: what a judge is compared with
Against = Literal["reference", "people", "itself"]
#: the reference labels that must be there: any, both classes (two labels), positive ones, negative ones
Classes = Literal["any", "two", "positive", "negative"]
#: what an audit needs for it beside labels and verdicts
Needs = Literal["probabilities", "runs", "orders", "label design"]
#: the bound that a requirement is checked with:
#: exact     of k of n items, Clopper and Pearson's (of pairs of people, clusters or weighted items a jackknife's, never narrower)
#: interval  one end of the posterior, jackknife, delta or profile interval that the audit's own interval comes from
#: within    both ends at once: `at_most` limits the absolute value (two one-sided tests)
#: value     the value itself: it counts tests that were passed, each at its own level
#: contrast  exists between strata only: a requirement names it as `contrast`
Bound = Literal["exact", "interval", "within", "value", "contrast"]
#: how `judgeaudit plan` finds a sample size: for a share, a coefficient of agreement, or a corrected rate
Plan = Literal["share", "coefficient", "corrected"]
#: the scale on which an interval shrinks with 1/√n when more labels are planned
PlannedOn = Literal["fisher", "log", "identity"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistic:
    """One statistic of audit.json.

    name           in audit.json and in a policy
    title          in tables and figures
    phrase         within a sentence: "the false positive rate"
    says           one sentence for a reader who does not know it
    definition     the formula, or how it is computed, for the reference
    undefined      where it has no value, for the reference
    abbreviation   in use for it elsewhere; a policy that names it is told the name
    synonyms       other names that a policy might use, also only for the suggestion
    citation       the publication
    direction      which end is better; `target` is the best value where that is neither end
    low, high      the least and the greatest value; None without a limit
    scales         on which it exists; `continuous`: also where an interval scale has too many numbers for a table of labels
    positive       whether the question must declare which labels are positive
    classes        which reference labels it needs to have a value; `kept`: a policy keeps asking for it where they are missing
    subjects       whose it is; `against`: what a judge is compared with
    needs          what an audit needs beside labels and verdicts
    bound          what a requirement is checked with; None: no requirement can be, and `instead` says why and what to use
    between        whether strata are compared by it, so that a policy may name it as `contrast`
    plan           how a sample size is planned for it; `share_of`: the items that a share is of, "" for all
    planned_on     the scale on which further labels are planned where it is no count
    """

    name: str
    title: str
    phrase: str
    says: str
    definition: str
    family: Family
    undefined: str = ""
    abbreviation: str = ""
    synonyms: tuple[str, ...] = ()
    citation: str = ""
    direction: Direction
    target: float | None = None
    low: float | None
    high: float | None
    scales: tuple[Scale, ...] = SCALES
    continuous: bool = False
    positive: bool = False
    classes: Classes = "any"
    kept: bool = False
    subjects: tuple[Subject, ...] = ("judge",)
    against: Against = "reference"
    needs: Needs | None = None
    bound: Bound | None
    instead: str = ""
    between: bool = False
    plan: Plan | None = None
    share_of: Literal["", "positive", "negative", "flagged", "cleared"] = ""
    planned_on: PlannedOn = "fisher"

    @property
    def anchor(self) -> str:
        """Where the reference explains it."""
        return f"docs/reference/statistics.md#{self.name}"

    def __post_init__(self) -> None:
        if (self.direction == "target") != (self.target is not None):
            msg = f"{self.name}: a target belongs to the direction 'target'"
            raise ValueError(msg)
        if (self.bound in (None, "contrast")) != bool(self.instead):
            msg = f"{self.name}: a statistic that no requirement can name says what to use instead, any other one does not"
            raise ValueError(msg)
