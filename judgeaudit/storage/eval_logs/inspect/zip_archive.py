"""A log of Inspect that is an archive (`.eval`): its header and its samples, as one log in JSON would hold them."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path

from judgeaudit.domain.errors import InputError
from judgeaudit.storage.eval_logs.common.json_files import Json, json_of
from judgeaudit.storage.files.write import cannot_read, missing_extra, shown

_STORED, _DEFLATED, _ZSTD = 0, 8, 93
#: before a member's bytes stand 30 bytes that end with the lengths of its name and its extra field
_LOCAL, _LENGTHS = 30, 26


def is_archive(data: bytes) -> bool:
    """Whether a file begins as an archive does."""
    return data.startswith(b"PK\x03\x04")


def read_archive(path: Path) -> Json:
    """The whole log. Python 3.11 opens no archive packed with Zstandard, which Inspect's are; the extra `inspect` does."""
    where = shown(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise cannot_read(path, error) from error
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {info.filename: info for info in archive.infolist()}
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        msg = f"{where}: this archive cannot be opened, so it is no whole .eval log; was it cut off? Copy it again"
        raise InputError(msg) from error
    if "header.json" not in members:
        begun = (
            "the evaluation has not ended"
            if any(name.startswith("_journal/") for name in members)
            else "no header.json"
        )
        msg = f"{where}: {begun}, so there is no log of Inspect to read; name a log that was written to its end"
        raise InputError(msg)
    log = json_of(_unpacked(data, members["header.json"], where), f"{where} header.json")
    if not isinstance(log, dict):
        msg = f"{where}: header.json is not a JSON object, so this is no log of Inspect"
        raise InputError(msg)
    named = [info for name, info in members.items() if name.startswith("samples/") and name.endswith(".json")]
    samples = [json_of(_unpacked(data, info, where), f"{where} {info.filename}") for info in named]
    return {**log, "samples": samples}


def _unpacked(data: bytes, info: zipfile.ZipInfo, where: str) -> bytes:
    start = info.header_offset
    head = data[start : start + _LOCAL]
    if len(head) < _LOCAL:
        raise _torn(where)
    name, extra = struct.unpack("<HH", head[_LENGTHS:])
    first = start + _LOCAL + name + extra
    packed = data[first : first + info.compress_size]
    content = _content(packed, info, where)
    if len(content) != info.file_size or zlib.crc32(content) != info.CRC:
        raise _torn(where)
    return content


def _content(packed: bytes, info: zipfile.ZipInfo, where: str) -> bytes:
    if info.compress_type == _STORED:
        return packed
    if info.compress_type == _DEFLATED:
        try:
            return zlib.decompress(packed, wbits=-15)
        except zlib.error as error:
            raise _torn(where) from error
    if info.compress_type != _ZSTD:
        msg = f"{where}: packed in a way that is not known here ({info.compress_type}); convert it: inspect log convert --to json"
        raise InputError(msg)
    try:
        import zstandard
    except ImportError as error:
        raise missing_extra(extra="inspect", module="zstandard", name=where) from error
    try:
        return zstandard.ZstdDecompressor().decompressobj().decompress(packed)
    except zstandard.ZstdError as error:
        raise _torn(where) from error


def _torn(where: str) -> InputError:
    return InputError(f"{where}: a part of this archive is damaged; copy the log again")
