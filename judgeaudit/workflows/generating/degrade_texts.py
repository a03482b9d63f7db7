"""`ja.degrade_outputs`: a table of degraded outputs whose coherence is known as far as the making settles it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from judgeaudit.domain.errors import InputError
from judgeaudit.text.nonsense.kinds import NONSENSE, Nonsense, degraded, kind_named, level_of

if TYPE_CHECKING:
    import pandas as pd

#: what each row says beside the columns of the output that it was made from
MADE = ("degradation", "degradation_level", "coherence", "label_source", "made_from")


def degrade_outputs(
    outputs: str | Path | pd.DataFrame,
    *,
    kinds: Sequence[str] = tuple(NONSENSE),
    levels: Sequence[str | float] = ("full",),
    seed: int = 1,
    keep: bool = True,
    sound: bool = False,
    encoding: str = "utf-8",
    sep: str | None = None,
) -> pd.DataFrame:
    """A table of outputs × kinds × levels, one row for each that applies, with the columns of the outputs and these:

    degradation        the kind, `none` for the outputs as they are (left out with `keep=False`)
    degradation_level  the share of the text that it reaches: `mild` 0.25, `half` 0.5, `full` 1, or a number; 0 for none
    coherence          gibberish, partly or coherent as far as it follows from the making; empty where only people can say.
                       Where some of the text is left it follows only if that was sound: say `sound=True` of outputs that
                       are known to be coherent, which are then called so as they are; otherwise those rows have none
    label_source       `construction` where there is a coherence: no person gave it
    made_from          the item; `item_id` is ITEM~KIND~LEVEL, so that every row has its own

    The same seed makes the same texts. A kind that does not apply (too few words, no prompt to echo) leaves a row out, and
    one that has no levels (empty, refusal) is made once. Only `response` is degraded.
    """
    import pandas as pd

    from judgeaudit.storage.files.columns import refuse_missing
    from judgeaudit.workflows.gibberish import outputs_table

    wanted = [kind_named(name) for name in ([kinds] if isinstance(kinds, str) else kinds)]
    reached = sorted({level_of(level) for level in ([levels] if isinstance(levels, str | float) else levels)})
    table = outputs_table(outputs, encoding=encoding, sep=sep)
    refuse_missing(table, "outputs")
    columns = [name for name in table.columns if name not in MADE]
    if "degradation" in table.columns and not set(table.frame["degradation"]) <= {"", "none"}:
        msg = f"{table.name}: some outputs are degraded already (column 'degradation'); give those that are not"
        raise InputError(msg)
    rows: list[dict[str, object]] = []
    for cells in zip(*(table.frame[name] for name in columns), strict=True):
        row = dict(zip(columns, cells, strict=True))
        rows += [_row(row, row["response"], "none", 0.0, known="coherent" if sound else "")] if keep else []
        for kind in wanted:
            rows += _degraded_rows(row, kind, reached if kind.graded else [1.0], seed=seed, sound=sound)
    return pd.DataFrame(rows, columns=[*columns, *MADE])


def _degraded_rows(
    row: Mapping[str, str], kind: Nonsense, levels: Sequence[float], *, seed: int, sound: bool
) -> Iterator[dict[str, object]]:
    """One output in one way, at each level at which that gives another text."""
    for level in levels:
        text = degraded(row["response"], kind, level, prompt=row.get("prompt", ""), seed=seed, item=row["item_id"])
        if text is not None:
            follows = sound or kind.stands_alone(level)
            yield _row(row, text, kind.name, level, known=(kind.coherence(level) or "") if follows else "")


def _row(row: Mapping[str, str], text: str, name: str, level: float, *, known: str) -> dict[str, object]:
    item = row["item_id"]
    return {
        **row,
        "item_id": f"{item}~{name}~{level:g}" if level else item,
        "response": text,
        "degradation": name,
        "degradation_level": level,
        "coherence": known,
        "label_source": "construction" if known else "",
        "made_from": item,
    }
