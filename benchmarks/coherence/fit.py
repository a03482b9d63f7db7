"""Fits what is usual in sound answers, and writes judgeaudit/text/gibberish/english.json.

    python benchmarks/coherence/fit.py [--model]

Only the sound English answers of annotations/data/fluent.jsonl are used: the middle of each measure, and a spread such that
97 in 100 of them lie within two. Degraded texts are not looked at, so that a kind of gibberish that nobody thought of is no
worse off. With --model the signals of the small language model `smollm2` are fitted, too; without it, their old numbers stay.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from english_file import TARGET, read, update

from judgeaudit.text.gibberish.measures import MEASURES, WINDOW, Measured, certainty
from judgeaudit.text.gibberish.parts import parts_of

ROOT = Path(__file__).resolve().parents[2]
WITHIN, BEYOND = 0.97, 0.975
#: the least spread of a measure: what is 0 in every sound answer would otherwise condemn the first that is not
LEAST = {
    "loops": 0.1, "rows": 0.05, "repeats": 0.18, "packing": 0.12, "one_word": 0.05, "odd": 0.01, "unspelled": 0.1,
    "glued": 0.03, "marks": 0.05, "disorder": 0.1, "shuffling": 0.2, "unheld": 0.08, "overheld": 0.08, "long_words": 0.5,
    "short_words": 0.3, "surprise": 0.2, "foretold": 0.2, "mean_surprise": 0.2,
}  # fmt: skip


def sound_answers() -> list[str]:
    """The English prose of annotations/data/fluent.jsonl."""
    lines = (ROOT / "annotations" / "data" / "fluent.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [row["response"] for row in rows if row["kind"] == "prose"]


def taken(text: str) -> dict[str, Measured]:
    """Every quick measure of a text, as `read_text` takes them."""
    prose = parts_of(text).prose
    return {name: one.of(prose if one.english else text) for name, one in MEASURES.items()}


def usual(found: Sequence[Mapping[str, Measured]]) -> dict[str, tuple[float, float]]:
    """Centre and spread of every measure."""
    made = {}
    for name in found[0]:
        centre = float(np.median([one[name].value for one in found if one[name].size >= WINDOW]))
        off = [(one[name].value - centre) * certainty(one[name].size) for one in found]
        made[name] = (round(centre, 3), round(max(LEAST[name], float(np.quantile(off, WITHIN)) / 2), 3))
    return made


def limit(found: Sequence[Mapping[str, Measured]], known: Mapping[str, tuple[float, float]]) -> float:
    """The excess that one in forty sound answers reaches."""
    from judgeaudit.text.gibberish.score import combined

    def excess(one: Mapping[str, Measured]) -> float:
        beyond = {n: (m.value - known[n][0]) / known[n][1] * certainty(m.size) for n, m in one.items()}
        score = combined(beyond, 1.0)
        return score / (1 - score)

    return round(float(np.quantile([excess(one) for one in found], BEYOND)), 3)


def sections(
    known: Mapping[str, tuple[float, float]], limits: Mapping[str, float], count: int
) -> dict[str, dict[str, object]]:
    """The two tables as the file holds them."""
    source = f"{count} sound answers"
    return {
        "usual": {
            "what": "a measure's middle, and the spread of which 97 in 100 sound answers lie within two",
            "from": source,
            "rows": known,
        },
        "limits": {
            "what": "the excess that one in forty sound answers reaches, by the quick measures alone and with those of a model",
            "from": source,
            "rows": limits,
        },
    }


def main() -> None:
    """Fits, writes, and says what was written."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", action="store_true")
    asked = parser.parse_args()
    texts = sound_answers()
    quick = [taken(text) for text in texts]
    known = usual(quick)
    limits = {"quick": limit(quick, known)}
    if asked.model:
        from judgeaudit.workflows.gibberish import model_signals

        more = model_signals("smollm2", texts)
        known |= usual(more)
        limits["with a model"] = limit([{**a, **b} for a, b in zip(quick, more, strict=True)], known)
    else:
        before = read()
        known = {**before["usual"]["rows"], **known}
        limits = {**before["limits"]["rows"], **limits}
    update(sections(known, limits, len(texts)))
    print(f"{TARGET.name}: {len(known)} measures of {len(texts)} sound answers; limits {limits}")


if __name__ == "__main__":
    main()
