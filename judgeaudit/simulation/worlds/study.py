"""A planted world as a study folder, with all that is true of it in truth.json."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from judgeaudit.domain.checkpoints import ALL_BENCHMARKS
from judgeaudit.simulation.draw import NO_LABEL, stream
from judgeaudit.simulation.files import QUESTIONS, jsonl, write_new
from judgeaudit.simulation.plan import BENCHMARKS, COHERENCE, HARM
from judgeaudit.simulation.rows import Row, item_id
from judgeaudit.simulation.texts import benchmark_of, prompt_text, response_text
from judgeaudit.simulation.worlds.draw import METHOD_CORRELATION, WorldVerdicts
from judgeaudit.simulation.worlds.plan import BASE, GOAL, TASK, TASK_SIZE, CheckpointPlan, MethodPlan, WorldJudge
from judgeaudit.simulation.worlds.truth import Place, contrast_pairs, shares, true_contrast
from judgeaudit.simulation.worlds.world import COHERENCE_QUESTION, QUESTION, World, checkpoints_of, draw_world


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldStudy:
    """Where the study of a planted world lies, and how large it is."""

    folder: Path
    truth: Path
    outputs: int
    checkpoints: int
    labelled: int
    people: tuple[str, ...]
    judges: tuple[str, ...]
    files: tuple[Path, ...]


def simulate_world(
    folder: str | Path,
    name: str,
    *,
    seed: int = 1,
    prompts: int | None = None,
    labelled: int | None = None,
    people: int = 3,
) -> WorldStudy:
    """Writes a study of this world and truth.json. The same arguments give the same bytes; nothing is overwritten.

    `prompts` (300) are answered at every checkpoint, and `labelled` (two thirds) of the answers there are labelled, drawn
    at random.
    """
    prompts = 300 if prompts is None else prompts
    labelled = prompts * 2 // 3 if labelled is None else labelled
    world = draw_world(name, seed=seed, prompts=prompts, labelled=labelled, people=people)
    target, texts = Path(folder), world_files(world)
    write_new(target, texts)
    return WorldStudy(
        folder=target,
        truth=target / "truth.json",
        outputs=world.outputs.prompt.size,
        checkpoints=len(world.scores),
        labelled=labelled,
        people=tuple(plan.name for plan, _ in world.people),
        judges=tuple(judge.name for judge, _ in world.judges),
        files=tuple(target / name for name in texts),
    )


def world_files(world: World) -> dict[str, str]:
    """Name -> text of every file of the study, in the order of writing; study.toml is last."""
    texts = {"outputs.jsonl": jsonl(output_rows(world)), "annotations.jsonl": jsonl(annotation_rows(world))}
    for judge, said in world.judges:
        texts[f"verdicts/{judge.name}.jsonl"] = jsonl(verdict_rows(judge, said))
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(CAPABILITY_COLUMNS)
    writer.writerows(capability_rows(world))
    texts["capability.csv"] = table.getvalue()
    texts["truth.json"] = json.dumps(truth_record(world), indent=1) + "\n"
    texts["study.toml"] = _study_toml(world)
    return texts


def truth_record(world: World) -> dict[str, object]:
    """Every planted number, the true shares of every checkpoint, and the claims that hold, as they stand in truth.json."""
    plan, size = world.plan, world.size
    return {
        "name": _name(world),
        "world": plan.name,
        "about": plan.about,
        "size": asdict(size),
        "goal": {"task": TASK, "score": GOAL, "questions": TASK_SIZE},
        "baseline": BASE,
        "claim": "a is more harmful than b where its unsafe share is higher and its safe share lower; less harmful where "
        "both are the other way round; else no claim holds",
        "planted": [{"more_harmful": a, "less_harmful": b} for a, b in plan.planted],
        "methods": {method.name: _method_record(world, method) for method in plan.methods},
        "contrasts": _contrast_records(world),
        "judges": {judge.name: _judge_record(judge) for judge in plan.judges},
        "correlation_within_method": METHOD_CORRELATION,
    }


def _method_record(world: World, method: MethodPlan) -> dict[str, object]:
    return {
        "about": method.about,
        "at_goal": f"step-{method.checkpoints[method.at_goal].step}",
        "checkpoints": {f"step-{one.step}": _checkpoint_record(world, one) for one in method.checkpoints},
    }


def _checkpoint_record(world: World, one: CheckpointPlan) -> dict[str, object]:
    return {
        "score": one.score,
        "partly_of_readable": one.partly,
        "harm_of_readable": dict(zip(BENCHMARKS, one.harm, strict=True)),
        "warnings_of_readable": dict(zip(BENCHMARKS, one.styled, strict=True)),
        "shares": {
            benchmark: shares(one, benchmark, prompts=world.size.prompts)._asdict()
            for benchmark in (ALL_BENCHMARKS, *BENCHMARKS)
        },
    }


def _contrast_records(world: World) -> list[dict[str, object]]:
    """One for each pair of methods, place and benchmark."""
    places: tuple[Place, ...] = ("goal", "last")
    records: list[dict[str, object]] = []
    for pair in contrast_pairs(world.plan):
        for at in places:
            for benchmark in (ALL_BENCHMARKS, *BENCHMARKS):
                one = true_contrast(world.plan, pair, at=at, benchmark=benchmark, prompts=world.size.prompts)
                records.append({**one._asdict(), "at": at, "benchmark": benchmark, "holds": one.holds})
    return records


def _judge_record(judge: WorldJudge) -> dict[str, object]:
    """Chances to call an output unsafe, by what it is."""
    pairs = {"partly": judge.partly, "coherent": judge.coherent, "warnings": judge.styled}
    return {
        "about": judge.about,
        "calls_unsafe": {
            "gibberish": judge.gibberish,
            **{kind: {"safe": safe, "unsafe": unsafe} for kind, (safe, unsafe) in pairs.items()},
        },
        "calls_gibberish": dict(zip(("gibberish", "partly", "coherent"), judge.notices, strict=True)),
        "unparsed": judge.silent,
        "baseline": judge.baseline,
    }


def _name(world: World) -> str:
    return f"SIMULATED world {world.plan.name}, seed {world.size.seed}"


def _study_toml(world: World) -> str:
    judges = "\n".join(_judge_toml(judge) for judge, _ in world.judges)
    return f"""# SIMULATED: no person and no model gave these labels. truth.json holds what is true.
# {world.plan.about}
schema = 1
name = "{_name(world)}"
cluster = "prompt_id"
label_source = "simulation"

[use]
purpose = "compare"

{QUESTIONS}
[audit]
# at every checkpoint as many outputs were drawn at random and labelled
label_design = "random"

[compare]
capability_task = "{TASK}"
goal = {GOAL}
baseline = "{BASE}"

{judges}"""


def _judge_toml(judge: WorldJudge) -> str:
    baseline = "baseline = true\n" if judge.baseline else ""
    return f'# {judge.about}\n[judges.{judge.name}]\nkind = "replay"\nquestions = ["harm", "coherence"]\n{baseline}'


# A drawn world as rows of the tables that a study folder holds.


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
