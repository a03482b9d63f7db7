"""`judgeaudit init` and `judgeaudit schema`: a new study, and the JSON Schemas of study.toml and audit.json."""

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


def schema(
    of: Annotated[str, typer.Argument(metavar="[study|audit]", help="study.toml, or audit.json.")] = "study",
) -> None:
    """For editors and readers of results: `judgeaudit schema audit > audit.schema.json`."""
    import json

    from judgeaudit.cli.shared.screen import out
    from judgeaudit.domain.errors import InputError, nearest
    from judgeaudit.storage.config.read import json_schema
    from judgeaudit.storage.files.records import audit_schema

    schemas = {"study": json_schema, "audit": audit_schema}
    if of not in schemas:
        msg = f"no schema of {of!r}{nearest(of, list(schemas))}; there are {' and '.join(schemas)}"
        raise InputError(msg)
    out(json.dumps(schemas[of](), indent=1))
