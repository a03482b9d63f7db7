"""Samples that lm-evaluation-harness logged: generated texts, or the right and wrong of a multiple-choice task."""

from __future__ import annotations

import json
from collections.abc import Sequence

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.storage.eval_logs.common.json_files import Json, dialogue, listed, number, part, text
from judgeaudit.storage.eval_logs.common.records import Score, Text
from judgeaudit.storage.eval_logs.lm_eval.metrics import main_metric


def is_sample(row: object) -> bool:
    """Whether this is one line of a samples file."""
    return isinstance(row, dict) and "doc_id" in row and ("resps" in row or "filtered_resps" in row)


def read_samples(
    task: str, rows: Sequence[object], *, metric: str, where: str
) -> tuple[tuple[Text, ...], Score | None]:
    """The texts of a task that generates them, or the score of one that chooses. Each document counts once per filter."""
    for place, row in enumerate(rows, start=1):
        if not is_sample(row):
            lacks = "doc_id" if not isinstance(row, dict) or "doc_id" not in row else "resps"
            msg = f"{where} row {place}: no {lacks}, so it is no sample of lm-evaluation-harness; name a file that --log_samples wrote"
            raise InputError(msg)
    samples = [row for row in rows if isinstance(row, dict)]
    if any(_generated(row) for row in samples):
        return _texts(task, samples), None
    return (), _score(task, samples, metric)


def _texts(task: str, rows: Sequence[Json]) -> tuple[Text, ...]:
    """One text for each document, request and repeat; what filters made of it is left aside."""
    found: dict[tuple[str, int], Text] = {}
    for row in rows:
        requests, sample = _requests(row), text(row, "doc_id")
        answers = [
            (request, answer)
            for place, replies in enumerate(listed(row, "resps") or listed(row, "filtered_resps"))
            for request in [requests[place] if place < len(requests) else []]
            for answer in (replies if isinstance(replies, list) else [replies])
        ]
        for repeat, (request, answer) in enumerate(answers, start=1):
            prompt, messages = _asked(request[0] if request else "")
            response = answer if isinstance(answer, str) else json.dumps(answer)
            found.setdefault(
                (sample, repeat),
                Text(task=task, sample=sample, repeat=repeat, prompt=prompt, messages=messages, response=response),
            )
    return tuple(found.values())


def _score(task: str, rows: Sequence[Json], metric: str) -> Score | None:
    """The mean of the task's main metric over its documents, by the filter that comes first."""
    filters = list(dict.fromkeys(text(row, "filter") or "none" for row in rows))
    keys = {f"{name},{one}": 0.0 for one in filters for name in _metrics(rows[0])}
    chosen = main_metric(keys, metric)
    if chosen is None:
        return None
    name, _, used = chosen.key.partition(",")
    values = [number(row.get(name)) for row in rows if (text(row, "filter") or "none") == used]
    usable = [value for value in values if value is not None]
    if not usable:
        return None
    return Score(task=task, score=sum(usable) / len(usable), n=len(usable), metric=chosen.key, others=chosen.others)


def _metrics(row: Json) -> list[str]:
    """Names of what was measured; older logs do not list them."""
    given = [str(name) for name in listed(row, "metrics")]
    return given or [name for name, value in row.items() if number(value) is not None and name != "doc_id"]


def _generated(row: Json) -> bool:
    """Whether the model wrote: settings of the generation stand beside the prompt, where a choice has its continuation."""
    requests = _requests(row)
    if requests:
        return any(len(request) > 1 and isinstance(request[1], dict) for request in requests)
    replies = listed(row, "resps") or listed(row, "filtered_resps")
    first = replies[0] if replies else None
    first = first[0] if isinstance(first, list) and first else first
    return isinstance(first, str)


def _requests(row: Json) -> list[list[object]]:
    """The arguments of each request, in order: objects in newer logs, lists in older ones."""
    given = part(row, "arguments")
    if isinstance(given, dict):
        return [list(one.values()) if isinstance(one, dict) else [one] for one in given.values()]
    return [one if isinstance(one, list) else [one] for one in given] if isinstance(given, list) else []


def _asked(argument: object) -> tuple[str, str]:
    """The prompt, or the messages where it was sent as a chat; a chat is logged as text in a list of one."""
    if isinstance(argument, list) and len(argument) == 1:
        argument = argument[0]
    if isinstance(argument, list):
        return dialogue(argument)
    if not isinstance(argument, str):
        return "", ""
    if argument.lstrip().startswith("[{"):
        try:
            turns = json.loads(argument)
        except (ValueError, RecursionError):
            return argument, ""
        if isinstance(turns, list) and all(isinstance(turn, dict) and "role" in turn for turn in turns):
            return dialogue(turns)
    return argument, ""


def task_of(stem: str, tasks: Sequence[str]) -> str:
    """The task that a samples file is of, from its name without date and suffix and the tasks of its run."""
    if stem.startswith("samples_"):
        return stem.removeprefix("samples_")
    fitting = [task for task in tasks if stem == task or stem.endswith(f"_{task}")]
    return max(fitting, key=len) if fitting else one_line(stem)
