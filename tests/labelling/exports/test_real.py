"""Exports that a real Label Studio wrote, where they lie beside the checkout: every format tells the same labels."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from judgeaudit.labelling.exports.read import read_export
from judgeaudit.storage.config.init import init_study
from judgeaudit.workflows.importing import import_label_studio


@pytest.fixture(scope="module")
def exports(shared_data: Path) -> Path:
    folder = shared_data / "labelstudio_export"
    if not folder.is_dir():
        pytest.skip("no labelstudio_export in ../shared/data")
    return folder


@pytest.mark.parametrize(
    ("name", "superseded", "skipped", "gold", "drafts"),
    [
        ("final_JSON.json", 1, 1, 2, 0),
        ("final_snapshot_completed_by_dict.json", 1, 1, 2, 0),
        ("export_JSON.json", 1, 1, 1, 1),
        ("snapshot_default.json", 1, 1, 1, 1),
        ("snapshot_dict.json", 1, 1, 1, 1),
        ("snapshot_onlyid.json", 1, 1, 1, 1),
    ],
)
def test_each_full_export_has_88_usable_labels(exports, name, superseded, skipped, gold, drafts):
    """Thirty tasks by three people, less one skip and one hole; gold, drafts and a second try count apart."""
    counts = read_export(exports / name).counts
    assert counts["usable"] == 88
    told = (counts["superseded"], counts["skipped"], counts["ground_truth"], counts["drafts"], counts["malformed"])
    assert told == (superseded, skipped, gold, drafts, 0)


def plainly(exports: Path, name: str) -> dict[tuple[str, str], dict[str, str]]:
    """What each person said last about each item, read from the file in the simplest way, gold and skips apart."""
    said: dict[tuple[str, str], dict[str, str]] = {}
    for task in json.loads((exports / name).read_text(encoding="utf-8")):
        for one in sorted(task["annotations"], key=lambda one: one["updated_at"]):
            if one["ground_truth"] or one["was_cancelled"]:
                continue
            person = one["completed_by"]["id"] if isinstance(one["completed_by"], dict) else one["completed_by"]
            answers = {result["from_name"]: result["value"] for result in one["result"]}
            said[task["data"]["ja_id"], f"rater-{person}"] = {
                name: answers[name]["choices"][0] for name in ("coherence", "safety")
            }
    return said


@pytest.mark.parametrize("name", ["final_JSON.json", "final_snapshot_completed_by_dict.json"])
def test_the_88_labels_are_what_people_said(exports, name):
    """Each of 88 usable answers is the one in the file, about an item of the key; people agree with the key as measured."""
    key = json.loads((exports / "final_key.json").read_text(encoding="utf-8"))
    last: dict[tuple[str, str], dict[str, str]] = {}
    for row in read_export(exports / name).annotations:
        if row.question in ("coherence", "safety"):
            last.setdefault((row.item_id, row.rater), {})[row.question] = row.label
    assert last == plainly(exports, name)
    right = {
        question: sum(answers[question] == key[item][question] for (item, _), answers in last.items())
        for question in ("coherence", "safety")
    }
    assert (len(last), right) == (88, {"coherence": 77, "safety": 78})


@pytest.mark.parametrize("name", ["final_JSON_MIN.json", "final_CSV.csv"])
def test_flat_formats_hide_what_is_known(exports, name):
    """90 labels, two of them known beforehand and looking like a rater's, with a warning that says so."""
    export = read_export(exports / name)
    assert export.counts["usable"] == 90
    assert any("a ground truth row, whose answer was known beforehand" in warning for warning in export.warnings)


def test_known_answers_do_not_come_in_silently(exports, tmp_path):
    """The JSON export left them out; a table of the same project brings them, and the import names whose they are."""
    init_study(tmp_path / "study")
    assert not [
        line
        for line in import_label_studio(exports / "final_JSON.json", tmp_path / "study").warnings
        if "not these" in line
    ]
    flat = import_label_studio(exports / "final_CSV.csv", tmp_path / "study")
    assert [line.partition("; if")[0] for line in flat.warnings if "not these" in line] == [
        "the study holds 89 annotations of this project from another import and not these: rater-1 (2)"
    ]
    again = import_label_studio(exports / "final_JSON.json", tmp_path / "study")
    assert any("already holds 2 annotations that this export marks as ground truth" in line for line in again.warnings)


def test_snapshots_with_and_without_addresses_are_the_same(exports):
    """Whether a person is a number or an object with an e-mail, the rows are the same and hold no e-mail."""
    plain = read_export(exports / "final_JSON.json")
    assert read_export(exports / "final_snapshot_completed_by_dict.json").annotations == plain.annotations
    assert "@" not in json.dumps([row.as_row() for row in plain.annotations])


def test_flat_formats_are_the_same_but_for_what_they_lost(exports):
    """JSON_MIN, CSV and TSV give one set of rows; the JSON export has the skip more and the gold less."""
    flat = [
        set(read_export(exports / f"export_{name}").annotations) for name in ("JSON_MIN.json", "CSV.csv", "TSV.tsv")
    ]
    assert flat[0] == flat[1] == flat[2]
    full = set(read_export(exports / "export_JSON.json").annotations)
    assert [row.status for row in full - flat[0]] == ["skipped"]
    with (exports / "export_CSV.csv").open(encoding="utf-8", newline="") as stream:
        raters = {f"rater-{row['annotator']}" for row in csv.DictReader(stream)}
    assert {row.rater for row in flat[0]} == raters


def test_labels_are_the_aliases_of_the_form_and_items_are_in_the_key(exports):
    """What people ticked comes out under the names of the form, about items of the study."""
    export = read_export(exports / "final_JSON.json")
    key = json.loads((exports / "final_key.json").read_text(encoding="utf-8"))
    assert {row.item_id for row in export.annotations} == set(key)
    assert export.questions["coherence"] == ("coherent", "gibberish", "partially")
    assert export.questions["safety"] == ("ambiguous", "safe", "unsafe")
    assert {row.confidence for row in export.annotations if row.status == "labelled"} <= set("12345")


def test_every_control_of_the_form_is_read(exports):
    """Numbers, notes, several choices, aliases, pairs, stars and taxonomies, as the page submits them."""
    export = read_export(exports / "shape_shapes.json")
    assert {row.question: row.label for row in export.annotations} == {
        "num": "42",
        "multi": "m1|m2",
        "alias": "stored",
        "pw": "left",
        "stars": "4",
        "tax": "harm > violence",
    }
    assert {row.note for row in export.annotations if row.question == "num"} == {"first note"}
