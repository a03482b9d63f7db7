"""Marks of items and labels: what leaves them as they are, and what does not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import judgeaudit as ja


def frame() -> pd.DataFrame:
    rows = [
        {"item_id": f"i{n}", "a": f"{n % 3}", "b": f"{n % 3}", "j": f"{(n + (n % 7 == 0)) % 3}", "p": f"p{n // 2}"}
        for n in range(30)
    ]
    return pd.DataFrame(rows).assign(response=[f"text {n}" for n in range(30)])


def marked(table: pd.DataFrame, **options: Any) -> dict[str, Any]:
    given = {"human": ["a", "b"], "judges": ["j"], "labels": ["0", "1", "2"], "scale": "ordinal", **options}
    (record,) = ja.audit_table(table, replicates=200, **given).result.as_dict().get("marks", [])
    return record


def test_neither_the_order_of_rows_nor_names_of_clusters_matter() -> None:
    """The same data give the same marks."""
    other = frame().sample(frac=1, random_state=2).assign(p=lambda one: "q" + one["p"])
    assert marked(frame(), cluster="p") == marked(other, cluster="p")


@pytest.mark.parametrize(
    ("column", "keys"),
    [
        ("j", {"judges", "judge_codes"}),
        ("a", {"people", "reference", "reference_codes"}),
        ("response", {"outputs", "texts"}),
        ("item_id", {"items", "ids", "reference", "people", "judges"}),
    ],
)
def test_a_changed_cell_changes_its_own_marks_alone(column: str, keys: set[str]) -> None:
    """One cell of verdicts, labels or texts; another id is another item, of which all digests speak."""
    other = frame()
    other.loc[29, column] = {"j": "0", "a": "0", "response": "other", "item_id": "i29z"}[column]
    before, after = marked(frame()), marked(other)
    assert {key for key in before if before[key] != after[key]} == keys


def test_a_label_that_is_declared_and_not_used_changes_no_digest() -> None:
    """The digest is of who said what, not of what could have been said."""
    before, after = marked(frame()), marked(frame(), labels=["0", "1", "2", "3"])
    assert before["judges"] == after["judges"]
    assert before["reference"] == after["reference"]


def test_ids_that_are_no_text_anywhere_else_have_marks() -> None:
    """Lone surrogates, NUL and empty texts."""
    table = frame().astype(object)
    table.loc[0, "item_id"], table.loc[1, "response"], table.loc[2, "response"] = "\ud800", "", "\0"
    record = marked(table)
    assert len(record["ids"]) == 30 * 8
    assert len(record["texts"]) == 30 * 4


def test_letters_say_what_was_said() -> None:
    """One letter an item in the order of ids: labels in their order, ? no answer, - nothing."""
    table = frame().astype(object)
    table.loc[table["item_id"] == "i0", "j"] = ""
    table.loc[table["item_id"] == "i1", ["a", "b"]] = ""
    record = marked(table)
    order = np.argsort(frame()["item_id"].to_numpy())
    places = {name: int(np.flatnonzero(frame()["item_id"].to_numpy()[order] == name)[0]) for name in ("i0", "i1", "i2")}
    assert record["judge_codes"]["j"][places["i0"]] == "?"
    assert record["reference_codes"][places["i1"]] == "-"
    assert record["reference_codes"][places["i2"]] == "C"
