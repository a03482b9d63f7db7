"""Logs of Inspect, JSON or `.eval`: the score of the task, and what the model answered to each sample."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.storage.eval_logs.common.json_files import (
    Json,
    bytes_of,
    dialogue,
    files_under,
    first_of,
    json_of,
    listed,
    mapping,
    number,
    part,
    spoken,
    text,
)
from judgeaudit.storage.eval_logs.common.names import named
from judgeaudit.storage.eval_logs.common.records import EvalRun, Named, Score, Text
from judgeaudit.storage.eval_logs.inspect.zip_archive import is_archive, read_archive
from judgeaudit.storage.files.write import shown

#: scorers that tell right from wrong without a judge
COMPUTED = frozenset({"match", "includes", "pattern", "answer", "exact", "f1", "choice", "math"})
#: metrics that are the score of a task; the first that a scorer has
METRICS = ("accuracy", "mean")
#: providers that run a model from its own files: the name after them is the model's
_LOCAL = ("hf/", "vllm/", "sglang/", "transformer_lens/", "nnterp/", "llama-cpp-python/")
_ATTACHED = "attachment://"


def is_log(value: object) -> bool:
    """Whether this is a log of Inspect."""
    return isinstance(part(value, "eval", "task"), str) and isinstance(part(value, "eval", "model"), str)


def holds_inspect(folder: Path) -> bool:
    """Whether any file of a folder is a log of Inspect."""
    return any(path.suffix == ".eval" or is_log(first_of(path)) for path in _logs(folder))


def read_inspect(path: Path, *, metric: str = "") -> list[EvalRun]:
    """The run of a log, or those of all logs in a folder; an InputError where there is none."""
    if not path.is_dir():
        return [_run(path, _log(path), metric)]
    logs = [one for one in _logs(path) if one.suffix == ".eval" or is_log(first_of(one))]
    if not logs:
        msg = f"{shown(path)}: no log of Inspect (.eval or .json) in this folder; name what --log-dir named"
        raise InputError(msg)
    return [_run(one, _log(one), metric) for one in logs]


def _logs(folder: Path) -> list[Path]:
    return files_under(folder, (".eval", ".json", ".json.gz"))


def _log(path: Path) -> Json:
    data, where = bytes_of(path), shown(path)
    if path.suffix == ".eval" and data and not is_archive(data):
        msg = f"{where}: this is no .eval log, which is an archive; name it for what it is, as .json"
        raise InputError(msg)
    found = read_archive(path) if is_archive(data) else json_of(data, where)
    if not isinstance(found, dict) or not is_log(found):
        msg = f"{where}: no 'eval' with task and model, so it is no log of Inspect; name a .eval or .json that Inspect wrote"
        raise InputError(msg)
    return found


def _run(path: Path, log: Json, metric: str) -> EvalRun:
    task = text(log, "eval", "task")
    score = _score(task, log, metric) if _status(log) == "success" else None
    samples = [one for one in listed(log, "samples") if isinstance(one, dict)]
    whole = [one for one in samples if not one.get("error")]
    if any("id" not in one for one in whole):
        msg = f"{shown(path)}: a sample has no 'id', so it cannot be named; name a log that Inspect wrote"
        raise InputError(msg)
    doubts = _why_no_score(task, log, metric, score)
    if broken := len(samples) - len(whole):
        doubts.append(f"{broken} of {len(samples)} samples of {one_line(task)} ended in an error: left out")
    return EvalRun(
        source=path.name,
        named=_model(log),
        stamp=text(log, "eval", "created"),
        scores=(score,) if score else (),
        texts=tuple(_text(task, one) for one in whole),
        doubts=tuple(f"{path.name}: {doubt}" for doubt in doubts),
    )


def _status(log: Json) -> str:
    return text(log, "status") or "success"


def _why_no_score(task: str, log: Json, metric: str, score: Score | None) -> list[str]:
    """What to say where a log that has scores gives none."""
    if _status(log) != "success":
        return [f"status {one_line(_status(log))!r}: the score of {one_line(task)} was left out"]
    if score is not None or not metric or not _scores(log):
        return []
    had = ", ".join(f"{one.scorer}/{one.name}" for one in _measures(log))
    return [f"{one_line(task)} has no {one_line(metric)}, so it has no score; it has {one_line(had)}"]


def _model(log: Json) -> Named:
    arguments, model = mapping(log, "eval", "model_args"), text(log, "eval", "model")
    local = next((model.removeprefix(one) for one in _LOCAL if model.startswith(one)), "")
    path = text(arguments, "model_path") or local
    if not path:
        return Named(model=model)
    return named(path, revision=text(arguments, "revision"))


def _scores(log: Json) -> list[object]:
    """What each scorer found; logs of the first version hold one scorer, and its metrics beside it."""
    found = mapping(log, "results")
    if "scores" in found or "scorer" not in found:
        return listed(found, "scores")
    name = text(found, "scorer", "name")
    return [{"name": name, "scorer": name, "metrics": mapping(found, "metrics")}]


class _Measure(NamedTuple):
    """A metric of a scorer, with the whole entry of that scorer."""

    scorer: str
    name: str
    value: float
    entry: Json


def _measures(log: Json) -> Iterator[_Measure]:
    """All metrics in the order of the log; what is no number is left out."""
    for entry in _scores(log):
        if isinstance(entry, dict):
            for name, measured in mapping(entry, "metrics").items():
                value = number(part(measured, "value"))
                if value is not None and not name.startswith(("stderr", "std", "var")):
                    yield _Measure(text(entry, "name") or text(entry, "scorer"), name, value, entry)


def _score(task: str, log: Json, metric: str) -> Score | None:
    """The metric that is asked for, else the headline of the log, else accuracy or mean of its first scorer."""
    found = list(_measures(log))
    if metric:
        scorer, _, name = metric.rpartition("/")
        found = [one for one in found if one.name == name and scorer in ("", one.scorer)]
    if not found:
        return None
    chosen = (_headline(log, found) if not metric else None) or _usual(found)
    kind = (text(chosen.entry, "scorer") or chosen.scorer).rpartition("/")[2]
    graded = f"{task}: its score is that of {chosen.scorer}, a judge's word and not a computed one"
    return Score(
        task=task,
        score=chosen.value,
        n=_items(log, chosen.entry),
        metric=f"{chosen.scorer}/{chosen.name}",
        computed=kind in COMPUTED,
        others=tuple(dict.fromkeys(f"{other.scorer}/{other.name}" for other in found if other is not chosen)),
        doubt=graded if "model_graded" in kind else "",
    )


def _usual(found: Sequence[_Measure]) -> _Measure:
    """Accuracy or mean of the first scorer, else its first metric."""
    own = {one.name: one for one in reversed(found) if one.scorer == found[0].scorer}
    return next((own[name] for name in METRICS if name in own), found[0])


def _headline(log: Json, found: Sequence[_Measure]) -> _Measure | None:
    """What the log calls its headline, where it has one."""
    headline = mapping(log, "results", "headline")
    return next((one for one in found if _heads(headline, one)), None) if headline else None


def _heads(headline: Mapping[str, object], one: _Measure) -> bool:
    """Whether this is the headline; what the headline leaves open fits everything."""
    said = {
        "scorer": text(one.entry, "scorer"),
        "score": text(one.entry, "name"),
        "metric": one.name,
        "reducer": text(one.entry, "reducer"),
    }
    return all(headline.get(key) in (None, "", value) for key, value in said.items())


def _items(log: Json, entry: Json) -> float | None:
    """How many samples were scored; the answers of several epochs to one sample are one."""
    scored = number(entry.get("scored_samples"))
    if scored is not None:
        return scored
    done = number(part(log, "results", "completed_samples"))
    epochs = number(part(log, "eval", "config", "epochs")) or 1
    return None if done is None else done / epochs if done % epochs == 0 else done


def _text(task: str, sample: Json) -> Text:
    attached = mapping(sample, "attachments")
    asked = _resolved(sample.get("input"), attached)
    prompt, messages = dialogue(asked) if isinstance(asked, list) else (asked if isinstance(asked, str) else "", "")
    return Text(
        task=task,
        sample=text(sample, "id"),
        repeat=int(number(sample.get("epoch")) or 1),
        prompt=prompt,
        messages=messages,
        response=_completion(_resolved(sample.get("output"), attached)),
    )


def _completion(output: object) -> str:
    """What the model wrote at last; older logs leave it in the first choice alone."""
    whole = part(output, "completion")
    if isinstance(whole, str) and whole:
        return whole
    choices = listed(output, "choices")
    return spoken(part(choices[0], "message", "content")) if choices else ""


def _resolved(value: object, attached: Mapping[str, object]) -> object:
    """With long texts put back where the log holds them once and names them elsewhere."""
    if isinstance(value, str) and value.startswith(_ATTACHED):
        return attached.get(value.removeprefix(_ATTACHED), value)
    if isinstance(value, list):
        return [_resolved(one, attached) for one in value]
    if isinstance(value, dict):
        return {key: _resolved(one, attached) for key, one in value.items()}
    return value
