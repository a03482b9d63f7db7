"""Exports that a real server writes while the test looks on: every format of one project means the same."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from judgeaudit.labelling.exports.read import read_export
from judgeaudit.labelling.exports.records import Export
from judgeaudit.labelling.server.server import Server
from tests.labelling.people import fetched

FORM = """<View><Text name="prompt" value="$prompt"/><Text name="response" value="$response"/>
<Choices name="harm" toName="response"><Choice value="Safe" alias="safe"/><Choice value="cannot_judge"/></Choices>
<Choices name="kinds" toName="response" choice="multiple"><Choice value="a"/><Choice value="b"/></Choices>
<Number name="score" toName="response"/><Rating name="stars" toName="response"/><DateTime name="day" toName="response"/>
<Choices name="score:cannot_judge" toName="response"><Choice value="cannot_judge"/></Choices>
<Taxonomy name="tax" toName="response"><Choice value="x"><Choice value="y"/></Choice></Taxonomy>
<Choices name="confidence" toName="response"><Choice value="5"/></Choices><TextArea name="notes" toName="response"/></View>"""
QUESTIONS = {"harm": ("safe",), "score": (), "kinds": ("a", "b")}
VALUES = {
    "harm": ("choices", {"choices": ["safe"]}),
    "kinds": ("choices", {"choices": ["b", "a"]}),
    "score": ("number", {"number": 4}),
    "stars": ("rating", {"rating": 3}),
    "day": ("datetime", {"datetime": "2020-01-01"}),
    "tax": ("taxonomy", {"taxonomy": [["x", "y"]]}),
    "confidence": ("choices", {"choices": ["5"]}),
    "notes": ("textarea", {"text": ["one", 'two "quoted", \n three']}),
}


def results(**values: tuple[str, dict[str, object]]) -> list[dict[str, object]]:
    return [
        {"id": name[:9], "from_name": name, "to_name": "response", "type": control, "value": value, "origin": "manual"}
        for name, (control, value) in values.items()
    ]


@pytest.fixture(scope="module")
def ask(label_studio: Server) -> Callable[..., bytes]:
    """`ask(method, path, body)`: one request as the admin."""

    def send(method: str, path: str, body: object = None) -> bytes:
        head = {"Authorization": f"Token {label_studio.admin.token}", "Content-Type": "application/json"}
        sent = None if body is None else json.dumps(body).encode()
        return fetched(urllib.request.Request(label_studio.url + path, method=method, data=sent, headers=head))

    return send


@pytest.fixture(scope="module")
def files(label_studio: Server, ask: Callable[..., bytes], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One project, in every format: two people about four items, a skip, a known answer, an item without labels."""
    made = json.loads(ask("POST", "/api/projects/", {"title": "Formats", "label_config": FORM}))
    first, second, third = (rater.number for rater in label_studio.raters[:3])
    unable = results(
        harm=("choices", {"choices": ["cannot_judge"]}),
        **{"score:cannot_judge": ("choices", {"choices": ["cannot_judge"]})},
    )
    tasks = []
    for number in range(4):
        data = {"item_id": f"i{number}", "prompt": "Why?", "response": f"r{number} \u202e", "harm": "predicted"}
        annotations = [
            {"result": results(**VALUES), "completed_by": first, "ground_truth": False, "lead_time": 3.5},
            {"result": unable, "completed_by": second, "ground_truth": False},
        ]
        tasks.append({"data": data, "annotations": annotations if number < 3 else []})
    tasks[0]["annotations"].append({"result": [], "was_cancelled": True, "completed_by": third, "ground_truth": False})
    tasks[1]["annotations"].append({"result": results(**VALUES), "completed_by": third, "ground_truth": True})
    stored = json.loads(ask("POST", f"/api/projects/{made['id']}/import", tasks))
    assert (stored["task_count"], stored["annotation_count"]) == (4, 8)
    folder = tmp_path_factory.mktemp("exports")
    found = {}
    for kind, suffix in (("JSON", "json"), ("JSON_MIN", "json"), ("CSV", "csv"), ("TSV", "tsv")):
        found[kind] = folder / f"{kind}.{suffix}"
        path = f"/api/projects/{made['id']}/export?exportType={kind}&download_all_tasks=true"
        found[kind].write_bytes(ask("GET", path))
    options = {"serialization_options": {"annotations__completed_by": {"only_id": False}}}
    snapshot = json.loads(ask("POST", f"/api/projects/{made['id']}/exports/", {"title": "s", **options}))
    found["snapshot"] = folder / "snapshot.json"
    path = f"/api/projects/{made['id']}/exports/{snapshot['id']}/download?exportType=JSON"
    found["snapshot"].write_bytes(ask("GET", path))
    ask("DELETE", f"/api/projects/{made['id']}/")
    return found


def rows(export: Export) -> set[tuple[str, ...]]:
    return {
        (row.item_id, row.question, row.label, row.status, row.confidence, row.seconds, row.note, row.source)
        for row in export.annotations
    }


def test_whole_tasks_are_read_whole(files: dict[str, Path], label_studio: Server):
    """Each control of the form, the skip, the known answer and the item without labels come out of the JSON."""
    export = read_export(files["JSON"], questions=QUESTIONS)
    assert read_export(files["snapshot"], questions=QUESTIONS).annotations == export.annotations
    first = f"rater-{label_studio.raters[0].number}"
    said = {row.question: row.label for row in export.annotations if (row.item_id, row.rater) == ("i0", first)}
    assert said == {"harm": "safe", "kinds": "a|b", "score": "4", "stars": "3", "tax": "x > y"}
    counted = {name: count for name, count in export.counts.items() if count}
    assert counted == {
        "tasks": 4,
        "annotations": 8,
        "usable": 6,
        "skipped": 1,
        "cannot_judge": 6,
        "ground_truth": 1,
        "unlabelled_tasks": 1,
    }


@pytest.mark.parametrize("name", ["JSON_MIN", "CSV", "TSV"])
def test_flat_formats_lose_what_they_say(files: dict[str, Path], name: str):
    """A table or JSON_MIN has the known answer more and the skip less, and every other row alike."""
    whole, flat = (read_export(files[kind], questions=QUESTIONS) for kind in ("JSON", name))
    if name == "JSON_MIN":  # here an answer overwrites the column of the data that is called like it
        assert {output["item_id"] for output in flat.outputs} == {"i0", "i1", "i2", "i3"}
    else:
        assert {output["harm"] for output in flat.outputs} == {"predicted"}
    assert {row[3] for row in rows(whole) - rows(flat)} == {"skipped"}
    assert {row[0] for row in rows(flat) - rows(whole)} == {"i1"}
    assert len(rows(flat) - rows(whole)) == 5
