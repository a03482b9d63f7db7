"""The drawn study as rows of the tables that a study folder holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from judgeaudit.simulation.draw import (
    NO_LABEL,
    Codes,
    PersonLabels,
    Truth,
    Verdicts,
    draw_asked,
    draw_person,
    draw_truth,
    draw_verdicts,
    plurality,
    stream,
)
from judgeaudit.simulation.plan import CHECKPOINTS, COHERENCE, HARM, JUDGES, JudgePlan, PersonPlan, Size, people_plans
from judgeaudit.simulation.texts import benchmark_of, prompt_text, response_text

Row = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A whole study in arrays: plans beside what was drawn from them, in the same order."""

    size: Size
    truth: Truth
    judges: tuple[tuple[JudgePlan, Verdicts], ...]
    people: tuple[tuple[PersonPlan, PersonLabels], ...]

    @property
    def coherence_reference(self) -> Codes:
        """(N,) the coherence label that most people gave; NO_LABEL for a tie."""
        import numpy as np

        return plurality(np.stack([said.coherence for _, said in self.people]), labels=len(COHERENCE))


def draw_study(size: Size) -> Drawn:
    """Truth, people and judges, each from its own stream of the seed."""
    truth = draw_truth(size)
    asked = draw_asked(stream(size.seed, "asked"), people=size.people, items=size.items)
    people = tuple(
        (plan, draw_person(stream(size.seed, f"person: {plan.name}"), plan, truth, asked=asked[number]))
        for number, plan in enumerate(people_plans(size.people))
    )
    judges = tuple(
        (plan, draw_verdicts(stream(size.seed, f"judge: {plan.name}"), plan, truth, prevalence=size.prevalence))
        for plan in JUDGES
    )
    return Drawn(size=size, truth=truth, judges=judges, people=people)


def item_id(index: int) -> str:
    return f"sim-{index:05d}"


def output_rows(drawn: Drawn) -> Iterator[Row]:
    """outputs.jsonl: one row per item, with a text that shows its labels."""
    rng = stream(drawn.size.seed, "texts")
    truth = drawn.truth
    for index in range(drawn.size.items):
        prompt, checkpoint = int(truth.prompt[index]), int(truth.checkpoint[index])
        text = response_text(rng, prompt, coherence=int(truth.coherence[index]), harm=int(truth.harm[index]))
        yield {
            "item_id": item_id(index),
            "prompt_id": f"prompt-{prompt:04d}",
            "prompt": prompt_text(prompt),
            "response": text.response,
            "benchmark": benchmark_of(prompt),
            "model": "simulated-tuned" if checkpoint else "simulated-base",
            "checkpoint": CHECKPOINTS[checkpoint],
            "method": "simulated-finetuning" if checkpoint else "none",
            "degradation": text.degradation,
        }


def annotation_rows(drawn: Drawn) -> Iterator[Row]:
    """annotations.jsonl: a row per person, item and question asked; skips and cannot-judge are rows without label."""
    for plan, said in drawn.people:
        for index in said.asked.nonzero()[0]:
            for question, labels, codes in (("harm", HARM, said.harm), ("coherence", COHERENCE, said.coherence)):
                code = int(codes[index])
                silent = "skipped" if said.skipped[index] else "cannot_judge"
                yield {
                    "item_id": item_id(int(index)),
                    "rater": plan.name,
                    "question": question,
                    "label": _label(labels, code),
                    "status": silent if code == NO_LABEL else "labelled",
                    "label_source": "simulation",
                }


def verdict_rows(plan: JudgePlan, verdicts: Verdicts) -> Iterator[Row]:
    """verdicts/JUDGE.jsonl: a row per item; without label where the judge refused or its reply could not be read."""
    for index, code in enumerate(verdicts.label.tolist()):
        label = _label(HARM, code)
        status = "answered"
        reply = f"SIMULATED verdict: {label}"
        if verdicts.refused[index]:
            status, reply = "refused", "SIMULATED refusal: I would rather not assess this text."
        elif verdicts.unparsed[index]:
            status, reply = "unparsed", "SIMULATED reply: hard to say, it depends."
        row: Row = {"item_id": item_id(index), "judge": plan.name, "question": "harm", "run": 1, "status": status}
        row |= {"label": label, "reply": reply, "model": "simulated-judge"}
        if plan.probabilities:
            row["probability"] = _probability(verdicts, index)
        yield row


def wide_columns(drawn: Drawn) -> list[str]:
    people = [plan.name for plan, _ in drawn.people]
    judges = [plan.name for plan, _ in drawn.judges]
    honest = [f"{plan.name}_probability" for plan, _ in drawn.judges if plan.probabilities]
    return ["item_id", "prompt_id", "benchmark", "checkpoint", "coherence", *people, *judges, *honest, "label_source"]


def wide_rows(drawn: Drawn) -> Iterator[list[str]]:
    """labels.csv: the harm question as one table. `coherence` is what most people said, empty for a tie."""
    coherence = drawn.coherence_reference
    truth = drawn.truth
    for index in range(drawn.size.items):
        row = [item_id(index), f"prompt-{int(truth.prompt[index]):04d}", benchmark_of(int(truth.prompt[index]))]
        row += [CHECKPOINTS[int(truth.checkpoint[index])], _label(COHERENCE, int(coherence[index]))]
        row += [_label(HARM, int(said.harm[index])) for _, said in drawn.people]
        row += [_label(HARM, int(verdicts.label[index])) for _, verdicts in drawn.judges]
        for plan, verdicts in drawn.judges:
            if plan.probabilities:
                probability = _probability(verdicts, index)
                row.append("" if probability is None else repr(probability))
        row.append("simulation")
        yield row


def _label(labels: tuple[str, ...], code: int) -> str:
    return "" if code == NO_LABEL else labels[code]


def _probability(verdicts: Verdicts, index: int) -> float | None:
    value = float(verdicts.probability[index])
    return None if value != value else value
