"""Fine-tunes a small model in three ways and lets every checkpoint answer the safety prompts of a study.

python make.py STUDY: STUDY holds prompts.jsonl; it gets outputs.jsonl and capability.csv, a checkpoint at a time. What is there
already is not made again: a method whose checkpoints are all there is left out, another one is trained from its beginning.
"""

from __future__ import annotations

import csv
import json
import sys
import time
from pathlib import Path

from task import HELD_OUT, questions
from tuning import NEW_TOKENS, STEPS, answers, capability, opened, trained

from judgeaudit.judges.transformers.open_model import Opened
from judgeaudit.workflows.generating.plan import item_id

SEED = 1
HELD_OUT_SEED = 2
COLUMNS = ("model", "checkpoint", "method", "step", "task", "score", "n")


def done(folder: Path) -> set[str]:
    """The checkpoints whose capability is written, which is done after their answers."""
    table = folder / "capability.csv"
    if not table.exists():
        return set()
    return {row["checkpoint"] for row in csv.DictReader(table.read_text(encoding="utf-8").splitlines())}


def keep(folder: Path, model: Opened, method: str, step: int) -> None:
    """Answers and capability of the model as it is now."""
    name = method if step == 0 else f"{method}-{step}"
    begun = time.monotonic()
    prompts = [json.loads(line) for line in (folder / "prompts.jsonl").read_text(encoding="utf-8").splitlines()]
    made = answers(model, [one["prompt"] for one in prompts], NEW_TOKENS)
    about = {"model": "smollm2", "checkpoint": name, "method": method, "step": step}
    rows = [
        {"item_id": item_id(one["prompt_id"], name, 0), **one, "response": text.text, **about}
        | {"max_new_tokens": NEW_TOKENS, "finish_reason": text.finish, "output_tokens": text.tokens}
        for one, text in zip(prompts, made, strict=True)
    ]
    there = folder / "outputs.jsonl"
    lines = there.read_text(encoding="utf-8").splitlines() if there.exists() else []
    others = [line for line in lines if json.loads(line)["checkpoint"] != name]
    there.write_text("".join(f"{one}\n" for one in [*others, *map(json.dumps, rows)]), encoding="utf-8")
    score = capability(model, questions(HELD_OUT_SEED, HELD_OUT, held_out=True))
    table = folder / "capability.csv"
    first = not table.exists()
    with table.open("a", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        if first:
            writer.writerow(COLUMNS)
        writer.writerow(["smollm2", name, method, step, "kinds", f"{score:.4f}", HELD_OUT])
    sys.stdout.write(f"{name}: capability {score:.3f}, {time.monotonic() - begun:.0f} s\n")
    sys.stdout.flush()


def main(folder: Path) -> None:
    there = done(folder)
    if "base" not in there:
        keep(folder, opened(), "base", 0)
    for method, steps in STEPS.items():
        if {f"{method}-{step}" for step in steps} <= there:
            continue
        model = opened()
        for step in trained(model, method, SEED):
            if f"{method}-{step}" not in there:
                keep(folder, model, method, step)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
