"""What slices, binds and weighs items: strata, clusters, sampling weights, and the warning about repeated prompts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from judgeaudit.domain.doses import doses_of, tells_kinds
from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.question import canonical, number_of
from judgeaudit.domain.ratings import Floats, Mask
from judgeaudit.domain.results.audit import LABEL_SOURCES
from judgeaudit.storage.files.read import Table
from judgeaudit.storage.table.cells import Rows, Texts
from judgeaudit.storage.table.labels import sorted_values

MAX_STRATA = 500
#: beyond these, sums of squared weights leave what a float can hold
LEAST_WEIGHT, MOST_WEIGHT = 1e-12, 1e12
#: the column that says how an output was degraded
KINDS = "degradation"
#: the column of outputs that a `label_source` beside it speaks of, as `ja.degrade_outputs` writes them
COLUMN_OF_LABELS = "coherence"
_PROMPT_COLUMNS = ("prompt_id", "prompt_sha256", "prompt")

#: the texts (N,) of a column for the items; the second argument is the flag that asked for it
ValuesOf = Callable[[str, str], Texts]


class Strata(NamedTuple):
    """Masks by stratum name, "all" first; the names by column; warnings about cells that are in no stratum."""

    masks: dict[str, Mask]
    columns: dict[str, tuple[str, ...]]
    warnings: tuple[str, ...]


class _Slices(NamedTuple):
    """One column cut up: `codes` (N,) into its `values`, -1 where the cell is empty."""

    codes: npt.NDArray[np.int64]
    values: tuple[str, ...]


def strata_of(by: Sequence[str], values_of: ValuesOf, *, table: Table, n_items: int, labels: Sequence[str]) -> Strata:
    """One stratum for each value of each column in `by`; `a&b` crosses columns. An empty cell is in none."""
    masks: dict[str, Mask] = {"all": np.ones(n_items, dtype=np.bool_)}
    columns: dict[str, tuple[str, ...]] = {}
    slices: dict[str, _Slices] = {}
    for given in dict.fromkeys(by):
        parts = crossed(given, table)
        for part in parts:
            if part not in slices:
                slices[part] = _slices(values_of(part, "--by"), part, table, labels)
        found = _crossing({part: slices[part] for part in parts})
        _refuse_many(len(found), given, table)
        columns[given] = tuple(found)
        masks.update(found)
    empty = {name: int(np.sum(cut.codes < 0)) for name, cut in slices.items()}
    warnings = [
        f"--by {one_line(name)}: {count} of {n_items} items have an empty cell and are in none of its strata"
        for name, count in empty.items()
        if count
    ]
    uncut = uncut_kinds(table, columns, way=f"name --by {KINDS}")
    return Strata(masks, columns, (*warnings, *uncut))


def crossed(given: str, table: Table) -> tuple[str, ...]:
    """The columns that `given` names: itself where there is a column of that very name, else its parts around &."""
    if given in table.columns or "&" not in given:
        return (given,)
    return tuple(part.strip() for part in given.split("&"))


def dose_columns(
    columns: Mapping[str, Sequence[str]], orders: Mapping[str, Sequence[str] | None] = MappingProxyType({})
) -> dict[str, dict[str, float]]:
    """Those of the columns that are a degradation, with the doses of their strata; `orders` says which values come first."""
    found = {}
    for column, strata in columns.items():
        names = {stratum.removeprefix(f"{column}="): stratum for stratum in strata}
        doses = doses_of(column, list(names), order=orders.get(column))
        found[column] = {names[value]: dose for value, dose in doses.items()}
    return {column: doses for column, doses in found.items() if doses}


def uncut_kinds(table: Table, columns: Iterable[str], *, way: str) -> tuple[str, ...]:
    """A line where a table says how its outputs were degraded, and no stratum in `columns` is cut by that."""
    if KINDS not in table.columns or any(tells_kinds(column) for column in columns):
        return ()
    kinds = len({cell for cell in table.frame[KINDS] if cell})
    if not 1 < kinds <= MAX_STRATA:
        return ()
    return (
        f"{table.name}: column '{KINDS}' has {kinds} values and no stratum is cut by it, so nobody sees which kinds of degradation "
        f"fool a judge: {way}",
    )


def told_sources(
    columns: Mapping[str, Sequence[str]], masks: Mapping[str, Mask], sources: Texts | None
) -> dict[str, str]:
    """Stratum of coherence -> who gave it, where a column `label_source` (N,) says one and the same of all its items."""
    if sources is None:
        return {}
    found = {name: set(sources[masks[name]].tolist()) for name in columns.get(COLUMN_OF_LABELS, ())}
    return {name: told.pop() for name, told in found.items() if len(told) == 1 and told <= set(LABEL_SOURCES)}


def clusters_of(column: str, texts: Texts, rows: Rows, table: Table) -> npt.NDArray[np.int64]:
    """(N,) cluster numbers in order of appearance; equal texts are one cluster, and no cell may be empty."""
    import pandas as pd

    empty = texts == ""
    if empty.any():
        at = table.at(int(rows[int(np.argmax(empty))]), column)
        msg = f"{at}: the cell is empty, and every item needs a cluster; fill it, or leave --cluster out"
        raise InputError(msg)
    return pd.factorize(texts)[0].astype(np.int64)


def weights_of(column: str, texts: Texts, rows: Rows, table: Table) -> Floats:
    """(N,) sampling weights; each must be a finite number above 0."""
    import pandas as pd

    codes, found = pd.factorize(texts)
    numbers = [number_of(text) for text in found]
    for code, number in enumerate(numbers):
        if number is None or number <= 0:
            at = table.at(int(rows[int(np.argmax(codes == code))]), column)
            msg = f"{at}: '{one_line(found[code])}' is not a weight, which is a number above 0; correct the cell"
            raise InputError(msg)
        if not LEAST_WEIGHT <= number <= MOST_WEIGHT:
            at = table.at(int(rows[int(np.argmax(codes == code))]), column)
            msg = f"{at}: weight {number:g} is not between {LEAST_WEIGHT:g} and {MOST_WEIGHT:g}; rescale the weights"
            raise InputError(msg)
    return np.array(numbers, dtype=np.float64)[codes]


def repeated_prompts(table: Table, values_of: ValuesOf, n_items: int) -> tuple[str, ...]:
    """A warning where a prompt repeats and no cluster is named."""
    known = {column.casefold(): column for column in reversed(table.columns)}
    for wanted in _PROMPT_COLUMNS:
        if wanted not in known:
            continue
        column = known[wanted]
        texts = values_of(column, "--cluster")
        filled = texts[texts != ""]
        distinct = len(set(filled.tolist()))
        if distinct < len(filled):
            return (
                f"column '{column}' has {distinct} values in {n_items} items and no cluster is named: the intervals "
                f"treat the rows as independent, which makes them too narrow; name --cluster {column}",
            )
    return ()


def _slices(texts: Texts, column: str, table: Table, labels: Sequence[str]) -> _Slices:
    import pandas as pd

    codes, found = pd.factorize(texts)
    distinct = [text for text in found if text]
    _refuse_many(len(distinct), column, table)
    values = _ordered(distinct, labels)
    place = {canonical(value): number for number, value in enumerate(values)}
    lookup = np.array([place[canonical(text)] if text else -1 for text in found], dtype=np.int64)
    return _Slices(lookup[codes], tuple(values))


def _ordered(values: Sequence[str], labels: Sequence[str]) -> list[str]:
    """In the order of the labels where all are labels, else by number or by text."""
    place = {canonical(label): number for number, label in enumerate(labels)}
    in_order = sorted_values(values)
    if all(canonical(value) in place for value in in_order):
        in_order.sort(key=lambda value: place[canonical(value)])
    return in_order


def _crossing(slices: dict[str, _Slices]) -> dict[str, Mask]:
    """The crossed strata that hold an item, in the order of the columns' values."""
    found: dict[str, Mask] = {}
    for combination in sorted(set(zip(*(cut.codes.tolist() for cut in slices.values()), strict=True))):
        if min(combination) >= 0:
            picked = list(zip(slices.items(), combination, strict=True))
            name = " & ".join(f"{column}={cut.values[code]}" for (column, cut), code in picked)
            found[name] = np.logical_and.reduce([cut.codes == code for (_, cut), code in picked])
    return found


def _refuse_many(count: int, column: str, table: Table) -> None:
    if count > MAX_STRATA:
        msg = (
            f"{table.name}: --by {one_line(column)} makes {count} strata, more than {MAX_STRATA}; "
            "a stratum needs many items, so name a column with few values"
        )
        raise InputError(msg)
