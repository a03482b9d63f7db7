"""A study folder whose truth is known: planted people, planted judges, and the rates they were drawn with."""

from __future__ import annotations

import csv
import io
import json
import shlex
from dataclasses import dataclass
from pathlib import Path

from judgeaudit.simulation.files import QUESTIONS, jsonl, write_new
from judgeaudit.simulation.plan import (
    CHECKPOINTS,
    COHERENCE,
    COHERENCE_CORRELATION,
    GIBBERISH_FACTORS,
    HARM,
    HARM_CORRELATION,
    HOLES,
    JUDGE_CORRELATION,
    PERSON_CORRELATION,
    JudgePlan,
    PersonPlan,
    Rates,
    Size,
    coherence_shares,
)
from judgeaudit.simulation.rows import (
    Drawn,
    annotation_rows,
    draw_study,
    item_id,
    output_rows,
    verdict_rows,
    wide_columns,
    wide_rows,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedStudy:
    """Where a simulated study lies, who is in it, and the command that audits its one wide table."""

    folder: Path
    table: Path
    truth: Path
    items: int
    people: tuple[str, ...]
    judges: tuple[str, ...]
    files: tuple[Path, ...]
    command: str


def simulate_study(
    folder: str | Path,
    *,
    items: int = 1200,
    prompts: int | None = None,
    people: int = 3,
    seed: int = 1,
    gibberish: float = 0.25,
    prevalence: float = 0.3,
) -> SimulatedStudy:
    """Writes a study, its wide table labels.csv and truth.json. The same arguments give the same bytes.

    Without `prompts` there is one for every six items. Nothing is overwritten: a folder that already holds one of the
    files is refused. study.toml comes last, so that a folder that was cut off half-way is no study.
    """
    prompts = max(10, items // 6) if prompts is None else prompts
    size = Size(items=items, prompts=prompts, people=people, seed=seed, gibberish=gibberish, prevalence=prevalence)
    target = Path(folder)
    drawn = draw_study(size)
    texts = _files(drawn)
    write_new(target, texts)
    return SimulatedStudy(
        folder=target,
        table=target / "labels.csv",
        truth=target / "truth.json",
        items=items,
        people=tuple(plan.name for plan, _ in drawn.people),
        judges=tuple(plan.name for plan, _ in drawn.judges),
        files=tuple(target / name for name in texts),
        command=audit_command(drawn, table="labels.csv"),
    )


def audit_command(drawn: Drawn, *, table: str) -> str:
    """The command that audits the wide table as the study would be audited."""
    words = ["judgeaudit", "audit", table]
    words += ["--human", ",".join(plan.name for plan, _ in drawn.people)]
    words += ["--judge", ",".join(plan.name for plan, _ in drawn.judges)]
    words += ["--labels", ",".join(HARM), "--positive", "unsafe", "--scale", "binary", "--question", "harm"]
    for plan, _ in drawn.judges:
        if plan.probabilities:
            words += ["--probability", f"{plan.name}={plan.name}_probability"]
    words += ["--cluster", "prompt_id", "--by", "coherence", "--label-source", "simulation"]
    return shlex.join(words)


def _files(drawn: Drawn) -> dict[str, str]:
    """Name -> text of every file of the study, in the order of writing."""
    texts = {"outputs.jsonl": jsonl(output_rows(drawn)), "annotations.jsonl": jsonl(annotation_rows(drawn))}
    for plan, verdicts in drawn.judges:
        texts[f"verdicts/{plan.name}.jsonl"] = jsonl(verdict_rows(plan, verdicts))
    wide = io.StringIO()
    writer = csv.writer(wide, lineterminator="\n")
    writer.writerow(wide_columns(drawn))
    writer.writerows(wide_rows(drawn))
    texts["labels.csv"] = wide.getvalue()
    texts["truth.json"] = json.dumps(truth_record(drawn), indent=1) + "\n"
    texts["study.toml"] = _study_toml(drawn)
    return texts


def truth_record(drawn: Drawn) -> dict[str, object]:
    """Every planted rate, and the planted labels of each item, as they stand in truth.json."""
    size, truth = drawn.size, drawn.truth
    return {
        "name": _name(size),
        "about": "The rates that were planted. Sensitivity and specificity hold among answered verdicts or labels, "
        "against the planted label; harm is independent of coherence. Correlations are of the latent normal "
        "variables behind the events, within prompts.",
        "size": {"items": size.items, "prompts": size.prompts, "people": size.people, "seed": size.seed},
        "prevalence": size.prevalence,
        "coherence": _by_coherence(coherence_shares(size.gibberish)),
        "gibberish_by_checkpoint": {
            checkpoint: size.gibberish * factor
            for checkpoint, factor in zip(CHECKPOINTS, GIBBERISH_FACTORS, strict=True)
        },
        "not_asked": HOLES / size.people,
        "correlation": {
            "harm": HARM_CORRELATION,
            "coherence": COHERENCE_CORRELATION,
            "judges": JUDGE_CORRELATION,
            "people": PERSON_CORRELATION,
        },
        "judges": {plan.name: _judge_record(plan) for plan, _ in drawn.judges},
        "people": {plan.name: _person_record(plan) for plan, _ in drawn.people},
        "items": {
            item_id(index): {"harm": HARM[harm], "coherence": COHERENCE[coherence]}
            for index, (harm, coherence) in enumerate(zip(truth.harm.tolist(), truth.coherence.tolist(), strict=True))
        },
    }


def _judge_record(plan: JudgePlan) -> dict[str, object]:
    return {
        "about": plan.about,
        "sensitivity": _by_coherence(plan.sensitivity),
        "specificity": _by_coherence(plan.specificity),
        "refused": _by_coherence(plan.refused),
        "unparsed": plan.unparsed,
        "honest_probabilities": plan.probabilities,
        "baseline": plan.baseline,
        "should_pass_in": [f"coherence={label}" for label in plan.passes_in],
    }


def _person_record(plan: PersonPlan) -> dict[str, object]:
    return {
        "sensitivity": plan.sensitivity,
        "specificity": plan.specificity,
        "coherence_accuracy": plan.coherence_accuracy,
        "skipped": plan.skipped,
        "cannot_judge": _by_coherence(plan.cannot_judge),
    }


def _by_coherence(rates: Rates) -> dict[str, float]:
    return dict(zip(COHERENCE, rates, strict=True))


def _name(size: Size) -> str:
    return f"SIMULATED study with known truth, seed {size.seed}"


def _study_toml(drawn: Drawn) -> str:
    judges = "\n".join(_judge_toml(plan) for plan, _ in drawn.judges)
    required = ", ".join(f'"{plan.name}"' for plan, _ in drawn.judges if not plan.baseline)
    return f"""# SIMULATED: no person and no model gave these labels. truth.json holds the rates they were drawn with.
# The same as one table: {audit_command(drawn, table="labels.csv")}
schema = 1
name = "{_name(drawn.size)}"
cluster = "prompt_id"
label_source = "simulation"

[use]
purpose = "filter"

{QUESTIONS}
[policy]
# only a simulated study may say "any": its labels come from no person, but their truth is known
label_source = "any"
judges = [{required}]

{judges}"""


def _judge_toml(plan: JudgePlan) -> str:
    baseline = "baseline = true\n" if plan.baseline else ""
    return f'# {plan.about}\n[judges.{plan.name}]\nkind = "replay"\nquestions = ["harm"]\n{baseline}'
