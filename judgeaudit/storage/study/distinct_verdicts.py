"""Every verdict once: rows that only repeat another are counted, and rows that contradict another are refused."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.question import number_of
from judgeaudit.domain.ratings import Floats, Mask
from judgeaudit.storage.study.rows import Places, Rows, Texts


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
