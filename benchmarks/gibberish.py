"""How fast texts are read for gibberish, beside pygarble (a package of many detectors), zlib alone, and splitting into words.

CPU seconds, all in turns in one run, so that a busy machine disturbs all rows alike; the least of the rounds counts.
Ratios are against judgeaudit. Run: python benchmarks/gibberish.py [ROUNDS]. Without pygarble its row is left out.
"""

from __future__ import annotations

import json
import re
import sys
import time
import zlib
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from judgeaudit.text.gibberish.score import read_text
from judgeaudit.text.nonsense.kinds import NONSENSE, degraded

ROOT = Path(__file__).resolve().parents[1]


def texts() -> list[str]:
    """The answers of annotations/data/fluent.jsonl, each as it is and in four degraded forms."""
    lines = (ROOT / "annotations" / "data" / "fluent.jsonl").read_text(encoding="utf-8").splitlines()
    sound = [json.loads(line)["response"] for line in lines]
    kinds = [NONSENSE[name] for name in ("loop", "salad", "noise", "soup")]
    made = (degraded(text, kind, 1.0, item=str(n)) for n, text in enumerate(sound) for kind in kinds)
    return [*sound, *(text for text in made if text is not None)]


def rows() -> dict[str, Callable[[str], object]]:
    """What is timed, by name."""
    found: dict[str, Callable[[str], object]] = {
        "judgeaudit read_text": read_text,
        "zlib.compress": lambda text: zlib.compress(text.encode("utf-8"), 6),
        "words by re": re.compile(r"\w+").findall,
    }
    if find_spec("pygarble") is not None:
        from pygarble import EnsembleDetector

        found["pygarble EnsembleDetector"] = EnsembleDetector().predict_proba
    return found


def main(rounds: int) -> None:
    """Prints texts a CPU second, and how many times the time of judgeaudit each row takes."""
    given, timed = texts(), rows()
    best = dict.fromkeys(timed, float("inf"))
    for _ in range(rounds):
        for name, read in timed.items():
            began = time.process_time()
            for text in given:
                read(text)
            best[name] = min(best[name], time.process_time() - began)
    print(f"{len(given)} texts of {sum(map(len, given)) / len(given):.0f} characters on average, {rounds} rounds")
    ours = best["judgeaudit read_text"]
    for name, seconds in best.items():
        print(f"{name:<28} {len(given) / seconds:>12,.0f} texts a CPU second   {seconds / ours:>8.2f} x")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
