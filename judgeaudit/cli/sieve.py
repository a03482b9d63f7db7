"""`judgeaudit filter`: verdicts of a file through the gate into another file. Lines of JSON stay as they were written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from judgeaudit.domain.errors import InputError

if TYPE_CHECKING:
    from judgeaudit.facade.gate import Decisions
    from judgeaudit.storage.tables import Table


def sieve(verdicts: Path, decisions: Decisions, output: Path, outputs: Path | None) -> tuple[int, int, dict[str, int]]:
    """(kept, of, reasons): writes the kept verdicts to `output`, whole or not at all, and to no file that it reads."""
    from judgeaudit.cli.clashes import refuse_clashes
    from judgeaudit.facade.gate import sift_rows, with_outputs
    from judgeaudit.storage.files import split_suffix, write_table
    from judgeaudit.storage.tables import read_table

    refuse_clashes({"VERDICTS": verdicts, "--outputs": outputs}, {"-o": output})
    table = read_table(verdicts)
    if "judge" not in table.columns:
        raise table.missing("judge", "VERDICTS")  # noqa: EM101 - a column's name
    extra = _rows(read_table(outputs)) if outputs is not None else None
    sifted = sift_rows(with_outputs(_rows(table), extra, decisions), decisions)
    formats = {split_suffix(verdicts)[0], split_suffix(output)[0]}
    if formats == {".jsonl"}:
        _copy_lines(verdicts, output, sifted.kept)
    elif formats == {".parquet"}:
        _copy_rows(verdicts, output, sifted.kept)
    else:
        frame = table.frame[sifted.kept]
        write_table(output, table.columns, frame.itertuples(index=False, name=None))
    return sum(sifted.kept), len(sifted.kept), dict(sifted.reasons)


def _rows(table: Table) -> list[dict[str, str]]:
    columns = [table.frame[name].tolist() for name in table.columns]
    return [dict(zip(table.columns, row, strict=True)) for row in zip(*columns, strict=True)]


def _copy_lines(verdicts: Path, output: Path, kept: list[bool]) -> None:
    lines = [line for line in _raw(verdicts).decode("utf-8-sig").replace("\r\n", "\n").split("\n") if line.strip()]
    if len(lines) != len(kept):
        msg = f"{verdicts}: {len(lines)} lines but {len(kept)} verdicts; one JSON object per line is needed"
        raise InputError(msg)
    _write(output, "".join(f"{line}\n" for line, keep in zip(lines, kept, strict=True) if keep).encode())


def _copy_rows(verdicts: Path, output: Path, kept: list[bool]) -> None:
    """Parquet to Parquet, so that columns keep their types."""
    import io

    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = io.BytesIO()
    pq.write_table(pq.read_table(io.BytesIO(_raw(verdicts))).filter(pa.array(kept)), sink)
    _write(output, sink.getvalue())


def _raw(path: Path) -> bytes:
    from judgeaudit.storage.files import split_suffix
    from judgeaudit.storage.sniff import unpack

    return unpack(path.read_bytes(), name=path.name, compression=split_suffix(path)[1])


def _write(path: Path, data: bytes) -> None:
    from judgeaudit.storage.files import compressed, split_suffix, write_atomic

    write_atomic(path, compressed(data, split_suffix(path)[1]))
