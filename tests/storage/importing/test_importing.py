"""Into a study: importing twice adds nothing, a later state wins, and no row is doubled or lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgeaudit.domain.errors import InputError
from judgeaudit.storage.config.init import init_study
from judgeaudit.storage.files.write import append_jsonl, write_table
from judgeaudit.storage.importing.tables import import_table
from judgeaudit.storage.study.load import load_study
from judgeaudit.workflows.importing import import_label_studio

TOML = '[questions.harm]\nscale = "binary"\nlabels = ["safe", "unsafe"]\n'
DAY = "2026-05-{:02d}T10:00:00.000000Z"


def study(folder: Path) -> Path:
    (folder / "study.toml").write_text(TOML, encoding="utf-8")
    return folder


def export(folder: Path, *answers: dict[str, str], day: int = 1, number: int = 1, name: str = "export.json") -> Path:
    """An export of one task per answer; the annotations were last changed on `day`."""
    tasks = []
    for place, labels in enumerate(answers):
        results = [
            {"from_name": name, "type": "choices", "value": {"choices": [label]}} for name, label in labels.items()
        ]
        made = {"id": number + place, "completed_by": 7, "result": results, "updated_at": DAY.format(day)}
        data = {"item_id": f"i{place}", "prompt": "Why?", "response": f"answer {place}"}
        tasks.append({"id": place, "data": data, "annotations": [made]})
    file = folder / name
    file.write_text(json.dumps(tasks), encoding="ascii")
    return file


def lines(file: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in file.read_text(encoding="ascii").splitlines()]


def people(folder: Path) -> list[int]:
    return load_study(folder)[1].ratings[0].people[0].tolist()


def test_an_export_becomes_a_study_that_can_be_audited(tmp_path):
    """Outputs and labels of an export are all that a study without judges needs."""
    report = import_label_studio(export(tmp_path, {"harm": "unsafe"}, {"harm": "safe"}), study(tmp_path))
    assert (report.added, report.known) == ({"outputs": 2, "annotations": 2}, {"outputs": 0, "annotations": 0})
    assert report.lines == ("2 tasks, 2 annotations, 2 usable",)
    assert people(tmp_path) == [1, 0]


def test_importing_twice_adds_nothing(tmp_path):
    """The second import finds every row and leaves every byte as it was."""
    file = export(tmp_path, {"harm": "unsafe"}, {"harm": "safe"})
    import_label_studio(file, study(tmp_path))
    before = (tmp_path / "annotations.jsonl").read_bytes(), (tmp_path / "outputs.jsonl").read_bytes()
    report = import_label_studio(file, tmp_path)
    assert (report.added, report.known) == ({"outputs": 0, "annotations": 0}, {"outputs": 2, "annotations": 2})
    assert ((tmp_path / "annotations.jsonl").read_bytes(), (tmp_path / "outputs.jsonl").read_bytes()) == before


@pytest.mark.parametrize("order", ["forward", "backward"])
def test_the_latest_state_wins_whichever_export_comes_first(tmp_path, order):
    """An older export that is imported later adds history and changes no label."""
    old = export(tmp_path, {"harm": "safe"}, {"harm": "safe"}, day=1, name="old.json")
    new = export(tmp_path, {"harm": "unsafe"}, {"harm": "safe"}, day=2, name="new.json")
    study(tmp_path)
    files = [old, new] if order == "forward" else [new, old]
    for file in (*files, *files):
        import_label_studio(file, tmp_path)
    assert people(tmp_path) == [1, 0]
    assert import_label_studio(old, tmp_path).added["annotations"] == 0


def test_an_answer_that_a_later_export_lacks_is_withdrawn(tmp_path):
    """An annotation that was edited so that a question has no answer any more has none in the study."""
    study(tmp_path)
    import_label_studio(export(tmp_path, {"harm": "unsafe", "tone": "rude"}, {"harm": "safe"}, day=1), tmp_path)
    edited = export(tmp_path, {"tone": "rude"}, {"harm": "safe"}, day=2)
    import_label_studio(edited, tmp_path)
    assert people(tmp_path) == [-1, 0]
    assert import_label_studio(edited, tmp_path).added["annotations"] == 0


def test_another_project_withdraws_nothing(tmp_path):
    """An annotation of the same item by the same person that asks something else leaves earlier answers alone."""
    study(tmp_path)
    import_label_studio(export(tmp_path, {"harm": "unsafe"}, day=1, number=1), tmp_path)
    import_label_studio(export(tmp_path, {"tone": "rude"}, day=2, number=50), tmp_path)
    assert people(tmp_path) == [1]


def test_questions_and_labels_that_the_study_lacks_are_told(tmp_path):
    """What no audit could use is imported all the same, and said."""
    report = import_label_studio(export(tmp_path, {"harm": "ambiguous", "tone": "rude"}), study(tmp_path))
    assert report.added["annotations"] == 2
    assert report.warnings == (
        "1 annotations answer question 'tone', which study.toml does not declare: they are imported and no audit uses "
        "them; declare it, or name it in also_called of the question that it is",
        "question 'harm' has no label 'ambiguous' in study.toml, which 1 annotations give: declare it, or say in the "
        "question's map what it means, or no audit can be made",
    )


def test_the_outputs_of_a_study_are_its_own(tmp_path):
    """An item that the study holds keeps its text, and labels that were given to another text are not taken for its own."""
    append_jsonl(tmp_path / "outputs.jsonl", [{"item_id": "i0", "response": "another"}])
    report = import_label_studio(export(tmp_path, {"harm": "safe"}), study(tmp_path))
    assert lines(tmp_path / "outputs.jsonl") == [{"item_id": "i0", "response": "another"}]
    assert report.added == {"outputs": 0, "annotations": 0}
    assert report.warnings == (
        "1 items have another text than in the study ('i0'; 'i0' differs in response): the study's stay, and 1 rows of "
        "labels that were given to the others are left out",
    )


def test_a_folder_without_a_study_names_init(tmp_path):
    """Labels need a study to go to."""
    with pytest.raises(InputError, match=r"no such file; `judgeaudit init .*` makes a study$"):
        import_label_studio(export(tmp_path, {"harm": "safe"}), tmp_path)
    assert not (tmp_path / "annotations.jsonl").exists()


def test_tables_that_rows_cannot_be_added_to_are_refused(tmp_path):
    """Labels are appended to JSON Lines; a study that keeps them otherwise is left as it is."""
    write_table(study(tmp_path) / "annotations.csv", ["item_id", "rater", "label"], [["i0", "ann", "safe"]])
    with pytest.raises(
        InputError, match=r"annotations\.csv: rows are added to annotations\.jsonl only; convert .* `judgeaudit import"
    ):
        import_label_studio(export(tmp_path, {"harm": "safe"}), tmp_path)
    assert not (tmp_path / "outputs.jsonl").exists()


def table(folder: Path, name: str, columns: list[str], *rows: list[str]) -> Path:
    write_table(folder / name, columns, rows)
    return folder / name


@pytest.mark.parametrize(
    ("columns", "row", "kind", "where"),
    [
        (["item_id", "response"], ["i0", "x"], "outputs", "outputs.jsonl"),
        (["item_id", "rater", "label"], ["i0", "ann", "safe"], "annotations", "annotations.jsonl"),
        (["item_id", "judge", "label"], ["i0", "mini", "safe"], "verdicts", "verdicts/my-table.jsonl"),
        (["model", "checkpoint", "score"], ["m", "c", "0.7"], "capability", "capability.csv"),
    ],
)
def test_a_table_is_told_by_its_columns(tmp_path, columns, row, kind, where):
    """Each kind goes under its own name, and a second import adds nothing."""
    file = table(tmp_path, "my table.csv", columns, row)
    report = import_table("table", file, study(tmp_path))
    assert (report.added, report.known) == ({kind: 1}, {kind: 0})
    assert (tmp_path / where).is_file()
    again = import_table(kind, file, tmp_path)
    assert (again.added, again.known) == ({kind: 0}, {kind: 1})


def test_capability_grows_by_new_rows(tmp_path):
    """New checkpoints stand beside the old ones, with every column of both."""
    study(tmp_path)
    import_table("table", table(tmp_path, "one.csv", ["model", "checkpoint", "score"], ["m", "a", "1"]), tmp_path)
    more = table(tmp_path, "two.csv", ["model", "checkpoint", "score", "task"], ["m", "b", "2", "boolq"])
    import_table("table", more, tmp_path)
    assert (tmp_path / "capability.csv").read_text(encoding="utf-8").split() == [
        "model,checkpoint,score,task",
        "m,a,1,",
        "m,b,2,boolq",
    ]


@pytest.mark.parametrize(
    ("columns", "rows", "message"),
    [
        (
            ["item_id", "response"],
            [["i0", "x"], ["i0", "y"]],
            "t.csv row 3, column 'response': item_id 'i0': row 2 has it with another value; keep one of the two",
        ),
        (
            ["item_id", "judge", "run", "label"],
            [["i0", "mini", "1", "safe"], ["i0", "mini", "1", "unsafe"]],
            "t.csv row 3, column 'label' and t.csv row 2, column 'label': one judge's run gives two verdicts on one item; "
            "number the runs, or keep one of the rows",
        ),
        (["item_id", "response"], [["", "x"]], "t.csv row 2, column 'item_id': the cell is empty; every row needs one"),
        (
            ["a;b"],
            [["1;2"]],
            "t.csv: no table of a study has these columns: a;b; needed are for verdicts: one row per verdict with item_id, "
            "judge; annotations: one row per label with item_id, rater, label; outputs: one row per output with item_id, "
            "response; capability: one row per measurement with model, checkpoint, score; see docs/reference/tables.md; "
            "everything stands in one column: name the separator with --sep ';'",
        ),
    ],
)
def test_rows_that_contradict_each_other_are_refused(tmp_path, columns, rows, message):
    """Nothing is written when a table cannot be brought in whole."""
    file = table(tmp_path, "t.csv", columns, *rows)
    with pytest.raises(InputError) as caught:
        import_table("table", file, study(tmp_path))
    assert str(caught.value) == message
    assert sorted(found.name for found in tmp_path.iterdir()) == ["study.toml", "t.csv"]


def test_a_row_that_says_more_than_the_study_is_not_lost(tmp_path):
    """A known item with a new cell is refused, since appending it would double it and dropping it would lose it."""
    study(tmp_path)
    import_table("outputs", table(tmp_path, "t.csv", ["item_id", "response"], ["i0", "x"]), tmp_path)
    more = table(tmp_path, "u.csv", ["item_id", "response", "benchmark"], ["i0", "x", "b"])
    way_out = "to replace that table delete the file and import again; to add to it, leave out what it holds$"
    with pytest.raises(InputError, match=rf"column 'benchmark': item_id 'i0': .*outputs\.jsonl has it .*: {way_out}"):
        import_table("outputs", more, tmp_path)


def test_an_unknown_kind_is_refused_with_the_known_ones(tmp_path):
    """A misspelt kind is told with the one that was meant."""
    with pytest.raises(
        InputError, match=r"^no kind 'verdict' \(did you mean 'verdicts'\?\); kinds are table, verdicts"
    ):
        import_table("verdict", tmp_path / "t.csv", study(tmp_path))


@pytest.mark.slow
@given(rater=st.text().filter(str.strip), note=st.text(), response=st.text())
def test_any_text_survives_an_import(tmp_path_factory, rater, note, response):
    """What stands in a table stands in the study, and is known the second time."""
    folder = study(tmp_path_factory.mktemp("any"))
    import_table("table", table(folder, "o.jsonl", ["item_id", "response"], ["i0", response]), folder)
    rows = table(folder, "a.csv", ["item_id", "rater", "label", "note"], ["i0", rater, "safe", note])
    import_table("table", rows, folder)
    assert import_table("table", rows, folder).added == {"annotations": 0}
    assert lines(folder / "annotations.jsonl")[0]["note"] == note
    if rater not in ("humans", "reference"):
        assert load_study(folder)[1].ratings[0].people_names == (rater,)


def test_a_real_export_becomes_a_study(tmp_path, shared_data):
    """88 people's labels of an export that a server wrote can be audited once the study declares their questions."""
    file = shared_data / "labelstudio_export" / "final_JSON.json"
    if not file.is_file():
        pytest.skip("no labelstudio_export in ../shared/data")
    init_study(tmp_path / "study")
    questions = '[questions.safety]\nscale = "nominal"\nlabels = ["safe", "unsafe", "ambiguous"]\n'
    (tmp_path / "study" / "study.toml").write_text('cluster = "prompt_id"\n' + questions, encoding="utf-8")
    import_label_studio(file, tmp_path / "study")
    assert import_label_studio(file, tmp_path / "study").added == {"outputs": 0, "annotations": 0}
    ratings = load_study(tmp_path / "study")[1].ratings[0]
    assert (int((ratings.people >= 0).sum()), ratings.n_items, len(ratings.people_names)) == (88, 30, 3)
    assert ratings.clusters is not None
    assert len(set(ratings.clusters.tolist())) == 10
