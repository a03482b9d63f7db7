"""Exports that a real Label Studio wrote, where they lie beside the checkout: every format tells the same labels."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from judgeaudit.labelling.exports import read_export


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
