"""The files that travel with the package: templates of studies and guidelines for raters."""

from __future__ import annotations

from pathlib import Path

from judgeaudit.domain.errors import InputError


def annotations_folder() -> Path:
    """Where templates and guidelines lie: inside an installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parents[2]
    for folder in (package / "_annotations", package.parent / "annotations"):
        if (folder / "templates").is_dir():
            return folder
    msg = f"{package}: the templates are missing from this installation; install judgeaudit-toolkit again"
    raise InputError(msg)


def template_names() -> tuple[str, ...]:
    """The studies that `judgeaudit init --template` can make."""
    return tuple(sorted(folder.name for folder in (annotations_folder() / "templates").iterdir() if folder.is_dir()))
