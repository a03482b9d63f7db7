"""Outputs as a table of readings: a score, a kind and reasons for every response."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from judgeaudit.domain.output import Output
from judgeaudit.text.gibberish.measures import Measured
from judgeaudit.text.gibberish.score import TextReading, read_text

if TYPE_CHECKING:
    import pandas as pd

#: columns of outputs that suspects are counted by
SLICES = ("model", "checkpoint", "method", "degradation", "degradation_level", "benchmark")
#: a column with more values than this is told by those with most suspects
MOST_VALUES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOutput:
    """One response and what it looks like. `second` says that it is the second one of a pair."""

    item_id: str
    text: str
    reading: TextReading
    columns: Mapping[str, str]
    second: bool = False

    @property
    def name(self) -> str:
        """The item, and which of two responses."""
        return f"{self.item_id} (b)" if self.second else self.item_id


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceCount:
    """How many responses of a slice are suspects."""

    column: str
    value: str
    suspects: int
    responses: int


def texts_of(outputs: Sequence[Output]) -> Iterator[tuple[Output, str, bool]]:
    """Every response, the second of a pair after the first."""
    for output in outputs:
        yield output, output.response, False
        if output.response_b is not None:
            yield output, output.response_b, True


def read_outputs(outputs: Sequence[Output], more: Sequence[Mapping[str, Measured]] | None = None) -> list[ReadOutput]:
    """Every response as it reads, in the order of the outputs. `more` are signals of a model, one for each response."""
    found: list[ReadOutput] = []
    for place, (output, text, second) in enumerate(texts_of(outputs)):
        asked = output.prompt or (output.turns[-1].content if output.turns else "")
        reading = read_text(text, asked, more=None if more is None else more[place])
        found.append(
            ReadOutput(item_id=output.item_id, text=text, reading=reading, columns=dict(output.columns), second=second)
        )
    return found


def counts(rows: Sequence[ReadOutput]) -> list[SliceCount]:
    """Suspects by every column of `SLICES` that is there and has several values; of many values those with most suspects."""
    made = []
    for column in SLICES:
        values = [row.columns.get(column, "") for row in rows]
        every = Counter(values)
        if len(every) < 2:
            continue
        suspect = Counter(value for value, row in zip(values, rows, strict=True) if row.reading.suspect)
        order = sorted(every, key=lambda value: (-suspect[value] / every[value], value))
        made += [
            SliceCount(column=column, value=value, suspects=suspect[value], responses=every[value])
            for value in order[:MOST_VALUES]
        ]
    return made


def frame(rows: Sequence[ReadOutput]) -> pd.DataFrame:
    """One row per response: item_id, score, kind, suspect, because, and how far each measure lies beyond the usual."""
    import pandas as pd

    return pd.DataFrame(
        [
            {
                "item_id": row.item_id,
                "second": row.second,
                "score": row.reading.score,
                "kind": row.reading.kind,
                "suspect": row.reading.suspect,
                "because": ", ".join(row.reading.because),
                **row.reading.beyond,
            }
            for row in rows
        ]
    )
