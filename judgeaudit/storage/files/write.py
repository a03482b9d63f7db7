"""Files out: whole or not at all, and nothing that was there before is lost."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.escape import escape

Cell = str | int | float | bool | None
COMPRESSIONS = (".gz", ".zst")
FORMATS = (".csv", ".tsv", ".jsonl", ".parquet")


def sha256_file(path: str | Path) -> str:
    """The hexadecimal SHA-256 of the bytes of a file."""
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise cannot_read(path, error) from error


def write_atomic(path: str | Path, content: str | bytes) -> None:
    """After this the file holds all of `content`, or, on an error, exactly what it held before.

    The folder is made where it is missing. Text is written as UTF-8; a lone surrogate, which that cannot hold, becomes
    `\\udXXX`.
    """
    target = Path(path)
    data = content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if _is_stream(target):
            target.write_bytes(data)
            return
        _replace(target.resolve() if target.is_symlink() else target, data)
    except (OSError, ValueError) as error:
        raise cannot_write(path, error) from error


def write_table(path: str | Path, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """A table in the format that the suffix names, such that `read_table` gives back every text as it was.

    None and nan are empty cells. CSV and Parquet cannot hold lone surrogates: they are escaped as `domain.escape` says.
    """
    base, compression = split_suffix(Path(path))
    writers = {".csv": _as_csv, ".tsv": _as_tsv, ".jsonl": _as_jsonl, ".parquet": _as_parquet}
    if base not in writers:
        raise unknown_suffix(Path(path))
    if len(set(columns)) < len(columns):
        msg = f"{shown(path)}: two columns of one name cannot be written"
        raise InputError(msg)
    data = writers[base](columns, [_same_width(columns, row, path) for row in rows])
    write_atomic(path, compressed(data, compression))


def append_jsonl(path: str | Path, rows: Iterable[Mapping[str, object]]) -> None:
    """Every row stands at the end of the file, on a line of its own, and on disk, before this returns."""
    data = "".join(json.dumps(row) + "\n" for row in rows).encode("ascii")
    target = Path(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("ab+") as file:
            if _is_torn(file):  # a person's editor may leave out the last line's end
                data = b"\n" + data
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise cannot_write(path, error) from error


def mend_jsonl(path: str | Path) -> None:
    """Takes a last line that was cut off in the middle, by a crash while it was written, out of a file of JSON Lines.

    Nothing ever relied on such a line; it is kept beside the file, under the name with `.torn`.
    """
    target = Path(path)
    try:
        if not target.is_file():
            return
        with target.open("rb+") as file:
            if not _is_torn(file):
                return
            start = _last_line(file)
            file.seek(start)
            tail = file.read()
            if _is_json(tail):
                return
            with target.with_name(f"{target.name}.torn").open("ab") as aside:
                aside.write(tail + b"\n")
            file.truncate(start)
    except OSError as error:
        raise cannot_write(path, error) from error


def split_suffix(path: Path) -> tuple[str, str]:
    """The suffixes that name the format and the compression, in lower case; empty where there is none."""
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    compression = suffixes.pop() if suffixes and suffixes[-1] in COMPRESSIONS else ""
    return (suffixes[-1] if suffixes else ""), compression


def unknown_suffix(path: Path) -> InputError:
    """The error for a file whose name does not say what it is."""
    known = ", ".join(FORMATS)
    return InputError(f"{shown(path)}: the name must end in {known} (each also with .gz or .zst)")


def missing_extra(*, extra: str, module: str, name: str) -> InputError:
    """The error for a format whose package is not installed."""
    return InputError(f"{name}: the package {module} is missing; pip install 'judgeaudit-toolkit[{extra}]'")


def cannot_read(path: str | Path, error: Exception) -> InputError:
    """The operating system's refusal to read, in one line."""
    return InputError(f"cannot read {shown(path)}: {_reason(error)}")


def cannot_write(path: str | Path, error: Exception) -> InputError:
    """The operating system's refusal to write, in one line."""
    return InputError(f"cannot write {shown(path)}: {_reason(error)}")


def shown(path: str | Path) -> str:
    """A path, fit for a message of one line."""
    return one_line(str(path), limit=300)


def _reason(error: Exception) -> str:
    return one_line(error.strerror if isinstance(error, OSError) and error.strerror else str(error))


def _replace(target: Path, data: bytes) -> None:
    temporary = target.with_name(f".{target.name[:100]}.{os.getpid()}.{os.urandom(4).hex()}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            temporary.chmod(stat.S_IMODE(target.stat().st_mode))
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _is_stream(target: Path) -> bool:
    """Devices and pipes (`/dev/null`) are written to, not replaced."""
    return target.exists() and not target.is_file() and not target.is_dir()


def _is_torn(file: io.BufferedRandom) -> bool:
    """Whether the last line lacks its end, as after a loss of power."""
    if file.seek(0, os.SEEK_END) == 0:
        return False
    file.seek(-1, os.SEEK_END)
    return file.read(1) != b"\n"


def _last_line(file: io.BufferedRandom) -> int:
    """Where the last line begins."""
    end = file.seek(0, os.SEEK_END)
    while end > 0:
        start = max(0, end - 65536)
        file.seek(start)
        found = file.read(end - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def _same_width(columns: Sequence[str], row: Sequence[Cell], path: str | Path) -> list[Cell]:
    if len(row) != len(columns):
        msg = f"{shown(path)}: a row of {len(row)} cells does not fit {len(columns)} columns"
        raise InputError(msg)
    return [None if isinstance(cell, float) and math.isnan(cell) else cell for cell in row]


def cell_text(cell: Cell) -> str:
    """A cell as text: strings as they are, everything else as JSON writes it, None as nothing."""
    if isinstance(cell, str):
        return cell
    return "" if cell is None else json.dumps(cell)


def _as_csv(columns: Sequence[str], rows: list[list[Cell]], sep: str = ",") -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=sep, lineterminator="\r\n")  # the terminator makes a lone \r be quoted
    writer.writerow([escape(column) for column in columns])
    writer.writerows([escape(cell_text(cell)) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8")


def _as_tsv(columns: Sequence[str], rows: list[list[Cell]]) -> bytes:
    return _as_csv(columns, rows, "\t")


def _as_jsonl(columns: Sequence[str], rows: list[list[Cell]]) -> bytes:
    lines = (json.dumps(dict(zip(columns, row, strict=True))) + "\n" for row in rows)
    return "".join(lines).encode("ascii")


def _as_parquet(columns: Sequence[str], rows: list[list[Cell]]) -> bytes:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise missing_extra(extra="parquet", module="pyarrow", name="a .parquet file") from error
    arrays = []
    for index in range(len(columns)):
        cells = [row[index] for row in rows]
        kinds = {type(cell) for cell in cells if cell is not None}
        if len(kinds) > 1 or kinds <= {str}:
            arrays.append(pa.array([None if cell is None else escape(cell_text(cell)) for cell in cells], pa.string()))
        else:
            arrays.append(pa.array(cells))
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(arrays, names=[escape(column) for column in columns]), sink)
    return sink.getvalue()


def compressed(data: bytes, compression: str) -> bytes:
    """The data as a `.gz` or `.zst` holds it, or as it is."""
    if compression == ".gz":
        import gzip

        return gzip.compress(data, mtime=0)
    if compression == ".zst":
        try:
            import zstandard
        except ImportError as error:
            raise missing_extra(extra="zstd", module="zstandard", name="a .zst file") from error
        return bytes(zstandard.ZstdCompressor().compress(data))
    return data
