"""`judgeaudit audit`: a study or a table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from judgeaudit.audit.setting.options import AuditOptions
from judgeaudit.cli.shared.flags import with_flags
from judgeaudit.storage.table.options import TableOptions

File = Optional[str]  # noqa: UP045


@with_flags(TableOptions, AuditOptions)
def audit(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="STUDY|TABLE", help="A study's folder, or a table (.csv .tsv .jsonl .parquet, .gz .zst)."
        ),
    ] = Path(),
    *,
    policy: Annotated[
        File, typer.Option(metavar="FILE", help="What a judge must show (TOML); otherwise the default policy.")
    ] = None,
    json: Annotated[File, typer.Option(metavar="FILE|-", help="Write audit.json; - prints it alone to stdout.")] = None,
    html: Annotated[File, typer.Option(metavar="FILE", help="Write the report as one HTML file.")] = None,
    md: Annotated[File, typer.Option(metavar="FILE", help="Write the report as Markdown.")] = None,
    disagreements: Annotated[
        File, typer.Option(metavar="FILE", help="Write every item that a judge and the reference see differently.")
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Show every statistic, on screen and in the reports.")] = False,
    given: dict[str, Any],
) -> None:
    """Computes every finding and decides. Ends with 0 whatever was decided; `judgeaudit gate` is for pipelines."""
    from judgeaudit.cli.auditing.run import run_study, run_table, write_and_show
    from judgeaudit.storage.files.overwriting import refuse_clashes, tables_of

    written = {"--json": None if json == "-" else json, "--html": html, "--md": md, "--disagreements": disagreements}
    refuse_clashes({**(tables_of(source) if source.is_dir() else {"TABLE": source}), "--policy": policy}, written)
    if source.is_dir():
        made = run_study(source, given, policy=policy, json=json)
    else:
        made = run_table(source, given, policy=policy)
    write_and_show(made, json=json, html=html, md=md, disagreements=disagreements, full=all_)
