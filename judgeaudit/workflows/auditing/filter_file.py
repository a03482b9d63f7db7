"""`judgeaudit filter`: verdicts of a file through the gate into another file. Lines of JSON stay as they were written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from judgeaudit.domain.errors import InputError
from judgeaudit.workflows.auditing.recalibrate import RAW

if TYPE_CHECKING:
    from judgeaudit.storage.files.read import Table
    from judgeaudit.workflows.auditing.gate import Decisions


def sieve(
    verdicts: Path,
    decisions: Decisions,
    output: Path,
    outputs: Path | None,
    *,
    max_risk: float | None,
    recalibrate: bool,
    tell: Callable[[str], None],
) -> tuple[int, int, dict[str, int]]:
    """(kept, of, reasons): writes the kept verdicts to `output`, whole or not at all, and to no file that it reads."""
    from judgeaudit.storage.files.overwriting import refuse_clashes
    from judgeaudit.storage.files.read import read_table
    from judgeaudit.storage.files.write import split_suffix, write_table
    from judgeaudit.workflows.auditing.gate import sift_rows, with_outputs

    refuse_clashes({"VERDICTS": verdicts, "--outputs": outputs}, {"-o": output})
    table = read_table(verdicts)
    if "judge" not in table.columns:
        raise table.missing("judge", "VERDICTS")  # noqa: EM101 - a column's name
    extra = _rows(read_table(outputs)) if outputs is not None else None
    sifted = sift_rows(with_outputs(_rows(table), extra, decisions), decisions, max_risk=max_risk)
    new = _recalibrated(table, decisions, tell) if recalibrate else {}
    formats = {split_suffix(verdicts)[0], split_suffix(output)[0]}
    if formats == {".jsonl"}:
        _copy_lines(verdicts, output, sifted.kept, new)
    elif formats == {".parquet"}:
        _copy_rows(verdicts, output, sifted.kept, new)
    else:
        columns, rows = _with_new(table, new)
        write_table(output, columns, [row for row, keep in zip(rows, sifted.kept, strict=True) if keep])
    return sum(sifted.kept), len(sifted.kept), dict(sifted.reasons)


def _rows(table: Table) -> list[dict[str, str]]:
    columns = [table.frame[name].tolist() for name in table.columns]
    return [dict(zip(table.columns, row, strict=True)) for row in zip(*columns, strict=True)]


def _recalibrated(table: Table, decisions: Decisions, tell: Callable[[str], None]) -> dict[int, float]:
    """The new probability of each row (by number) that gets one."""
    from judgeaudit.workflows.auditing.recalibrate import kept_raw, new_probabilities

    if not decisions.recalibrations:
        msg = "--recalibrate: the audit holds no probabilities; audit the judge with --probability JUDGE=COL first"
        raise InputError(msg)
    for line in kept_raw(decisions.recalibrations):
        tell(line)
    found = new_probabilities(_rows(table), decisions.recalibrations)
    return {number: p for number, p in enumerate(found) if p is not None}


def _with_new(table: Table, new: dict[int, float]) -> tuple[list[str], list[tuple[str, ...]]]:
    """Columns and rows of the table, with new probabilities and, in a column of their own, the old ones."""
    rows = list(table.frame.itertuples(index=False, name=None))
    if not new:
        return list(table.columns), rows
    columns = [*table.columns, *([RAW] if RAW not in table.columns else [])]
    place, raw = columns.index("probability"), columns.index(RAW)
    out = []
    for number, row in enumerate(rows):
        cells = [*row, *([""] if raw == len(row) else [])]
        if number in new:
            cells[raw], cells[place] = cells[place], repr(new[number])
        out.append(tuple(cells))
    return columns, out


def _copy_lines(verdicts: Path, output: Path, kept: list[bool], new: dict[int, float]) -> None:
    lines = [line for line in _raw(verdicts).decode("utf-8-sig").replace("\r\n", "\n").split("\n") if line.strip()]
    if len(lines) != len(kept):
        msg = f"{verdicts}: {len(lines)} lines but {len(kept)} verdicts; one JSON object per line is needed"
        raise InputError(msg)
    told = (_renewed(line, new.get(number)) for number, line in enumerate(lines) if kept[number])
    _write(output, "".join(f"{line}\n" for line in told).encode())


def _renewed(line: str, p: float | None) -> str:
    """The line as it was written, or with a new probability and the old one beside it."""
    import json

    if p is None:
        return line
    row = json.loads(line)
    return json.dumps({**row, "probability": p, RAW: row["probability"]})


def _copy_rows(verdicts: Path, output: Path, kept: list[bool], new: dict[int, float]) -> None:
    """Parquet to Parquet, so that columns keep their types."""
    import io

    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = io.BytesIO()
    table = pq.read_table(io.BytesIO(_raw(verdicts)))
    if new:
        old = table.column("probability").to_pylist()
        mixed = [new.get(number, None if was is None else float(was)) for number, was in enumerate(old)]
        table = table.set_column(table.column_names.index("probability"), "probability", pa.array(mixed, pa.float64()))
        raw = [was if number in new else None for number, was in enumerate(old)]
        table = table.append_column(RAW, pa.array(raw, pa.float64()))
    pq.write_table(table.filter(pa.array(kept)), sink)
    _write(output, sink.getvalue())


def _raw(path: Path) -> bytes:
    from judgeaudit.storage.files.sniff import unpack
    from judgeaudit.storage.files.write import split_suffix

    return unpack(path.read_bytes(), name=path.name, compression=split_suffix(path)[1])


def _write(path: Path, data: bytes) -> None:
    from judgeaudit.storage.files.write import compressed, split_suffix, write_atomic

    write_atomic(path, compressed(data, split_suffix(path)[1]))
