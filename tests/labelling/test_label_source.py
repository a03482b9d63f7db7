"""Who gave the labels is what the study says, never what a server can look like: no label is called human unasked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from judgeaudit import Study
from judgeaudit.workflows.importing import import_label_studio
from tests.labelling.studies import rows_of

TOML = """{source}
[questions.harm]
scale = "binary"
labels = ["safe", "unsafe"]
"""
RESULT = [{"from_name": "harm", "to_name": "response", "type": "choices", "value": {"choices": ["safe"]}}]


@pytest.mark.parametrize("source", ["people", "models"])
def test_an_import_says_of_its_labels_what_the_study_says(tmp_path: Path, source: str) -> None:
    """Language models sign in at Label Studio as people do; a study of such labels says so in every row."""
    (tmp_path / "study.toml").write_text(TOML.format(source=f'label_source = "{source}"'), encoding="utf-8")
    (tmp_path / "outputs.jsonl").write_text('{"item_id": "i1", "response": "x"}\n', encoding="utf-8")
    task = {
        "id": 1,
        "data": {"item_id": "i1", "response": "x"},
        "annotations": [{"id": 5, "completed_by": 2, "result": RESULT}],
    }
    (tmp_path / "export.json").write_text(json.dumps([task]), encoding="utf-8")
    import_label_studio(tmp_path / "export.json", tmp_path)
    assert [(row["label"], row["label_source"]) for row in rows_of(Study(tmp_path))] == [("safe", source)]
