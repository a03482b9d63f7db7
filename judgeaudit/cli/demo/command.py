"""`judgeaudit demo`: the whole loop on the embedded study, or its outputs to label."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def demo(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the demo study and its report go.")] = Path(
        "demo-report"
    ),
    label_: Annotated[
        bool, typer.Option("--label", help="Label forty of its outputs yourself, blind, on a Label Studio of your own.")
    ] = False,
) -> None:
    """Real outputs of a small model, and of versions of it made worse: judged, audited and reported."""
    if label_:
        from judgeaudit.cli.demo.label import label_demo

        label_demo(out)
    else:
        from judgeaudit.cli.demo.run import run_demo

        run_demo(out)
