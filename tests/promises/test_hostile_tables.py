"""Whatever a table holds, `audit_table` gives an audit or one line that says why not; never anything else."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import judgeaudit as ja
from judgeaudit.domain.question import canonical
from tests.fuzzing import examples

ODD = [
    "",
    " ",
    "1",
    "1.0",
    " 1",
    "+1",
    "1e0",
    "0",
    "-0",
    "0.0",
    "nan",
    "NaN",
    "inf",
    "-inf",
    "NA",
    "null",
    "None",
    "1_0",
    "١",
]
ODD += [
    "yes",
    "Yes",
    "yes ",
    "no",
    "a,b",
    'a"b',
    "a=b",
    "a:b",
    "a&b",
    "a & b",
    "=1+1",
    "<b>",
    "{{x}}",
    "%s",
    "\x00",
    "\x1b[31m",
]
ODD += [
    "\u202eabc",
    "\u200b",
    "\ud800",
    "e\u0301",
    "😀",
    "\r\n",
    "\n",
    "\t",
    "|",
    "*",
    "?",
    "[x]",
    "all",
    "humans",
    "reference",
]
LONG = ["x" * 3000, "1" * 400, "9e999", "1e-400"]

cell = st.one_of(
    st.sampled_from(ODD), st.sampled_from(["yes", "no", "1", "0"]), st.text(max_size=6), st.sampled_from(LONG)
)
name = st.one_of(
    st.sampled_from(["gpt", "ann", "all", "a&b", "a=b", "x:y", "<i>", "\ud800", "\x00", "ü\u202e"]),
    st.text(min_size=1, max_size=4),
)
RULES = ["majority", "each", "dawid-skene"]
TREATMENTS = ["counted", "left-out"]


@st.composite
def tables(draw: st.DrawFn) -> tuple[pd.DataFrame, dict[str, Any]]:
    """A small table of hostile cells under hostile names, and options that speak of it."""
    people, judges = draw(st.integers(1, 3)), draw(st.integers(0, 2))
    raters = draw(st.lists(name.filter(str.strip), min_size=people + judges, max_size=people + judges, unique=True))
    scale = draw(st.sampled_from(["binary", "nominal", "ordinal", "interval"]))
    words = cell if scale != "interval" else st.sampled_from(["0", "1", "1.0", "-2.5", "9e99", "1e-99", "0.1"])
    labels = draw(st.lists(words.filter(bool), min_size=2, max_size=2 if scale == "binary" else 4, unique_by=canonical))
    pool = draw(st.sampled_from([[], [""], ["", *ODD[:6]]])) + labels
    rows = draw(st.integers(1, 12))
    column = st.lists(
        st.one_of(*[st.sampled_from(pool)] * 9, cell) if draw(st.booleans()) else st.sampled_from(pool),
        min_size=rows,
        max_size=rows,
    )
    frame = {"item_id": [str(n) for n in range(rows)] if draw(st.integers(0, 19)) else draw(column)}
    frame |= {rater: draw(column) for rater in raters}
    frame |= {
        "slice": draw(column),
        "bunch": draw(st.lists(st.sampled_from(["x", "y", *labels]), min_size=rows, max_size=rows)),
    }
    frame |= {"heavy": draw(st.lists(st.sampled_from(["1", "2.5", "1e-12", "1e12"]), min_size=rows, max_size=rows))}
    frame |= {"likely": draw(st.lists(st.sampled_from(["0", "1", "0.5", "", "1e-320"]), min_size=rows, max_size=rows))}
    options: dict[str, Any] = {
        "human": raters[:people],
        "judges": raters[people:],
        "labels": labels if draw(st.integers(0, 19)) else [],
        "scale": scale,
        "reference": draw(st.sampled_from(RULES)),
        "unanswered": draw(st.sampled_from([*TREATMENTS, f"as:{labels[0]}"])),
        "interval": draw(st.sampled_from(["auto", "bca", "percentile"])),
        "unusable": draw(st.sampled_from([[], ["*"], ["?", "[x]"]])),
        "not_asked": draw(st.sampled_from([None, None, None, None, pool[0], "NA"])),
        "cluster": draw(st.sampled_from([None, None, "bunch"])),
        "by": draw(st.sampled_from([[], ["slice"], ["slice", "bunch"], ["slice&bunch"], ["item_id"]])),
        "weight": draw(st.sampled_from([None, None, "heavy"])),
        "pairs": draw(st.booleans()),
    }
    if options["judges"] and scale == "binary" and draw(st.booleans()):
        options["probability"] = {options["judges"][0]: "likely"}
        options["threshold"] = {options["judges"][0]: 0.5} if draw(st.booleans()) else None
    if draw(st.booleans()):
        options["positive"] = labels[:1]
    return frame_of(frame), options


def frame_of(columns: dict[str, list[str]]) -> pd.DataFrame:
    """A DataFrame of plain objects: pandas' own texts cannot hold lone surrogates."""
    frame = pd.DataFrame(dict(enumerate(columns.values())), dtype=object)
    frame.columns = pd.Index(list(columns), dtype=object)
    return frame


def numbers(value: object) -> Iterator[float]:
    """Every number in a JSON value."""
    if isinstance(value, dict):
        for one in value.values():
            yield from numbers(one)
    elif isinstance(value, list):
        for one in value:
            yield from numbers(one)
    elif isinstance(value, float):
        yield value


def refuse_constant(text: str) -> float:
    msg = f"{text} is no JSON"
    raise AssertionError(msg)


def hold(table: object, options: dict[str, Any]) -> None:
    """An audit whose every rendering works and whose every number is finite, or an InputError of one line."""
    try:
        audit = ja.audit_table(table, replicates=200, **options)  # type: ignore[arg-type]
    except ja.InputError as error:
        assert str(error)
        return
    plain = json.loads(audit.to_json(), parse_constant=refuse_constant)
    assert all(math.isfinite(number) for number in numbers(plain))
    assert all((row["value"] is None) == (row["undefined"] is not None) for row in plain["findings"])
    assert audit.to_html(full=True).startswith("<!")
    assert audit.to_markdown(full=True)
    assert audit.to_text(full=True)
    assert len(audit.findings) == len(plain["findings"])
    assert len(audit.contrasts) == len(plain["contrasts"])
    assert len(audit.confusions) <= len(plain["confusions"])
    assert len(plain["decisions"]) == max(1, len(options.get("judges", ())))


@pytest.mark.slow
@settings(max_examples=examples(200), suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(tables())
def test_hostile_cells_end_in_an_audit_or_in_one_line(case: tuple[pd.DataFrame, dict[str, Any]]) -> None:
    """No cell, no name and no option raises anything but InputError, or brings nan or inf into audit.json."""
    hold(*case)


COLUMNS = {
    "int": lambda codes: pd.Series(codes, dtype="int64"),
    "float": lambda codes: pd.Series([np.nan if code > 1 else float(code) for code in codes]),
    "Int64": lambda codes: pd.Series([None if code > 1 else code for code in codes], dtype="Int64"),
    "bool": lambda codes: pd.Series([bool(code % 2) for code in codes]),
    "boolean": lambda codes: pd.Series([None if code > 1 else bool(code) for code in codes], dtype="boolean"),
    "category": lambda codes: pd.Series(codes).astype("category"),
    "string": lambda codes: pd.Series([None if code > 1 else str(code) for code in codes], dtype="string"),
    "object": lambda codes: pd.Series([[None, 1, "0", 1.0][code] for code in codes], dtype=object),
    "date": lambda codes: pd.Series(pd.to_datetime([f"2026-01-0{code + 1}" for code in codes])),
    "list": lambda codes: pd.Series([[code] for code in codes], dtype=object),
    "bytes": lambda codes: pd.Series([bytes([code]) for code in codes], dtype=object),
    "complex": lambda codes: pd.Series([complex(code, 0) for code in codes]),
    "timedelta": lambda codes: pd.Series(pd.to_timedelta(codes, unit="s")),
    "float32": lambda codes: pd.Series(codes, dtype="float32"),
    "arrow": lambda codes: pd.Series([str(code) for code in codes], dtype="string[pyarrow]"),
}


@pytest.mark.slow
@settings(max_examples=examples(15), suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_columns_of_any_type_end_in_an_audit_or_in_one_line(data: st.DataObject) -> None:
    """A DataFrame's columns may be of any type, and its index and column names of any kind."""
    rows = data.draw(st.integers(1, 10))
    codes = st.lists(st.integers(0, 3), min_size=rows, max_size=rows)
    kinds = st.sampled_from(sorted(COLUMNS))
    frame = pd.DataFrame({key: COLUMNS[data.draw(kinds)](data.draw(codes)) for key in ("ann", "bob", "gpt", "slice")})
    frame.insert(0, "item_id", range(rows))
    frame.index = data.draw(st.sampled_from([frame.index, pd.Index(["same"] * rows), pd.RangeIndex(5, 5 + rows)]))
    scale = data.draw(st.sampled_from(["binary", "nominal", "ordinal", "interval"]))
    labels = data.draw(st.sampled_from([["0", "1"], ["0", "1", "2", "3"], ["False", "True"], []]))
    hold(frame, {"human": ["ann", "bob"], "judges": ["gpt"], "labels": labels, "scale": scale, "by": ["slice"]})
