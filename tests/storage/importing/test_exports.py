"""Exports into a study that holds something already: whose labels, about which texts, and what an earlier import brought."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from judgeaudit.domain.errors import InputError
from judgeaudit.domain.labelling.tasks import PlannedTask
from judgeaudit.storage.files.write import append_jsonl
from judgeaudit.storage.importing.annotations import ImportReport
from judgeaudit.storage.labelling.locks import BusyError, alone_to_annotate
from judgeaudit.storage.labelling.rounds import RoundFolder
from judgeaudit.storage.study.load import load_study
from judgeaudit.workflows.importing import import_label_studio

TOML = '[questions.harm]\nscale = "binary"\nlabels = ["safe", "unsafe"]\n'
DAY = "2026-05-{:02d}T10:00:00.000000Z"


@pytest.fixture
def study(tmp_path: Path) -> Path:
    (tmp_path / "study.toml").write_text(TOML, encoding="utf-8")
    return tmp_path


def choice(name: str, *labels: str) -> dict[str, object]:
    return {"from_name": name, "type": "choices", "value": {"choices": list(labels)}}


def annotation(number: int, person: object, *results: object, day: int = 1, **more: object) -> dict[str, object]:
    made = {"id": number, "completed_by": person, "result": list(results), "updated_at": DAY.format(day)}
    return {**made, "project": 15, **more}


def task(number: int, *annotations: object, **data: object) -> dict[str, object]:
    texts = {"item_id": f"i{number}", "prompt": "Why?", "response": f"answer {number}", **data}
    return {"id": number, "data": texts, "annotations": list(annotations), "project": 15}


def bring(study: Path, *tasks: object, **options: bool) -> ImportReport:
    file = study / "export.json"
    file.write_text(json.dumps(tasks), encoding="ascii")
    return import_label_studio(file, study, **options)


def rows(study: Path) -> list[dict[str, str]]:
    file = study / "annotations.jsonl"
    return [json.loads(line) for line in file.read_text(encoding="ascii").splitlines()] if file.exists() else []


def told(report: ImportReport, words: str) -> list[str]:
    return [warning for warning in report.warnings if words in warning]


@pytest.mark.parametrize(
    ("mine", "theirs", "column"),
    [
        ({"response": "mine"}, {}, "response"),
        ({"response": ""}, {}, "response"),
        ({"response": "answer 1", "prompt": "Who?"}, {}, "prompt"),
        ({"response": "answer 1", "response_b": "b"}, {"response_b": "c"}, "response_b"),
        (
            {"response": "answer 1", "messages": [{"role": "user", "content": "a"}]},
            {"messages": [{"role": "user", "content": "b"}]},
            "messages",
        ),
    ],
)
def test_labels_of_another_text_are_not_taken(study, mine, theirs, column):
    """Every text that a rater read must be the study's; the other items of the export come in."""
    append_jsonl(study / "outputs.jsonl", [{"item_id": "i1", **mine}])
    first = annotation(1, 7, choice("harm", "safe"), choice("tone", "rude"))
    report = bring(study, task(1, first, **theirs), task(2, annotation(2, 7, choice("harm", "unsafe"))))
    assert [row["item_id"] for row in rows(study)] == ["i2"]
    assert told(report, f"1 items have another text than in the study ('i1'; 'i1' differs in {column})")
    assert told(report, "2 rows of labels that were given to the others are left out")


def test_a_text_of_any_name_is_compared_where_none_is_called_response(study):
    """A later export of other texts under the same ids adds no labels to the first one's items."""
    for number, text in enumerate(["one", "two"]):
        made = task(1, annotation(number, 7 + number, choice("harm", "safe")))
        made["data"] = {"item_id": "i1", "passage": text, "model": f"m{number}"}
        report = bring(study, made)
    assert [row["rater"] for row in rows(study)] == ["rater-7"]
    assert told(report, "1 items have another text than in the study ('i1'; 'i1' differs in passage)")


def test_labels_of_the_study_s_own_text_are_taken(study):
    """The same text is the same under another name, too; where it cannot be found that is said."""
    append_jsonl(study / "outputs.jsonl", [{"item_id": f"i{n}", "response": f"answer {n}"} for n in (1, 2)])
    made = [{**task(n, annotation(n, 7, choice("harm", "safe")))} for n in (1, 2)]
    made[0]["data"] = {"item_id": "i1", "passage": "answer 1"}
    made[1]["data"] = {"item_id": "i2", "image": "2.png"}
    report = bring(study, *made)
    assert [row["item_id"] for row in rows(study)] == ["i1", "i2"]
    assert told(report, "1 items of the study came without a text called response ('i2')")


def test_people_by_address_take_the_names_that_the_study_has(study):
    """Who made an annotation that the study holds is known, whatever the export calls the person."""
    bring(study, task(1, annotation(1, 7, choice("harm", "safe"))))
    address = {"email": "ann@example.com"}
    made = [annotation(1, address, choice("harm", "safe")), annotation(2, address, choice("harm", "unsafe"), day=2)]
    bring(study, task(1, *made))
    assert {row["rater"] for row in rows(study)} == {"rater-7"}
    assert len(rows(study)) == 2


def test_people_who_were_renamed_by_hand_keep_their_names(study):
    """Who bears another name in the study since an earlier import is not there twice; who is new comes in as named."""
    bring(study, task(1, annotation(1, 7, choice("harm", "safe"))))
    (row,) = rows(study)
    (study / "annotations.jsonl").write_text(json.dumps({**row, "rater": "ann"}) + "\n", encoding="ascii")
    bring(study, task(1, annotation(1, 7, choice("harm", "safe")), annotation(2, 8, choice("harm", "safe"))))
    assert [one["rater"] for one in rows(study)] == ["ann", "rater-8"]


def test_people_who_might_count_twice_are_refused(study):
    """A name that cannot be told, about an item that the study has labels of under the other kind of name."""
    bring(study, task(1, annotation(1, 7, choice("harm", "safe"))))
    with pytest.raises(InputError, match=r"^1 raters, such as 'rater-[0-9a-f]{8}', are named by e-mail in this export"):
        bring(study, task(1, annotation(2, {"email": "ann@example.com"}, choice("harm", "safe"))))
    assert len(rows(study)) == 1


def test_an_answer_under_two_names_must_be_one(study):
    """A question that goes by two names in one annotation is answered if both mean the same, and else not at all."""
    named = TOML + 'also_called = ["danger"]\nmap = { bad = "unsafe" }\n'
    (study / "study.toml").write_text(named, encoding="utf-8")
    same = task(1, annotation(1, 7, choice("harm", "unsafe"), choice("danger", "bad")))
    torn = task(2, annotation(2, 7, choice("harm", "safe"), choice("danger", "bad")))
    report = bring(study, same, torn)
    assert {(row["item_id"], row["label"]) for row in rows(study)} == {("i1", "unsafe"), ("i1", "bad"), ("i2", "")}
    assert told(report, "1 annotations answer 'danger' and 'harm', which study.toml calls one question, differently")


def test_several_labels_are_no_other_label(study):
    """What reads as one label and was several at once is left out."""
    tasks = [
        task(n, annotation(n, 7, choice("kind", *labels))) for n, labels in enumerate([["a|b"], ["a", "b"], ["a"]])
    ]
    report = bring(study, *tasks)
    assert {(row["item_id"], row["label"]) for row in rows(study)} == {("i0", "a|b"), ("i1", ""), ("i2", "a")}
    assert told(report, "question 'kind' has 'a|b' both as one label and as several labels at once: 1 such answers")


def test_questions_that_take_several_labels_do_so_without_a_warning(study):
    """`multiple = true` says that several labels at once are meant."""
    more = '[questions.kind]\nscale = "nominal"\nlabels = ["a", "b", "c"]\nmultiple = true\n'
    (study / "study.toml").write_text(TOML + more, encoding="utf-8")
    report = bring(study, task(1, annotation(1, 7, choice("kind", "a", "b"))))
    assert [row["label"] for row in rows(study)] == ["a|b"]
    assert not told(report, "several labels at once")


def test_an_item_id_must_be_text_or_number(study):
    """A truth value names nothing, so that its labels cannot be joined with anything."""
    report = bring(study, task(1, annotation(1, 7, choice("harm", "safe")), item_id=True))
    assert rows(study) == []
    assert told(report, "task 1 has an item_id that is neither text nor number: left out")


def test_a_number_of_a_task_is_no_item_id_of_another(study):
    """Two tasks that are called alike by different ids are two items, and only the first is taken."""
    bare = {
        "id": 5,
        "data": {"prompt": "Why?", "response": "x"},
        "annotations": [annotation(2, 8, choice("harm", "safe"))],
    }
    report = bring(study, task(1, annotation(1, 7, choice("harm", "unsafe")), item_id="5", response="x"), bare)
    assert [row["rater"] for row in rows(study)] == ["rater-7"]
    assert told(report, "task 5 is about item '5' by another id than an earlier task: left out")


def test_ids_of_the_data_are_told(study):
    """Where data have an id and no item_id, items go by the numbers of tasks."""
    made = task(3, annotation(1, 7, choice("harm", "safe")))
    made["data"] = {"id": "film-1", "response": "x"}
    report = bring(study, made)
    assert [row["item_id"] for row in rows(study)] == ["3"]
    assert told(report, "1 tasks have an id in their data, kept as column id, and no item_id")


def test_no_question_in_common(study):
    """Questions found are named together, with what makes them the study's."""
    report = bring(study, task(1, annotation(1, 7, choice("safety", "safe"), choice("tone", "rude"))))
    assert report.warnings == (
        "no question of these 2 annotations is declared in study.toml, which asks harm; found: 'safety', 'tone'. They are "
        'imported and no audit uses them; say which is which there, as also_called = ["safety"] under [questions.harm], '
        "with map for labels of other names",
    )
    with pytest.raises(
        InputError, match=r"; labels answer safety, tone and study\.toml asks harm: say there by also_called"
    ):
        load_study(study)


def test_a_missing_cluster_is_told_at_once(study):
    """What an audit would refuse is said when the labels come in, and the audit says how to mend it."""
    (study / "study.toml").write_text('cluster = "family"\n' + TOML, encoding="utf-8")
    report = bring(study, task(1, annotation(1, 7, choice("harm", "safe"))))
    assert told(report, "1 of 1 outputs have no 'family', which study.toml names as cluster: no audit can be made")
    with pytest.raises(InputError, match=r"; add the column to the outputs, or take cluster out of study\.toml$"):
        load_study(study)


def test_rows_carry_the_project_that_a_skip_speaks_for(study):
    """A skip in one project leaves what the person said of the item in another."""
    bring(study, task(1, annotation(1, 7, choice("harm", "unsafe"))))
    elsewhere = {**task(1, annotation(2, 7, day=2, project=16, was_cancelled=True)), "project": 16}
    bring(study, elsewhere)
    assert {row["project"] for row in rows(study)} == {"15", "16"}
    assert load_study(study)[1].ratings[0].people[0].tolist() == [1]


def test_what_a_later_export_lacks_is_counted(study):
    """Annotations that an earlier export of the project had stay, and how many are gone is said."""
    made = [annotation(n, 6 + n, choice("harm", "safe")) for n in (1, 2, 3)]
    bring(study, task(1, *made))
    report = bring(study, task(1, made[0]))
    assert told(report, "2 annotations of this project are in the study and not in this export, 'label-studio:2' first")
    assert len(rows(study)) == 3
    assert not told(bring(study, task(1, *made)), "not in this export")


def test_what_was_corrected_by_hand_stays_and_is_told(study):
    """The file is the study's; a pull says the same."""
    made = task(1, annotation(1, 7, choice("harm", "safe")))
    bring(study, made)
    (row,) = rows(study)
    (study / "annotations.jsonl").write_text(json.dumps({**row, "label": "unsafe"}) + "\n", encoding="ascii")
    assert told(
        bring(study, made), "1 answers stand in annotations.jsonl otherwise than in this export, corrected there"
    )
    assert [one["label"] for one in rows(study)] == ["unsafe"]


def test_one_import_or_pull_at_a_time(study):
    """While a pull writes labels, no import does."""
    with alone_to_annotate(study), pytest.raises(BusyError, match="another pull or import is at work"):
        bring(study, task(1, annotation(1, 7, choice("harm", "safe"))))


def test_an_export_of_the_plan_holds_tasks_of_the_plan(study):
    """What is asked for as the study's own labels is refused where none of it is; a part is enough."""
    planned = PlannedTask(ja_id="aa", item_id="i1")
    RoundFolder(study, "main").write_plan([planned], {})
    other = task(1, annotation(1, 7, choice("harm", "safe")))
    with pytest.raises(
        InputError, match=r"no task of this export belongs to the plan of this study; .*`judgeaudit import"
    ):
        bring(study, other, of_plan=True)
    bring(study, task(1, annotation(1, 7, choice("harm", "safe")), ja_id="aa", item_id=None), of_plan=True)
    assert [row["source"] for row in rows(study)] == ["label-studio:aa:1"]


def test_tasks_of_another_plan_are_told(study):
    """Opaque ids that the study does not know hide repeats and known answers."""
    report = bring(study, task(1, annotation(1, 7, choice("harm", "safe")), ja_id="f00d", item_id=None))
    assert told(
        report, "1 items carry ids of a labelling plan (ja_id) that this study does not have: items that were shown"
    )


def test_ground_truth_can_be_taken(study):
    """Annotations marked as ground truth are their makers' labels where the caller says so."""
    made = task(1, annotation(1, 7, choice("harm", "safe"), ground_truth=True))
    assert bring(study, made).added["annotations"] == 0
    assert bring(study, made, keep_ground_truth=True).added["annotations"] == 1
