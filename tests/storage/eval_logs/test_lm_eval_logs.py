"""What lm-evaluation-harness wrote, new and old: scores by their main metric, texts as the model wrote them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgeaudit.domain.errors import InputError
from judgeaudit.storage.eval_logs.common.names import named
from judgeaudit.storage.eval_logs.common.records import EvalRun, Named, Text
from judgeaudit.storage.eval_logs.lm_eval.logs import read_lm_eval
from judgeaudit.storage.eval_logs.lm_eval.metrics import METRICS, main_metric
from judgeaudit.storage.eval_logs.lm_eval.samples import read_samples

STEP_200 = Named(model="sft", method="sft", checkpoint="checkpoint-200", step="200")
STAMP = "2026-05-01T10-00-00.000000"


@pytest.fixture
def new(repository: Path) -> Path:
    return repository / "tests" / "logs" / "lm-eval-0.4.13" / "runs__sft__checkpoint-200"


@pytest.fixture
def old(repository: Path) -> Path:
    return repository / "tests" / "logs" / "lm-eval-0.4.2"


def scores(runs: list[EvalRun]) -> dict[str, tuple[float, float | None, str]]:
    return {score.task: (score.score, score.n, score.metric) for run in runs for score in run.scores}


def texts(runs: list[EvalRun]) -> list[tuple[str, str, int, str, str]]:
    return [(one.task, one.sample, one.repeat, one.prompt, one.response) for run in runs for one in run.texts]


def results(**more: Any) -> dict[str, Any]:
    return {"results": {"boolq": {"acc,none": 0.5}}, "config": {"model_args": "pretrained=org/name"}, **more}


def write(folder: Path, value: object, name: str = "results_x.json") -> Path:
    (folder / name).write_text(json.dumps(value), encoding="utf-8")
    return folder / name


def test_results_of_a_run_are_its_tasks_and_groups(new: Path) -> None:
    """Each with its main metric and the items of that metric; a task that only logs texts has no score."""
    (run,) = read_lm_eval(new / f"results_{STAMP}.json")
    assert run.named == STEP_200
    assert scores([run]) == {
        "mini_boolq": (0.5, 2, "acc,none"),
        "mini_sums": (0.0, 2, "exact_match,strict-match"),
        "mini": (0.5, 2, "acc,none"),
    }
    assert (run.texts, run.doubts) == ((), ())


def test_a_folder_holds_results_and_samples(new: Path) -> None:
    """Generated texts come with every repeat and once for all filters; a task that chooses has none."""
    runs = read_lm_eval(new.parent)
    assert {run.named for run in runs} == {STEP_200}
    lock, sum_ = "How do I pick a lock?", "What is 2 + 2?"
    assert texts(runs) == [
        *[("mini_harm", str(doc), repeat, asked, "lol") for doc, asked in enumerate((lock, sum_)) for repeat in (1, 2)],
        ("mini_sums", "0", 1, lock, "lol"),
        ("mini_sums", "1", 1, sum_, "lol"),
    ]


def test_old_files_are_read_as_new_ones(old: Path) -> None:
    """Other names, one list of samples, arguments in lists, an alias with leading spaces and no counts of samples."""
    runs = read_lm_eval(old)
    assert {run.named for run in runs} == {Named(model="sft", method="sft", checkpoint="checkpoint-100", step="100")}
    assert scores(runs) == {"mini": (0.5, 2, "acc,none"), "mini_boolq": (0.5, None, "acc,none")}
    assert texts(runs) == [
        ("mini_harm", "0", 1, "How do I pick a lock?", "old answer 0"),
        ("mini_harm", "1", 1, "What is 2 + 2?", "old answer 1"),
    ]


def test_a_samples_file_knows_its_model_from_beside_it(new: Path, tmp_path: Path) -> None:
    """From the results of the same moment; alone it names none, and the score of a task that chooses is a mean."""
    file = new / f"samples_mini_boolq_{STAMP}.jsonl"
    (run,) = read_lm_eval(file)
    assert (run.named, run.scores, run.explicit) == (STEP_200, (), True)
    (alone,) = read_lm_eval(Path(shutil.copy(file, tmp_path)))
    assert alone.named == Named()
    assert scores([alone]) == {"mini_boolq": (0.5, 2, "acc,none")}


def test_the_items_of_a_group_are_those_of_its_tasks(tmp_path: Path) -> None:
    """Where the group says nothing of its own, they are summed up over its tasks, whatever lies between."""
    counted = results(
        results={"all": {"acc,none": 0.5}, "a": {"acc,none": 0.4}, "b": {"acc,none": 0.6}},
        group_subtasks={"all": ["half", "b"], "half": ["a"]},
        **{"n-samples": {"a": {"original": 90, "effective": 30}, "b": {"original": 20, "effective": 20}}},
    )
    found = scores(read_lm_eval(write(tmp_path, counted)))
    assert {task: n for task, (_, n, _) in found.items()} == {"all": 50, "a": 30, "b": 20}


@pytest.mark.parametrize(
    ("measured", "wanted", "expected"),
    [
        ({"acc_norm,none": 0.4, "acc,none": 0.5, "acc_stderr,none": 0.1}, "", "acc,none"),
        ({"exact_match,flexible": 0.4, "exact_match,none": 0.5}, "", "exact_match,none"),
        ({"acc,none": 0.5, "acc_norm,none": 0.4}, "acc_norm", "acc_norm,none"),
        ({"exact_match,strict": 0.1, "exact_match,flexible": 0.2}, "exact_match,flexible", "exact_match,flexible"),
        ({"acc": 0.5, "acc_stderr": 0.1}, "", "acc"),
        ({"acc,none": "N/A", "acc_norm,none": 0.4}, "", "acc_norm,none"),
        ({"bypass,none": 999}, "", None),
        ({"word_perplexity,none": 9.0}, "word_perplexity", "word_perplexity,none"),
    ],
)
def test_the_main_metric_of_a_task(measured: dict[str, Any], wanted: str, expected: str | None) -> None:
    """What is asked for, else the first of METRICS with a number, by filter none before others."""
    chosen = main_metric(measured, wanted)
    assert (chosen and chosen.key) == expected


@given(order=st.permutations([f"{name},none" for name in METRICS]))
def test_the_order_of_a_file_does_not_choose_the_metric(order: list[str]) -> None:
    """The same metric is the score, wherever in the file it stands."""
    chosen = main_metric(dict.fromkeys(order, 0.5), "")
    assert chosen is not None
    assert chosen.key == "acc,none"


def test_a_task_without_a_known_metric_says_what_it_has(tmp_path: Path) -> None:
    """So that one can be named; of a metric where less is better that is said."""
    measured = results(
        results={"wiki": {"word_perplexity,none": 9.0}}, higher_is_better={"wiki": {"word_perplexity": False}}
    )
    file = write(tmp_path, measured)
    (run,) = read_lm_eval(file)
    assert run.doubts == (
        "results_x.json: wiki has none of acc, exact_match, acc_norm, em, prompt_level_strict_acc, pass@1, pass_at_1, f1, so "
        "it has no score; it has word_perplexity: name one with --metric",
    )
    (asked,) = read_lm_eval(file, metric="word_perplexity")
    assert [one.doubt for one in asked.scores] == [
        "wiki: of word_perplexity less is better, and a goal of capability is reached by more"
    ]


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"model_args": {"pretrained": "org/base", "revision": "step3000"}}, ("org/base", "", "step3000", "3000")),
        ({"model_args": "pretrained=org/base", "model_revision": "main"}, ("org/base", "", "", "")),
        (
            {"model_args": "pretrained=org/base,peft=out/lora/checkpoint-30"},
            ("org/base", "lora", "checkpoint-30", "30"),
        ),
        ({"model_args": "pretrained=org/base,peft=out/lora"}, ("org/base", "lora", "lora", "")),
        ({"model_args": "model=gpt-5-mini"}, ("gpt-5-mini", "", "", "")),
        ({"model_args": "pretrained=./out/dpo/final/"}, ("dpo", "dpo", "final", "")),
        ({"model_args": "pretrained=/data/models/base"}, ("base", "", "", "")),
        ({"model_args": None}, ("", "", "", "")),
    ],
)
def test_what_the_arguments_of_a_model_name(tmp_path: Path, config: dict[str, Any], expected: tuple[str, ...]) -> None:
    """Model, method, checkpoint and step, from text or object; a revision that everything has is none."""
    (run,) = read_lm_eval(write(tmp_path, results(config=config)))
    assert (run.named.model, run.named.method, run.named.checkpoint, run.named.step) == expected


@given(step=st.integers(0, 10**9), kind=st.sampled_from(["checkpoint-", "step", "global_step_", "ckpt_", "epoch-"]))
def test_a_numbered_folder_is_a_step_of_its_run(step: int, kind: str) -> None:
    """However its number is written, the folder is the checkpoint and the one above it the run."""
    assert named(f"any/where/run/{kind}{step}") == Named(
        model="run", method="run", checkpoint=f"{kind}{step}", step=str(step)
    )


CHAT = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Why?"}]


@pytest.mark.parametrize(
    ("argument", "prompt", "messages"),
    [
        ("Why?", "Why?", ""),
        ([json.dumps(CHAT)], "", json.dumps(CHAT)),
        (json.dumps(CHAT[1:]), "Why?", ""),
        ("[{not a chat", "[{not a chat", ""),
    ],
)
def test_what_the_model_was_asked(argument: object, prompt: str, messages: str) -> None:
    """A prompt is a text; a chat is its turns, and a lone turn of the user is a prompt."""
    row = {"doc_id": 7, "arguments": {"gen_args_0": {"arg_0": argument, "arg_1": {}}}, "resps": [["So."]]}
    found, score = read_samples("t", [row], metric="", where="f")
    assert (found, score) == ((Text(task="t", sample="7", response="So.", prompt=prompt, messages=messages),), None)


@given(answers=st.lists(st.text(), min_size=1, max_size=4))
def test_every_repeat_is_a_text_as_it_was_written(answers: list[str]) -> None:
    """No text is lost, joined or changed, whatever is in it."""
    row = {"doc_id": 0, "arguments": [["Why?", {"until": []}]], "resps": [answers], "filtered_resps": ["x"]}
    found, _ = read_samples("t", [row, {**row, "filter": "other"}], metric="", where="f")
    assert [(one.repeat, one.response) for one in found] == list(enumerate(answers, start=1))


NAME_ONE = "name that, a samples_*.jsonl, or the folder that --output_path named"
OTHER = "so it is no results_*.json of lm-evaluation-harness"
CUT = "not JSON (Expecting property name enclosed in double quotes in line 1); was it cut off while it was written or copied?"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "the file is empty; there is nothing to import"),
        ('{"results": {', CUT),
        ("[]", f"not a JSON object, {OTHER}; {NAME_ONE}"),
        ('{"results": {}}', f"no 'results' with the scores of tasks and 'config', {OTHER}; {NAME_ONE}"),
        ('{"results": {}, "config": {}}', "'results' names no task; there is nothing to import"),
    ],
)
def test_what_is_no_result_is_refused(tmp_path: Path, content: str, message: str) -> None:
    """In one line that says what is missing and what to name instead."""
    (tmp_path / "r.json").write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_lm_eval(tmp_path / "r.json")
    assert str(refused.value) == f"{tmp_path / 'r.json'}: {message}"


@pytest.mark.parametrize(("second", "lacks"), [({"doc_id": 2}, "resps"), ({"id": 2, "resps": []}, "doc_id")])
def test_what_is_no_sample_is_refused(tmp_path: Path, second: dict[str, Any], lacks: str) -> None:
    """With its row and what it lacks."""
    file = tmp_path / "samples_t.jsonl"
    file.write_text(f'{{"doc_id": 1, "resps": []}}\n{json.dumps(second)}\n', encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_lm_eval(file)
    wanted = "so it is no sample of lm-evaluation-harness; name a file that --log_samples wrote"
    assert str(refused.value) == f"{file} row 2: no {lacks}, {wanted}"


def test_a_folder_without_logs_is_refused(tmp_path: Path) -> None:
    """With the flag of the program that names the right one."""
    write(tmp_path, {"some": "thing"})
    with pytest.raises(InputError, match=r"no results_\*\.json and no samples_\*\.jsonl of lm-evaluation-harness"):
        read_lm_eval(tmp_path)
