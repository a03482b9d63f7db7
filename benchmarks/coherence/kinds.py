"""How well gibberish is told from sound text, kind by kind; writes the tables of docs/gibberish.md.

    python benchmarks/coherence/kinds.py [--model] [--real FILE] [--answers FILE]

Constructed texts: the sound answers of annotations/data/fluent.jsonl in five parts; what is usual is fitted to four of them,
and the fifth is read, as it is and degraded in every way. So no text is read by numbers that it, or what it was made from,
took part in, and no degraded text takes part in any: every figure is one for a kind that was never seen.

--real is a file of outputs of real models (`output`, `family`, `level`), --answers a table of answers of real models
(`response1`, `response2`). Neither is shipped; without them their tables stay as they are.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from fit import LEAST, limit, taken, usual  # noqa: F401 - the same numbers in the same way
from sklearn.metrics import roc_auc_score

from judgeaudit.text.gibberish.english import english
from judgeaudit.text.gibberish.measures import Measured, certainty
from judgeaudit.text.gibberish.score import SUSPECT, combined, read_text
from judgeaudit.text.nonsense.kinds import NONSENSE, degraded

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "gibberish.md"
PARTS, SAMPLE = 5, 400
#: real outputs at these levels read as those of the untouched model
SOUND = re.compile(r"base_greedy|noise0\.1$|normal_finetune|gradient_ascent")
Found = Mapping[str, Measured]


class Text(NamedTuple):
    """A text with its prompt."""

    text: str
    prompt: str


def main() -> None:
    """Measures, and puts the tables into the page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", action="store_true")
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--every", type=int, default=1, help="degrade every n-th answer")
    parser.add_argument("--real", type=Path)
    parser.add_argument("--answers", type=Path)
    asked = parser.parse_args()
    reader = Reader(model=asked.model, dtype=asked.dtype)
    write("constructed", constructed(reader, every=asked.every))
    if asked.real:
        write("real", real(reader, asked.real))
    if asked.answers:
        write("answers", answers(reader, asked.answers))


class Reader:
    """Measures of texts, each taken once; with a model where that is wanted."""

    def __init__(self, *, model: bool, dtype: str) -> None:
        self.model = model
        self.dtype = dtype
        self._quick: dict[str, Found] = {}
        self._more: dict[str, Found] = {}

    def prepare(self, texts: Sequence[str]) -> None:
        """Takes what is missing."""
        new = list(dict.fromkeys(text for text in texts if text not in self._quick))
        self._quick |= {text: taken(text) for text in new}
        if self.model:
            from judgeaudit.workflows.gibberish import model_signals

            self._more |= dict(zip(new, model_signals("smollm2", new, _tell, dtype=self.dtype), strict=True))

    def found(self, text: str, *, with_model: bool) -> Found:
        """The measures of one text."""
        return {**self._quick[text], **(self._more[text] if with_model else {})}

    def ways(self) -> list[bool]:
        """Without the model, and with it."""
        return [False, True] if self.model else [False]


def _tell(line: str) -> None:
    print(line, file=sys.stderr)


def score(text: str, found: Found, known: Mapping[str, tuple[float, float]], bound: float) -> float:
    """The score of a text by the given usual values; what `read_text` decides without measures stands."""
    plain = read_text(text)
    if not plain.beyond:
        return plain.score
    beyond = {n: (m.value - known[n][0]) / known[n][1] * certainty(m.size) for n, m in found.items()}
    return combined(beyond, bound)


def constructed(reader: Reader, *, every: int) -> list[str]:
    """The table of constructed kinds."""
    lines = (ROOT / "annotations" / "data" / "fluent.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row["kind"] == "prose"]
    random.Random(1).shuffle(rows)
    made: dict[tuple[str, float], list[tuple[int, Text]]] = {("sound", 0.0): []}
    for place, row in enumerate(rows):
        made["sound", 0.0].append((place % PARTS, Text(row["response"], row["prompt"])))
        for kind in NONSENSE.values() if place % every == 0 else ():
            for level in (1.0, 0.5) if kind.full == "gibberish" and kind.graded else (1.0,):
                text = degraded(row["response"], kind, level, prompt=row["prompt"], item=row["item_id"])
                if text is not None:
                    made.setdefault((kind.name, level), []).append((place % PARTS, Text(text, row["prompt"])))
    reader.prepare([one.text for texts in made.values() for _, one in texts])
    cells: dict[tuple[str, float], list[str]] = {}
    for with_model in reader.ways():
        scores = _cross_fitted(reader, made, with_model=with_model)
        base = scores["sound", 0.0]
        for key, values in scores.items():
            auc = (
                "–" if key[0] == "sound" else f"{roc_auc_score([0] * len(base) + [1] * len(values), base + values):.2f}"
            )
            cells.setdefault(key, []).extend([auc, f"{sum(v >= SUSPECT for v in values) / len(values):.0%}"])
    return _table("kind | level | what follows | texts", [
        [name, f"{level:g}" if level else "–", _follows(name, level), f"{len(made[name, level])}", *cells[name, level]]
        for name, level in made
    ], reader)  # fmt: skip


def _cross_fitted(
    reader: Reader, made: Mapping[tuple[str, float], list[tuple[int, Text]]], *, with_model: bool
) -> dict[tuple[str, float], list[float]]:
    scores: dict[tuple[str, float], list[float]] = {key: [] for key in made}
    for part in range(PARTS):
        others = [reader.found(one.text, with_model=with_model) for p, one in made["sound", 0.0] if p != part]
        known = usual(others)
        bound = limit(others, known)
        for key, texts in made.items():
            scores[key] += [
                score(one.text, reader.found(one.text, with_model=with_model), known, bound)
                for p, one in texts
                if p == part
            ]
    return scores


def _follows(name: str, level: float) -> str:
    return "coherent" if name == "sound" else NONSENSE[name].coherence(level) or "–"


def real(reader: Reader, file: Path) -> list[str]:
    """The table of outputs of real degraded models."""
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    families: dict[str, list[str]] = {"sound": []}
    for row in rows:
        name = "sound" if SOUND.search(row["level"]) else _family(row)
        families.setdefault(name, []).append(row["output"])
    return _shipped(reader, families, "outputs of")


def _family(row: Mapping[str, str]) -> str:
    """A family, with its levels apart where they differ much."""
    rate = re.search(r"lr0\.\d+", row["level"])
    part = f" {rate.group()}" if rate else f" {row['level']}" if row["family"] != "high_lr_continue" else ""
    return f"{row['family']}{part}".replace("_", " ")


def answers(reader: Reader, file: Path) -> list[str]:
    """How often answers of real models are called gibberish: prose, lists, and what no reader would call fluent apart."""
    with file.open(encoding="utf-8", newline="") as stream:
        texts = [row[name] for row in csv.DictReader(stream) for name in ("response1", "response2")]
    drawn = random.Random(1).sample([text for text in texts if text.strip()], SAMPLE)
    kinds: dict[str, list[str]] = {name: [] for name in ANSWERS}
    for text in drawn:
        kinds[_kind_of_answer(text)].append(text)
    return _shipped(reader, {ANSWERS[0] + ", or a list": kinds[ANSWERS[0]] + kinds[ANSWERS[1]], **kinds}, "answers")


#: what answers are by plain rules that know nothing of the score; the first two are sound as far as these can tell
ANSWERS = ("prose", "a list or a table", "a part repeated", "`<noinput>` or `<nooutput>`")


def _kind_of_answer(text: str) -> str:
    if re.fullmatch(r"\s*(?:<no(?:in|out)put>\s*)+", text, re.IGNORECASE):
        return ANSWERS[3]
    if _loops(text) or _again(text):
        return ANSWERS[2]
    lines = [line for line in text.splitlines() if line.strip()]
    listed = sum(re.match(r"\s*(?:[-*•|]|\d+[.):]|[\w ]{1,30}:)", line) is not None for line in lines)
    return ANSWERS[1] if len(lines) >= 3 and 2 * listed >= len(lines) else ANSWERS[0]


def _loops(text: str) -> bool:
    """Whether three words or more stand three times in a row, or one line stands three times."""
    lines = [re.sub(r"^\W*\d*\W*", "", line).casefold() for line in text.splitlines() if len(line) > 8]
    again = any(lines.count(line) >= 3 for line in lines)
    return again or re.search(r"(\b\w+\W+\w+\W+\w+\W+.{0,80}?)\1\1", text, re.DOTALL) is not None


def _again(text: str) -> bool:
    """Whether, numbers aside, one line or what stands between commas is three parts and a fifth of all, or a word thrice in a row."""
    bare = [re.sub(r"[\W\d_]+", " ", part).strip().casefold() for part in re.split(r"[\n,;]", text)]
    parts = [part for part in bare if part]
    often = max(map(parts.count, parts), default=0)
    return often >= max(3, len(parts) / 5) or re.search(r"(\b\w{3,}\W+)\1\1", f"{text} ") is not None


def _shipped(reader: Reader, groups: Mapping[str, Sequence[str]], what: str) -> list[str]:
    """Groups of texts by the numbers that are shipped; the first group is what the others are told from."""
    reader.prepare([text for texts in groups.values() for text in texts])
    cells: dict[str, list[str]] = {name: [] for name in groups}
    for with_model in reader.ways():
        bound = english().limits["with a model" if with_model else "quick"]
        scores = {
            name: [score(text, reader.found(text, with_model=with_model), english().usual, bound) for text in texts]
            for name, texts in groups.items()
        }
        base = next(iter(scores.values()))
        for name, values in scores.items():
            auc = "–" if values is base else f"{roc_auc_score([0] * len(base) + [1] * len(values), base + values):.2f}"
            cells[name] += [auc, f"{sum(value >= SUSPECT for value in values) / len(values):.0%}"]
    return _table(f"{what} | texts", [[name, f"{len(groups[name])}", *cells[name]] for name in groups], reader)


def _table(first: str, rows: Sequence[Sequence[str]], reader: Reader) -> list[str]:
    head = f"| {first} | AUC | called gibberish |" + (
        " AUC with the model | called gibberish |" if reader.model else ""
    )
    return [head, "|" + "---|" * (head.count("|") - 1), *(f"| {' | '.join(row)} |" for row in rows)]


def write(name: str, table: Sequence[str]) -> None:
    """Puts a table between its marks in the page."""
    print("\n".join(table))
    page = PAGE.read_text(encoding="utf-8")
    pattern = re.compile(rf"(<!-- table: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
    PAGE.write_text(pattern.sub(lambda m: m[1] + "\n" + "\n".join(table) + "\n\n" + m[2], page), encoding="utf-8")


if __name__ == "__main__":
    main()
