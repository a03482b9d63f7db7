"""What slices and binds a study's items: strata from people's labels, columns or signals, and clusters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from judgeaudit.audit.setting.reference import plurality
from judgeaudit.domain.errors import InputError, nearest, one_line
from judgeaudit.domain.question import Question, canonical
from judgeaudit.domain.ratings import MISSING, Codes, Mask
from judgeaudit.storage.files.read import Table
from judgeaudit.storage.table.labels import sorted_values
from judgeaudit.storage.table.strata import KINDS, dose_columns, told_sources, uncut_kinds
from judgeaudit.text.signals import SIGNALS, item_values

if TYPE_CHECKING:
    from judgeaudit.storage.config.schema import StudyConfig

MAX_STRATA = 500


class Slices(NamedTuple):
    """Masks by stratum name, and where each comes from; names by column; doses; who told a column; warnings about items in no stratum."""

    masks: dict[str, Mask]
    columns: dict[str, tuple[str, ...]]
    source: dict[str, str]
    doses: dict[str, dict[str, float]]
    told: dict[str, str]
    warnings: tuple[str, ...]


def slices_of(
    config: StudyConfig, outputs: Table, people: Mapping[str, tuple[Question, Codes]], *, about: str
) -> Slices:
    """The strata that question `about` is shown in: all that are declared, but those cut by its own labels.

    A stratum of people's labels holds the items whose strict plurality gave that label; a tie is in none.
    """
    masks: dict[str, Mask] = {"all": np.ones(outputs.rows, dtype=np.bool_)}
    source, columns, warnings = {"all": "all"}, {}, []
    orders: dict[str, Sequence[str] | None] = {}
    for name, stratum in config.strata.items():
        if stratum.source == "label":
            if name == about:
                continue
            question, codes = people[name]
            reference, _ = plurality(codes, n_labels=len(question.labels))
            found = {f"{name}={label}": reference == code for code, label in enumerate(question.labels)}
            labelled = (codes != MISSING).any(axis=0)
            outside, why = int((reference[labelled] < 0).sum()), "were labelled without a majority"
            orders[name] = stratum.order or _falling(name, question)
        else:
            found, outside = _of_column(name, stratum.source, outputs)
            why = "have an empty cell"
            orders[name] = stratum.order
        _refuse_strangers(name, stratum.order, found)
        found = {one: mask for one, mask in found.items() if mask.any()}
        if len(found) > MAX_STRATA:
            msg = f"study.toml: strata.{name} has {len(found)} values, more than {MAX_STRATA}; take one with few values"
            raise InputError(msg)
        masks |= found
        source |= dict.fromkeys(found, stratum.source)
        columns[name] = tuple(found)
        if outside:
            warnings.append(f"strata.{one_line(name)}: {outside} items {why} and are in none of its strata")
    way = f'write [strata.{KINDS}] with from = "column" into study.toml'
    uncut = uncut_kinds(outputs, columns, way=way)
    of_columns = {name: names for name, names in columns.items() if config.strata[name].source == "column"}
    sources = outputs.frame["label_source"].to_numpy() if "label_source" in outputs.columns else None
    told = told_sources(of_columns, masks, sources)
    return Slices(masks, columns, source, dose_columns(columns, orders), told, (*warnings, *uncut))


def _falling(name: str, question: Question) -> tuple[str, ...] | None:
    """Labels of coherence are written from the most degraded on."""
    return question.labels[::-1] if name == "coherence" and question.scale == "ordinal" else None


def _refuse_strangers(name: str, order: Sequence[str] | None, found: Mapping[str, Mask]) -> None:
    """An order names values that are there; a slip in it would leave their items out of the curve."""
    known = {canonical(one.removeprefix(f"{name}=")): one.removeprefix(f"{name}=") for one in found}
    for value in order or ():
        if canonical(value) not in known:
            values = list(known.values())
            msg = (
                f"study.toml: strata.{one_line(name)}: order names {one_line(value)!r}, which no item has"
                f"{nearest(value, values)}; its values are {', '.join(map(one_line, values[:8]))}{', …' if len(values) > 8 else ''}"
            )
            raise InputError(msg)


def clusters_of(config: StudyConfig, outputs: Table) -> tuple[npt.NDArray[np.int64] | None, tuple[str, ...]]:
    """(N,) cluster numbers, or None where items are exchangeable; a warning where a prompt repeats unnamed."""
    import pandas as pd

    if config.cluster is not None:
        if config.cluster not in outputs.columns:
            missing = outputs.missing(config.cluster, "cluster in study.toml")
            msg = f"{missing}; add the column to the outputs, or take cluster out of study.toml"
            raise InputError(msg)
        texts = outputs.frame[config.cluster].to_numpy()
        if (texts == "").any():
            at = outputs.at(int(np.argmax(texts == "")), config.cluster)
            msg = f"{at}: the cell is empty, and every item needs a cluster; fill it, or remove cluster from study.toml"
            raise InputError(msg)
        return pd.factorize(texts)[0].astype(np.int64), ()
    for column in ("prompt_id", "prompt"):
        given = [text for text in outputs.frame[column] if text] if column in outputs.columns else []
        if len(set(given)) < len(given):
            warning = (
                f"{len(given)} items share {len(set(given))} values of {column} and study.toml names no cluster: "
                f'intervals treat items as independent and are too narrow; write cluster = "{column}"'
            )
            return None, (warning,)
    return None, ()


def values_of(name: str, outputs: Table, *, flag: str) -> list[str]:
    """(N,) the values of a column of the outputs, or of a signal of their text where no column has its name.

    `flag` is what asked for it.
    """
    if name in outputs.columns or name not in SIGNALS:
        if name not in outputs.columns:
            raise outputs.missing(name, flag)
        return list(outputs.frame[name])
    others = list(outputs.frame["response_b"]) if "response_b" in outputs.columns else None
    return item_values(name, list(outputs.frame["response"]), others)


def _of_column(name: str, source: str, outputs: Table) -> tuple[dict[str, Mask], int]:
    import pandas as pd

    if name not in outputs.columns and source == "signal" and name not in SIGNALS:
        known = ", ".join(SIGNALS)
        msg = (
            f"{outputs.name}: no column '{one_line(name)}' for strata.{one_line(name)}{nearest(name, list(SIGNALS))}; "
            f"signals computed here are {known}, so name one of them or add the column to the outputs"
        )
        raise InputError(msg)
    if name not in outputs.columns and source != "signal":
        raise outputs.missing(name, f"strata.{one_line(name)}")
    codes, words = pd.factorize(np.array(values_of(name, outputs, flag=f"strata.{one_line(name)}"), dtype=object))
    values = sorted_values([word for word in words if word])
    place = {canonical(value): number for number, value in enumerate(values)}
    number = np.array([place[canonical(word)] if word else -1 for word in words], dtype=np.int64)[codes]
    return {f"{name}={value}": number == n for n, value in enumerate(values)}, int((number < 0).sum())
