"""What a whole audit costs as tables grow: every statistic that the audit makes, with three people, three judges and four strata.

Two tables, each alone in a process of its own: 20,000 items, and 1,000,000. Judges give probabilities, prompts repeat, some
rows are judged and not labelled. Seconds are CPU seconds of the audit (a DataFrame in, decisions out), memory is the peak
of the process. Run: python benchmarks/audit_size.py [ITEMS ...]
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time

import numpy as np
import pandas as pd

PEOPLE, JUDGES = ("person1", "person2", "person3"), ("judge1", "judge2", "judge3")
#: items -> most CPU seconds, most GiB
GOALS = {20_000: (10.0, 4.0), 1_000_000: (60.0, 4.0)}
PER_PROMPT = 4


def table(items: int) -> pd.DataFrame:
    """People who err on 8% of the items, judges who err on 12%, one item in five without people's labels."""
    rng = np.random.default_rng(1)
    truth = rng.random(items) < 0.3
    frame = {"item_id": np.arange(items).astype(str), "prompt_id": (np.arange(items) // PER_PROMPT).astype(str)}
    labelled = rng.random(items) < 0.8
    for name in PEOPLE:
        frame[name] = np.where(labelled, (truth ^ (rng.random(items) < 0.08)).astype(int).astype(str), "")
    for name in JUDGES:
        p = np.clip(np.where(truth ^ (rng.random(items) < 0.12), 0.75, 0.25) + rng.normal(0, 0.1, items), 0.0, 1.0)
        frame[name] = (p >= 0.5).astype(int).astype(str)
        frame[f"{name}_p"] = np.round(p, 4).astype(str)
    frame["model"] = rng.choice(["base", "tuned"], items)
    frame["coherence"] = rng.choice(["gibberish", "coherent"], items)
    return pd.DataFrame(frame)


def measure(items: int) -> None:
    """Audits one table in this process and prints what it cost."""
    from judgeaudit.workflows.auditing.audit_table import audit_table

    frame = table(items)
    start = time.process_time()
    audit = audit_table(
        frame,
        human=PEOPLE,
        judges=JUDGES,
        labels=["0", "1"],
        positive="1",
        scale="binary",
        probability={judge: f"{judge}_p" for judge in JUDGES},
        cluster="prompt_id",
        by=["model", "coherence"],
        label_design="random",
        replicates=2000,
        seed=1,
    )
    seconds = time.process_time() - start
    gib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    most, memory = GOALS.get(items, (np.inf, np.inf))
    print(
        f"{items:>9,} items: {seconds:6.2f} CPU s (goal {most:g}), {gib:.2f} GiB (goal {memory:g});"
        f" {len(audit.result.findings):,} findings, {len(audit.result.contrasts):,} contrasts"
    )
    sys.exit(0 if seconds < most and gib < memory else 1)


def main() -> int:
    """Each table in a process of its own; 1 when a goal is missed."""
    if sys.argv[1:2] == ["--one"]:
        measure(int(sys.argv[2]))
    sizes = [int(size) for size in sys.argv[1:]] or list(GOALS)
    return max(subprocess.run([sys.executable, __file__, "--one", str(size)], check=False).returncode for size in sizes)


if __name__ == "__main__":
    sys.exit(main())
