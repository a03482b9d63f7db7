"""What lm-evaluation-harness wrote: results files, samples files, and the folders that hold both."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from judgeaudit.domain.errors import InputError
from judgeaudit.storage.eval_logs.common.json_files import (
    Json,
    bytes_of,
    files_under,
    first_of,
    json_of,
    listed,
    mapping,
    number,
    part,
    records_of,
    text,
)
from judgeaudit.storage.eval_logs.common.names import named
from judgeaudit.storage.eval_logs.common.records import EvalRun, Named, Score, Text
from judgeaudit.storage.eval_logs.lm_eval.metrics import METRICS, main_metric
from judgeaudit.storage.eval_logs.lm_eval.samples import is_sample, read_samples, task_of
from judgeaudit.storage.files.write import shown

_STAMP = re.compile(r"_(\d{4}-\d\d-\d\dT[\d.-]+?)$")
#: arguments that name a model, an adapter before what it was put on
_MODELS = ("peft", "delta", "pretrained", "model", "path", "engine")


def is_results(value: object) -> bool:
    """Whether this is a results file."""
    about = isinstance(value, dict) and not {"config", "configs", "versions", "n-shot"}.isdisjoint(value)
    return about and isinstance(part(value, "results"), dict)


def read_lm_eval(path: Path, *, metric: str = "") -> list[EvalRun]:
    """The runs of a results file, a samples file, or a folder of them; an InputError where there are none."""
    if path.is_dir():
        return _of_folder(path, metric)
    first = first_of(path)
    if is_sample(first):
        near = [one for one in sorted(path.parent.iterdir()) if one.suffix == ".json" and one != path]
        known = [(one, beside) for one in near if (beside := first_of(one)) is not None and is_results(beside)]
        return [replace(_of_samples(path, known, metric), explicit=True)]
    lines = path.name.endswith((".jsonl", ".jsonl.gz"))
    value = first if lines else json_of(bytes_of(path), shown(path))
    if not isinstance(value, dict) or not is_results(value):
        lacks = "no 'results' with the scores of tasks and 'config'" if isinstance(value, dict) else "not a JSON object"
        msg = (
            f"{shown(path)}: {lacks}, so it is no results_*.json of lm-evaluation-harness; name that, a samples_*.jsonl, or "
            "the folder that --output_path named"
        )
        raise InputError(msg)
    return [_of_results(path, value, metric)]


def holds_lm_eval(folder: Path) -> bool:
    """Whether any file of a folder was written by lm-evaluation-harness."""
    return any(is_results(first := first_of(path)) or is_sample(first) for path in files_under(folder))


def _of_folder(folder: Path, metric: str) -> list[EvalRun]:
    told = [(path, first) for path in files_under(folder) if (first := first_of(path)) is not None]
    results = [(path, found) for path, found in told if is_results(found)]
    runs = [_of_results(path, found, metric) for path, found in results]
    for path in (path for path, found in told if is_sample(found)):
        runs.append(_of_samples(path, [one for one in results if one[0].parent == path.parent], metric))
    if not runs:
        msg = (
            f"{shown(folder)}: no results_*.json and no samples_*.jsonl of lm-evaluation-harness in this folder; name what "
            "--output_path named"
        )
        raise InputError(msg)
    return runs


def _of_results(path: Path, found: Json, metric: str) -> EvalRun:
    """Scores of every task and group; texts where a person kept what `simple_evaluate` returns, samples and all."""
    results = mapping(found, "results")
    scores, doubts, texts = [], [], list[Text]()
    for task, measured in results.items():
        chosen = main_metric(measured, metric) if isinstance(measured, dict) else None
        if chosen is None:
            doubts += _unmeasured(task, measured, metric, path)
            continue
        key, name = chosen.key, chosen.key.partition(",")[0]
        lower = part(found, "higher_is_better", task, name) is False
        doubt = f"{task}: of {name} less is better, and a goal of capability is reached by more" if lower else ""
        scores.append(
            Score(
                task=task,
                score=number(mapping(results, task)[key]) or 0.0,
                n=_items(found, task, key),
                metric=key,
                others=chosen.others,
                doubt=doubt,
            )
        )
    for task, rows in mapping(found, "samples").items():
        more, _ = read_samples(task, rows if isinstance(rows, list) else [], metric=metric, where=shown(path))
        texts += more
    if not results:
        msg = f"{shown(path)}: 'results' names no task; there is nothing to import"
        raise InputError(msg)
    return EvalRun(
        source=path.name,
        named=_model(found),
        stamp=_stamp(path) or text(found, "date"),
        scores=tuple(scores),
        texts=tuple(texts),
        doubts=tuple(doubts),
    )


def _unmeasured(task: str, measured: object, metric: str, path: Path) -> list[str]:
    """A sentence about a task without a score; groups that add nothing up and tasks that only log have none by design."""
    keys = [
        key
        for key, value in mapping(measured).items()
        if "," in key and "_stderr" not in key and number(value) is not None
    ]
    names = list(dict.fromkeys(key.partition(",")[0] for key in keys))
    if not names or names == ["bypass"]:
        return []
    asked = f"no {metric}" if metric else f"none of {', '.join(METRICS)}"
    return [
        f"{path.name}: {task} has {asked}, so it has no score; it has {', '.join(names[:10])}: name one with --metric"
    ]


def _items(found: Json, task: str, key: str, *, within: tuple[str, ...] = ()) -> float | None:
    """On how many items a score rests: of the metric itself, else of the task, else of all tasks of a group.

    `within` are the groups that this one is part of, as far as it was asked for by them.
    """
    own = number(part(found, "results", task, "sample_count", key))
    if own is None:
        own = number(part(found, "n-samples", task, "effective"))
    if own is None:
        inner = [str(one) for one in listed(found, "group_subtasks", task) if one not in (task, *within)]
        parts = [_items(found, one, key, within=(task, *within)) for one in inner]
        own = sum(one for one in parts if one is not None) if parts and None not in parts else None
    if own is None:
        own = number(part(found, "results", task, "sample_len"))
    return own if own is not None else number(part(found, "results", task, "samples"))


def _of_samples(path: Path, results: Sequence[tuple[Path, Json]], metric: str) -> EvalRun:
    """Texts, or the score of a task that chooses, under the names that the results file beside it gives."""
    stamp = _stamp(path)
    own = [found for one, found in results if stamp and _stamp(one) == stamp]
    near = own[:1] or [found for _, found in results]
    names = {_model(found) for found in near}
    tasks = [task for found in near for task in mapping(found, "results")]
    task = task_of(_STAMP.sub("", _stem(path)), tasks)
    texts, score = read_samples(task, records_of(path), metric=metric, where=shown(path))
    return EvalRun(
        source=path.name,
        named=names.pop() if len(names) == 1 else Named(),
        stamp=stamp,
        scores=(score,) if score and task not in tasks else (),
        texts=texts,
    )


def _model(found: Json) -> Named:
    """Which checkpoint was evaluated, by the arguments of the model as a person gave them."""
    given = part(found, "config", "model_args")
    arguments = _parted(given) if isinstance(given, str) else {key: text(given, key) for key in mapping(given)}
    name = next((arguments[key] for key in _MODELS if arguments.get(key)), "")
    adapter = bool(arguments.get("peft") or arguments.get("delta"))
    revision = arguments.get("revision") or text(found, "config", "model_revision")
    return named(
        name,
        revision="" if adapter else revision,
        base=arguments.get("pretrained", "") if adapter else "",
    )


def _parted(arguments: str) -> dict[str, str]:
    pairs = (one.partition("=") for one in arguments.split(","))
    return {key.strip(): value.strip() for key, sign, value in pairs if sign}


def _stem(path: Path) -> str:
    name = path.name.removesuffix(".gz")
    return name.removesuffix(".jsonl").removesuffix(".json")


def _stamp(path: Path) -> str:
    found = _STAMP.search(_stem(path))
    return found[1] if found else ""
