"""`judgeaudit filter`: verdicts of a file through the gate into another file. Lines of JSON stay as they were written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from judgeaudit.domain.errors import InputError

if TYPE_CHECKING:
    from judgeaudit.facade.gate import Decisions


def sieve(verdicts: Path, decisions: Decisions, output: Path, outputs: Path | None) -> tuple[int, int, dict[str, int]]:
    """(kept, of, reasons): writes the kept verdicts to `output`, whole or not at all."""
    from judgeaudit.facade.gate import sift_rows, with_outputs
    from judgeaudit.storage.files import write_atomic, write_table
    from judgeaudit.storage.tables import read_table

    table = read_table(verdicts)
    if "judge" not in table.columns:
        raise table.missing("judge", "VERDICTS")  # noqa: EM101 - a column's name
    extra = read_table(outputs).frame if outputs is not None else None
    rows = [{str(k): v for k, v in row.items()} for row in with_outputs(table.frame, extra).to_dict("records")]
    sifted = sift_rows(rows, decisions)
    if verdicts.suffix == ".jsonl" and output.suffix == ".jsonl":
        lines = [line for line in verdicts.read_text(encoding="utf-8-sig").split("\n") if line.strip()]
        if len(lines) != len(sifted.kept):
            msg = f"{verdicts}: {len(lines)} lines but {len(sifted.kept)} verdicts; one JSON object per line is needed"
            raise InputError(msg)
        kept = [line.rstrip("\r") for line, keep in zip(lines, sifted.kept, strict=True) if keep]
        write_atomic(output, "".join(f"{line}\n" for line in kept))
    else:
        frame = table.frame[sifted.kept]
        write_table(output, table.columns, frame.itertuples(index=False, name=None))
    return sum(sifted.kept), len(sifted.kept), dict(sifted.reasons)
