"""Reads and writes judgeaudit/text/gibberish/english.json, one row of a table on a line, so that a change shows as rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parents[2] / "judgeaudit" / "text" / "gibberish" / "english.json"


def read(path: Path = TARGET) -> dict[str, dict[str, Any]]:
    """The sections of the file; none where it does not exist."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def update(sections: Mapping[str, Mapping[str, Any]], path: Path = TARGET) -> None:
    """Replaces these sections of the file and keeps the others."""
    path.write_text(text_of({**read(path), **sections}), encoding="utf-8")


def text_of(sections: Mapping[str, Mapping[str, Any]]) -> str:
    """The file's text: sections and tables are indented, each row of a table is one line.

    >>> print(text_of({"usual": {"from": "89 answers", "rows": {"loops": [0.0, 0.1]}}}), end="")
    {
     "usual": {
      "from": "89 answers",
      "rows": {
       "loops": [0.0, 0.1]
      }
     }
    }
    """
    return _block(sections, depth=1) + "\n"


def _block(value: object, *, depth: int) -> str:
    if not isinstance(value, Mapping):
        return json.dumps(value)
    indent = " " * depth
    lines = [f"{indent}{json.dumps(key)}: {_block(one, depth=depth + 1)}" for key, one in value.items()]
    return "\n".join(["{", ",\n".join(lines), f"{' ' * (depth - 1)}}}"])
