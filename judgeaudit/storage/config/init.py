"""A new study: a commented study.toml, its schema for editors, and guidelines for raters."""

from __future__ import annotations

import json
import re
from pathlib import Path

from judgeaudit.domain.errors import InputError, nearest, one_line
from judgeaudit.storage.config.read import STUDY_FILE, json_schema
from judgeaudit.storage.files.resources import annotations_folder, template_names
from judgeaudit.storage.files.write import cannot_read, shown, write_atomic

DEFAULT_TEMPLATE = "safety"
SCHEMA_FILE = "study.schema.json"
_GUIDELINE = re.compile(r"guidelines/[\w-]+\.md")
#: items with known answers: where they lie among the templates, by how a study names them
_DATA = {"calibration.jsonl": "data/calibration.jsonl"}
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]*")


def init_study(folder: Path | str, template: str = DEFAULT_TEMPLATE) -> list[Path]:
    """Writes a study of the named template and says which files are new. Nothing that is there is overwritten.

    study.toml comes last, so that a folder that was cut off half-way is no study.
    """
    target = Path(folder)
    if template not in template_names():
        offered = list(template_names())
        msg = f"no template {one_line(template)!r}{nearest(template, offered)}; templates are {', '.join(offered)}"
        raise InputError(msg)
    if (target / STUDY_FILE).exists():
        msg = f"{shown(target / STUDY_FILE)} is already there and is not overwritten; name another folder"
        raise InputError(msg)
    written = []
    for name, text in _files(template, target).items():
        if not (target / name).exists():
            write_atomic(target / name, text)
            written.append(target / name)
    return written


def _files(template: str, target: Path) -> dict[str, str]:
    source = annotations_folder()
    try:
        text = (source / "templates" / template / STUDY_FILE).read_text(encoding="utf-8")
        names = sorted(set(_GUIDELINE.findall(text)))
        files = {name: (source / name).read_text(encoding="utf-8") for name in names}
        files |= {name: (source / path).read_text(encoding="utf-8") for name, path in _DATA.items() if name in text}
    except OSError as error:
        raise cannot_read(source, error) from None
    files[SCHEMA_FILE] = json.dumps(json_schema(), indent=1) + "\n"
    name = target.resolve().name
    files[STUDY_FILE] = text.replace('"my-study"', f'"{name}"', 1) if _PLAIN_NAME.fullmatch(name) else text
    return files
