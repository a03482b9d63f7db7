"""`judgeaudit gibberish`: outputs that read as no language, for people without labels."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from judgeaudit.cli.shared.arguments import Text

if TYPE_CHECKING:
    from judgeaudit.workflows.gibberish import GibberishReport


def gibberish(
    outputs: Annotated[
        Path,
        typer.Argument(
            metavar="OUTPUTS|STUDY",
            help="A table of outputs (.csv .tsv .jsonl .parquet, .gz .zst), or a study's folder.",
        ),
    ],
    model: Annotated[
        Text, typer.Option(metavar="NAME", help="Ask a small language model, too: smollm2, or a folder.")
    ] = None,
    out: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--out", metavar="FILE", help="Write the outputs with their scores, to sample by."),
    ] = None,
    response: Annotated[str, typer.Option(metavar="COL", help="The column with the texts.")] = "response",
    prompt: Annotated[str, typer.Option(metavar="COL", help="The column with the prompts, to tell echoes.")] = "prompt",
    show: Annotated[int, typer.Option(metavar="N", min=0, help="How many suspects to show.")] = 20,
    encoding: Annotated[str, typer.Option(metavar="NAME", help="Encoding of the table.")] = "utf-8",
    sep: Annotated[Text, typer.Option(metavar="CHAR", help="Separator of the table's cells.")] = None,
) -> None:
    """A score is a guess and no label: it says where to look first. Ends with 0 whatever was found."""
    from judgeaudit.cli.shared.screen import note, working
    from judgeaudit.cli.shared.screen import out as say
    from judgeaudit.storage.files.overwriting import refuse_clashes, tables_of
    from judgeaudit.storage.files.write import write_table
    from judgeaudit.workflows.gibberish import gibberish as read
    from judgeaudit.workflows.gibberish import outputs_table, with_scores

    if out is not None:
        refuse_clashes(tables_of(outputs) if outputs.is_dir() else {"OUTPUTS": outputs}, {"--out": str(out)})
    with working("reading"):
        report = read(outputs, model=model, response=response, prompt=prompt, encoding=encoding, sep=sep, tell=note)
    if out is not None:
        write_table(out, *with_scores(outputs_table(outputs, encoding=encoding, sep=sep), report))
        note(f"scores in {out}")
    for line in lines_of(report, show=show, written=None if out is None else str(out)):
        say(line)


def lines_of(report: GibberishReport, *, show: int, written: str | None) -> Iterator[str]:
    """Suspects, counts, and how to go on."""
    suspects, kinds = report.suspects, [row.reading.kind for row in report.rows]
    share = f"{len(suspects) / len(report.rows):.0%}"
    yield f"{len(suspects):,} of {len(report.rows):,} responses ({share}) look like gibberish (score of at least 0.5)"
    others = [f"{kind} {kinds.count(kind):,}" for kind in dict.fromkeys(sorted(kinds)) if kind != "gibberish"]
    told = ", ".join(o for o in others if "empty" not in o) or "none"
    yield f"  {kinds.count('empty'):,} of them empty; the other responses look like: {told}"
    if suspects and show:
        yield ""
        yield from _suspects(report, show)
    if report.counts:
        yield ""
        yield from _counts(report)
    yield ""
    yield "a score is a guess, no label: people say what gibberish is"
    yield from report.plan(written)


def _suspects(report: GibberishReport, show: int) -> Iterator[str]:
    from judgeaudit.domain.errors import one_line
    from judgeaudit.text.gibberish.score import words_for

    shown = report.suspects[:show]
    width = min(24, max(4, *(len(one_line(row.name, limit=24)) for row in shown)))
    yield f"{'item':<{width}}  score  text"
    for row in shown:
        yield f"{one_line(row.name, limit=24):<{width}}   {row.reading.score:.2f}  {one_line(row.text, limit=70) or '(nothing)'}"
        reasons = [words_for(name) for name in row.reading.because[:3]]
        if reasons:
            yield f"{'':<{width}}         {'; '.join(reasons)}"
    if len(report.suspects) > show:
        yield f"… {len(report.suspects) - show:,} more; --show {len(report.suspects)} shows all, --out FILE writes them"


def _counts(report: GibberishReport) -> Iterator[str]:
    from judgeaudit.domain.errors import one_line

    for column, found in groupby(report.counts, key=lambda one: one.column):
        yield f"{column:<30} suspects  responses"
        for one in found:
            share = f"{one.suspects / one.responses:.0%}"
            yield f"  {one_line(one.value, limit=28) or '(empty)':<28} {one.suspects:>8,}  {one.responses:>9,}  {share:>4}"
