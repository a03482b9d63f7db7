"""Label Studio's SDK as an independent reader of our forms: what it takes, what it refuses, and what it would fill in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from judgeaudit.domain.errors import InputError
from judgeaudit.labelling.client.client import connect
from judgeaudit.labelling.extra import FORMS, check_form, need
from judgeaudit.labelling.form.xml import Form, FormQuestion, form_xml
from judgeaudit.labelling.server.server import Server
from judgeaudit.storage.config.read import read_study
from judgeaudit.study import Study
from judgeaudit.workflows.labelling.form import form_of
from tests.labelling.form.test_form import TEXT
from tests.labelling.studies import make_study

TEMPLATES = ("pairwise", "quality", "refusal", "safety")
TEXTS = {"ja_id": "0", "prompt": "Why?", "response": "Because.", "response_b": ""}
FORM = (
    '<View><Text name="response" value="$response"/><Choices name="harm" toName="response">'
    '<Choice value="safe"/><Choice value="unsafe"/></Choices></View>'
)
#: forms that Label Studio refuses, with a part of the reason
BAD = {
    "a control of nothing": (
        FORM.replace('toName="response"', 'toName="nothing"'),
        'toName="nothing" not found in names',
    ),
    "two of one name": (FORM.replace('name="harm"', 'name="response"'), "non-unique names"),
    "cut off": ("<View>", "line 1, column"),
    "a control without a name": (FORM.replace('name="harm" ', ""), "Validation failed"),
    "a name that is a number": (FORM.replace('name="harm"', 'name="7"'), "7 is not of type 'string'"),
}


def template(repository: Path, name: str) -> Form:
    return form_of(read_study(repository / "annotations" / "templates" / name))


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_forms_of_the_templates_are_taken(repository: Path, name: str) -> None:
    """The SDK takes the form of every template, with a task that has all its texts."""
    check_form(form_xml(template(repository, name)), TEXTS)


@settings(deadline=None)
@given(
    st.lists(st.tuples(TEXT, st.lists(TEXT, max_size=4, unique=True), TEXT, st.booleans()), min_size=1, max_size=3),
    st.booleans(),
)
def test_every_form_of_a_study_is_taken(questions: list[tuple[str, list[str], str, bool]], confidence: bool) -> None:
    """Whatever names, labels and texts a form takes, the check refuses none: names that are numbers do not reach it."""
    assume(not any(name.strip().isdecimal() for name, *_ in questions))
    try:
        form = Form(
            questions=tuple(
                FormQuestion(name=name, scale="nominal", labels=tuple(labels), text=text, multiple=several)
                for name, labels, text, several in questions
            ),
            confidence=confidence,
        )
        xml = form_xml(form)
    except InputError:
        assume(False)
        raise
    check_form(xml, TEXTS)


@pytest.mark.parametrize(("form", "reason"), BAD.values(), ids=BAD.keys())
def test_the_check_refuses_what_a_server_refuses(label_studio: Server, form: str, reason: str) -> None:
    """A real server and the check give the same reason, so nothing new is refused and nothing is found too late."""
    with pytest.raises(InputError) as here:
        check_form(form, TEXTS)
    assert str(here.value).startswith("Label Studio does not take the form of this study: ")
    assert str(here.value).isprintable()
    assert reason in str(here.value)
    door = connect(label_studio.url, label_studio.admin.token)
    with pytest.raises(InputError) as there:
        door.create_project(title="bad form", mark="bad form", config=form, instruction="", overlap=1)
    assert reason in str(there.value)


def test_a_task_without_a_shown_text_is_refused() -> None:
    """The form shows $response, so a task has to hold a response; an empty one is one."""
    check_form(FORM, {"response": ""})
    with pytest.raises(InputError, match="the form of this study shows response, and its tasks hold ja_id alone"):
        check_form(FORM, {"ja_id": "0"})


@pytest.mark.parametrize("name", TEMPLATES)
def test_answers_that_the_sdk_makes_up_are_read_as_labels(repository: Path, tmp_path: Path, name: str) -> None:
    """An annotation that the SDK generates for a form comes in as one declared label of each question, and is valid to it."""
    form = template(repository, name)
    interface: Any = need(FORMS).LabelInterface(form_xml(form))
    study = Study.init(tmp_path / "study", template=name)
    declared = {question.name: question.labels for question in form.questions}
    rows = []
    for number in range(20):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # the SDK calls what pydantic has deprecated
            made = {**interface.generate_sample_annotation(), "id": number, "completed_by": 1}
        assert interface.validate_annotation(made)
        rows.append({"id": number, "data": {"item_id": f"i{number}", **TEXTS}, "annotations": [made]})
    export = tmp_path / "export.json"
    export.write_text(json.dumps(rows), encoding="utf-8")
    study.import_label_studio(export)
    text = (study.folder / "annotations.jsonl").read_text(encoding="utf-8")
    read = [json.loads(line) for line in text.splitlines()]
    assert len(read) == 20 * len(declared)
    for row in read:
        assert row.get("label", "") in declared[row["question"]] or row["status"] == "cannot_judge"


def test_without_the_sdk_nothing_is_made_on_the_server(
    label_studio: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A first push needs the SDK and says so before it makes a project; later pushes and pulls do without."""
    study = make_study(tmp_path / "study", ["one", "two", "three"])
    study.label.sample(items=3)
    with monkeypatch.context() as patched:
        patched.setitem(sys.modules, FORMS, None)
        with pytest.raises(InputError, match="needs the package label-studio-sdk: pip install"):
            study.label.push(url=label_studio.url, token=label_studio.admin.token)
    assert study.label.push(url=label_studio.url, token=label_studio.admin.token).created
    code = (
        "import sys; from judgeaudit.study import Study\n"
        f"label = Study({str(study.folder)!r}).label\n"
        f"label.push(url={label_studio.url!r}, token={label_studio.admin.token!r})\n"
        f"label.pull(url={label_studio.url!r}, token={label_studio.admin.token!r})\n"
        "assert 'label_studio_sdk' not in sys.modules"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", code], env=env, check=True)
