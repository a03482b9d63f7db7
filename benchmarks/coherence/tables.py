"""Makes letters.py and word_pairs.py of judgeaudit/text/gibberish: how often signs and kinds of words follow each other in English prose.

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

from judgeaudit.text.gibberish.words import CLASSES, DIGITS, classes_of

LETTERS = "abcdefghijklmnopqrstuvwxyz "
LEFT_OUT = {"test", "tests", "site-packages", "idlelib", "lib2to3"}
GIBBERISH = Path(__file__).resolve().parents[2] / "judgeaudit" / "text" / "gibberish"
MAKER = "benchmarks/coherence/tables.py"
WIDTH = 110


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


def letter_bits(texts: list[str]) -> list[str]:
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

    rows = []
    for a in LETTERS:
        for b in LETTERS:
            chances = [after(three, a + b, c, after(two, b, c, alone(c))) for c in LETTERS]
            rows.append("".join(DIGITS[min(63, round(-4 * math.log2(chance)))] for chance in chances))
    return rows


def class_bonds(texts: list[str]) -> list[str]:
    """For each class a row: how much likelier each class is after it than anywhere, in eighths of a nat around 32."""
    pairs, left, right = Counter[tuple[int, int]](), Counter[int](), Counter[int]()
    for text in texts:
        found = classes_of(text)
        pairs.update(pairwise(found))
    for (a, b), count in pairs.items():
        left[a] += count
        right[b] += count
    total, weight = sum(pairs.values()), 8.0

    def bond(a: int, b: int) -> float:
        chance = (right[b] + 1) / (total + len(CLASSES))
        return math.log((pairs[a, b] + weight * chance) / (left[a] + weight) / chance)

    places = range(len(CLASSES))
    return ["".join(DIGITS[max(0, min(63, 32 + round(8 * bond(a, b))))] for b in places) for a in places]


def module(name: str, docstring: str, digits: str, characters: int) -> str:
    """The source of a module with one table."""
    lines = [f'    "{digits[k : k + WIDTH]}"' for k in range(0, len(digits), WIDTH)]
    return "\n".join(
        [
            f'"""{docstring}"""',
            "",
            f"#: from {characters:,} characters of documentation; made by {MAKER}",
            f"{name} = (",
            *lines,
            ")",
            "",
        ]
    )


if __name__ == "__main__":
    found = list(dict.fromkeys(paragraphs()))
    size = sum(map(len, found))
    made = {
        "letters.py": module(
            "LETTER_BITS",
            "Quarter bits of a letter after two letters in English words, 27 x 27 x 27.",
            "".join(letter_bits(found)),
            size,
        ),
        "word_pairs.py": module(
            "CLASS_BONDS",
            "Eighths of a nat, around 32, by which a kind of word is likelier after another one.",
            "".join(class_bonds(found)),
            size,
        ),
    }
    for name, text in made.items():
        (GIBBERISH / name).write_text(text, encoding="utf-8")
    print(f"tables from {len(found):,} paragraphs, {size:,} characters")
