"""`judgeaudit audit`: a study or a table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from judgeaudit.cli.shared.options import Text

Many = Optional[list[str]]  # noqa: UP045
File = Optional[str]  # noqa: UP045


def audit(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="STUDY|TABLE", help="A study's folder, or a table (.csv .tsv .jsonl .parquet, .gz .zst)."
        ),
    ] = Path(),
    human: Annotated[Many, typer.Option(metavar="COL,COL", help="Columns with people's labels.")] = None,
    judge: Annotated[
        Many,
        typer.Option(metavar="COL,COL", help="Columns with judges' verdicts; with --long the raters that are judges."),
    ] = None,
    labels: Annotated[
        Many, typer.Option(metavar="A,B", help="The closed set of labels, in the order of the scale.")
    ] = None,
    positive: Annotated[Many, typer.Option(metavar="B", help="Labels of the positive side.")] = None,
    scale: Annotated[Text, typer.Option(metavar="SCALE", help="binary, nominal, ordinal or interval.")] = None,
    question: Annotated[
        Text, typer.Option(metavar="NAME", help="What was asked; with --long the questions to keep.")
    ] = None,
    item: Annotated[Many, typer.Option(metavar="COL,COL", help="Columns that name an item (default item_id).")] = None,
    long: Annotated[
        Text, typer.Option(metavar="ITEM,RATER,LABEL[,QUESTION]", help="One row per label: these columns.")
    ] = None,
    probability: Annotated[
        Many, typer.Option(metavar="JUDGE=COL", help="Where a judge's probability of the positive side lies.")
    ] = None,
    threshold: Annotated[Many, typer.Option(metavar="JUDGE=0.5", help="Positive from this probability on.")] = None,
    cut: Annotated[Many, typer.Option(metavar="'JUDGE>=4'", help="Positive where a score passes the cut.")] = None,
    map_: Annotated[Many, typer.Option("--map", metavar="COL:FROM=TO", help="Read a cell as another label.")] = None,
    unusable: Annotated[
        Many, typer.Option(metavar="TEXT", help="Cells that are no answer; * stands for anything. May be repeated.")
    ] = None,
    cluster: Annotated[
        Text, typer.Option(metavar="COL", help="What is resampled together, such as the prompt.")
    ] = None,
    by: Annotated[Many, typer.Option(metavar="COL,COL", help="Strata; 'a&b' crosses two columns.")] = None,
    not_asked: Annotated[Text, typer.Option(metavar="VALUE", help="Marks what a judge was never asked about.")] = None,
    weight: Annotated[Text, typer.Option(metavar="COL", help="Sampling weights of the items.")] = None,
    label_design: Annotated[
        Text,
        typer.Option(
            metavar="DESIGN",
            help="How labelled rows were chosen among the judged: random, weighted (--weight) or elsewhere.",
        ),
    ] = None,
    reference: Annotated[
        Text, typer.Option(metavar="RULE|COL", help="majority, each, dawid-skene, or a column (default majority).")
    ] = None,
    unanswered: Annotated[
        Text, typer.Option(metavar="RULE", help="counted, left-out or as:LABEL (default counted).")
    ] = None,
    label_source: Annotated[
        Text, typer.Option(metavar="SOURCE", help="people, models, construction or simulation (default people).")
    ] = None,
    alt_test_epsilon: Annotated[
        Optional[float],  # noqa: UP045
        typer.Option(
            metavar="0.2",
            help="By how much a judge may be worse than a person and still replace one (default 0.2; 0.1 beside a crowd).",
        ),
    ] = None,
    interval: Annotated[str, typer.Option(metavar="METHOD", help="auto, bca or percentile.")] = "auto",
    level: Annotated[float, typer.Option(help="Level of the intervals.")] = 0.95,
    replicates: Annotated[
        int, typer.Option(help="Resamples of a bootstrap; posteriors take twice as many draws.")
    ] = 2000,
    seed: Annotated[int, typer.Option(help="Seed of everything random.")] = 1,
    max_risk: Annotated[
        Optional[float],  # noqa: UP045
        typer.Option(metavar="R", help="Which share of errors may remain when unsure verdicts are left out (0.1)."),
    ] = None,
    policy: Annotated[
        File, typer.Option(metavar="FILE", help="What a judge must show (TOML); otherwise the default policy.")
    ] = None,
    json: Annotated[File, typer.Option(metavar="FILE|-", help="Write audit.json; - prints it alone to stdout.")] = None,
    html: Annotated[File, typer.Option(metavar="FILE", help="Write the report as one HTML file.")] = None,
    md: Annotated[File, typer.Option(metavar="FILE", help="Write the report as Markdown.")] = None,
    disagreements: Annotated[
        File, typer.Option(metavar="FILE", help="Write every item that a judge and the reference see differently.")
    ] = None,
    encoding: Annotated[Text, typer.Option(metavar="NAME", help="Encoding of the table (default utf-8).")] = None,
    sep: Annotated[Text, typer.Option(metavar="CHAR", help="Separator of the table's cells.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Show every statistic, on screen and in the reports.")] = False,
    pairs: Annotated[
        bool, typer.Option("--pairs", help="Person by person pairs with more than 12 people, too.")
    ] = False,
) -> None:
    """Computes every finding and decides. Ends with 0 whatever was decided; `judgeaudit gate` is for pipelines."""
    from judgeaudit.cli.auditing.run import run_study, run_table, write_and_show
    from judgeaudit.cli.shared.screen import command_line
    from judgeaudit.storage.files.overwriting import refuse_clashes, tables_of

    options: dict[str, Any] = {
        "reference": reference,
        "unanswered": unanswered,
        "alt_test_epsilon": alt_test_epsilon,
        "interval": interval,
        "level": level,
        "replicates": replicates,
        "seed": seed,
        "policy": policy,
        "pairs": pairs,
        "max_risk": max_risk,
        "command": command_line(),
    }
    reading: dict[str, Any] = {
        "human": human,
        "judges": judge,
        "labels": labels,
        "positive": positive,
        "scale": scale,
        "question": question,
        "item": item,
        "long": long,
        "probability": probability,
        "threshold": threshold,
        "cut": cut,
        "map": map_,
        "unusable": unusable,
        "cluster": cluster,
        "by": by,
        "not_asked": not_asked,
        "weight": weight,
        "label_source": label_source,
        "label_design": label_design,
        "encoding": encoding,
        "sep": sep,
    }
    written = {"--json": None if json == "-" else json, "--html": html, "--md": md, "--disagreements": disagreements}
    refuse_clashes({**(tables_of(source) if source.is_dir() else {"TABLE": source}), "--policy": policy}, written)
    if source.is_dir():
        made = run_study(source, reading, options, json=json)
    else:
        made = run_table(source, reading, options)
    write_and_show(made, json=json, html=html, md=md, disagreements=disagreements, full=all_)
