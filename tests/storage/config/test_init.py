"""A new study: every template is a study, every remark in it that is a setting can be switched on."""

from __future__ import annotations

import json
import re

import pytest

from judgeaudit.domain.errors import InputError
from judgeaudit.storage.config.init import init_study
from judgeaudit.storage.config.read import json_schema, read_study
from judgeaudit.storage.files.resources import annotations_folder, template_names

TEMPLATES = ("pairwise", "quality", "refusal", "safety")
_SETTING = re.compile(r"^# (\[+[\w.-]+\]+|[a-z_]+ = .*)$", re.MULTILINE)


def test_the_templates_are_those_that_are_documented():
    """Templates are folders, and no more and no fewer than these."""
    assert template_names() == TEMPLATES


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_makes_a_study_that_can_be_read(tmp_path, template):
    """What init writes is valid, named after its folder, points to its schema, and brings every guideline it names."""
    folder = tmp_path / "my first study"
    files = init_study(folder, template)
    study = read_study(folder)
    assert study.name == "my first study"
    assert (folder / "study.toml").read_text(encoding="utf-8").startswith("#:schema ./study.schema.json\n")
    assert json.loads((folder / "study.schema.json").read_text(encoding="utf-8")) == json_schema()
    guidelines = [question.guideline for question in study.questions.values()]
    assert all(name is not None and (folder / name) in files for name in guidelines)


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_setting_in_a_remark_can_be_switched_on(tmp_path, template):
    """Taking the # away from all settings of a template leaves a valid study, so no remark teaches a mistake."""
    text = (annotations_folder() / "templates" / template / "study.toml").read_text(encoding="utf-8")
    opened, count = _SETTING.subn(r"\1", text)
    (tmp_path / "study.toml").write_text(opened, encoding="utf-8")
    assert count > 10
    assert read_study(tmp_path).judges["mini"].runs == 3


@pytest.mark.parametrize("template", TEMPLATES)
def test_guidelines_explain_every_label(template):
    """A rater finds each label of the question in its guideline."""
    folder = annotations_folder()
    for question in read_study(folder / "templates" / template).questions.values():
        guideline = (folder / str(question.guideline)).read_text(encoding="utf-8")
        assert [label for label in question.labels if f"| {label} |" not in guideline] == []


def test_a_study_is_never_overwritten(tmp_path):
    """A folder that has a study.toml is left as it is."""
    (tmp_path / "study.toml").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match=r"study\.toml is already there and is not overwritten; name another folder$"):
        init_study(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["study.toml"]


def test_a_guideline_that_is_there_is_kept(tmp_path):
    """A person's own guideline survives, and is not among the files that were written."""
    (tmp_path / "guidelines").mkdir()
    (tmp_path / "guidelines" / "harm.md").write_text("mine", encoding="utf-8")
    assert tmp_path / "guidelines" / "harm.md" not in init_study(tmp_path)
    assert (tmp_path / "guidelines" / "harm.md").read_text(encoding="utf-8") == "mine"


def test_an_unknown_template_is_refused_with_the_known_ones(tmp_path):
    """A misspelt template is told with the one that was meant, and nothing is written."""
    with pytest.raises(InputError) as caught:
        init_study(tmp_path / "new", "savety")
    assert str(caught.value) == (
        "no template 'savety' (did you mean 'safety'?); templates are pairwise, quality, refusal, safety"
    )
    assert not (tmp_path / "new").exists()
