"""annotations: what people said, last word first out of each one's history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.labelling.tasks import MAIN, PILOT, PURPOSES, checked_round
from judgeaudit.domain.ratings import Mask
from judgeaudit.storage.files.read import Table
from judgeaudit.storage.study.raters import left_out_mask
from judgeaudit.storage.study.rows import Places, Rows, Said, Texts, item_places, rows_of_tables

if TYPE_CHECKING:
    from judgeaudit.storage.config.schema import StudyConfig

STATUSES = ("labelled", "skipped", "cannot_judge")
#: names that findings give to people together and to the reference
RESERVED = ("humans", "reference")


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """By question, what each person said last, and (R, N) where a person could not judge.

    `said` holds independent labels alone; `second` those of dispute rounds, given when an item was looked at again.
    """

    rows: Rows
    said: dict[str, Said]
    second: dict[str, Said]
    cannot_judge: dict[str, Mask]
    join: tuple[str, ...]
    warnings: tuple[str, ...]


def read_people(table: Table, config: StudyConfig, items: tuple[str, ...]) -> People:
    """The last annotation of each person, item and question. A skip that names no question withdraws all answers."""
    for column in ("item_id", "rater", "label"):
        if column not in table.columns:
            raise table.missing(column, "annotations")
    rows = rows_of_tables([table])
    for column in ("item_id", "rater"):
        rows.refuse_empty(column)
    status = rows.closed("status", STATUSES, default="labelled")
    _refuse_contradictions(rows, status)
    question = rows.questions(config.questions, may_lack=status == "skipped")
    item, rater = item_places(items, rows.column("item_id")), rows.column("rater")
    blank = (status == "labelled") & (rows.column("label") == "")
    kept = (item >= 0) & ~blank & ~left_out_mask(rows, config)
    showing = _showings(rows)
    said, second, cannot, superseded = {}, {}, {}, 0
    for name in config.questions:
        usable = kept & ((question == name) | (question == ""))
        about = np.flatnonzero(usable & showing.independent)
        last = about[_last(item[about], rater[about])]
        superseded += len(about) - len(last)
        said[name], cannot[name] = _said(rows, status, item, last, n_items=len(items))
        again = np.flatnonzero(usable & showing.second)
        second[name], _ = _said(rows, status, item, again[_last(item[again], rater[again])], n_items=len(items))
    return People(
        rows=rows,
        said=said,
        second=second,
        cannot_judge=cannot,
        join=(
            *_join(rows, item, superseded=superseded, blank=int(blank.sum()), calibration=showing.calibration),
            *showing.told(),
        ),
        warnings=(*_undeclared(question, config), *other_sources(rows, config)),
    )


def _last(item: Places, rater: Texts) -> Places:
    """Places of the last row of each item and rater, in order."""
    import pandas as pd

    numbers = pd.DataFrame({"item": item, "rater": pd.factorize(rater)[0]})
    doubled = numbers.duplicated(keep="last").to_numpy()
    return np.flatnonzero(~doubled)


def _said(rows: Rows, status: Texts, item: Places, last: Places, *, n_items: int) -> tuple[Said, Mask]:
    import pandas as pd

    spoken = last[status[last] != "skipped"]
    raters, names = pd.factorize(rows.column("rater")[spoken], sort=True)
    for name in names:
        if name in RESERVED:
            at = rows.at(int(np.argmax(rows.column("rater") == name)), "rater")
            msg = f"{at}: a rater cannot be called {name!r}, which means all people or their reference; rename it"
            raise InputError(msg)
    said = Said(
        names=tuple(str(name) for name in names),
        rater=raters.astype(np.intp),
        item=item[spoken],
        label=rows.column("label")[spoken],
        place=spoken,
    )
    unable = np.zeros((len(names), n_items), dtype=np.bool_)
    could_not = status[spoken] == "cannot_judge"
    unable[said.rater[could_not], said.item[could_not]] = True
    return said, unable


def _refuse_contradictions(rows: Rows, status: Texts) -> None:
    wrong = (status != "labelled") & (rows.column("label") != "")
    if wrong.any():
        first = int(np.argmax(wrong))
        msg = f"{rows.at(first, 'label')}: status {status[first]} cannot have a label; empty one of the two cells"
        raise InputError(msg)


class Showings(NamedTuple):
    """(M,) masks over rows: independent labels, labels of a dispute round, and what is kept to know the raters by."""

    independent: Mask
    second: Mask
    repeats: Mask
    calibration: Mask
    pilot: Mask

    def told(self) -> tuple[str, ...]:
        """How many rows are no independent label, and what they are."""
        kinds = (
            (self.repeats, "of repeated showings: kept to know how steady raters are, not used as labels"),
            (self.calibration, "about items with known answers: kept to know the raters, not used as labels"),
            (self.pilot, "of the pilot: not used as labels"),
            (self.second, "of dispute rounds: used by the reference 'adjudicated' alone"),
        )
        return tuple(f"{int(mask.sum())} annotations {why}" for mask, why in kinds if mask.any())


def _showings(rows: Rows) -> Showings:
    purpose = rows.closed("purpose", PURPOSES, default="item")
    rounds = rows.column("round")
    for name in filter(None, dict.fromkeys(rounds.tolist())):
        try:
            checked_round(name)
        except InputError as error:
            msg = f"{rows.at(int(np.argmax(rounds == name)), 'round')}: {error}"
            raise InputError(msg) from None
    main = (rounds == "") | (rounds == MAIN)
    pilot = rounds == PILOT
    calibration, repeats = purpose == "calibration", purpose == "repeat"
    return Showings(
        independent=main & ((purpose == "item") | (purpose == "control")),
        second=~main & ~pilot & ~calibration & ~repeats,
        repeats=repeats,
        calibration=calibration,
        pilot=pilot & ~calibration & ~repeats,
    )


def _join(rows: Rows, item: Places, *, superseded: int, blank: int, calibration: Mask) -> tuple[str, ...]:
    lines = []
    item = np.where(calibration, 0, item)
    if unknown := int((item < 0).sum()):
        first = one_line(rows.column("item_id")[int(np.argmax(item < 0))])
        lines.append(f"{unknown} annotations about items that the outputs do not hold, '{first}' first: not used")
    if superseded:
        lines.append(f"{superseded} annotations superseded by the same person's later ones: kept as history")
    if blank:
        lines.append(f"{blank} annotations have status labelled and no label: not used")
    return tuple(lines)


def _undeclared(question: Texts, config: StudyConfig) -> list[str]:
    import pandas as pd

    counts = pd.Series(question, dtype=object).value_counts(sort=False)
    return [
        f"{count} annotations answer question '{one_line(str(name))}', which study.toml does not declare: not used"
        for name, count in counts.items()
        if name and name not in config.questions
    ]


def other_sources(rows: Rows, config: StudyConfig) -> list[str]:
    """Rows that say another source of labels than the study; the study's word decides."""
    sources = rows.column("label_source")
    sources = np.where(sources == "", "people", sources)
    lines = []
    for source in dict.fromkeys(sources.tolist()):
        if source != config.label_source:
            count = int((sources == source).sum())
            if source == "people" and not rows.column("label_source").any():
                continue
            lines.append(
                f"{count} annotations have label_source '{one_line(source)}' where study.toml says "
                f"'{config.label_source}': study.toml decides"
            )
    return lines
