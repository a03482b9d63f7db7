"""Tables in and out: whatever was written comes back, text by text."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgeaudit.domain.errors import InputError
from judgeaudit.domain.escape import escape, unescape
from judgeaudit.storage.files.read import read_table, table_from_frame
from judgeaudit.storage.files.write import append_jsonl, sha256_file, write_atomic, write_table

SUFFIXES = (".csv", ".tsv", ".jsonl", ".parquet", ".csv.gz", ".jsonl.zst")
#: every code point, lone surrogates and NUL among them, and what has meaning in these formats
TEXTS = st.text(st.one_of(st.characters(codec=None), st.sampled_from(list('\x00\r\n",;\t␛{}D8\ud800\ufeff\u2028'))))
HOSTILE = (
    "\x00\x00",
    "\ud800",
    "\udcff\ud83d",
    "␛{D800}",
    "␛",
    "",
    " x ",
    "NA",
    "nan",
    "a\rb",
    "\r\n",
    '"',
    '""',
    "\ufeff",
    "\u202eabc",
    "=1+1",
    "x" * 1_000_000,
)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """One folder for all examples of this module."""
    with TemporaryDirectory() as name:
        yield Path(name)


def cells(path: Path) -> list[list[str]]:
    """The rows of a table as texts."""
    rows: list[list[str]] = read_table(path).frame.to_numpy().tolist()
    return rows


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_hostile_texts_survive_every_format(folder: Path, suffix: str) -> None:
    """NUL, lone surrogates, line ends, the empty text and a megabyte come back as they were."""
    rows = [[text, "x", text] for text in HOSTILE]
    write_table(folder / f"hostile{suffix}", ["a", "b", "c"], rows)
    assert cells(folder / f"hostile{suffix}") == rows


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_any_text_survives(folder: Path, suffix: str) -> None:
    """Reading what was written gives the same texts, whatever they are."""

    @given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1))
    def law(rows: list[tuple[str, str]]) -> None:
        path = folder / f"any{suffix}"
        write_table(path, ["a", "b"], rows)
        assert cells(path) == [list(row) for row in rows]

    law()


@given(TEXTS)
def test_the_escape_is_reversible(text: str) -> None:
    """Every text can be escaped into UTF-8 and back; a text without the sign comes out of `unescape` untouched."""
    assert unescape(escape(text).encode().decode()) == text
    assert unescape(escape(text, unheld="a-z\x00")) == text


def test_cells_are_texts_as_written(tmp_path: Path) -> None:
    """Nothing is converted: leading zeros, "NA", spaces and the spelling of numbers stay."""
    path = tmp_path / "a.csv"
    path.write_bytes("\ufeffid, b ,c\r\n007,NA,1.10\r\n1e5, x ,\r\n".encode())
    table = read_table(path)
    assert table.frame.to_dict("list") == {"id": ["007", "1e5"], " b ": ["NA", " x "], "c": ["1.10", ""]}
    assert (table.name, table.rows, table.sha256) == ("a.csv", 2, hashlib.sha256(path.read_bytes()).hexdigest())


def test_json_values_become_their_json_text(tmp_path: Path) -> None:
    """Numbers keep their spelling; null, nan and missing keys are empty; lists and objects are compact JSON."""
    path = tmp_path / "a.jsonl"
    path.write_text(
        '{"a": 1.10, "b": true, "c": null}\r\n\n'
        '{"a": 12345678901234567890123, "d": {"x": [1, "é"]}, "c": NaN}\n{"b": "\\ud800"}',
        encoding="utf-8",
    )
    table = read_table(path)
    assert table.frame.to_dict("list") == {
        "a": ["1.10", "12345678901234567890123", ""],
        "b": ["true", "", "\ud800"],
        "c": ["", "", ""],
        "d": ["", '{"x":[1,"é"]}', ""],
    }
    assert [table.row(index) for index in range(3)] == [1, 3, 4]


def test_rows_are_numbered_as_an_editor_shows_them(tmp_path: Path) -> None:
    """The header is row 1; after quoted line ends and blank lines a row is known by the line where it starts."""
    path = tmp_path / "a.csv"
    path.write_bytes(b'a,b\n1,2\n"x\ny",3\n\n4,5\n')
    table = read_table(path)
    assert [table.row(index) for index in range(3)] == [2, 3, 6]
    assert table.at(1, "b") == "a.csv row 3, column 'b'"


def test_an_encoding_and_a_separator_can_be_named(tmp_path: Path) -> None:
    """cp1252 with semicolons reads as what it says."""
    path = tmp_path / "a.csv"
    path.write_bytes("a;b\n1;é\n".encode("cp1252"))
    table = read_table(path, encoding="cp1252", sep=";")
    assert table.frame.to_dict("list") == {"a": ["1"], "b": ["é"]}


def test_typed_parquet_columns_become_texts(tmp_path: Path) -> None:
    """Numbers and booleans as JSON writes them, a narrow float by its shortest spelling, no value as an empty cell."""
    path = tmp_path / "a.parquet"
    frame = pd.DataFrame({"a": [1, 2], "b": [1.0, np.nan], "c": [True, False], "d": ["x", None]})
    frame["e"] = np.array([0.1, 0.2], dtype="float32")
    frame["f"] = pd.to_datetime(["2024-01-02", None])
    frame.to_parquet(path)
    assert read_table(path).frame.to_dict("list") == {
        "a": ["1", "2"],
        "b": ["1.0", ""],
        "c": ["true", "false"],
        "d": ["x", ""],
        "e": ["0.1", "0.2"],
        "f": ["2024-01-02T00:00:00", ""],
    }


def test_a_frame_becomes_texts_and_a_stable_hash() -> None:
    """Missing values are empty cells, the rest is its `str`; equal frames have equal hashes, whatever their index."""
    frame = pd.DataFrame({"a": [1.0, None], "b": pd.array([1, None], dtype="Int64"), 3: ["nan", None], "d": [True, 1]})
    frame["d"] = pd.Series([True, 1], dtype=object)
    table = table_from_frame(frame, "mine")
    assert table.frame.to_dict("list") == {"a": ["1.0", ""], "b": ["1", ""], "3": ["nan", ""], "d": ["True", "1"]}
    assert (table.row(0), table.row(1)) == (0, 1)
    assert table_from_frame(frame.set_axis([7, 8]), "other").sha256 == table.sha256
    assert table_from_frame(frame.iloc[::-1], "mine").sha256 != table.sha256


def test_values_with_types_are_written_as_json_writes_them(tmp_path: Path) -> None:
    """None and nan are empty cells in every format."""
    rows: list[list[str | int | float | bool | None]] = [["x", 1, 0.5, True], [None, None, float("nan"), None]]
    for suffix in (".csv", ".jsonl", ".parquet"):
        write_table(tmp_path / f"a{suffix}", ["a", "b", "c", "d"], rows)
        found = cells(tmp_path / f"a{suffix}")
        assert found == [["x", "1", "0.5", "true"], ["", "", "", ""]], suffix


def test_writing_replaces_whole_files_and_makes_folders(tmp_path: Path) -> None:
    """The folder is made, the old content is replaced, its mode is kept and nothing is left beside it."""
    path = tmp_path / "new" / "a.json"
    write_atomic(path, "one")
    path.chmod(0o640)
    write_atomic(path, "zwei \ud800")
    assert path.read_bytes() == b"zwei \\ud800"
    assert path.stat().st_mode & 0o777 == 0o640
    assert [file.name for file in path.parent.iterdir()] == ["a.json"]
    assert sha256_file(path) == hashlib.sha256(b"zwei \\ud800").hexdigest()


def test_appending_keeps_what_is_there(tmp_path: Path) -> None:
    """New rows stand after the old ones, even where the last line was torn off."""
    path = tmp_path / "new" / "a.jsonl"
    append_jsonl(path, [{"a": "\ud800"}, {"a": "é\n"}])
    with path.open("ab") as file:
        file.write(b'{"a": "torn"}')
    append_jsonl(path, [{"a": "last"}])
    assert cells(path) == [["\ud800"], ["é\n"], ["torn"], ["last"]]


def test_reading_leaves_the_collector_as_it_was(tmp_path):
    """It rests while cells are read, and is back afterwards, also where a table is refused."""
    (tmp_path / "good.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (tmp_path / "bad.csv").write_text("a,b\n1\n", encoding="utf-8")
    read_table(tmp_path / "good.csv")
    assert gc.isenabled()
    with pytest.raises(InputError):
        read_table(tmp_path / "bad.csv")
    assert gc.isenabled()
