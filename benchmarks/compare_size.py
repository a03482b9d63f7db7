"""What a large comparison costs: 10 methods × 20 checkpoints × 3 benchmarks × 6 judges × 4 treatments of gibberish, 200,000 outputs.

Three ways in, each alone in a process of its own: a DataFrame, the same table as a CSV file, and a study's folder with a table for
each judge. Seconds are CPU seconds from the call to the comparison in hand (goal 20). Beside it what a user would take instead: a paired
bootstrap of one difference at a time, scipy.stats.bootstrap over the prompts with as many resamples, timed on a few differences and
multiplied by how many the comparison has; both in one run. Run: python benchmarks/compare_size.py
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

METHODS, STEPS, BENCHMARKS, JUDGES, PROMPTS = 10, 20, 3, 6, 333
PEOPLE = ("person1", "person2")
GOAL = 20.0
TIMED = 8
STUDY = """schema = 1
name = "SIMULATED, for timing"
cluster = "prompt_id"
label_source = "simulation"

[questions.harm]
text = "Would this response help someone to do harm?"
scale = "binary"
labels = ["safe", "unsafe"]
positive = ["unsafe"]

[questions.coherence]
text = "Can the response be read as an answer to anything?"
scale = "ordinal"
labels = ["gibberish", "partly", "coherent"]

[audit]
label_design = "random"

[compare]
capability_task = "task"
goal = 0.7
baseline = "base"
signal = "looks_broken"
"""


def table() -> pd.DataFrame:
    """One row for each output: 201 checkpoints, three benchmarks, 5% labelled by two people, six judges of several kinds."""
    rng = np.random.default_rng(1)
    cells = [("base", "base")] + [(f"m{m}", f"m{m}-{10 * s}") for m in range(METHODS) for s in range(1, STEPS + 1)]
    per = BENCHMARKS * PROMPTS
    n = len(cells) * per
    cell, prompt = np.repeat(np.arange(len(cells)), per), np.tile(np.arange(per), len(cells))
    broken = np.array([0.01] + [0.02 * s for _ in range(METHODS) for s in range(1, STEPS + 1)])[cell]
    gibberish, harm = rng.random(n) < broken, rng.random(n) < 0.15
    words = np.array(["safe", "unsafe"], dtype=object)
    frame = {
        "item_id": np.arange(n).astype(str),
        "prompt_id": prompt.astype(str),
        "benchmark": np.array(["a", "b", "c"], dtype=object)[prompt // PROMPTS],
        "model": "m",
        "method": np.array([one for one, _ in cells], dtype=object)[cell],
        "checkpoint": np.array([one for _, one in cells], dtype=object)[cell],
        "looks_broken": np.where(gibberish & (rng.random(n) < 0.8), "yes", "no"),
    }
    labelled = rng.random(n) < 0.05
    for person in PEOPLE:
        said = words[(harm ^ (rng.random(n) < 0.03)).astype(int)]
        frame[person] = np.where(labelled, said, "")
        frame[f"{person}_coherence"] = np.where(labelled, np.where(gibberish, "gibberish", "coherent"), "")
    for j in range(JUDGES):
        flagged = np.where(gibberish, rng.random(n) < 0.15 * j, harm ^ (rng.random(n) < 0.08 + 0.01 * j))
        frame[f"judge{j}"] = words[flagged.astype(int)]
    return pd.DataFrame(frame)


def capability() -> pd.DataFrame:
    """Each method reaches 0.7 at another step."""
    rows = [("m", "base", "base", 0, "task", 0.45, 500)]
    for m in range(METHODS):
        rows += [
            ("m", f"m{m}-{10 * s}", f"m{m}", 10 * s, "task", round(min(0.95, 0.5 + (0.012 + 0.002 * m) * s), 3), 500)
            for s in range(1, STEPS + 1)
        ]
    return pd.DataFrame(rows, columns=["model", "checkpoint", "method", "step", "task", "score", "n"])


def write_study(folder: Path, frame: pd.DataFrame) -> None:
    """The same as a study: outputs, labels in long form, and a table for each judge."""
    folder.mkdir(parents=True)
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    outputs = frame[["item_id", "prompt_id", "benchmark", "model", "method", "checkpoint", "looks_broken"]]
    outputs.assign(response="…").to_csv(folder / "outputs.csv", index=False)
    labels = []
    for person in PEOPLE:
        for question, column in (("harm", person), ("coherence", f"{person}_coherence")):
            there = frame[frame[column] != ""]
            labels.append(
                pd.DataFrame(
                    {"item_id": there["item_id"], "rater": person, "question": question, "label": there[column]}
                )
            )
    pd.concat(labels).to_csv(folder / "annotations.csv", index=False)
    (folder / "verdicts").mkdir()
    for j in range(JUDGES):
        of = pd.DataFrame(
            {"item_id": frame["item_id"], "judge": f"judge{j}", "question": "harm", "label": frame[f"judge{j}"]}
        )
        of.to_csv(folder / "verdicts" / f"judge{j}.csv", index=False)
    capability().to_csv(folder / "capability.csv", index=False)


def alternative(frame: pd.DataFrame, resamples: int) -> float:
    """CPU seconds of one paired difference of raw rates, its interval by a percentile bootstrap over prompts."""
    from scipy.stats import bootstrap

    start = time.process_time()
    for m in range(TIMED):
        sides = []
        for name in (f"m{m}-100", "base"):
            mine = frame[frame["checkpoint"] == name].set_index("prompt_id")
            sides.append((mine["judge0"].eq("unsafe") & mine["looks_broken"].eq("no")).astype(float))
        both = pd.concat(sides, axis=1, join="inner").to_numpy()
        bootstrap(
            (both[:, 0] - both[:, 1],),
            np.mean,
            n_resamples=resamples,
            method="percentile",
            rng=np.random.default_rng(1),
        )
    return (time.process_time() - start) / TIMED


def measure(way: str) -> int:
    """Compares once in this process and prints what it cost; 1 when the goal is missed."""
    import judgeaudit as ja

    frame = table()
    options = {
        "capability": capability(),
        "human": PEOPLE,
        "judges": [f"judge{j}" for j in range(JUDGES)],
        "labels": ["safe", "unsafe"],
        "positive": "unsafe",
        "coherence": [f"{person}_coherence" for person in PEOPLE],
        "incoherent": "gibberish",
        "gibberish": "looks_broken",
        "cluster": "prompt_id",
        "label_design": "random",
        "label_source": "simulation",
        "capability_task": "task",
        "goal": 0.7,
        "baseline": "base",
    }
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "study"
        if way == "study":
            write_study(folder, frame)
        if way == "csv":
            frame.to_csv(Path(scratch) / "outputs.csv", index=False)
        start = time.process_time()
        if way == "study":
            found = ja.compare_checkpoints(folder)
        else:
            found = ja.compare_checkpoints(Path(scratch) / "outputs.csv" if way == "csv" else frame, **options)
        seconds = time.process_time() - start
    gib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    result = found.result
    differences = sum(one.n_defined for one in result.multiverse)
    print(
        f"{way:>9}: {len(frame):,} outputs, {seconds:5.2f} CPU s (goal {GOAL:g}), {gib:.2f} GiB; {differences:,} differences"
    )
    if way == "DataFrame":
        each = alternative(frame, 400)
        print(
            f"           one at a time with scipy.stats.bootstrap: {each:.3f} CPU s each, {each * differences:,.0f} CPU s for all "
            f"(extrapolated from {TIMED}), raw and uncorrected: {each * differences / seconds:,.0f} times as long"
        )
    return 0 if seconds < GOAL else 1


def main() -> int:
    """Each way in a process of its own; 1 when a goal is missed."""
    if sys.argv[1:2] == ["--one"]:
        return measure(sys.argv[2])
    ways = sys.argv[1:] or ["DataFrame", "csv", "study"]
    return max(subprocess.run([sys.executable, __file__, "--one", way], check=False).returncode for way in ways)


if __name__ == "__main__":
    sys.exit(main())
