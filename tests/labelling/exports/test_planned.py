"""Tasks of a study's own plan: they come back as the plan's items, whichever side was shown and whatever was held back."""

from __future__ import annotations

import json
from pathlib import Path

from judgeaudit.domain.labelling.tasks import PlannedTask
from judgeaudit.labelling.exports.read import read_export, read_tasks_batch
from judgeaudit.labelling.exports.records import Export
from judgeaudit.labelling.form.xml import Form, FormQuestion, shown_words

QUESTIONS = {"better": ("A", "B", "tie"), "harm": ("safe", "unsafe"), "score": ()}
KNOWN = {
    "aa": PlannedTask(ja_id="aa", item_id="i1"),
    "bb": PlannedTask(ja_id="bb", item_id="i1", purpose="repeat"),
    "cc": PlannedTask(ja_id="cc", item_id="k1", purpose="calibration", known=(("harm", "safe"),)),
    "dd": PlannedTask(ja_id="dd", item_id="i2", swapped=True),
}


def unswap(question: str, label: str) -> str:
    return {"A": "B", "B": "A"}.get(label, label) if question == "better" else label


def choice(name: str, *labels: str) -> dict[str, object]:
    return {"from_name": name, "to_name": "response", "type": "choices", "value": {"choices": list(labels)}}


def annotation(number: int, *results: object, **more: object) -> dict[str, object]:
    stamp = f"2026-05-01T10:00:{number:02d}.000000Z"
    made = {"id": number, "completed_by": 7, "result": list(results), "ground_truth": False}
    return {**made, "created_at": stamp, "updated_at": stamp, "lead_time": 9.5, **more}


def task(ja_id: str, *annotations: object, **more: object) -> dict[str, object]:
    data = {"ja_id": ja_id, "prompt": "Why?", "response": f"text {ja_id}"}
    return {"id": 1, "data": data, "annotations": list(annotations), "drafts": [], **more}


def batch(*tasks: object) -> Export:
    return read_tasks_batch(list(tasks), questions=QUESTIONS, known=KNOWN, unswap=unswap, round_name="main")


def test_rows_are_the_plan_s():
    """Item, purpose and round are the plan's, and texts that the study has are not brought in again."""
    export = batch(task("aa", annotation(1, choice("harm", "safe"))))
    assert [row.as_row() for row in export.annotations] == [
        {
            "item_id": "i1",
            "rater": "rater-7",
            "question": "harm",
            "label": "safe",
            "status": "labelled",
            "confidence": "",
            "seconds": "9.5",
            "labelled_at": "2026-05-01T10:00:01.000000Z",
            "note": "",
            "label_source": "people",
            "source": "label-studio:aa:1",
            "purpose": "item",
            "round": "main",
        }
    ]
    assert (export.outputs, export.warnings) == ((), ())


def test_a_repeat_replaces_nothing():
    """The second showing of an item is a label of its own, not a correction of the first."""
    shown = [task("aa", annotation(1, choice("harm", "safe"))), task("bb", annotation(2, choice("harm", "unsafe")))]
    export = batch(*shown)
    said = [(row.item_id, row.purpose, row.label, row.status) for row in export.annotations]
    assert said == [("i1", "item", "safe", "labelled"), ("i1", "repeat", "unsafe", "labelled")]
    assert (export.counts["superseded"], export.counts["repeats"], export.counts["usable"]) == (0, 1, 2)


def test_known_answers_stand_beside_the_label():
    """A calibration row carries the answer that is known to its question, and to no other."""
    export = batch(task("cc", annotation(1, choice("harm", "unsafe"), choice("better", "A"))))
    known = {row.question: row.as_row().get("known") for row in export.annotations}
    assert known == {"harm": "safe", "better": None}
    assert export.counts["calibration"] == 1


def test_several_labels_where_several_are_asked_for_are_no_news():
    """A question with `multiple = true` gets several labels at once without a warning."""
    tasks = [task("aa", annotation(1, choice("kind", "crime", "hate")))]
    options = {"questions": {"kind": ("crime", "hate")}, "known": KNOWN}
    assert read_tasks_batch(tasks, **options).warnings == (
        "question 'kind' got several labels at once 1 times: joined by | into one label",
    )
    asked = read_tasks_batch(tasks, **options, several={"kind"})
    assert ([row.label for row in asked.annotations], asked.warnings) == (["crime|hate"], ())


def test_labels_of_swapped_sides_are_put_back():
    """What was chosen on the left of a swapped item is said of the second answer; other labels stay."""
    export = batch(task("dd", annotation(1, choice("better", "A"), choice("harm", "safe"))), task("aa"))
    assert {row.question: row.label for row in export.annotations} == {"better": "B", "harm": "safe"}


def test_a_star_says_nothing_in_a_planned_project():
    """Every rater can set Label Studio's ground-truth star, so it takes no label away from a planned task."""
    export = batch(task("aa", annotation(1, choice("harm", "safe"), ground_truth=True)))
    assert ([row.label for row in export.annotations], export.counts["ground_truth"]) == (["safe"], 0)


def test_tasks_outside_the_plan_are_counted():
    """What somebody added to the project by hand is kept under its own name, with its text, and told."""
    export = batch(task("zz", annotation(1, choice("harm", "safe"))))
    assert [(row.item_id, row.purpose, row.round, row.source) for row in export.annotations] == [
        ("zz", "", "main", "label-studio:1")
    ]
    assert [output["response"] for output in export.outputs] == ["text zz"]
    assert export.warnings == ("1 items are not of the plan: kept under their own ids",)


def test_drafts_and_choices_of_another_form_are_counted():
    """Answers that a question does not declare are kept as given; drafts are no labels."""
    export = batch(task("aa", annotation(1, choice("harm", "Unsafe!")), drafts=[{"id": 1}]))
    assert ([row.label for row in export.annotations], export.counts["unknown_choices"]) == (["Unsafe!"], 1)
    assert export.counts["drafts"] == 1


def test_a_number_that_cannot_be_given_is_no_label():
    """The control beside a number says of the number's question that it cannot be judged."""
    export = batch(task("aa", annotation(1, choice("score:cannot_judge", "cannot_judge"), choice("harm", "safe"))))
    assert {row.question: row.status for row in export.annotations} == {"score": "cannot_judge", "harm": "labelled"}
    assert export.counts["cannot_judge"] == 1


def test_only_tasks_read_whole_were_looked_at():
    """A task with an annotation whose maker is unknown is not known whole, so nothing about it may be taken back."""
    nobody = annotation(2, choice("harm", "safe"), completed_by=None)
    export = batch(task("aa", annotation(1, choice("harm", "safe"))), task("bb", nobody), task("cc"))
    assert export.looked_at == {"label-studio:aa", "label-studio:cc"}


def test_a_file_says_what_the_server_says(tmp_path: Path):
    """The rows of an export file are those of the same tasks from the server, so that neither doubles the other."""
    tasks = [task("aa", annotation(1, choice("harm", "safe"))), task("dd", annotation(2, choice("better", "A")))]
    file = tmp_path / "export.json"
    file.write_text(json.dumps(tasks), encoding="utf-8")
    rounds = {"aa": "main", "dd": "main"}
    export = read_export(file, questions=QUESTIONS, known=KNOWN, unswap=unswap, round_name=rounds)
    assert export.annotations == batch(*tasks).annotations
    row = {"ja_id": "dd", "response": "t", "id": 4, "better": "A", "annotator": 7, "annotation_id": 2}
    flat = {**row, "updated_at": "2026-05-01T10:00:02.000000Z", "lead_time": 9.5}
    file.write_text(json.dumps([flat]), encoding="utf-8")
    again = read_export(file, questions=QUESTIONS, known=KNOWN, unswap=unswap, round_name=rounds)
    assert again.annotations == export.annotations[1:]


def test_nothing_is_no_trouble():
    """A pull that finds nothing new is an empty export."""
    export = batch()
    assert (export.annotations, export.warnings, set(export.counts.values())) == ((), (), {0})


def test_what_the_form_shows_means_the_label_behind_it():
    """Some programs send the shown words instead of the value: of our own form these are known, of other projects they are not."""
    form = Form(
        questions=(FormQuestion(name="harm", scale="binary", labels=("safe", "unsafe"), words={"safe": "Harmless"}),)
    )
    shown = [
        task("aa", annotation(1, choice("harm", "Cannot tell"))),
        task("bb", annotation(2, choice("harm", "Harmless"))),
    ]
    export = read_tasks_batch(shown, questions=QUESTIONS, known=KNOWN, words=shown_words(form))
    assert [(row.label, row.status) for row in export.annotations] == [("", "cannot_judge"), ("safe", "labelled")]
    assert export.counts["unknown_choices"] == 0
    assert export.warnings == ()
    assert [row.label for row in batch(shown[0]).annotations] == ["Cannot tell"]
