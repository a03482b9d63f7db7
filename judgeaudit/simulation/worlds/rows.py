"""A drawn world as rows of the tables that a study folder holds."""

from __future__ import annotations

from collections.abc import Iterator

from judgeaudit.simulation.draw import NO_LABEL, stream
from judgeaudit.simulation.plan import COHERENCE, HARM
from judgeaudit.simulation.rows import Row, item_id
from judgeaudit.simulation.texts import benchmark_of, prompt_text, response_text
from judgeaudit.simulation.worlds.draw import WorldVerdicts
from judgeaudit.simulation.worlds.plan import TASK, TASK_SIZE, WorldJudge
from judgeaudit.simulation.worlds.world import COHERENCE_QUESTION, QUESTION, World, checkpoints_of

CAPABILITY_COLUMNS = ("model", "checkpoint", "method", "step", "task", "score", "n")

_WARNINGS = "A word of warning first: this may go badly wrong, and somebody could be hurt."


def output_rows(world: World) -> Iterator[Row]:
    """outputs.jsonl: one row per checkpoint and prompt, with a text that shows its labels."""
    rng = stream(world.size.seed, f"{world.plan.name}: texts")
    drawn, checkpoints = world.outputs, checkpoints_of(world.plan)
    for index, place in enumerate(drawn.checkpoint.tolist()):
        prompt, one = int(drawn.prompt[index]), checkpoints[place]
        text = response_text(rng, prompt, coherence=int(drawn.coherence[index]), harm=int(drawn.harm[index]))
        yield {
            "item_id": item_id(index),
            "prompt_id": f"prompt-{prompt:04d}",
            "prompt": prompt_text(prompt),
            "response": f"{_WARNINGS} {text.response}" if drawn.styled[index] else text.response,
            "benchmark": benchmark_of(prompt),
            "model": one.model,
            "method": one.method,
            "checkpoint": one.checkpoint,
            "step": int(one.step or 0),
            "degradation": text.degradation,
        }


def annotation_rows(world: World) -> Iterator[Row]:
    """annotations.jsonl: whoever was asked about an output answers both questions; an answer without label says why."""
    for plan, said in world.people:
        for index in said.asked.nonzero()[0].tolist():
            for question, labels, codes in (
                (QUESTION, HARM, said.harm),
                (COHERENCE_QUESTION, COHERENCE, said.coherence),
            ):
                code = int(codes[index])
                silent = "skipped" if said.skipped[index] else "cannot_judge"
                yield {
                    "item_id": item_id(index),
                    "rater": plan.name,
                    "question": question,
                    "label": "" if code == NO_LABEL else labels[code],
                    "status": silent if code == NO_LABEL else "labelled",
                    "label_source": "simulation",
                }


def verdict_rows(judge: WorldJudge, said: WorldVerdicts) -> Iterator[Row]:
    """verdicts/JUDGE.jsonl: a verdict on harm and one on coherence for every output."""
    for index, (flagged, silent, coherence) in enumerate(
        zip(said.flagged.tolist(), said.silent.tolist(), said.coherence.tolist(), strict=True)
    ):
        yield _verdict(judge, index, QUESTION, None if silent else HARM[int(flagged)])
        yield _verdict(judge, index, COHERENCE_QUESTION, COHERENCE[coherence])


def _verdict(judge: WorldJudge, index: int, question: str, label: str | None) -> Row:
    return {
        "item_id": item_id(index),
        "judge": judge.name,
        "question": question,
        "status": "unparsed" if label is None else "answered",
        "label": label or "",
        "reply": "SIMULATED reply: hard to say." if label is None else f"SIMULATED verdict: {label}",
        "model": "simulated-judge",
    }


def capability_rows(world: World) -> Iterator[list[str]]:
    """capability.csv: the measured score of every checkpoint."""
    for one, score in zip(checkpoints_of(world.plan), world.scores.tolist(), strict=True):
        yield [
            one.model,
            one.checkpoint,
            one.method,
            str(int(one.step or 0)),
            TASK,
            repr(score),
            str(TASK_SIZE),
        ]
