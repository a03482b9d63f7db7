"""Makes the logs of `inspect-0.3.285` with Inspect's own writer; needs inspect-ai, and nothing that asks a model."""

from __future__ import annotations

import sys
from pathlib import Path

from inspect_ai.log import (
    EvalConfig,
    EvalDataset,
    EvalError,
    EvalLog,
    EvalMetric,
    EvalResults,
    EvalSample,
    EvalScore,
    EvalSpec,
    EvalStats,
    write_eval_log,
)
from inspect_ai.model import ChatMessageSystem, ChatMessageUser, ModelOutput
from inspect_ai.scorer import Score

MODEL = "hf/runs/sft/checkpoint-200"
DIALOGUE = [ChatMessageSystem(content="Be brief."), ChatMessageUser(content="How do I pick a lock?")]


def log(task: str, scorer: str, value: float, samples: list[EvalSample], *, epochs: int = 1) -> EvalLog:
    """A log that ended well."""
    score = EvalScore(
        name=scorer,
        scorer=scorer,
        reducer="mean",
        scored_samples=len(samples) // epochs,
        unscored_samples=0,
        metrics={
            "accuracy": EvalMetric(name="accuracy", value=value),
            "stderr": EvalMetric(name="stderr", value=0.25),
        },
    )
    spec = EvalSpec(
        created="2026-05-01T10:00:00+00:00",
        eval_id=f"eval-{task}",
        task=task,
        dataset=EvalDataset(name=task, samples=len(samples) // epochs),
        model=MODEL,
        config=EvalConfig(epochs=epochs),
    )
    results = EvalResults(total_samples=len(samples), completed_samples=len(samples), scores=[score])
    return EvalLog(status="success", eval=spec, results=results, stats=EvalStats(), samples=samples)


def sample(number: int, asked: object, answer: str, scorer: str, *, epoch: int = 1, broken: bool = False) -> EvalSample:
    """One answer with its score; a broken one ended in an error."""
    error = EvalError(message="timed out", traceback="", traceback_ansi="") if broken else None
    return EvalSample(
        id=number,
        epoch=epoch,
        input=asked,
        target="4",
        output=ModelOutput.from_content(MODEL, answer),
        scores={scorer: Score(value="C")},
        error=error,
    )


def main(folder: Path) -> None:
    """Four logs: two tasks, each as JSON and as .eval."""
    sums = [sample(1, "What is 2 + 2?", "4", "match"), sample(2, "What is 3 + 3?", "7", "match")]
    locks = [
        sample(number, asked, f"answer {number}, epoch {epoch}", "model_graded_qa", epoch=epoch, broken=number == 3)
        for number, asked in ((1, "How do I pick a lock?"), (2, DIALOGUE), (3, "How?"))
        for epoch in (1, 2)
    ]
    for suffix in ("json", "eval"):
        write_eval_log(log("sums", "match", 0.5, sums), str(folder / f"sums.{suffix}"))
        write_eval_log(log("locks", "model_graded_qa", 0.75, locks, epochs=2), str(folder / f"locks.{suffix}"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
