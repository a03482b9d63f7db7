"""Says how many outputs of a folder are, letter for letter, those that are embedded here."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path


def responses(folder: Path) -> dict[str, tuple[str, str]]:
    """Item -> which model, and what it wrote."""
    rows = map(json.loads, (folder / "outputs.jsonl").read_text(encoding="utf-8").splitlines())
    return {row["item_id"]: (row["generator"], row["response"]) for row in rows}


def main() -> None:
    made, embedded = responses(Path(sys.argv[1])), responses(Path(__file__).parent)
    there = Counter(name for name, _ in embedded.values())
    same = Counter(name for item, (name, text) in embedded.items() if made.get(item) == (name, text))
    for name, count in there.items():
        sys.stdout.write(f"{name}: {same[name]} of {count} outputs are as embedded\n")
    if missing := embedded.keys() - made.keys():
        sys.exit(f"{len(missing)} outputs are missing")


if __name__ == "__main__":
    main()
