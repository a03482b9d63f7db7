"""What the bytes of a table really are, whatever the name says; and those bytes as text."""

from __future__ import annotations

import re
import zlib

from judgeaudit.domain.errors import InputError
from judgeaudit.storage.files.write import missing_extra

NEEDED = "a table needs named columns and at least one row of cells"
_MAGIC = (
    (b"PK\x03\x04", "a zip archive or a spreadsheet (.xlsx)", "save it as CSV from the program that made it"),
    (b"\xd0\xcf\x11\xe0", "an old spreadsheet (.xls)", "save it as CSV from the program that made it"),
    (b"PAR1", "Parquet", "rename it to .parquet"),
    (b"\x1f\x8b", "gzip", "add .gz to its name"),
    (b"\x28\xb5\x2f\xfd", "Zstandard", "add .zst to its name"),
    (b"%PDF", "a PDF", "a table is needed"),
    (b"SQLite format 3\x00", "an SQLite database", "export the table as CSV"),
)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_HTML = re.compile(r"\s*<(!doctype html|html|head|body|\?xml)\b", re.IGNORECASE)
_FIRST_LINE = re.compile(r"\s*([^\r\n]*)")
_JSON = re.compile(r'\s*(\{\s*"|\[\s*[\[{"]|\{\s*\}\s*$)')


def unpack(data: bytes, *, name: str, compression: str) -> bytes:
    """The bytes inside a `.gz` or `.zst`; a file cut short is an error, not a shorter table."""
    if compression == ".gz":
        return _gunzip(data, name)
    if compression == ".zst":
        return _unzstd(data, name)
    return data


def text_of(data: bytes, *, name: str, suffix: str, encoding: str) -> str:
    """The text of a .csv, .tsv or .jsonl, or the error that says what the file is instead."""
    for magic, what, remedy in _MAGIC:
        if data.startswith(magic):
            msg = f"{name}: this is {what}, not {suffix}; {remedy}"
            raise InputError(msg)
    text = _decode(data, name, encoding).removeprefix("\ufeff")
    if not text or text.isspace():
        msg = f"{name}: the file is empty; {NEEDED}"
        raise InputError(msg)
    first = _FIRST_LINE.match(text)  # and no copy of all the others
    if first and "\x00" in first[1]:
        msg = f"{name}: this is binary, not {suffix}, or text in an encoding to be named with --encoding, e.g. utf-16"
        raise InputError(msg)
    if _HTML.match(text):
        msg = f"{name}: this is a web page (HTML or XML), not {suffix}; fetch the file itself, e.g. its raw address"
        raise InputError(msg)
    if suffix != ".jsonl" and _JSON.match(text):
        msg = f"{name}: this is JSON, not {suffix}; write one object per line and name it .jsonl"
        raise InputError(msg)
    return text


def _decode(data: bytes, name: str, encoding: str) -> str:
    if data.startswith(_UTF16) and encoding.lower().replace("_", "-") == "utf-8":
        msg = f"{name}: this is UTF-16, not UTF-8; read it with --encoding utf-16"
        raise InputError(msg)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        byte = f"byte 0x{data[error.start]:02x}" if error.start < len(data) else "its end"
        msg = f"{name} row {row}: not {encoding.upper()} ({byte}); {_other_encoding(data, encoding)}"
        raise InputError(msg) from error
    except (LookupError, ValueError) as error:
        msg = f"no text encoding {encoding!r}; try --encoding utf-8, cp1252 or utf-16"
        raise InputError(msg) from error


def _other_encoding(data: bytes, encoding: str) -> str:
    try:
        data.decode("cp1252")
    except UnicodeDecodeError:
        return "name the encoding with --encoding"
    return "name the encoding with --encoding" if encoding.lower() == "cp1252" else "try --encoding cp1252"


def _gunzip(data: bytes, name: str) -> bytes:
    import gzip

    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        what = "cut short" if isinstance(error, EOFError) and data.startswith(b"\x1f\x8b") else "not gzip"
        msg = f"{name}: this is {what}; " + ("copy it again" if what == "cut short" else "drop .gz from its name")
        raise InputError(msg) from error


def _unzstd(data: bytes, name: str) -> bytes:
    try:
        import zstandard
    except ImportError as error:
        raise missing_extra(extra="zstd", module="zstandard", name=name) from error
    parts: list[bytes] = []
    try:
        while data or not parts:
            frame = zstandard.ZstdDecompressor().decompressobj()
            parts.append(frame.decompress(data))
            if not frame.eof:
                msg = f"{name}: this is cut short; copy it again"
                raise InputError(msg)
            data = frame.unused_data
    except zstandard.ZstdError as error:
        msg = f"{name}: this is not Zstandard; drop .zst from its name"
        raise InputError(msg) from error
    return b"".join(parts)
