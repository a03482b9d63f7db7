"""Rows by their item are the rows of the whole table, whatever the file looks like; only the memory differs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgeaudit.domain.errors import InputError
from judgeaudit.storage.files.read import Table
from judgeaudit.storage.files.rows_by_id import RowsById
from judgeaudit.storage.study.outputs import outputs_of

WANTED = ("item_id", "prompt", "response")
VALUES = st.one_of(st.text(), st.none(), st.integers(), st.floats(), st.booleans(), st.lists(st.text(max_size=3)))
ROWS = st.lists(
    st.fixed_dictionaries({"response": VALUES}, optional={"prompt": VALUES, "other": VALUES}), min_size=1, max_size=8
)


def written(folder: Path, lines: list[str], *, end: str = "\n", start: str = "") -> Path:
    file = folder / "outputs.jsonl"
    file.write_bytes((start + end.join(lines)).encode("utf-8", "surrogatepass"))
    return file


def refused() -> Table:
    raise AssertionError("the whole table was read")


def by_id(file: Path) -> RowsById:
    """Rows of a file that needs not be read whole."""
    return RowsById(file, WANTED, needed=("item_id", "response"), whole=refused)


@given(rows=ROWS, end=st.sampled_from(["\n", "\r\n", "\n\n \n"]), start=st.sampled_from(["", "\ufeff"]))
def test_rows_by_id_are_the_rows_of_the_whole_table(tmp_path_factory, rows, end, start):
    """Missing keys, numbers, lists, every character, blank lines and a byte order mark read as they always do."""
    folder = tmp_path_factory.mktemp("rows")
    lines = [json.dumps({"item_id": f"i{number}", **row}) for number, row in enumerate(rows)]
    some = by_id(written(folder, lines, end=end, start=start))
    whole = outputs_of(folder).frame
    columns = [column for column in WANTED if column in whole.columns]
    assert some.columns == tuple(columns)
    items = list(whole["item_id"])[::-1]
    assert some.rows(items) == [dict(row) for row in whole[columns][::-1].to_dict("records")]
    assert all(item in some for item in items)
    assert "not there" not in some


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (['{"item_id": "a", "response": "x"}', '{"item_id": "a", "response": "y"}'], "both item 'a'"),
        (['{"item_id": "a", "response": "x"}', '{"response": "y"}'], "every output needs an id"),
        (['{"item_id": "a", "response": "x"}', "{"], "not JSON"),
        (['{"item_id": "a", "answer": "x"}'], "no column 'response'"),
        (['{"item_id": "a", "response": "\ud800"}'], "not UTF-8"),
        ([""], "the file is empty"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_by_the_reader_of_whole_tables(tmp_path, lines, told):
    """Nothing is sent of a table that an audit would refuse."""
    file = written(tmp_path, lines)
    with pytest.raises(InputError, match=told):
        RowsById(file, WANTED, needed=("item_id", "response"), whole=lambda: outputs_of(tmp_path))


def test_other_formats_and_no_file_are_left_to_the_reader_of_whole_tables(tmp_path):
    """A CSV is held; where there is nothing, that is said."""
    with pytest.raises(InputError, match="no outputs"):
        RowsById(None, WANTED, needed=("item_id",), whole=lambda: outputs_of(tmp_path))
    file = tmp_path / "outputs.csv"
    file.write_text("item_id,response\na,x\nb,\n", encoding="utf-8")
    rows = RowsById(file, WANTED, needed=("item_id", "response"), whole=lambda: outputs_of(tmp_path))
    assert rows.rows(["b", "a"]) == [{"item_id": "b", "response": ""}, {"item_id": "a", "response": "x"}]
