"""python compare.py EMBEDDED MADE: how many outputs of each checkpoint are the same letter for letter in both folders."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path


def responses(folder: Path) -> dict[str, tuple[str, str]]:
    """Item -> which checkpoint, and what it wrote."""
    rows = map(json.loads, (folder / "outputs.jsonl").read_text(encoding="utf-8").splitlines())
    return {row["item_id"]: (row["checkpoint"], row["response"]) for row in rows}


def main() -> None:
    embedded, made = responses(Path(sys.argv[1])), responses(Path(sys.argv[2]))
    there = Counter(name for name, _ in embedded.values())
    same = Counter(name for item, (name, text) in embedded.items() if made.get(item) == (name, text))
    for name, count in there.items():
        sys.stdout.write(f"{name}: {same[name]} of {count} outputs are as embedded\n")


if __name__ == "__main__":
    main()
