"""`judgeaudit gibberish`: which outputs read as no language, for people who have no labels yet, and how to go on to labels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from judgeaudit.domain.errors import InputError, one_line

if TYPE_CHECKING:
    import pandas as pd

    from judgeaudit.domain.output import Output
    from judgeaudit.outputs.coherence_table import ReadOutput, SliceCount
    from judgeaudit.storage.files.read import Table
    from judgeaudit.text.gibberish.measures import Measured

#: half the width of the interval that a plan asks for in each stratum
PRECISION = 0.1
#: what is added to a table of outputs; the first has the name of the signal, so that it can be sampled by
ADDED = ("looks_like_gibberish", "gibberish_score", "gibberish_kind", "gibberish_because")


_NAME_FIRST = "# outputs of a study need {lacks}: --out FILE writes a table that has them"

_NO_CLUSTER = "# without a column prompt_id take cluster out of study/study.toml, or no audit can be made"


@dataclass(frozen=True, slots=True, kw_only=True)
class GibberishReport:
    """Every response with its score, kind and reasons. `suspects` come first in it that look least like language.

    `lacks` names the columns that outputs of a study need and this table does not have; `called` what it calls texts and
    prompts, and how a study does; `cluster` the column that tells which rows share a prompt, if there is one.
    """

    source: str
    is_study: bool
    model: str | None
    rows: tuple[ReadOutput, ...]
    lacks: tuple[str, ...] = ()
    called: Mapping[str, str] = field(default_factory=dict)
    cluster: str = ""

    @property
    def suspects(self) -> list[ReadOutput]:
        """Responses with a score of at least 0.5, the highest first."""
        found = [row for row in self.rows if row.reading.suspect]
        return sorted(found, key=lambda row: -row.reading.score)

    @property
    def counts(self) -> list[SliceCount]:
        """Suspects by model, checkpoint, method, degradation and benchmark, where there are such columns."""
        from judgeaudit.outputs.coherence_table import counts

        return counts(self.rows)

    def frame(self) -> pd.DataFrame:
        """One row per response, with every measure."""
        from judgeaudit.outputs.coherence_table import frame

        return frame(self.rows)

    def plan(self, written: str | None = None) -> list[str]:
        """How to go on to labels: strata with numbers, and the commands. `written` is the table that holds the scores."""
        from judgeaudit.domain.labelling.sampling import items_for_precision

        items: dict[str, bool] = {}
        for row in self.rows:
            items[row.item_id] = items.get(row.item_id, False) or row.reading.suspect
        wanted = items_for_precision(PRECISION)
        suspects = sum(items.values())
        lines = [f"to label (a rate in each stratum to ±{PRECISION:g}):"]
        for name, there in (("suspects", suspects), ("others", len(items) - suspects)):
            short = f", fewer than the {wanted} that this needs" if there < wanted else ""
            lines.append(f"  {name:<9} {min(there, wanted):>5} of {there:,}{short}")
        return lines + [f"  {line}" for line in self._commands(wanted, written)]

    def _commands(self, wanted: int, written: str | None) -> list[str]:
        import shlex

        sample = f"--by {ADDED[0]} --items {wanted}"
        if self.is_study:
            told = ["# it samples by the quick score, without the model"] if self.model else []
            return [f"judgeaudit label sample {shlex.quote(self.source)} {sample}", *told]
        table = written or self.source
        bring = f"judgeaudit import outputs {shlex.quote(table)} study"
        told = [] if written or not self.lacks else [_NAME_FIRST.format(lacks=" and ".join(self.lacks))]
        if self.cluster != "prompt_id" and not (written and self.cluster):
            told.append(_NO_CLUSTER)
        return ["judgeaudit init study", *told, bring, f"judgeaudit label sample study {sample}"]


def gibberish(
    outputs: str | Path | pd.DataFrame,
    *,
    model: str | None = None,
    response: str = "response",
    prompt: str = "prompt",
    encoding: str = "utf-8",
    sep: str | None = None,
    tell: Callable[[str], None] = lambda line: None,
) -> GibberishReport:
    """Scores how much each output looks like gibberish: a table of outputs, a DataFrame, or a study's folder.

    Labels are not needed, and none is given: a score is no label. `model="smollm2"` adds what a small language model finds
    surprising, which takes some tenths of a second a text. Raises InputError, one line, for what cannot be read.
    """
    return _read(outputs_table(outputs, encoding=encoding, sep=sep), outputs, model, response, prompt, tell)


def outputs_table(outputs: Any, *, encoding: str = "utf-8", sep: str | None = None) -> Table:
    """The table of outputs that a path, a study's folder or a DataFrame holds."""
    from judgeaudit.storage.files.read import read_table, table_from_frame
    from judgeaudit.storage.files.study_files import find_table

    if hasattr(outputs, "columns") and hasattr(outputs, "iloc"):
        return table_from_frame(outputs, "outputs")
    if not isinstance(outputs, str | Path):
        msg = f"gibberish needs a path or a pandas DataFrame, not {type(outputs).__name__}"
        raise InputError(msg)
    if not Path(outputs).is_dir():
        return read_table(outputs, encoding=encoding, sep=sep)
    file = find_table(Path(outputs), "outputs")
    if file is None:
        msg = f"{one_line(str(outputs))}: a folder without outputs; name a table, or bring outputs in with `judgeaudit import outputs`"
        raise InputError(msg)
    return read_table(file)


def with_scores(table: Table, report: GibberishReport) -> tuple[list[str], list[list[str | float]]]:
    """Columns and rows of the outputs with `ADDED`, the score a number; of two responses the one that looks worse is told.

    Columns have the names that a study knows, and what it needs is made where it is missing: ids by row, and one prompt_id for
    each distinct prompt, so that the table can be imported as it is.
    """
    cells = _as_a_study_has_it(table, report.called)
    readings = [row.reading for row in _worst_of_pairs(report.rows)]
    added: list[Sequence[str | float]] = [
        ["yes" if reading.suspect else "no" for reading in readings],
        [round(reading.score, 4) for reading in readings],
        [reading.kind for reading in readings],
        [", ".join(reading.because) for reading in readings],
    ]
    return [*cells, *ADDED], [list(row) for row in zip(*cells.values(), *added, strict=True)]


def _as_a_study_has_it(table: Table, called: Mapping[str, str]) -> dict[str, list[str]]:
    """Column -> cells, without what is added here. `called` gives columns the names that a study knows."""
    own = [name for name in table.columns if name not in ADDED]
    cells: dict[str, list[str]] = {called.get(name, name): table.frame[name].tolist() for name in own}
    if "item_id" not in cells:
        cells["item_id"] = [f"row-{table.row(place)}" for place in range(table.rows)]
    if "prompt" in cells and "prompt_id" not in cells:
        numbers = {text: at for at, text in enumerate(dict.fromkeys(cells["prompt"]), 1)}
        cells["prompt_id"] = [f"p{numbers[text]}" for text in cells["prompt"]]
    return cells


def _worst_of_pairs(rows: Sequence[ReadOutput]) -> list[ReadOutput]:
    """One for each item: of two responses the one with the higher score."""
    worst: list[ReadOutput] = []
    for row in rows:
        if not row.second:
            worst.append(row)
        elif row.reading.score > worst[-1].reading.score:
            worst[-1] = row
    return worst


def model_signals(
    name: str, texts: Sequence[str], tell: Callable[[str], None] = lambda line: None, *, dtype: str = "float32"
) -> list[dict[str, Measured]]:
    """What a small language model finds surprising in each text's English prose; an InputError where it cannot be opened."""
    from judgeaudit.judges.transformers.open_model import Source, open_model
    from judgeaudit.outputs.coherence_model import surprises
    from judgeaudit.storage.identity.judge_weights import model_place
    from judgeaudit.text.gibberish.parts import parts_of

    place, file = model_place(name, Path(), where="--model")
    opened = open_model(
        Source(model=place, where="--model", gguf_file=file, dtype=dtype), task="causal", max_tokens=1024, chats=False
    )
    return surprises(
        opened.model, opened.tokenizer, [parts_of(text).prose for text in texts], limit=opened.limit, tell=tell
    )


def _read(
    table: Table, source: Any, model: str | None, response: str, prompt: str, tell: Callable[[str], None]
) -> GibberishReport:
    from judgeaudit.outputs.coherence_table import read_outputs, texts_of
    from judgeaudit.storage.files.columns import needed

    found = _outputs(table, response, prompt)
    more: list[dict[str, Measured]] | None = None
    if model is not None:
        more = model_signals(model, [text for _, text, _ in texts_of(found)], tell)
    is_study = isinstance(source, str | Path) and Path(source).is_dir()
    name = str(source) if isinstance(source, str | Path) else "outputs.jsonl"
    lacks = tuple(column for column in needed("outputs") if column not in table.columns)
    rows = tuple(read_outputs(found, more))
    called = {own: known for own, known in ((response, "response"), (prompt, "prompt")) if known not in table.columns}
    cluster = next((column for column in ("prompt_id", prompt) if column in table.columns), "")
    return GibberishReport(
        source=name, is_study=is_study, model=model, rows=rows, lacks=lacks, called=called, cluster=cluster
    )


def _outputs(table: Table, response: str, prompt: str) -> list[Output]:
    """The rows as outputs; without a column item_id an item is called by its row."""
    from judgeaudit.storage.files.columns import meant
    from judgeaudit.storage.study.outputs import output_of

    if response not in table.columns:
        if response != "response":
            raise table.missing(response, "--response")
        near = meant(table, "outputs", "response")
        msg = f"{table.missing(response, 'the texts', near=near)}; name another one with --response"
        raise InputError(msg)
    if prompt != "prompt" and prompt not in table.columns:
        raise table.missing(prompt, "--prompt")
    called: Mapping[str, str] = {response: "response", **({prompt: "prompt"} if prompt in table.columns else {})}
    taken = set(called.values())
    names = [called.get(name, f"{name} (not read)" if name in taken else name) for name in table.columns]
    rows = zip(*(table.frame[name] for name in table.columns), strict=True)
    return [
        output_of({"item_id": f"row {table.row(place)}", **dict(zip(names, row, strict=True))})
        for place, row in enumerate(rows)
    ]
