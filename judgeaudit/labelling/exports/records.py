"""What an export of Label Studio holds, before and after it is made into rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from judgeaudit.domain.labelling.tasks import PlannedTask
from judgeaudit.domain.timestamps import moment_of

Row = dict[str, str]
#: question and labels as they came -> the question's name in the study, and what the labels mean there
Meaning = Callable[[str, Sequence[str]], tuple[str, tuple[str, ...]]]
_SHOWN = 20
#: numbers of annotations are short; longer runs of digits are texts
_DIGITS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedAnnotation:
    """One row of annotations: one person's label for one question about one item, or that there is none.

    A row without a question speaks of all questions: the person skipped the item. `purpose`, `round` and `known` are
    empty but for tasks of a plan: why the item was shown, in which round, and the answer that is known. `project` is the
    number of another project on its server, which a skip speaks for.
    """

    item_id: str
    rater: str
    question: str
    label: str
    status: str = "labelled"
    confidence: str = ""
    seconds: str = ""
    labelled_at: str = ""
    note: str = ""
    source: str = ""
    purpose: str = ""
    round: str = ""
    known: str = ""
    #: only full exports say it, and it changes nothing about what was said
    project: str = field(default="", compare=False)

    def as_row(self, *, label_source: str = "people") -> Row:
        """The row under the columns of an annotations table; `source` tells which annotation it came from.

        `label_source` is what the study says of its labels: an export cannot tell who signs in as a rater.
        """
        row = {
            "item_id": self.item_id,
            "rater": self.rater,
            "question": self.question,
            "label": self.label,
            "status": self.status,
            "confidence": self.confidence,
            "seconds": self.seconds,
            "labelled_at": self.labelled_at,
            "note": self.note,
            "label_source": label_source,
            "source": self.source,
        }
        if self.purpose:
            row["purpose"] = self.purpose
        if self.round:
            row["round"] = self.round
        if self.known:
            row["known"] = self.known
        if self.project:
            row["project"] = self.project
        return row


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One export, read. `questions` holds the labels that each question was given; `counts` says what became of all.

    flat       the format has one row per annotation, and has lost what JSON_MIN and tables lose
    looked_at  beginnings of `source` under which every annotation that the server holds is among the rows
    gold       sources of annotations that were left out as ground truth
    present    sources of all annotations that were read, whatever became of them
    planned    how many tasks are of the study's plan
    foreign    how many items carry an opaque id that the study's plan does not know
    """

    annotations: tuple[ImportedAnnotation, ...]
    outputs: tuple[dict[str, object], ...]
    questions: dict[str, tuple[str, ...]]
    counts: dict[str, int]
    warnings: tuple[str, ...]
    flat: bool = False
    looked_at: frozenset[str] = frozenset()
    gold: frozenset[str] = frozenset()
    present: frozenset[str] = frozenset()
    planned: int = 0
    foreign: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the reader of an export knows beforehand.

    questions  those that a study declares, with their labels
    known      opaque id -> task of the plan; None where nothing was planned
    unswap     question, label -> the label before the two answers of a pairwise item changed sides
    round_name the round of all tasks, or opaque id -> round
    several    questions that may have several labels at once
    words      question -> what its planned form shows -> the label that this stands for; exports have either of the two
    meant      question, labels -> what the study understands by them, where questions go by several names
    """

    questions: Mapping[str, Sequence[str]] = field(default_factory=dict)
    known: Mapping[str, PlannedTask] | None = None
    unswap: Callable[[str, str], str] | None = None
    round_name: str | Mapping[str, str] = ""
    source: str = "label-studio"
    keep_ground_truth: bool = False
    several: frozenset[str] = frozenset()
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    meant: Meaning | None = None

    def round_of(self, ja_id: str) -> str:
        return self.round_name if isinstance(self.round_name, str) else self.round_name.get(ja_id, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a task showed: an item, as the plan has it where it is of the plan."""

    item_id: str
    planned: PlannedTask | None = None
    round: str = ""
    project: str = ""

    @property
    def showing(self) -> str:
        """What tells a repeat of an item from its first showing; all tasks of an item are one where nothing was planned."""
        return self.planned.ja_id if self.planned else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One annotation as one person submitted it: all answers together, each as the labels that were ticked."""

    shown: Shown
    rater: str
    number: str
    stamp: str
    answers: dict[str, tuple[str, ...]]
    skipped: bool = False
    ground_truth: bool = False
    confidence: str = ""
    seconds: str = ""
    note: str = ""
    project: str = ""

    @property
    def when(self) -> tuple[datetime, int, str]:
        """What orders a person's annotations of one item: time, then number."""
        number = self.number
        return moment_of(self.stamp), int(number) if number.isdecimal() and len(number) < _DIGITS else -1, number

    def source(self, prefix: str) -> str:
        """Which annotation it is, such that a file and the server say the same of planned tasks."""
        planned = self.shown.planned
        return f"{prefix}:{planned.ja_id}:{self.number}" if planned else f"{prefix}:{self.number}"

    @property
    def counts_as_gold(self) -> bool:
        """In a planned project nobody makes ground truth, and any rater can set the star: there it says nothing."""
        return self.ground_truth and self.shown.planned is None


@dataclass(slots=True, kw_only=True)
class Reading:
    """What a reader has gathered so far. Trouble with one annotation is counted and told, and stops nothing."""

    flat: bool = False
    given: list[Given] = field(default_factory=list)
    outputs: dict[str, dict[str, object]] = field(default_factory=dict)
    named: dict[str, str] = field(default_factory=dict)
    tasks: set[tuple[str, str]] = field(default_factory=set)
    whole: set[str] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)
    repeated: Counter[str] = field(default_factory=Counter)
    ignored: Counter[str] = field(default_factory=Counter)
    warnings: list[str] = field(default_factory=list)
    _troubles: list[str] = field(default_factory=list)

    def trouble(self, sentence: str) -> None:
        self.counts["malformed"] += 1
        self._troubles.append(sentence)

    def told(self) -> tuple[str, ...]:
        """Warnings, then troubles; of many troubles the first ones and how many more there are."""
        more = len(self._troubles) - _SHOWN
        rest = [f"and {more} more of this kind"] if more > 0 else []
        return (*self.warnings, *self._troubles[:_SHOWN], *rest)
