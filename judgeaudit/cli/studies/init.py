"""`judgeaudit init` and `judgeaudit schema`: a new study, and the JSON Schema of study.toml."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the study shall live.")],
    template: Annotated[str, typer.Option(metavar="NAME", help="safety, refusal, quality or pairwise.")] = "safety",
) -> None:
    """Writes study.toml and its guidelines; never over a study that is there."""
    from judgeaudit.cli.shared.screen import out
    from judgeaudit.storage.config.init import init_study

    for path in init_study(folder, template):
        out(str(path))


def schema() -> None:
    """For editors: `judgeaudit schema > study.schema.json`."""
    import json

    from judgeaudit.cli.shared.screen import out
    from judgeaudit.storage.config.read import json_schema

    out(json.dumps(json_schema(), indent=1))
