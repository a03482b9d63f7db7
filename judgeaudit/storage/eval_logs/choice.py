"""Which scores and texts of logs go into a study, and under which names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.storage.eval_logs.common.records import EvalOptions, EvalRun, Named, Score, Text

Row = dict[str, str]
#: what names a measurement
CAPABILITY_KEY = ("model", "checkpoint", "method", "task")
_LISTED = 8


@dataclass(slots=True)
class Chosen:
    """Rows of capability and of outputs, the file that each is from, and what to say of them and of what was left out."""

    scores: list[Row] = field(default_factory=list)
    texts: list[Row] = field(default_factory=list)
    sources: dict[tuple[str, ...], str] = field(default_factory=dict)
    lines: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def choose(runs: Sequence[EvalRun], options: EvalOptions, *, where: str) -> Chosen:
    """The rows of these runs. Of two runs of one task at one checkpoint the later one counts; an InputError where none is left."""
    told = [replace(run, named=_named(run, options, where)) for run in sorted(runs, key=lambda run: run.stamp)]
    _refuse_merged(runs, told, where)
    chosen, said = Chosen(), _Said()
    _add_scores(chosen, told, options, said)
    _add_texts(chosen, told, options, said)
    doubts = (*(doubt for run in told for doubt in run.doubts), *said.doubts, *_absent(told, options))
    chosen.lines = tuple(one_line(line, limit=300) for line in said.lines.values() if line)
    chosen.warnings = tuple(one_line(doubt, limit=300) for doubt in dict.fromkeys(doubts))
    _refuse_nothing(chosen, where)
    return chosen


@dataclass(slots=True)
class _Said:
    """One line for each task and what there is to say of it; doubts in the order in which they came."""

    lines: dict[tuple[str, str], str] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)


def _add_scores(chosen: Chosen, runs: Sequence[EvalRun], options: EvalOptions, said: _Said) -> None:
    latest = dict[tuple[str, ...], Row]()
    for run, score in ((one, score) for one in runs for score in one.scores):
        why = _no_capability(score, options)
        if why is not None:
            said.lines[score.task, "capability"] = why
            continue
        row = _score_row(run.named, score)
        key = tuple(row[name] for name in CAPABILITY_KEY)
        if key in latest and latest[key]["score"] != row["score"]:
            called = _called(run.named, score.task)
            said.doubts.append(f"{called} was scored more than once: {run.source} is the latest and counts")
        latest[key], chosen.sources[key] = row, run.source
        said.doubts += [score.doubt] if score.doubt else []
        if score.others:
            others = ", ".join(score.others[:_LISTED])
            line = f"{score.task}: {score.metric} is the score; there are {others}, too: --metric takes another"
            said.lines[score.task, "metric"] = line
    chosen.scores = list(latest.values())


def _add_texts(chosen: Chosen, runs: Sequence[EvalRun], options: EvalOptions, said: _Said) -> None:
    scored = {(run.named.identity, score.task): score for run in runs for score in run.scores}
    latest = dict[tuple[tuple[str, ...], str], tuple[EvalRun, list[Text]]]()
    for run in runs:
        for task in dict.fromkeys(one.task for one in run.texts):
            why = _no_outputs(task, scored.get((run.named.identity, task)), options, explicit=run.explicit)
            if why is None:
                latest[run.named.identity, task] = run, [one for one in run.texts if one.task == task]
            else:
                said.lines[task, "outputs"] = why
    for run, one in ((whose, one) for whose, texts in latest.values() for one in texts):
        row = _text_row(run.named, one, options)
        key = (row["item_id"],)
        if key in chosen.sources:
            msg = f"{one_line(run.source)}: sample {one_line(one.sample)!r} of {one_line(one.task)} is there twice; keep one"
            raise InputError(msg)
        chosen.sources[key] = run.source
        chosen.texts.append(row)


def _named(run: EvalRun, options: EvalOptions, where: str) -> Named:
    """The names of a run: those of the options, then those of the log; a model is its own checkpoint where nothing says more."""
    said = run.named
    model = options.model or said.model
    if not model:
        beside = "" if run.source == where.rpartition("/")[2] else f" {one_line(run.source)}:"
        msg = f"{where}:{beside} no model is named in it or beside it; name one with --model"
        raise InputError(msg)
    return Named(
        model=model,
        method=options.method or said.method,
        checkpoint=options.checkpoint or said.checkpoint or model,
        step=options.step or said.step,
    )


def _refuse_merged(before: Sequence[EvalRun], after: Sequence[EvalRun], where: str) -> None:
    """Options that make one checkpoint of several would let one stand for all of them."""
    several = {_called(run.named) for run in before if run.named.model}
    if len({run.named.identity for run in after}) < len(several):
        names = sorted(several)
        listed = ", ".join(names[:_LISTED]) + (", …" if len(names) > _LISTED else "")
        msg = (
            f"{where}: it holds {len(names)} checkpoints ({one_line(listed, limit=200)}), which these options would call "
            "alike; import them one by one"
        )
        raise InputError(msg)


def _no_capability(score: Score, options: EvalOptions) -> str | None:
    """Why a score is no capability: None where it is, "" where nobody need be told."""
    if options.what == "outputs":
        return ""
    if options.capability_tasks is not None:
        return None if score.task in options.capability_tasks else ""
    if score.computed or options.what is not None:
        return None
    return (
        f"{score.task}: the score of {score.metric} was left out, since it may be a judge's; --capability-tasks {score.task} "
        "takes it"
    )


def _no_outputs(task: str, score: Score | None, options: EvalOptions, *, explicit: bool) -> str | None:
    """Why texts are no outputs: None where they are, "" where nobody need be told."""
    if options.what == "capability" or task in (options.capability_tasks or ()):
        return ""
    if (
        options.what is not None
        or options.capability_tasks is not None
        or explicit
        or score is None
        or not score.computed
    ):
        return None
    return f"{task}: its texts were left out, since {score.metric} scores it; --what both takes them, too"


def _absent(runs: Sequence[EvalRun], options: EvalOptions) -> Iterator[str]:
    """A sentence about tasks that are named and have no score here."""
    there = {score.task for run in runs for score in run.scores}
    absent = [task for task in options.capability_tasks or () if task not in there]
    if absent and options.what != "outputs":
        known = ", ".join(sorted(there)[:_LISTED]) or "none"
        yield f"--capability-tasks: no score of {', '.join(absent)} is there; tasks with a score: {known}"


def _refuse_nothing(chosen: Chosen, where: str) -> None:
    if not chosen.scores and not chosen.texts:
        why = "; ".join(dict.fromkeys((*chosen.lines, *chosen.warnings)))
        known = why or "neither a score nor a generated text that these options take; see --what and --capability-tasks"
        msg = f"{where}: there is nothing to import: {known}"
        raise InputError(msg)


def _score_row(name: Named, score: Score) -> Row:
    return {
        "model": name.model,
        "checkpoint": name.checkpoint,
        "method": name.method,
        "step": name.step,
        "task": score.task,
        "score": repr(score.score),
        "n": "" if score.n is None else f"{score.n:.15g}",
        "metric": score.metric,
    }


def _text_row(name: Named, one: Text, options: EvalOptions) -> Row:
    """An output whose id says task, sample and checkpoint, so that it is the same whenever it is imported."""
    prompt_id = f"{one.task}/{one.sample}"
    method = name.method if name.method != name.model else ""
    checkpoint = name.checkpoint if name.checkpoint != name.model else ""
    parts = (f"{prompt_id}{f'#{one.repeat}' if one.repeat > 1 else ''}", name.model, method, checkpoint)
    row = {
        "item_id": "/".join(part for part in parts if part),
        "prompt_id": prompt_id,
        **({"messages": one.messages} if one.messages else {"prompt": one.prompt}),
        "response": one.response,
        "benchmark": options.benchmark or one.task,
        "model": name.model,
        "checkpoint": name.checkpoint,
    }
    return {**row, "method": name.method} if name.method else row


def _called(name: Named, task: str = "") -> str:
    names = dict.fromkeys(part for part in (name.model, name.method, name.checkpoint) if part)
    return " ".join([*([task, "at"] if task else []), *names])
