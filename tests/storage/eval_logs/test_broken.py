"""Logs with any part replaced by anything: a refusal in one line, or a reading, and never a crash."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judgeaudit.domain.errors import InputError
from judgeaudit.storage.eval_logs.choice import choose
from judgeaudit.storage.eval_logs.common.records import EvalOptions, EvalRun
from judgeaudit.storage.eval_logs.inspect.logs import read_inspect
from judgeaudit.storage.eval_logs.lm_eval.logs import read_lm_eval
from tests.fuzzing import examples

LOGS = Path(__file__).resolve().parents[2] / "logs"
RUN = LOGS / "lm-eval-0.4.13" / "runs__sft__checkpoint-200"
STAMP = "2026-05-01T10-00-00.000000"
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just(10**400) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
Reader = Callable[..., list[EvalRun]]


def places(value: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where in a JSON value something stands."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from places(one, (*path, key))


def replaced(value: Any, path: tuple[Any, ...], new: object) -> Any:
    """The value with another one at this place."""
    if not path:
        return new
    whole = copy.deepcopy(value)
    inner = whole
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = new
    return whole


def example(file: Path) -> Any:
    return json.loads(
        file.read_text(encoding="utf-8").splitlines()[0] if file.suffix == ".jsonl" else file.read_bytes()
    )


CASES = [
    (read_lm_eval, RUN / f"results_{STAMP}.json"),
    (read_lm_eval, RUN / f"samples_mini_harm_{STAMP}.jsonl"),
    (read_lm_eval, RUN / f"samples_mini_boolq_{STAMP}.jsonl"),
    (read_inspect, LOGS / "inspect-0.3.285" / "locks.json"),
]


@pytest.mark.parametrize(("read", "file"), CASES, ids=lambda one: getattr(one, "name", ""))
@settings(max_examples=examples(150))
@given(data=st.data())
def test_a_log_with_a_strange_part_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, read: Reader, file: Path, data: st.DataObject
) -> None:
    """In one line; nothing else is raised, whatever stands wherever."""
    value = example(file)
    broken = replaced(value, data.draw(st.sampled_from(list(places(value)))), data.draw(VALUES))
    copied = tmp_path_factory.mktemp("log") / file.name
    copied.write_text(json.dumps(broken), encoding="utf-8")
    try:
        chosen = choose(read(copied), EvalOptions(model="m", what="both"), where=copied.name)
    except InputError as error:
        assert len(str(error).splitlines()) == 1
        return
    assert all(isinstance(cell, str) for row in (*chosen.scores, *chosen.texts) for cell in row.values())


def test_groups_within_themselves_end(tmp_path: Path) -> None:
    """A file whose groups hold each other has no number of items, and does not hang."""
    found = {
        "results": {"a": {"acc,none": 0.5}},
        "group_subtasks": {"a": ["b"], "b": ["a"]},
        "config": {"model_args": "pretrained=m"},
    }
    (tmp_path / "r.json").write_text(json.dumps(found), encoding="utf-8")
    (run,) = read_lm_eval(tmp_path / "r.json")
    assert [score.n for score in run.scores] == [None]
