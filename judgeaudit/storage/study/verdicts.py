"""verdicts: what judges said, each once per item and question, with every other row accounted for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.question import number_of
from judgeaudit.domain.ratings import Floats, Mask
from judgeaudit.domain.verdict import STATUSES
from judgeaudit.storage.files.read import Table
from judgeaudit.storage.study.people import RESERVED
from judgeaudit.storage.study.rows import Places, Rows, Said, Texts, item_places, rows_of_tables

if TYPE_CHECKING:
    from judgeaudit.storage.config.schema import StudyConfig


# Every verdict once: rows that only repeat another are counted, and rows that contradict another are refused.


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Every verdict on declared questions and items of the outputs, T rows: all runs, both orders, none twice.

    place  (T,) where it stands in the study's rows
    first  (T,) whether agreement is computed from it
    """

    place: Places
    question: Texts
    item: Places
    label: Texts
    status: Texts
    run: Floats
    turned: Mask
    first: Mask


def told_of(
    rows: Rows, places: Places, question: Texts, item: Places, usable: Texts, status: Texts, swapped: Mask
) -> tuple[Told, int]:
    """One row for each judge, item, question, run and order, and how many rows only repeat another."""
    import pandas as pd

    key = ["item", "judge", "question", "turned", "run"]
    texts = {
        "item": rows.column("item_id"),
        "judge": rows.column("judge"),
        "question": question,
        "label": usable,
        "status": status,
        "probability": rows.column("probability"),
    }
    numbers = {name: pd.factorize(column[places])[0] for name, column in texts.items()}
    run = _runs(rows)
    frame = pd.DataFrame({**numbers, "turned": swapped[places], "run": run[places]}, index=places)
    doubled = frame.duplicated(key).to_numpy()
    torn = doubled & ~frame.duplicated().to_numpy()
    if torn.any():
        second = int(places[int(np.argmax(torn))])
        same = (frame[key] == frame.loc[second, key]).all(axis=1).to_numpy()
        first = int(places[int(np.argmax(same))])
        where = f"{rows.at(second, 'label')} and {rows.at(first, 'label')}"
        msg = f"{where}: one judge's run gives two verdicts on one item; number the runs, or keep one of the rows"
        raise InputError(msg)
    frame = frame[~doubled]
    lowest = frame[~frame["turned"]].sort_values("run", kind="stable").drop_duplicates(key[:3]).index.to_numpy()
    kept = frame.index.to_numpy().astype(np.intp)
    told = Told(
        place=kept,
        question=question[kept],
        item=item[kept],
        label=usable[kept],
        status=status[kept],
        run=run[kept],
        turned=swapped[kept],
        first=np.isin(kept, lowest),
    )
    return told, int(doubled.sum())


def _runs(rows: Rows) -> Floats:
    """(M,) the number of each run; a row without one is run 0."""
    import pandas as pd

    codes, words = pd.factorize(rows.column("run"))
    numbers = [0.0 if word == "" else number_of(word) for word in words]
    for code, number in enumerate(numbers):
        if number is None:
            msg = (
                f"{rows.at(int(np.argmax(codes == code)), 'run')}: {one_line(words[code])!r} is not the number of a run"
            )
            raise InputError(msg)
    return np.array(numbers, dtype=np.float64)[codes]


ORDERS = ("ab", "ba")
WAY_OUT = "translate it with map in the judge's section of study.toml, or give the row status unparsed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judges:
    """By question, the verdict of each judge on each item, how often each status occurred, and probabilities."""

    rows: Rows
    told: Told
    said: dict[str, Said]
    statuses: dict[str, dict[str, dict[str, int]]]
    probability: dict[str, dict[str, Floats]]
    join: tuple[str, ...]
    warnings: tuple[str, ...]


def read_judges(tables: Sequence[Table], config: StudyConfig, items: tuple[str, ...]) -> Judges:
    """The verdict of the lowest run in order ab is the one for agreement; `told` holds those of all runs and orders."""
    for table in tables:
        for column in ("item_id", "judge"):
            if column not in table.columns:
                raise table.missing(column, "verdicts")
    rows = rows_of_tables(tables)
    for column in ("item_id", "judge"):
        rows.refuse_empty(column)
    label = _mapped(rows, config)
    status = _statuses(rows, label)
    usable = np.where(status == "answered", label, "")
    question = _questions(rows, config)
    item = item_places(items, rows.column("item_id"))
    swapped = rows.closed("order", ORDERS, default="ab") == "ba"
    known = (item >= 0) & np.array([name in config.questions for name in question], dtype=np.bool_)
    told, doubled = told_of(rows, np.flatnonzero(known), question, item, usable, status, swapped)
    kept = told.place[told.first]
    judges = _order(rows.column("judge")[kept], config)
    said: dict[str, Said] = {}
    statuses: dict[str, dict[str, dict[str, int]]] = {}
    probability: dict[str, dict[str, Floats]] = {}
    for name in config.questions:
        places = kept[question[kept] == name]
        said[name] = _said(rows, usable, item, places, judges)
        statuses[name] = _counted(said[name], status)
        probability[name] = _probabilities(rows, said[name], n_items=len(items))
    return Judges(
        rows=rows,
        told=told,
        said=said,
        statuses=statuses,
        probability=probability,
        join=_join(rows, item, question, config, told=told, doubled=doubled),
        warnings=_silent(judges, config),
    )


def _mapped(rows: Rows, config: StudyConfig) -> Texts:
    """(M,) labels, with the words of a judge's `map` translated where they are not labels themselves."""
    label, judge = rows.column("label").copy(), rows.column("judge")
    declared = {one for question in config.questions.values() for one in question.labels}
    for name, section in config.judges.items():
        mine = judge == name
        for before, after in section.map.items():
            if before not in declared:
                label[mine & (rows.column("label") == before)] = after
    return label


def _statuses(rows: Rows, label: Texts) -> Texts:
    """(M,) the status of each verdict; without a label nothing was answered, whatever the row says."""
    status = rows.closed("status", STATUSES, default="answered")
    return np.where((status == "answered") & (label == ""), "unparsed", status)


def _questions(rows: Rows, config: StudyConfig) -> Texts:
    """(M,) the question of each verdict; a judge that is asked one question need not name it."""
    texts, judge = rows.column("question").copy(), rows.column("judge")
    nowhere = np.zeros(len(rows), dtype=np.bool_)
    for name, section in config.judges.items():
        if section.questions is not None and len(section.questions) == 1:
            mine = (judge == name) & (texts == "")
            texts[mine] = section.questions[0]
            nowhere |= mine
    return np.where(nowhere, texts, rows.questions(config.questions, may_lack=nowhere))


def _order(judges: Texts, config: StudyConfig) -> tuple[str, ...]:
    """Judges that gave a verdict: those of study.toml in its order, then the others as they appear."""
    found = list(dict.fromkeys(judges.tolist()))
    for name in found:
        if name in RESERVED:
            msg = f"verdicts: a judge cannot be called {name!r}, which means all people or their reference; rename it"
            raise InputError(msg)
    return tuple(
        sorted(found, key=lambda name: list(config.judges).index(name) if name in config.judges else len(found))
    )


def _said(rows: Rows, usable: Texts, item: Places, places: Places, judges: tuple[str, ...]) -> Said:
    import pandas as pd

    spoke = set(rows.column("judge")[places].tolist())
    names = tuple(name for name in judges if name in spoke)
    number = {name: index for index, name in enumerate(names)}
    codes, words = pd.factorize(rows.column("judge")[places])
    raters = np.array([number[name] for name in words], dtype=np.intp)[codes]
    return Said(names=names, rater=raters, item=item[places], label=usable[places], place=places)


def _counted(said: Said, status: Texts) -> dict[str, dict[str, int]]:
    import pandas as pd

    codes = pd.Categorical(status[said.place], categories=list(STATUSES)).codes
    counts = np.bincount(said.rater * len(STATUSES) + codes, minlength=len(said.names) * len(STATUSES))
    table = counts.reshape(-1, len(STATUSES)).tolist()
    return {name: dict(zip(STATUSES, row, strict=True)) for name, row in zip(said.names, table, strict=True)}


def _probabilities(rows: Rows, said: Said, *, n_items: int) -> dict[str, Floats]:
    """Judge -> (N,) probability of the positive side, for judges that give any; nan where there is none."""
    import pandas as pd

    codes, words = pd.factorize(rows.column("probability")[said.place])
    numbers = [np.nan if word == "" else number_of(word) for word in words]
    for code, number in enumerate(numbers):
        if number is None or not (np.isnan(number) or 0 <= number <= 1):
            at = rows.at(int(said.place[int(np.argmax(codes == code))]), "probability")
            msg = f"{at}: {one_line(words[code])!r} is not a probability, which is a number from 0 to 1"
            raise InputError(msg)
    values = np.array(numbers, dtype=np.float64)[codes]
    found: dict[str, Floats] = {}
    for rater, name in enumerate(said.names):
        mine: Mask = (said.rater == rater) & ~np.isnan(values)
        if mine.any():
            found[name] = np.full(n_items, np.nan)
            found[name][said.item[mine]] = values[mine]
    return found


def _join(
    rows: Rows, item: Places, question: Texts, config: StudyConfig, *, told: Told, doubled: int
) -> tuple[str, ...]:
    lines = []
    if unknown := int((item < 0).sum()):
        first = one_line(rows.column("item_id")[int(np.argmax(item < 0))])
        lines.append(f"{unknown} verdicts about items that the outputs do not hold, '{first}' first: not used")
    for name in dict.fromkeys(question.tolist()):
        if name not in config.questions:
            count = int((question == name).sum())
            lines.append(
                f"{count} verdicts on question '{one_line(name)}', which study.toml does not declare: not used"
            )
    pairs = np.array([config.questions[name].layout == "pairwise" for name in told.question], dtype=np.bool_)
    counted = (
        (~told.first & ~told.turned, "of runs after a judge's first: used for its agreement with itself alone"),
        (told.turned & pairs, "in order ba: used to compare the two orders alone"),
        (told.turned & ~pairs, "in order ba on questions that are not about pairs: not used"),
    )
    lines += [f"{int(which.sum())} verdicts {what}" for which, what in counted if which.any()]
    lines += [f"{doubled} verdicts that repeat another row: not used for agreement"] if doubled else []
    without = int(((rows.column("status") == "answered") & (rows.column("label") == "")).sum())
    if without:
        lines.append(f"{without} verdicts with status answered and no label: counted as unparsed")
    return tuple(lines)


def _silent(judges: tuple[str, ...], config: StudyConfig) -> tuple[str, ...]:
    return tuple(f"no verdicts of judge '{one_line(name)}' yet" for name in config.judges if name not in judges)
