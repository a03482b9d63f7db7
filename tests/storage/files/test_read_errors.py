"""A file that is no table is refused in one line that says what, where and how to mend it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from judgeaudit.domain.errors import InputError
from judgeaudit.storage.files.read import read_table, table_from_frame
from judgeaudit.storage.files.write import append_jsonl, sha256_file, write_atomic, write_table

KNOWN = ".csv, .tsv, .jsonl, .parquet (each also with .gz or .zst)"

#: file name, its bytes, the message
REFUSED: list[tuple[str, bytes, str]] = [
    ("a.csv", b"", "a.csv: the file is empty; a table needs named columns and at least one row of cells"),
    (
        "a.csv",
        b"\xef\xbb\xbf \r\n\n",
        "a.csv: the file is empty; a table needs named columns and at least one row of cells",
    ),
    ("a.jsonl", b"\n\n", "a.jsonl: the file is empty; a table needs named columns and at least one row of cells"),
    (
        "a.csv",
        b"item_id,label\n",
        "a.csv: there are columns and no rows; a table needs named columns and at least one row of cells",
    ),
    ("a.csv", b"a,b\n1,2\n3\n", "a.csv row 3: 1 cell where the header has 2; quote cells that hold ','"),
    ("a.csv", b'a,b\n"1\n1",2\n\n3,4,5\n', "a.csv row 5: 3 cells where the header has 2; quote cells that hold ','"),
    ("a.csv", b"a,b,a\n1,2,3\n", "a.csv: columns 1 and 3 are both called 'a'; rename one"),
    (
        "a.csv",
        b",b\n1,2\n",
        "a.csv: column 1 has no name; name every column in the first row (pandas writes its index so, unless to_csv has "
        "index=False)",
    ),
    (
        "a.csv",
        b'a,b\n1,2\n"x"y,2\n',
        "a.csv row 3: ',' expected after '\"'; a cell that holds quotes must double them and be quoted whole",
    ),
    (
        "a.csv",
        b'a,b\n1,2\n"x,2\n3,4\n',
        "a.csv row 3: unexpected end of data; a cell that holds quotes must double them and be quoted whole",
    ),
    ("a.csv", b"a,b\n1,2\n1,caf\xe9\n", "a.csv row 3: not UTF-8 (byte 0xe9); try --encoding cp1252"),
    ("a.csv", b"a,b\n1,\x81\xff\n", "a.csv row 2: not UTF-8 (byte 0x81); name the encoding with --encoding"),
    ("a.csv", "a,b\n1,2\n".encode("utf-16"), "a.csv: this is UTF-16, not UTF-8; read it with --encoding utf-16"),
    (
        "a.csv",
        "a,b\n1,2\n".encode("utf-16-le"),
        "a.csv: this is binary, not .csv, or text in an encoding to be named with --encoding, e.g. utf-16",
    ),
    (
        "a.csv",
        bytes(40),
        "a.csv: this is binary, not .csv, or text in an encoding to be named with --encoding, e.g. utf-16",
    ),
    (
        "a.csv",
        b"\n <!DOCTYPE html><html>",
        "a.csv: this is a web page (HTML or XML), not .csv; fetch the file itself, e.g. its raw address",
    ),
    (
        "a.jsonl",
        b"<html>\n",
        "a.jsonl: this is a web page (HTML or XML), not .jsonl; fetch the file itself, e.g. its raw address",
    ),
    ("a.csv", b'{"a": 1}\n', "a.csv: this is JSON, not .csv; write one object per line and name it .jsonl"),
    ("a.tsv", b'[\n {"a": 1}]', "a.tsv: this is JSON, not .tsv; write one object per line and name it .jsonl"),
    ("a.csv", b"PAR1" + bytes(9), "a.csv: this is Parquet, not .csv; rename it to .parquet"),
    (
        "a.csv",
        b"PK\x03\x04" + bytes(9),
        "a.csv: this is a zip archive or a spreadsheet (.xlsx), not .csv; save it as CSV from the program that made it",
    ),
    ("a.csv", gzip.compress(b"a\n1\n", mtime=0), "a.csv: this is gzip, not .csv; add .gz to its name"),
    ("a.jsonl", zstandard.compress(b"{}"), "a.jsonl: this is Zstandard, not .jsonl; add .zst to its name"),
    ("a.csv.gz", b"a,b\n1,2\n", "a.csv.gz: this is not gzip; drop .gz from its name"),
    ("a.csv.gz", gzip.compress(b"a,b\n1,2\n" * 99, mtime=0)[:-9], "a.csv.gz: this is cut short; copy it again"),
    ("a.csv.zst", b"a,b\n1,2\n", "a.csv.zst: this is not Zstandard; drop .zst from its name"),
    ("a.csv.zst", zstandard.compress(b"a,b\n1,2\n")[:-3], "a.csv.zst: this is cut short; copy it again"),
    ("a.parquet", b"a,b\n1,2\n", "a.parquet: this is not Parquet; name it for what it is (.csv, .tsv, .jsonl)"),
    (
        "a.jsonl",
        b'{"a": 1}\n\n{"a": }\n',
        "a.jsonl row 3: not JSON (Expecting value at character 7); each line must be one JSON object",
    ),
    (
        "a.jsonl",
        b'{"a": 1}\n[1]\n',
        'a.jsonl row 2: a list, not a JSON object; each line must be one, like {"item_id": "1"}',
    ),
    (
        "a.jsonl",
        b"7\n",
        'a.jsonl row 1: a number, not a JSON object; each line must be one, like {"item_id": "1"}',
    ),
    ("a.jsonl", b'{"a": 1, "a": 2}\n', "a.jsonl row 1: the key 'a' stands twice in one object; keep one"),
    ("a.jsonl", b'{"a": ' + b"[" * 100_000, "a.jsonl row 1: JSON that is too deep or a number that is too long"),
    ("a.jsonl", b'{"": 1}\n', "a.jsonl: column 1 has no name; name every column in the first row"),
]


def refused(path: Path, **options: str) -> str:
    """The message of the refusal, which is one line."""
    with pytest.raises(InputError) as caught:
        read_table(path, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(("name", "data", "message"), REFUSED)
def test_what_is_no_table_is_refused_with_its_reason(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    """Each way of not being a table has its own sentence with the row where there is one."""
    path = tmp_path / name
    path.write_bytes(data)
    assert refused(path) == message


def test_a_missing_file_a_folder_and_an_unknown_suffix_are_refused(tmp_path: Path) -> None:
    """The path that was given is named."""
    (tmp_path / "b.xlsx").write_bytes(b"x")
    (tmp_path / "c.csv").mkdir()
    assert refused(tmp_path / "a.csv") == f"no file {tmp_path / 'a.csv'}"
    assert refused(tmp_path / "b.xlsx") == f"{tmp_path / 'b.xlsx'}: the name must end in {KNOWN}"
    assert refused(tmp_path / "c.csv") == f"{tmp_path / 'c.csv'}: this is a folder, not a table"


def test_a_broken_parquet_file_is_refused(tmp_path: Path) -> None:
    """A Parquet file that is cut in the middle is an error, whatever the reading package says about it."""
    whole = tmp_path / "whole.parquet"
    pq.write_table(pa.table({"a": ["1"]}), whole)
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(whole.read_bytes()[:-20])
    assert refused(broken).startswith("broken.parquet: this Parquet file cannot be read: ")


def test_doubled_columns_of_parquet_and_frames_are_refused(tmp_path: Path) -> None:
    """Two columns of one name would hide one another."""
    path = tmp_path / "a.parquet"
    pq.write_table(pa.Table.from_arrays([pa.array(["1"]), pa.array(["2"])], names=["a", "a"]), path)
    assert refused(path) == "a.parquet: columns 1 and 2 are both called 'a'; rename one"
    with pytest.raises(InputError, match=r"^labels: columns 1 and 2 are both called '1'; rename one$"):
        table_from_frame(pd.DataFrame([[1, 2]], columns=pd.Index([1, "1"], dtype=object)), "labels")
    with pytest.raises(InputError, match=r"^labels: there are columns and no rows; a table needs "):
        table_from_frame(pd.DataFrame({"a": []}), "labels")


def test_encodings_and_separators_that_do_not_exist_are_refused(tmp_path: Path) -> None:
    """The flag that is wrong is named."""
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n1,2\n")
    assert refused(path, encoding="utf-9") == "no text encoding 'utf-9'; try --encoding utf-8, cp1252 or utf-16"
    assert refused(path, encoding="hex") == "no text encoding 'hex'; try --encoding utf-8, cp1252 or utf-16"
    assert refused(path, sep=";;") == "--sep ';;': a separator is one character, such as , or ; or \\t"


def test_a_separator_for_a_table_that_has_none_is_refused(tmp_path: Path) -> None:
    """A flag that does nothing would be believed to have done something."""
    path = tmp_path / "a.jsonl"
    path.write_text('{"a": 1}\n', encoding="utf-8")
    told = "a.jsonl: --sep is the separator of .csv and .tsv tables, and a .jsonl table has none; leave it out"
    assert refused(path, sep=";") == told


def test_a_missing_column_names_the_separator_that_would_help(tmp_path: Path) -> None:
    """A table whose cells all stand in one column was most likely read with the wrong separator."""
    path = tmp_path / "a.csv"
    path.write_bytes(b"item_id;label\n1;2\n")
    table = read_table(path)
    assert str(table.missing("label", "--human")) == (
        "a.csv: no column 'label' for --human; columns are item_id;label; "
        "everything stands in one column: name the separator with --sep ';'"
    )
    assert read_table(path, sep=";").columns == ["item_id", "label"]
    assert str(read_table(path, sep=";").missing("lable", "--human")) == (
        "a.csv: no column 'lable' for --human (did you mean 'label'?); columns are item_id, label"
    )


def test_files_that_cannot_be_written_are_refused(tmp_path: Path) -> None:
    """What stands in the way is named, and what was there stays."""
    (tmp_path / "there").mkdir()
    (tmp_path / "file").write_text("x", encoding="utf-8")
    for write in (
        lambda: write_atomic(tmp_path / "there", "x"),
        lambda: write_atomic(tmp_path / "file" / "below", "x"),
        lambda: append_jsonl(tmp_path / "there", [{"a": 1}]),
        lambda: sha256_file(tmp_path / "there"),
    ):
        with pytest.raises(InputError, match=r"^cannot (write|read) [^\n]+$"):
            write()
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["file", "there"]
    with pytest.raises(InputError, match="two columns of one name cannot be written"):
        write_table(tmp_path / "a.csv", ["a", "a"], [["1", "2"]])
    with pytest.raises(InputError, match="a row of 1 cells does not fit 2 columns"):
        write_table(tmp_path / "a.csv", ["a", "b"], [["1"]])
    with pytest.raises(InputError, match="the name must end in"):
        write_table(tmp_path / "a.txt", ["a"], [["1"]])


def test_a_number_too_long_for_the_reader_is_refused(tmp_path: Path) -> None:
    """A JSON number of thousands of digits is an error with its row."""
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"a": 1}) + '\n{"a": ' + "9" * 5000 + "}\n", encoding="utf-8")
    assert refused(path) == "a.jsonl row 2: JSON that is too deep or a number that is too long"
