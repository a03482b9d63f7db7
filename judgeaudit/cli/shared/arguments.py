"""Types of options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

#: typer reads annotations as they are written, so the older spelling stays
Text = Optional[str]  # noqa: UP045
Number = Optional[int]  # noqa: UP045
Folder = Annotated[Path, typer.Argument(metavar="[STUDY]", help="The study's folder; the current one by default.")]
