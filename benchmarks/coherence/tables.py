"""Counts how often signs and kinds of words follow each other in English prose; writes judgeaudit/text/gibberish/english.json.

    python benchmarks/coherence/tables.py

The prose is the documentation of Python's standard library (the language reference and docstrings of the interpreter that
runs this), about a million characters. What is kept are frequencies; no text is.
"""

from __future__ import annotations

import ast
import math
import re
import sysconfig
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from english_file import update

from judgeaudit.text.gibberish.english import DIGITS, LETTERS
from judgeaudit.text.gibberish.words import CLASSES, classes_of

LEFT_OUT = {"test", "tests", "site-packages", "idlelib", "lib2to3"}


def paragraphs() -> Iterator[str]:
    """Prose of the standard library's documentation, a paragraph at a time."""
    for text in _documents():
        for part in re.split(r"\n\s*\n", text):
            bare = re.sub(r"``?([^`]*)``?", r"\1", " ".join(part.replace("*", "").split()))
            plain = sum(sign.isalpha() or sign == " " for sign in bare)
            if len(bare) > 80 and plain > 0.93 * len(bare) and ">>>" not in bare:
                yield bare


def _documents() -> Iterator[str]:
    from pydoc_data.topics import topics

    yield from (topics[name] for name in sorted(topics))
    library = Path(sysconfig.get_path("stdlib"))
    for path in sorted(library.rglob("*.py")):
        if LEFT_OUT.intersection(path.relative_to(library).parts):
            continue
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                yield ast.get_docstring(node) or ""


def letter_bits(texts: list[str]) -> dict[str, str]:
    """For each two letters a row: quarter bits of every letter that may follow (Witten-Bell smoothing), as one digit each."""
    three, two, one = Counter[str](), Counter[str](), Counter[str]()
    for text in texts:
        for word in re.findall(r"[a-z]+", text.lower()):
            padded = f"  {word} "
            three.update(padded[k : k + 3] for k in range(len(padded) - 2))
            two.update(padded[k + 1 : k + 3] for k in range(len(padded) - 2))
            one.update(padded[k + 2] for k in range(len(padded) - 2))
    total = sum(one.values())

    def alone(sign: str) -> float:
        return (one[sign] + 1) / (total + len(LETTERS))

    def after(table: Counter[str], past: str, sign: str, lower: float) -> float:
        counts = [table[past + other] for other in LETTERS]
        seen, kinds = sum(counts), sum(count > 0 for count in counts)
        return (table[past + sign] + kinds * lower) / (seen + kinds) if seen else lower

    rows = {}
    for a in LETTERS:
        for b in LETTERS:
            chances = [after(three, a + b, c, after(two, b, c, alone(c))) for c in LETTERS]
            rows[a + b] = "".join(DIGITS[min(63, round(-4 * math.log2(chance)))] for chance in chances)
    return rows


def class_bonds(texts: list[str]) -> dict[str, str]:
    """For each class a row: how much likelier each class is after it than anywhere, in eighths of a nat around 32."""
    pairs, left, right = Counter[tuple[int, int]](), Counter[int](), Counter[int]()
    for text in texts:
        found = classes_of(text)
        pairs.update(pairwise(found))
    for (a, b), count in pairs.items():
        left[a] += count
        right[b] += count
    # as if each class, and anything else, had come once more
    total, weight = sum(pairs.values()) + len(CLASSES) + 1, 8.0

    def bond(a: int, b: int) -> float:
        chance = (right[b] + 1) / total
        return math.log((pairs[a, b] + weight * chance) / (left[a] + weight) / chance)

    places = range(len(CLASSES))
    return {CLASSES[a]: "".join(DIGITS[max(0, min(63, 32 + round(8 * bond(a, b))))] for b in places) for a in places}


def main() -> None:
    """Counts, writes, and says what was read."""
    found = list(dict.fromkeys(paragraphs()))
    size = f"{sum(map(len, found)):,} characters"
    update(
        {
            "letter_bits": {
                "what": "quarter bits of a letter (a to z, then the space) after two letters of an English word, one digit each",
                "from": f"{size} of documentation",
                "rows": letter_bits(found),
            },
            "class_bonds": {
                "what": "eighths of a nat, around 32, by which each class of word (in the order of the rows) is likelier after this one, "
                "one digit each",
                "from": f"{size} of documentation",
                "rows": class_bonds(found),
            },
        }
    )
    print(f"tables from {len(found):,} paragraphs, {size}")


if __name__ == "__main__":
    main()
