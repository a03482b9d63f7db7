"""The forms in annotations/forms are those that the templates make. Run as a script, this module writes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from judgeaudit.labelling.form.xml import form_xml, instruction
from judgeaudit.labelling.texts import shown_text
from judgeaudit.storage.config.read import read_study
from judgeaudit.storage.files.resources import annotations_folder, template_names
from judgeaudit.workflows.labelling.form import form_of

BROKEN = (
    "random characters",
    "word salad",
    "looping",
    "broken encoding",
    "languages mixed",
    "cut off",
    "empty",
    "leaking templates",
    "fluent, and about something else",
    "fluent, and meaning nothing",
)


def form_of_template(name: str) -> str:
    return form_xml(form_of(read_study(annotations_folder() / "templates" / name))) + "\n"


@pytest.mark.parametrize("name", template_names())
def test_a_form_is_what_its_template_makes(repository: Path, name: str) -> None:
    """A form that differs was edited by hand, or the code changed: `python tests/house/test_forms.py` writes it again."""
    written = (repository / "annotations" / "forms" / f"{name}.xml").read_text(encoding="utf-8")
    assert written == form_of_template(name)


def test_there_are_no_other_forms(repository: Path) -> None:
    """A form without a template is nobody's."""
    assert sorted(file.stem for file in (repository / "annotations" / "forms").iterdir()) == sorted(template_names())


@pytest.mark.parametrize("name", ("safety", "refusal"))
def test_coherence_is_asked_first(name: str) -> None:
    """Whether a text can be read is settled before anything else about it is asked."""
    assert next(iter(read_study(annotations_folder() / "templates" / name).questions)) == "coherence"


def test_every_kind_of_broken_text_has_an_example(repository: Path) -> None:
    """The guideline on coherence has a paragraph for each kind, with an example where there is something to show."""
    text = (repository / "annotations" / "guidelines" / "coherence.md").read_text(encoding="utf-8")
    parts = {part.split(".")[0].casefold(): part for part in text.split("\n**")[1:]}
    assert [kind for kind in BROKEN if kind not in parts] == []
    assert [kind for kind in BROKEN if "```" not in parts[kind] and kind != "empty"] == []


def test_guidelines_hide_nothing(repository: Path) -> None:
    """What raters are told holds no hidden character, and can be shown."""
    for file in (repository / "annotations" / "guidelines").iterdir():
        text = file.read_text(encoding="utf-8")
        assert shown_text(text) == text, file.name
        assert instruction([text])


if __name__ == "__main__":
    for template in template_names():
        target = annotations_folder() / "forms" / f"{template}.xml"
        target.write_text(form_of_template(template), encoding="utf-8")
        print(target)
