"""Logs of Inspect: the same in JSON and in an archive, scores by the headline, answers as they were written."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from judgeaudit.domain.errors import InputError
from judgeaudit.storage.eval_logs.common.records import Named
from judgeaudit.storage.eval_logs.inspect.logs import read_inspect


@pytest.fixture
def logs(repository: Path) -> Path:
    return repository / "tests" / "logs" / "inspect-0.3.285"


def scorer(name: str, **metrics: float) -> dict[str, Any]:
    return {"name": name, "scorer": name, "metrics": {key: {"name": key, "value": one} for key, one in metrics.items()}}


def log(*scores: dict[str, Any], samples: list[Any] | None = None, **more: Any) -> dict[str, Any]:
    about = {"task": "t", "model": "openai/gpt-5-mini", "created": "2026-05-01T10:00:00+00:00", **more.pop("eval", {})}
    found = {"completed_samples": 6, "scores": list(scores), **more.pop("results", {})}
    return {"version": 2, "status": "success", "eval": about, "results": found, "samples": samples or [], **more}


def read(folder: Path, value: object, *, metric: str = "") -> Any:
    (folder / "log.json").write_text(json.dumps(value), encoding="utf-8")
    (run,) = read_inspect(folder / "log.json", metric=metric)
    return run


@pytest.mark.parametrize("task", ["sums", "locks"])
def test_an_archive_says_what_json_says(logs: Path, task: str) -> None:
    """Scores, texts and names are the same in both forms of one log."""
    (archive,), (plain,) = read_inspect(logs / f"{task}.eval"), read_inspect(logs / f"{task}.json")
    assert (archive.named, archive.scores, archive.stamp) == (plain.named, plain.scores, plain.stamp)
    assert set(archive.texts) == set(plain.texts)
    assert len(archive.texts) == len(plain.texts) > 0


def test_a_log_is_its_score_and_its_texts(logs: Path) -> None:
    """The score of a judge is not computed; samples that ended in an error are left out; further epochs are repeats."""
    (run,) = read_inspect(logs / "locks.json")
    assert run.named == Named(model="sft", method="sft", checkpoint="checkpoint-200", step="200")
    assert [(one.score, one.n, one.metric, one.computed) for one in run.scores] == [
        (0.75, 3, "model_graded_qa/accuracy", False)
    ]
    texts = sorted(run.texts, key=lambda one: (one.sample, one.repeat))
    assert [(one.sample, one.repeat, one.response) for one in texts] == [
        ("1", 1, "answer 1, epoch 1"),
        ("1", 2, "answer 1, epoch 2"),
        ("2", 1, "answer 2, epoch 1"),
        ("2", 2, "answer 2, epoch 2"),
    ]
    assert texts[0].prompt == "How do I pick a lock?"
    assert json.loads(texts[2].messages) == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "How do I pick a lock?"},
    ]
    assert run.doubts == ("locks.json: 2 of 6 samples of locks ended in an error: left out",)


@pytest.mark.parametrize(
    ("results", "metric", "expected"),
    [
        ({}, "", ("match/accuracy", 0.5)),
        ({"headline": {"scorer": "f1", "metric": "mean"}}, "", ("f1/mean", 0.7)),
        ({}, "f1/mean", ("f1/mean", 0.7)),
        ({}, "mean", ("f1/mean", 0.7)),
    ],
)
def test_the_score_of_several(
    tmp_path: Path, results: dict[str, Any], metric: str, expected: tuple[str, float]
) -> None:
    """What is asked for, else the headline, else accuracy or mean of the first scorer; errors of estimation never."""
    scores = (scorer("match", stderr=0.1, accuracy=0.5), scorer("f1", mean=0.7, std=0.2))
    (found,) = read(tmp_path, log(*scores, results=results), metric=metric).scores
    assert (found.metric, found.score) == expected


def test_items_are_samples_and_not_epochs(tmp_path: Path) -> None:
    """Six answers in two epochs are three items; what the scorer counted itself goes first."""
    one = scorer("match", accuracy=0.5)
    assert read(tmp_path, log(one, eval={"config": {"epochs": 2}})).scores[0].n == 3
    assert read(tmp_path, log({**one, "scored_samples": 5})).scores[0].n == 5


def test_logs_of_the_first_version_have_one_scorer(tmp_path: Path) -> None:
    """Beside it stand the metrics."""
    first = {"scorer": {"name": "match"}, "metrics": {"accuracy": {"name": "accuracy", "value": 0.25}}}
    plain = {**log(), "version": 1, "results": {"completed_samples": 4, **first}}
    assert [(one.score, one.n, one.computed) for one in read(tmp_path, plain).scores] == [(0.25, 4, True)]


@pytest.mark.parametrize(
    ("about", "expected"),
    [
        ({"model": "openai/gpt-5-mini"}, Named(model="openai/gpt-5-mini")),
        ({"model": "hf/EleutherAI/pythia-160m"}, Named(model="EleutherAI/pythia-160m")),
        (
            {"model": "hf/local", "model_args": {"model_path": "out/dpo/checkpoint-40"}},
            Named(model="dpo", method="dpo", checkpoint="checkpoint-40", step="40"),
        ),
        (
            {"model": "vllm/org/name", "model_args": {"revision": "step7"}},
            Named(model="org/name", checkpoint="step7", step="7"),
        ),
    ],
)
def test_what_a_log_names(tmp_path: Path, about: dict[str, Any], expected: Named) -> None:
    """A model that ran from its own files is called as other programs call it."""
    assert read(tmp_path, log(eval=about)).named == expected


def test_long_texts_are_put_back(tmp_path: Path) -> None:
    """A log that holds a text once and names it elsewhere is read as if it stood there; parts that are no text are left out."""
    parts = [{"type": "reasoning", "reasoning": "hm"}, {"type": "text", "text": "attachment://b"}]
    one = {
        "id": "a/b",
        "epoch": 1,
        "input": "attachment://a",
        "output": {"choices": [{"message": {"role": "assistant", "content": parts}}]},
        "attachments": {"a": "Why? " * 50, "b": "So."},
    }
    (found,) = read(tmp_path, log(samples=[one])).texts
    assert (found.sample, found.prompt, found.response) == ("a/b", "Why? " * 50, "So.")


def test_a_run_that_broke_off_has_no_score(tmp_path: Path) -> None:
    """Its finished samples are texts all the same."""
    one = {"id": 1, "epoch": 1, "input": "Why?", "output": {"completion": "So."}}
    run = read(tmp_path, log(scorer("match", accuracy=1.0), samples=[one], status="error"))
    assert (run.scores, len(run.texts)) == ((), 1)
    assert run.doubts == ("log.json: status 'error': the score of t was left out",)


def archive(**members: object) -> bytes:
    """The same bytes whenever it is made: members bear no time."""
    with io.BytesIO() as stream:
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
            for name, content in members.items():
                member = zipfile.ZipInfo(name.replace("__", "/").replace("_json", ".json"))
                made.writestr(member, json.dumps(content), zipfile.ZIP_DEFLATED)
        return stream.getvalue()


def test_an_archive_of_an_older_kind_is_read(tmp_path: Path) -> None:
    """Packed as any archive is."""
    head, one = log(scorer("match", accuracy=0.5)), {"id": 1, "epoch": 1, "input": "Why?", "output": {}}
    (tmp_path / "log.eval").write_bytes(archive(header_json=head, samples__1_json=one))
    (run,) = read_inspect(tmp_path / "log.eval")
    assert (len(run.scores), [text.prompt for text in run.texts]) == (1, ["Why?"])


NO_LOG = "so it is no log of Inspect"
UNENDED = "so there is no log of Inspect to read; name a log that was written to its end"
CUT = "so it is no whole .eval log; was it cut off? Copy it again"
UNNAMED = "so it cannot be named; name a log that Inspect wrote"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.json", b"{}", f"no 'eval' with task and model, {NO_LOG}; name a .eval or .json that Inspect wrote"),
        ("a.json", b"", "the file is empty; there is nothing to import"),
        ("a.eval", b"{}", "this is no .eval log, which is an archive; name it for what it is, as .json"),
        ("a.eval", archive(_journal__start_json={}), f"the evaluation has not ended, {UNENDED}"),
        ("a.eval", archive(other_json={}), f"no header.json, {UNENDED}"),
        ("a.eval", archive(header_json={})[:40], f"this archive cannot be opened, {CUT}"),
        ("a.json", json.dumps(log(samples=[{"input": "x"}])).encode(), f"a sample has no 'id', {UNNAMED}"),
    ],
    ids=["no eval", "empty", "no archive", "not ended", "no header", "cut", "no id"],
)
def test_what_is_no_log_is_refused(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    """In one line that says what is missing and what to name instead."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as refused:
        read_inspect(tmp_path / name)
    assert str(refused.value) == f"{tmp_path / name}: {message}"


@pytest.mark.parametrize("place", range(60, 1200, 97))
def test_a_damaged_archive_is_never_read_as_another(logs: Path, tmp_path: Path, place: int) -> None:
    """A byte that changed in a sample or the header is found, or changed nothing that is read."""
    data = bytearray((logs / "sums.eval").read_bytes())
    data[place] ^= 0xFF
    (tmp_path / "sums.eval").write_bytes(data)
    try:
        found = read_inspect(tmp_path / "sums.eval")
    except InputError:
        return
    assert [(run.scores, run.texts) for run in found] == [
        (run.scores, run.texts) for run in read_inspect(logs / "sums.eval")
    ]
