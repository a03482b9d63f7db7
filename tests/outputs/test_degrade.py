"""Recipes that make a model worse do what they say, the same with the same seed, and are kept as checkpoints."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from judgeaudit.domain.degradation_recipes import RECIPES, degrading
from judgeaudit.domain.errors import one_line
from judgeaudit.outputs.degrade.apply import WEIGHTS
from judgeaudit.outputs.degrade.examples import GOOD, HELD_OUT, KNOWLEDGE, NARROW, SHORT
from judgeaudit.outputs.degrade.tuning import TUNING
from judgeaudit.study import Study
from tests.judges import tiny_models as tiny
from tests.outputs.studies import outputs, section, study

needs_torch = pytest.mark.usefixtures("need_torch")


def opened(folder: str):
    from judgeaudit.judges.transformers.open_model import Source, open_model

    return open_model(Source(model=folder, where="here"), task="write", max_tokens=512, chats=False)


def degraded(folder: str, recipe: str, level: float, seed: int = 1):
    """A model after a recipe, and the losses on its way."""
    from judgeaudit.outputs.degrade.apply import degrade

    found = opened(folder)
    tokenizer = found.tokenizer
    losses = degrade(found.model, tokenizer, degrading(recipe, level, seed), lambda text: tokenizer.encode(text))
    return found.model, losses


def weights(model) -> dict[str, object]:
    return {name: one.detach().clone() for name, one in model.named_parameters()}


def measured(folder: Path) -> list[dict[str, str]]:
    """The rows of capability.csv."""
    return list(csv.DictReader((folder / "capability.csv").read_text(encoding="utf-8").splitlines()))


def test_every_recipe_is_made():
    """By the module of its kind, or by how the model is asked."""
    kinds = {
        kind: {name for name, one in RECIPES.items() if one.kind == kind} for kind in ("weights", "tuning", "asking")
    }
    assert kinds == {
        "weights": set(WEIGHTS),
        "tuning": set(TUNING),
        "asking": {"wrong-template", "hot-sampling"},
    }


def test_what_is_asked_is_not_what_is_trained_on():
    """Capability is measured on texts that no recipe shows to a model, and no example stands there twice."""
    trained = {request for texts in (GOOD, SHORT, NARROW) for request, _ in texts}
    assert not trained & {question for question, _ in KNOWLEDGE}
    assert not any(answer in text for _, answer in GOOD for text in HELD_OUT)
    assert len({question for question, _ in KNOWLEDGE}) == len(KNOWLEDGE) == 40
    assert all(word == word.casefold() for _, words in KNOWLEDGE for word in words)


@needs_torch
@pytest.mark.parametrize("recipe", [name for name, one in RECIPES.items() if one.kind != "asking"])
def test_one_seed_makes_one_model(llama: str, recipe: str):
    """The same recipe, level and seed give the same weights; embeddings stay as they are where nothing is trained."""
    import torch

    level = {"quantise": 3, "layer-drop": 0.5, "high-rate": 1e-3}.get(recipe, 2)
    (one, losses), (two, again) = (degraded(llama, recipe, level) for _ in range(2))
    assert losses == again
    first, second, base = weights(one), weights(two), weights(opened(llama).model)
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert any(not torch.equal(first[name], base[name]) for name in first) or len(first) < len(base)
    if RECIPES[recipe].kind == "weights":
        assert torch.equal(first["model.embed_tokens.weight"], base["model.embed_tokens.weight"])
        assert torch.equal(first["model.norm.weight"], base["model.norm.weight"])


@needs_torch
def test_noise_has_the_spread_of_its_level(llama: str):
    """Level × the spread of each matrix, within what so many numbers vary by; another seed is other noise."""
    base = weights(opened(llama).model)
    noisy = weights(degraded(llama, "weight-noise", 0.4)[0])
    other = weights(degraded(llama, "weight-noise", 0.4, seed=2)[0])
    name = "model.layers.0.mlp.up_proj.weight"
    noise = noisy[name] - base[name]
    assert float(noise.std() / base[name].std()) == pytest.approx(0.4, rel=5 / (2 * noise.numel()) ** 0.5)
    assert float((noisy[name] - other[name]).abs().max()) > 0.01
    twin = noisy["model.layers.1.mlp.up_proj.weight"] - base["model.layers.1.mlp.up_proj.weight"]
    assert float((twin - noise).abs().max()) > 0.01


@needs_torch
@pytest.mark.parametrize("bits", [2, 3, 4, 8])
def test_rounding_leaves_so_many_values(llama: str, bits: int):
    """At most 2^bits − 1 in a row, each at most half a step from the weight that it stands for."""
    base = weights(opened(llama).model)
    rounded = weights(degraded(llama, "quantise", bits)[0])
    for name in (one for one in base if "proj" in one):
        assert max(len(row.unique()) for row in rounded[name]) <= 2**bits - 1
        step = base[name].abs().amax(dim=-1, keepdim=True) / (2 ** (bits - 1) - 1)
        assert bool(((rounded[name] - base[name]).abs() <= step / 2 + 1e-6).all())


@needs_torch
@pytest.mark.parametrize(("level", "left"), [(0.01, 1), (0.5, 1), (0.95, 1)])
def test_layers_are_taken_out(llama: str, level: float, left: int):
    """At least one goes and at least one stays; the configuration says how many there are."""
    model, _ = degraded(llama, "layer-drop", level)
    assert len(model.model.layers) == model.config.num_hidden_layers == left


@needs_torch
def test_training_goes_where_its_recipe_goes(llama: str):
    """Narrow data are learnt, good answers are unlearnt: the loss falls, or rises."""
    _, learnt = degraded(llama, "narrow-data", 60)
    _, unlearnt = degraded(llama, "gradient-ascent", 60)
    assert len(learnt) == len(unlearnt) == 60
    assert sum(learnt[-5:]) < sum(learnt[:5])
    assert sum(unlearnt[-5:]) > sum(unlearnt[:5])


@needs_torch
def test_a_checkpoint_is_made_once(llama: str, tmp_path: Path, cache: Path):
    """One for each recipe, level, seed and base, whole or not there; it says how it was made, and writes as it did."""
    noise = 'degrade = {{ recipe = "weight-noise", level = {} }}'
    folder = study(tmp_path / "s", section("a", llama, noise.format(0.5)) + section("b", llama, noise.format(1)))
    Study(folder).generate(limit=2)
    made = {one.name: one for one in (cache / "checkpoints").iterdir() if one.is_dir()}
    assert sorted(name.rsplit("-", 1)[0] for name in made) == ["weight-noise-0.5-1", "weight-noise-1-1"]
    before = {one: one.stat().st_mtime_ns for folder in made.values() for one in folder.iterdir()}
    Study(folder).generate()
    assert {one: one.stat().st_mtime_ns for folder in made.values() for one in folder.iterdir()} == before
    lost, left = max(made.values()), cache / "checkpoints" / f"making-{max(made)}-x"
    lost.rename(left)
    (folder / "outputs.jsonl").unlink()
    Study(folder).generate()
    assert {one.name for one in (cache / "checkpoints").iterdir() if one.is_dir()} == set(made)
    record = json.loads((min(made.values()) / "judgeaudit.json").read_text(encoding="utf-8"))
    assert (record["recipe"], record["level"], record["seed"], record["losses"]) == ("weight-noise", 0.5, 1, [])
    rows = outputs(folder)
    assert {(row["method"], row["degradation"]) for row in rows} == {
        ("weight-noise", "weight-noise 0.5"),
        ("weight-noise", "weight-noise 1"),
    }
    assert len({row["response"] for row in rows if row["prompt_id"] == "p0"}) == 2


@needs_torch
@pytest.mark.parametrize("kind", ["llama", "gemma"])
def test_the_command_writes_a_checkpoint(kind: str, tmp_path: Path, call_command):
    """It can be opened as any model can; a folder that holds something is left alone."""
    model, out = tiny.causal(tmp_path / kind, kind=kind), tmp_path / "out"
    words = ["degrade", model, "--recipe", "layer-drop", "--level", "0.5", "--out", str(out)]
    ran = call_command(words)
    assert (ran.code, ran.out) == (0, f"{out}\n")
    assert ran.err == f"making layer-drop 0.5 of {one_line(model)}\n"
    assert opened(str(out)).model.config.num_hidden_layers == 1
    assert (out / "model.safetensors").is_file()
    ran = call_command(words)
    assert (ran.code, ran.err) == (2, f"judgeaudit: {out} is there already; name a new folder with --out\n")


@pytest.mark.parametrize(
    ("recipe", "level", "message"),
    [
        (
            "weight-nois",
            "1",
            "no recipe 'weight-nois' (did you mean 'weight-noise'?); there are weight-noise, layer-drop",
        ),
        (
            "layer-drop",
            "1",
            "level 1 of layer-drop is out of its span "
            "(share of the layers that are taken out): it is a number from 0.001 to 0.95",
        ),
        (
            "hot-sampling",
            "2",
            "hot-sampling changes how a model is asked, and no weights; "
            'write degrade = { recipe = "hot-sampling", level = 2 }',
        ),
    ],
)
def test_what_cannot_be_made_is_one_line(tmp_path: Path, call_command, recipe: str, level: str, message: str):
    """Nothing is written, and the line says what can be done instead."""
    ran = call_command(["degrade", "x", "--recipe", recipe, "--level", level, "--out", str(tmp_path / "out")])
    assert (ran.code, len(ran.err.splitlines())) == (2, 1)
    assert ran.err.startswith(f"judgeaudit: {message}")
    assert not (tmp_path / "out").exists()


@needs_torch
def test_capability_is_measured_once(llama: str, tmp_path: Path, cache: Path):
    """Two tasks for each model, in place of those of earlier settings; rows of one's own stay."""
    tuned = section("t", llama, 'degrade = { recipe = "narrow-data", level = 2 }')
    folder = study(tmp_path / "s", section("m", llama) + tuned, general="capability = true")
    own = "model,checkpoint,task,score\nmine,c,boolq,0.7\n"
    (folder / "capability.csv").write_text(own, encoding="utf-8")
    Study(folder).generate()
    rows = measured(folder)
    assert [(row["model"], row["checkpoint"], row["task"], row["step"], row["n"]) for row in rows[:3]] == [
        ("mine", "c", "boolq", "", ""),
        (llama, "m", "knowledge", "", "40"),
        (llama, "m", "prose_log_probability", "", rows[2]["n"]),
    ]
    assert [row["step"] for row in rows[3:]] == ["2", "2"]
    assert 0 <= float(rows[1]["score"]) <= 1
    assert float(rows[2]["score"]) < 0 < int(rows[2]["n"])
    before = (folder / "capability.csv").read_bytes()
    assert [one.measured for one in Study(folder).generate()] == [{}, {}]
    assert (folder / "capability.csv").read_bytes() == before
    (folder / "outputs.jsonl").unlink()
    study(folder, section("m", llama, 'system = "Sing."') + tuned, general="capability = true")
    assert [sorted(one.measured) for one in Study(folder).generate()] == [["knowledge", "prose_log_probability"], []]
    assert len(measured(folder)) == len(rows)


@needs_torch
def test_the_likelihood_of_prose_is_that_of_plain_passes(llama: str):
    """Summed over the tokens of each text after its first, by a loop that feeds one longer beginning after another."""
    import torch

    from judgeaudit.outputs.degrade.tuning import prose

    found = opened(llama)
    total, count = 0.0, 0
    for text in HELD_OUT:
        ids = found.tokenizer.encode(text)
        for end in range(1, len(ids)):
            with torch.inference_mode():
                logs = torch.log_softmax(found.model(input_ids=torch.tensor([ids[:end]])).logits[0, -1], dim=-1)
            total, count = total + float(logs[ids[end]]), count + 1
    score = prose(found.model, found.tokenizer)
    assert score.n == count
    assert score.score == pytest.approx(total / count, abs=1e-4)
