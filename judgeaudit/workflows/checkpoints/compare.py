"""Fine-tuned checkpoints at a capability goal: a study or a table in, a comparison out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from judgeaudit.domain.checkpoints import ComparePlan
from judgeaudit.domain.errors import InputError
from judgeaudit.domain.results.audit import AuditResult, Decision
from judgeaudit.domain.results.comparison import ComparisonResult
from judgeaudit.workflows.auditing.audit_table import version_of, versions
from judgeaudit.workflows.checkpoints.comparison_object import COMPARISON, Comparison

if TYPE_CHECKING:
    from judgeaudit.storage.checkpoints.loaded import CompareLoaded
    from judgeaudit.storage.config.compare import CompareConfig
    from judgeaudit.storage.config.schema import StudyConfig


#: how a study says what it is compared at; shown where it does not
THREE_KEYS = '[compare] with capability_task = "TASK", goal = 0.70 and baseline = "NAME"'

_UNDECLARED = (
    {
        "code": "not_declared",
        "sentence": "This comparison is not as declared in study.toml: goal, task, reach or baseline were given for it alone.",
    },
)


def compare_study(
    folder: Path,
    *,
    goal: float | None = None,
    reach: str | None = None,
    task: str | None = None,
    baseline: str | None = None,
    level: float = 0.95,
    seed: int = 1,
    draws: int = 400,
    command: str = "ja.Study(…).compare()",
    write: bool = True,
) -> Comparison:
    """The study's checkpoints as [compare] of study.toml declares; other values than declared are said to be so, and not written."""
    from judgeaudit.storage.checkpoints.study import load_comparison
    from judgeaudit.storage.config.read import read_study
    from judgeaudit.workflows.auditing.study_audit import fingerprint

    config = read_study(folder)
    asked = {"goal": goal, "reach": reach, "capability_task": task, "baseline": baseline}
    compare, declared = declared_or(config, {key: value for key, value in asked.items() if value is not None})
    loaded = load_comparison(folder, config, compare, **checked_options(level=level, seed=seed, draws=draws))
    if loaded.labelled:
        loaded = loaded.with_certified(certified_judges(folder, config))
    options: dict[str, Any] = {"study_sha256": fingerprint(config, of_comparison=True), "cluster": config.cluster}
    made = compare_loaded(loaded, command=command, declared=declared, options=options)
    if write and declared:
        made.to_json(folder / COMPARISON)
    return made


def compare_loaded(
    loaded: CompareLoaded, *, command: str, declared: bool | None, options: Mapping[str, Any]
) -> Comparison:
    """What was read, compared. `declared` says whether the goal is that of a study.toml; None where there is none."""
    from judgeaudit.audit.checkpoints.compare import compare

    found = compare(loaded.ratings, loaded.measured, loaded.plan)
    result = ComparisonResult(
        judgeaudit=version_of("judgeaudit-toolkit"),
        created_at=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        command=command,
        seed=loaded.plan.seed,
        level=loaded.plan.level,
        inputs=dict(loaded.inputs),
        label_source=loaded.label_source,
        baseline=loaded.plan.baseline,
        goal={**goal_record(loaded.plan), **({} if declared is None else {"declared": declared})},
        checkpoints=found.checkpoints,
        anchors=found.anchors,
        questions=found.questions,
        rates=found.rates,
        contrasts=found.contrasts,
        specifications=found.specifications,
        multiverse=found.multiverse,
        rank_agreement=found.rank_agreement,
        orders=found.orders,
        notes=_notes(loaded, found.notes, declared=declared),
        options={**options, "draws": loaded.plan.draws, "join": list(loaded.join)},
        versions=versions("statsmodels"),
        name=loaded.name,
    )
    return Comparison(result, join=loaded.join)


def _notes(loaded: CompareLoaded, found: Iterable[dict[str, str]], *, declared: bool | None) -> list[dict[str, str]]:
    """What nobody labelled before all else, then a goal that was not declared, the comparison's notes and those of its tables."""
    from judgeaudit.storage.checkpoints.outcomes import GIBBERISH_BY_SIGNAL

    first = [asdict(one) for one in loaded.notes if one.code == GIBBERISH_BY_SIGNAL]
    others = [asdict(one) for one in loaded.notes if one.code != GIBBERISH_BY_SIGNAL]
    return [*first, *(_UNDECLARED if declared is False else ()), *found, *others]


def goal_record(plan: ComparePlan) -> dict[str, Any]:
    """The goal with the digest of what was declared: tasks, how they are reached, tolerance and baseline."""
    tasks = [{"task": task, "goal": goal} for task, goal in plan.goal.tasks]
    said = {"tasks": tasks, "reach": plan.goal.reach, "tolerance": plan.goal.tolerance}
    canonical = json.dumps({**said, "baseline": plan.baseline}, sort_keys=True, separators=(",", ":"))
    return {**said, "sha256": hashlib.sha256(canonical.encode()).hexdigest()}


def declared_or(config: StudyConfig, asked: Mapping[str, object]) -> tuple[CompareConfig, bool]:
    """What study.toml declares with what was asked for in its place, and whether that changes nothing of it."""
    from judgeaudit.storage.config.compare import CompareConfig, refuse_undeclared
    from judgeaudit.storage.config.read import STUDY_FILE, checked_section

    there = config.compare
    if there is None and not {"goal", "capability_task", "baseline"} <= asked.keys():
        msg = f"{STUDY_FILE}: no goal to compare checkpoints at; write {THREE_KEYS} before you look at any comparison"
        raise InputError(msg)
    if there is None:
        made = checked_section(CompareConfig, asked, "compare")
        refuse_undeclared(made, config.questions)
        return made, False
    plain: dict[str, object] = {key: getattr(there, key) for key in there.model_fields_set}
    if there.goals and asked.keys() & {"goal", "capability_task"}:
        plain |= _one_of(there.goals, asked)
    made = checked_section(CompareConfig, {**plain, **asked}, "compare")
    return made, made.model_dump() == there.model_dump()


def _one_of(goals: Mapping[str, float], asked: Mapping[str, object]) -> dict[str, object]:
    """One of several goals: its task is named, and its value that of study.toml unless another is given."""
    task = asked.get("capability_task")
    if task is None:
        msg = f"study.toml has a goal for each of {', '.join(goals)}; name the one that is meant with --task"
        raise InputError(msg)
    if "goal" not in asked and task not in goals:
        msg = f"study.toml has no goal for {task!r}; give one with --goal"
        raise InputError(msg)
    return {"goals": None, "capability_task": task, "goal": goals.get(str(task))}


def checked_options(*, level: float, seed: int, draws: int) -> dict[str, int | float]:
    """Options that no study.toml holds, within their limits."""
    if not 0.5 <= level < 1:
        msg = f"--level {level:g} is not between 0.5 and 1, such as 0.95"
        raise InputError(msg)
    if not 0 <= seed < 2**32:
        msg = f"--seed {seed} is not a whole number from 0 to 4294967295"
        raise InputError(msg)
    if not 20 <= draws <= 100_000:
        msg = f"--draws {draws} is not a number from 20 to 100000"
        raise InputError(msg)
    return {"level": level, "seed": seed, "draws": draws}


# What a comparison takes from the audit of its study: which judges may be believed on incoherent outputs.


def certified_judges(folder: Path, config: StudyConfig) -> dict[str, tuple[str, ...]]:
    """Question -> judges that the gate opened on incoherent outputs, by audit.json, or by an audit made now and not written.

    A StaleError where audit.json is not about the tables as they are. No audit is made where it could open nothing: without
    declared strata, or where no person gave the labels and the policy wants people.
    """
    from judgeaudit.storage.study.load import table_digests
    from judgeaudit.workflows.auditing.audit_object import read_audit
    from judgeaudit.workflows.auditing.gate import refuse_stale, under_policy
    from judgeaudit.workflows.auditing.study_audit import audit_study, fingerprint, study_policy

    file = folder / "audit.json"
    if file.exists():
        audit = read_audit(file)
        refuse_stale(audit, table_digests(folder), fingerprint(config))
        return opened_on_gibberish(
            audit.result, under_policy(audit, study_policy(config, None), fragility=False).decisions
        )
    if not config.strata or (config.label_source != "people" and study_policy(config, None).label_source != "any"):
        return {}
    audit = audit_study(folder, {"replicates": 200}, command="judgeaudit compare", brief=True)
    return opened_on_gibberish(audit.result, audit.decisions)


def opened_on_gibberish(result: AuditResult, decisions: Iterable[Decision]) -> dict[str, tuple[str, ...]]:
    """Question -> judges that are certified or restricted, with the stratum of gibberish open.

    Where several strata are gibberish, the first that could be decided on speaks, that of labels before that of the signal.
    """
    found: dict[str, tuple[str, ...]] = {}
    for one in decisions:
        if one.judge is not None and one.decision in ("certified", "restricted") and _is_open(result, one):
            found[one.question] = (*found.get(one.question, ()), one.judge)
    return found


def _is_open(result: AuditResult, decision: Decision) -> bool:
    from judgeaudit.gate.requirements.gibberish import gibberish_strata

    states = {one.stratum: one.state for one in decision.strata}
    told = [states[name] for name in gibberish_strata(result.strata, list(states)) if states[name] != "undetermined"]
    return told[:1] == ["open"]
