"""`judgeaudit generate`: models answer prompts; what is there is not made again; whatever is wrong is one line."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from judgeaudit.domain.errors import InputError
from judgeaudit.storage.config.read import read_study
from judgeaudit.study import Study
from tests.judges import tiny_models as tiny
from tests.judges.command import forked
from tests.outputs.studies import PROMPTS, outputs, responses, section, study

needs_torch = pytest.mark.usefixtures("need_torch")
HOT = "temperature = 1.2"


@needs_torch
def test_every_output_says_what_made_it(llama: str, tmp_path: Path):
    """Prompt, model, checkpoint, method, degradation, decoding and why it ended stand in its row."""
    plain, own = section("plain", llama), 'checkpoint = "c1"\nmethod = "m"\ndegradation = "d"'
    folder = study(tmp_path / "s", plain + section("hot", llama, HOT, "top_p = 0.9", "seed = 5", own))
    reports = Study(folder).generate()
    assert [(one.name, one.total, one.there, one.made) for one in reports] == [("plain", 5, 0, 5), ("hot", 5, 0, 5)]
    rows = outputs(folder)
    assert [row["prompt"] for row in rows] == PROMPTS * 2
    assert [row["prompt_id"] for row in rows[:5]] == ["p0", "p1", "p2", "p3", "p4"]
    said = ("checkpoint", "method", "degradation", "generator", "run", "temperature", "top_p", "max_new_tokens", "seed")
    assert [rows[0][key] for key in said] == ["plain", "", "none", "plain", 0, 0.0, 1.0, 8, 1]
    assert [rows[5][key] for key in said] == ["c1", "m", "d", "hot", 0, 1.2, 0.9, 8, 5]
    assert {row["finish_reason"] for row in rows} <= {"stop", "length"}
    assert all(len(row["made_by"]) == len(row["item_id"]) == 16 for row in rows)
    assert not any(row["generator"] in row["item_id"] for row in rows)


@needs_torch
def test_what_is_there_is_not_made_again(llama: str, tmp_path: Path):
    """A second run changes no byte; a limited run and the next one make what one run makes."""
    models = section("plain", llama) + section("hot", llama, HOT, "runs = 2", "batch_size = 2")
    whole, parts = study(tmp_path / "whole", models), study(tmp_path / "parts", models)
    Study(whole).generate()
    before = (whole / "outputs.jsonl").read_bytes()
    assert [(one.there, one.made) for one in Study(whole).generate()] == [(5, 0), (10, 0)]
    assert (whole / "outputs.jsonl").read_bytes() == before
    assert [(one.made, one.missing) for one in Study(parts).generate(limit=3)] == [(3, 2), (3, 7)]
    Study(parts).generate("hot", limit=1)
    Study(parts).generate()
    assert responses(parts) == responses(whole)
    of_runs = [[row["response"] for row in outputs(whole) if row["run"] == run] for run in (0, 1)]
    assert of_runs[0][5:] != of_runs[1]


@needs_torch
def test_a_run_that_is_killed_goes_on(llama: str, tmp_path: Path):
    """After kills in the middle, and half a line, every output is there once, as a run without kills makes it."""
    models = section("hot", llama, HOT, "batch_size = 1").replace("max_new_tokens = 8", "max_new_tokens = 60")
    prompts = [f"cake {n}" for n in range(30)]
    calm = study(tmp_path / "calm", models.replace("batch_size = 1", "batch_size = 16"), prompts=prompts)
    Study(calm).generate()
    folder = study(tmp_path / "killed", models, prompts=prompts)
    file, kills = folder / "outputs.jsonl", 0
    for least in (2, 8, 15):
        process = forked(["generate", str(folder)], tmp_path / "said")
        while process.is_alive() and (not file.exists() or file.read_bytes().count(b"\n") < least):
            time.sleep(0.005)
        kills += process.is_alive()
        process.kill()
        process.join()
        assert least <= file.read_bytes().count(b"\n") < 30
    assert kills == 3
    with file.open("ab") as stream:
        stream.write(b'{"item_id": "half of a')
    (report,) = Study(folder).generate()
    assert (report.total, report.missing, report.there >= 15) == (30, 0, True)
    assert responses(folder) == responses(calm)


@needs_torch
@pytest.mark.parametrize(
    "keys", ["temperature = 0.5", "max_new_tokens = 9", 'system = "Sing."', 'chat_template = "none"']
)
def test_other_settings_under_one_name_are_refused(llama: str, tmp_path: Path, keys: str):
    """Outputs of two ways of writing are never taken for those of one."""
    folder = study(tmp_path / "s", section("m", llama))
    Study(folder).generate(limit=1)
    changed = section("m", llama, keys)
    if "max_new" in keys:
        changed = section("m", llama).replace("max_new_tokens = 8", keys)
    study(folder, changed)
    with pytest.raises(InputError, match=r"of model 'm' was made by other settings; give the section another name"):
        Study(folder).generate()
    study(folder, section("m", llama, "batch_size = 2", 'device = "cpu"'))
    assert Study(folder).generate()[0].made == 4


@needs_torch
def test_another_text_under_one_prompt_id_is_refused(llama: str, tmp_path: Path):
    """An output keeps the prompt that it answers."""
    folder = study(tmp_path / "s", section("m", llama))
    Study(folder).generate()
    study(folder, section("m", llama), prompts=["Ho", *PROMPTS[1:]])
    with pytest.raises(InputError, match="answers another prompt than 'p0' is now"):
        Study(folder).generate()


@needs_torch
def test_how_a_model_is_asked(llama: str, tmp_path: Path):
    """Its own template, one of the user's, and none put the prompt in differently; what a prompt holds ends no message."""
    from judgeaudit.storage.study.prompts import read_prompts
    from judgeaudit.workflows.generating.generate import open_writer
    from judgeaudit.workflows.generating.plan import Wanted, generator_of

    templates = {"own": "", "none": 'chat_template = "none"', "file": 'chat_template = "t.jinja"'}
    degraded = {f"wrong{n}": f'degrade = {{ recipe = "wrong-template", level = {n} }}' for n in (1, 2, 3)}
    models = "".join(section(name, llama, keys) for name, keys in (templates | degraded).items())
    folder = study(tmp_path / "s", models)
    (folder / "t.jinja").write_text("{% for m in messages %}[{{ m['content'] }}]{% endfor %}", encoding="utf-8")
    config, prompts = read_study(folder), read_prompts(folder, "prompts.jsonl")
    found = {}
    for name, part in config.generate.models.items():
        writer = open_writer(generator_of(folder, name, part, lambda report: None))
        ids = [writer.ask(Wanted(item_id="i", prompt=prompts[n], run=0).request("")) for n in (0, 2)]
        found[name] = writer.opened.tokenizer.decode(ids[0])
        starts = {"own": 2, "wrong3": 2}.get(name, 0)
        control = writer.opened.tokenizer.convert_tokens_to_ids("<|im_start|>")
        assert ids[1].count(control) == starts, name
    assert found["own"] == "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"
    assert found["wrong3"] == "<|im_start|>assistant\nHi<|im_end|>\n<|im_start|>assistant\n"
    assert (found["none"], found["wrong1"], found["file"]) == ("Hi", "Hi", "[Hi]")
    assert found["wrong2"] == "### Instruction:\nHi\n\n### Response:\n"


@needs_torch
def test_dialogues_are_asked_as_dialogues(llama: str, tmp_path: Path):
    """A prompt may be messages; the output keeps them, so that judges read the dialogue."""
    folder = study(tmp_path / "s", section("m", llama))
    messages = json.dumps([{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes"}])
    (folder / "prompts.jsonl").write_text(json.dumps({"prompt_id": "d", "messages": messages}) + "\n", encoding="utf-8")
    Study(folder).generate()
    assert outputs(folder)[0]["messages"] == messages


@needs_torch
def test_a_prompt_that_is_too_long_has_no_output(tmp_path: Path):
    """The others have theirs, and how many are left out is said."""
    model = tiny.causal(tmp_path / "small", limit=64)
    folder = study(tmp_path / "s", section("m", model), prompts=["Hi", "cake " * 90])
    (report,) = Study(folder).generate()
    assert (report.made, report.missing, sum(report.failed.values())) == (1, 1, 1)
    assert "longer than 56 tokens" in next(iter(report.failed))


@needs_torch
def test_a_model_without_a_template_is_told_how(tmp_path: Path, call_command):
    """One line names the way out, and the way out works."""
    model = tiny.causal(tmp_path / "base", template=None)
    folder = study(tmp_path / "s", section("m", model))
    ran = call_command(["generate", str(folder)])
    assert (ran.code, len(ran.err.splitlines())) == (2, 1)
    assert 'has no chat template; write chat_template = "none"' in ran.err
    study(folder, section("m", model, 'chat_template = "none"'))
    ran = call_command(["generate", str(folder)])
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("m: 5 outputs made, 0 there already, 5 cut off at max_new_tokens")


@needs_torch
def test_a_classifier_writes_nothing(tmp_path: Path):
    """A model of another kind is refused in words about models that write."""
    model = tiny.classifier(tmp_path / "classes", ["a", "b"])
    folder = study(tmp_path / "s", section("m", model))
    with pytest.raises(InputError, match=r"is BertForSequenceClassification; name a model that writes text$"):
        Study(folder).generate()


MODEL = '[generate.models.m]\nkind = "transformers"\nmodel = "x"\n'


@pytest.mark.parametrize(
    ("models", "message"),
    [
        (
            "[generate.models.m]\nmodel = 'x'",
            "generate.models.m: kind is missing or unknown; it is transformers, openai, anthropic",
        ),
        ("[generate.models.m]\nkind = 'openai'", "generate.models.m.model: is missing"),
        (MODEL + "temprature = 1", "generate.models.m.temprature: no such key (did you mean 'temperature'?)"),
        (MODEL + "max_new_tokens = 0", "generate.models.m.max_new_tokens: 0 should be greater than or equal to 1"),
        (
            MODEL + "runs = 2",
            "generate.models.m: several runs at temperature 0 are one and the same text; raise temperature, or leave runs out",
        ),
        (
            MODEL + "degrade = { recipe = 'weigt-noise', level = 1 }",
            "generate.models.m.degrade: no recipe 'weigt-noise' (did you mean 'weight-noise'?)",
        ),
        (
            MODEL + "degrade = { recipe = 'quantise', level = 2.5 }",
            "generate.models.m.degrade: level 2.5 of quantise is out of its span "
            "(bits of each weight): it is a whole number from 2 to 8",
        ),
        (
            MODEL + "temperature = 1\ndegrade = { recipe = 'hot-sampling', level = 2 }",
            "generate.models.m: hot-sampling sets the temperature; leave temperature out",
        ),
        (
            MODEL + "chat_template = 'none'\ndegrade = { recipe = 'wrong-template', level = 2 }",
            "generate.models.m: wrong-template sets the template; leave chat_template out",
        ),
    ],
)
def test_a_section_that_cannot_be_used_is_one_line(tmp_path: Path, models: str, message: str):
    """File, dotted key, what is wrong, and the nearest right word."""
    folder = study(tmp_path / "s", models)
    with pytest.raises(InputError) as refused:
        read_study(folder)
    assert str(refused.value).startswith(f"{folder / 'study.toml'}: {message}")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("prompts.jsonl", '{"id": 1, "prompt": "a"}\n', "prompts.jsonl: no column 'prompt_id' for prompts"),
        ("prompts.jsonl", '{"prompt_id": 1}\n', "prompts.jsonl: no column 'prompt' for prompts; columns are prompt_id"),
        ("prompts.jsonl", '{"prompt": 1}\n', "columns are prompt; needed are prompt_id, and prompt or messages"),
        ("prompts.jsonl", '{"prompt_di": 1, "prompt": 1}\n', "for prompts (did you mean 'prompt_di'?)"),
        (
            "prompts.jsonl",
            '{"prompt_id": 1, "messages": "[oops"}\n',
            "prompts.jsonl row 1, column 'messages': the cell is no JSON list of objects with role and content",
        ),
        (
            "prompts.jsonl",
            '{"prompt_id": 1, "prompt": "a"}\n{"prompt_id": 1, "prompt": "b"}\n',
            "rows 1 and 2 are both prompt '1'",
        ),
        (
            "prompts.jsonl",
            '{"prompt_id": 1, "prompt": ""}\n',
            "prompts.jsonl row 1, column 'prompt': the cell is empty",
        ),
        ("prompts.jsonl", '{"prompt_id": 1, "prompt": "a", "seed": 3}\n', "column 'seed' is one that models fill in"),
        ("outputs.csv", "item_id,response\na,b\n", "rows are added to outputs.jsonl only"),
    ],
)
def test_tables_that_cannot_be_used_are_one_line(tmp_path: Path, name: str, text: str, message: str):
    """Nothing is written, and the line names the row."""
    folder = study(tmp_path / "s", MODEL)
    (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        Study(folder).generate()
    assert message in str(refused.value)
    assert not (folder / "outputs.jsonl").exists()


def test_what_was_not_declared_is_told(tmp_path: Path):
    """A model, a section or a file that is not there."""
    folder = study(tmp_path / "s", MODEL)
    with pytest.raises(InputError, match=r"study.toml: no model 'n'; declared are m$"):
        Study(folder).generate("n")
    (folder / "prompts.jsonl").unlink()
    with pytest.raises(InputError, match=r"generate.prompts: there is no file .*prompts.jsonl; make it"):
        Study(folder).generate()
    (folder / "study.toml").write_text('[questions.q]\nscale = "binary"\nlabels = ["a", "b"]\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"no \[generate\] section; add one"):
        Study(folder).generate()
