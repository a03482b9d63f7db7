"""`judgeaudit diff`: what changed between two audits."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer


def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD.json", help="The earlier audit; a folder holds its audit.json.")],
    new: Annotated[Path, typer.Argument(metavar="NEW.json", help="The later one.")],
    all_: Annotated[bool, typer.Option("--all", help="Every finding that changed.")] = False,
    json: Annotated[
        Optional[str],  # noqa: UP045 - typer reads it
        typer.Option(metavar="FILE|-", help="Write what differs as JSON; - prints it alone."),
    ] = None,
) -> None:
    """Decisions first; then whether the judge, the labels or the outputs changed. Ends with 0 whatever it finds."""
    from judgeaudit.cli.auditing.plan import write_json
    from judgeaudit.storage.files.overwriting import refuse_clashes
    from judgeaudit.workflows.auditing.diff import diff as make_diff

    refuse_clashes({"OLD.json": old, "NEW.json": new}, {"--json": None if json == "-" else json})
    write_json(make_diff(old, new, full=all_), json)
