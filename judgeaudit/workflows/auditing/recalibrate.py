"""Probabilities made better by the maps of an audit: of single numbers, and of whole tables of verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from judgeaudit.domain.errors import InputError
from judgeaudit.domain.question import number_of
from judgeaudit.domain.results.judges import Recalibration
from judgeaudit.domain.results.plain import plain_of

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from judgeaudit.stats.probabilities.recalibration import Map
    from judgeaudit.workflows.auditing.audit_object import Audit

RAW = "probability_raw"


def apply_recalibration(
    record: Recalibration | Mapping[str, Any], probabilities: Iterable[float]
) -> npt.NDArray[np.float64]:
    """What a record of `recalibrations`, or its JSON, makes of probabilities (n,); nan stays nan.

    An InputError for a record without a map, and for numbers that are no probabilities.
    """
    import numpy as np

    from judgeaudit.stats.probabilities.recalibration import apply_map

    p = np.asarray(list(probabilities), float)
    if ((p < 0) | (p > 1)).any():
        msg = f"{float(p[(p < 0) | (p > 1)][0]):g} is not a probability, which lies from 0 to 1"
        raise InputError(msg)
    return np.asarray(apply_map(p, _map_of(record)))


def recalibrate(verdicts: pd.DataFrame | Sequence[Mapping[str, Any]], audit: Audit) -> Any:
    """Verdicts whose `probability` is the recalibrated one and whose `probability_raw` is what the judge gave.

    As the type that came in (a DataFrame or a list of dicts). A verdict needs `judge`, and `question` where the audit has
    several. Judges whose map is not shown to be better (`shown_better`) keep their probabilities.
    """
    import pandas as pd

    frame = verdicts if isinstance(verdicts, pd.DataFrame) else None
    rows: list[dict[str, Any]] = (
        [dict(row) for row in verdicts]
        if not isinstance(verdicts, pd.DataFrame)
        else [{str(key): cell for key, cell in row.items()} for row in verdicts.to_dict("records")]
    )
    new = new_probabilities(rows, audit.result.recalibrations)
    if frame is None:
        return [
            row if p is None else {**row, "probability": p, RAW: row["probability"]}
            for row, p in zip(rows, new, strict=True)
        ]
    changed = [p is not None for p in new]
    out = frame.copy()
    old = frame["probability"] if "probability" in frame.columns else pd.Series(index=frame.index, dtype=float)
    out["probability"] = [p if p is not None else was for p, was in zip(new, old, strict=True)]
    out[RAW] = old.where(pd.Series(changed, index=frame.index))
    return out


def new_probabilities(rows: Sequence[Mapping[str, Any]], records: Sequence[Recalibration]) -> list[float | None]:
    """The recalibrated probability of each row; None where it stays: no probability, no map, or done before."""
    maps = {(one.question, one.judge): one for one in records if one.method and one.shown_better}
    questions = {one.question for one in records}
    only = questions.pop() if len(questions) == 1 else ""
    wanted: dict[tuple[str, str], dict[int, float]] = {}
    for place, row in enumerate(rows):
        key, number = (str(row.get("question") or only), str(row.get("judge"))), _raw_number(row)
        if number is not None and key in maps:
            wanted.setdefault(key, {})[place] = number
    out: list[float | None] = [None] * len(rows)
    for key, numbers in wanted.items():
        for place, q in zip(numbers, apply_recalibration(maps[key], numbers.values()), strict=True):
            out[place] = float(q)
    return out


def kept_raw(records: Sequence[Recalibration]) -> list[str]:
    """Why a judge's probabilities stay as they are, one line for each such judge."""
    out = []
    for one in records:
        if one.method is None:
            out.append(f"{one.judge}: no map was fitted ({one.undefined}); its probabilities stay")
        elif not one.shown_better:
            out.append(f"{one.judge}: no map is shown to be better; its probabilities stay")
    return out


def _raw_number(row: Mapping[str, Any]) -> float | None:
    """The probability that the judge gave; None where there is none, or where the row was recalibrated before."""
    if not _is_empty(row.get(RAW)):
        return None
    cell = row.get("probability")
    return None if _is_empty(cell) else number_of(str(cell))


def _is_empty(cell: Any) -> bool:
    return cell is None or cell == "" or cell != cell


def _map_of(record: Recalibration | Mapping[str, Any]) -> Map:
    from judgeaudit.stats.probabilities.recalibration import KINDS, Map

    plain = plain_of(record)
    kind, numbers = plain.get("method"), plain.get("numbers")
    for known in KINDS:
        if kind == known and numbers:
            return Map(known, tuple(float(one) for one in numbers))
    msg = f"this record of a recalibration holds no map: method {kind!r}; it is one of {', '.join(KINDS)} with its numbers"
    raise InputError(msg)
