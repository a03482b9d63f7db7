"""A faulty table is refused in one line that says how to mend it, before anything is written; what is odd is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from judgeaudit.domain.errors import InputError
from judgeaudit.storage.files.write import write_table
from judgeaudit.storage.importing.tables import import_table

ONE = '[questions.harm]\nscale = "binary"\nlabels = ["safe", "unsafe"]\n'
TWO = ONE + '[questions.tone]\nscale = "nominal"\nlabels = ["rude", "kind"]\n'
GOOD = {
    "outputs": (["item_id", "response"], [["i0", "x"], ["i1", "y"]]),
    "annotations": (["item_id", "rater", "label"], [["i0", "ann", "safe"], ["i1", "ann", "unsafe"]]),
    "verdicts": (["item_id", "judge", "label"], [["i0", "gpt", "safe"], ["i1", "gpt", "unsafe"]]),
    "capability": (["model", "checkpoint", "score"], [["m", "c0", "0.5"], ["m", "c1", "0.6"]]),
}
ROWS = {"outputs": "output", "annotations": "label", "verdicts": "verdict", "capability": "measurement"}
FORMATS = (".csv", ".jsonl", ".parquet")
NEEDED = [(kind, column) for kind, (columns, _) in GOOD.items() for column in columns]


def study(folder: Path, toml: str = ONE) -> Path:
    (folder / "study.toml").write_text(toml, encoding="utf-8")
    return folder


def refused(kind: str, folder: Path, columns: list[str], rows: list[list[str]], *, suffix: str = ".csv") -> str:
    """The message of an import that leaves the study as it was."""
    if suffix == ".parquet":
        pytest.importorskip("pyarrow")
    write_table(folder / f"t{suffix}", columns, rows)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(InputError) as caught:
        import_table(kind, folder / f"t{suffix}", folder)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize(("kind", "column"), NEEDED)
@pytest.mark.parametrize(
    "spelled", [str.upper, str.title, lambda name: name + " ", lambda name: name[:-1], lambda name: name + "s"]
)
def test_a_misspelt_column_is_told_with_the_one_that_was_meant(tmp_path, kind, column, suffix, spelled):
    """Upper case, a blank at the end, a letter too few or too many: the message names both, and what is needed."""
    columns, rows = GOOD[kind]
    renamed = [spelled(name) if name == column else name for name in columns]
    needed = [name for name in columns if (kind, name) != ("verdicts", "label")]
    expected = (
        f"t{suffix}: no column '{column}' for {kind} (did you mean '{spelled(column)}'?); columns are {', '.join(renamed)}; "
        f"needed is one row per {ROWS[kind]} with {', '.join(needed)}, see docs/reference/tables.md"
    )
    assert refused(kind, study(tmp_path), renamed, rows, suffix=suffix) == expected


@pytest.mark.parametrize(("kind", "column"), [one for one in NEEDED if one != ("verdicts", "label")])
def test_a_table_whose_kind_is_not_named_is_held_against_the_nearest_kind(tmp_path, kind, column):
    """Without a kind, a misspelt column is still that of the table that was meant."""
    columns, rows = GOOD[kind]
    renamed = [name.upper() if name == column else name for name in columns]
    said = refused("table", study(tmp_path), renamed, rows)
    assert said.startswith(f"t.csv: no column '{column}' for {kind} (did you mean '{column.upper()}'?)")


@pytest.mark.parametrize(
    ("kind", "columns", "meant"),
    [
        ("outputs", ["id", "response"], "id"),
        ("outputs", ["item_id", "Completion"], "Completion"),
        ("outputs", ["item_id", "response_a", "response_b"], "response_a"),
        ("annotations", ["item_id", "annotator", "label"], "annotator"),
        ("capability", ["model", "checkpoint", "accuracy"], "accuracy"),
    ],
)
def test_names_that_other_programs_use_are_understood(tmp_path, kind, columns, meant):
    """A column that is called quite otherwise elsewhere is named as the one that was meant."""
    assert f"(did you mean '{meant}'?)" in refused(kind, study(tmp_path), columns, [["1"] * len(columns)])


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("blank", ["", "  "])
@pytest.mark.parametrize(
    ("kind", "column"),
    [("outputs", "item_id"), ("annotations", "rater"), ("verdicts", "judge"), ("capability", "checkpoint")],
)
def test_a_row_without_a_name_is_refused(tmp_path, kind, column, blank, suffix):
    """Whom and what a row is about has to be said, in every row."""
    columns, rows = GOOD[kind]
    second = [blank if name == column else cell for name, cell in zip(columns, rows[1], strict=True)]
    number = 3 if suffix == ".csv" else 2
    assert refused(kind, study(tmp_path), columns, [rows[0], second], suffix=suffix) == (
        f"t{suffix} row {number}, column '{column}': the cell is empty; every row needs one"
    )


@pytest.mark.parametrize(
    ("kind", "columns", "row", "message"),
    [
        (
            "annotations",
            ["label"],
            [""],
            "t.csv: no row can be used: label is empty in every row, and no status says why; fill the cells",
        ),
        ("annotations", ["label", "status"], ["", "labelled"], "no row can be used"),
        ("annotations", ["label", "status"], ["safe", "done"], "'done' is not one of labelled, skipped, cannot_judge"),
        ("annotations", ["label", "status"], ["safe", "skipped"], "status skipped cannot have a label"),
        (
            "annotations",
            ["label", "purpose"],
            ["safe", "test"],
            "'test' is not one of item, repeat, calibration, control",
        ),
        ("verdicts", ["label"], [""], "no row can be used"),
        (
            "verdicts",
            ["probability"],
            ["0.5"],
            "no column 'label' for verdicts; columns are item_id, judge, probability",
        ),
        ("verdicts", ["label", "probability"], ["safe", "90%"], "column 'probability': '90%' is not a probability"),
        ("verdicts", ["label", "status"], ["safe", "ok"], "'ok' is not one of answered, unparsed, refused, failed"),
        ("verdicts", ["label", "order"], ["safe", "AB"], "'AB' is not one of ab, ba (did you mean 'ab'?)"),
        ("verdicts", ["label", "run"], ["safe", "first"], "'first' is not the number of a run"),
        (
            "capability",
            ["score"],
            ["high"],
            "t.csv row 2, column 'score': 'high' is not a number, which score has to be",
        ),
        ("capability", ["score", "n"], ["0.5", "many"], "column 'n': 'many' is not a number"),
    ],
)
def test_cells_that_no_audit_could_read_are_refused(tmp_path, kind, columns, row, message):
    """What an audit would refuse later is refused where the user's own file can still be named."""
    names = GOOD[kind][0][:2]
    assert message in refused(kind, study(tmp_path), [*names, *columns], [["i0", "someone", *row]])


def test_a_rater_cannot_have_the_name_of_a_finding(tmp_path):
    """`humans` means all people together."""
    said = refused("annotations", study(tmp_path), GOOD["annotations"][0], [["i0", "humans", "safe"]])
    assert said.startswith("t.csv row 2, column 'rater': a rater cannot be called 'humans'")


@pytest.mark.parametrize("kind", ["annotations", "verdicts"])
def test_where_a_study_asks_several_questions_each_row_names_one(tmp_path, kind):
    """The column that is missing is named, with the one that was meant, and so is a row that says nothing in it."""
    columns, rows = GOOD[kind]
    said = refused(kind, study(tmp_path, TWO), [*columns, "Question"], [[*row, "harm"] for row in rows])
    assert said.startswith(
        "t.csv: no column 'question' for a study that asks several (harm, tone) (did you mean 'Question'?)"
    )
    said = refused(kind, tmp_path, [*columns, "question"], [[*rows[0], "harm"], [*rows[1], ""]])
    assert said == "t.csv row 3, column 'question': which question? study.toml declares harm, tone"


@pytest.mark.parametrize("kind", ["annotations", "verdicts"])
def test_a_table_about_other_items_is_refused(tmp_path, kind):
    """Where no row joins the outputs no row can be used; where some do, the others are told."""
    columns, rows = GOOD[kind]
    write_table(study(tmp_path) / "outputs.jsonl", ["item_id", "response"], [["1", "x"], ["i1", "y"]])
    assert refused(kind, tmp_path, columns, [["i0", *rows[0][1:]]]) == (
        "t.csv: column 'item_id': none of its items is among the study's outputs, which have '1' and not 'i0'; write the "
        "ids alike, or import the outputs of these items first"
    )
    write_table(tmp_path / "t.csv", columns, rows)
    report = import_table(kind, tmp_path / "t.csv", tmp_path)
    assert report.lines == (f"1 {kind} about items that the outputs do not hold, 'i0' first: not used",)


@pytest.mark.parametrize("kind", ["annotations", "verdicts", "table"])
def test_a_table_with_a_column_per_rater_is_told_where_it_can_go(tmp_path, kind):
    """It is no table of a study, and needs none."""
    said = refused(kind, study(tmp_path), ["item_id", "ann", "bob"], [["i0", "safe", "unsafe"]])
    assert said.endswith(
        "; a table with one column per rater needs no study: `judgeaudit audit FILE --human A,B --judge C`"
    )


@pytest.mark.parametrize(
    ("kind", "column", "file"),
    [
        ("outputs", "response", "outputs.jsonl"),
        ("verdicts", "label", "verdicts/t.jsonl"),
        ("capability", "score", "capability.csv"),
    ],
)
def test_a_table_that_contradicts_the_study_is_told_which_file_to_delete(tmp_path, kind, column, file):
    """The message names the study's own file, the way to replace it and the way to add to it."""
    columns, rows = GOOD[kind]
    write_table(study(tmp_path) / "t.csv", columns, rows)
    import_table(kind, tmp_path / "t.csv", tmp_path)
    other = [*rows[0][:-1], rows[1][-1]]
    said = refused(kind, tmp_path, columns, [other])
    assert said.startswith(f"t.csv row 2, column '{column}': ")
    assert (
        f"{tmp_path / file} has it with another value, and nothing was imported: to replace that table delete" in said
    )
    (tmp_path / file).unlink()
    assert import_table(kind, tmp_path / "t.csv", tmp_path).added == {kind: 1}


@pytest.mark.parametrize("kind", ["outputs", "annotations", "capability"])
def test_a_table_in_another_format_is_told_how_to_be_added_to(tmp_path, kind):
    """The command that the message names does what is needed."""
    columns, rows = GOOD[kind]
    write_table(study(tmp_path) / f"{kind}.tsv", columns, rows[:1])
    said = refused(kind, tmp_path, columns, rows[1:])
    assert said.endswith(
        f"only; convert this table to it first: move it out of the study and bring it in with `judgeaudit import {kind} "
        f"{kind}.tsv {tmp_path}`"
    )


CAPABILITY = ["model", "checkpoint", "task", "score", "n"]


@pytest.mark.parametrize(
    ("columns", "rows", "message"),
    [
        (
            [*CAPABILITY[:2], "tsk", *CAPABILITY[3:]],
            [["m", "c", "boolq", "0.7", "9"], ["m", "c", "gsm8k", "0.2", "9"]],
            "t.csv: no column 'task' (did you mean 'tsk'?), and rows 2 and 3 measure one checkpoint otherwise; say what each "
            "row measured",
        ),
        (
            CAPABILITY,
            [["m", "c", "boolq", "0.7", "9"], ["m", "c", "", "0.2", "9"], ["m", "c", "", "0.2", "8"]],
            "t.csv: rows 3 and 4 measure one checkpoint otherwise and name no task, as 2 of 3 rows do not; fill their cells in "
            "column 'task'",
        ),
        (
            CAPABILITY,
            [["m", "c", "boolq", "0.7", "12.5"]],
            "t.csv row 2, column 'n': '12.5' is no number of items; write how many were measured, or nothing",
        ),
        (
            CAPABILITY,
            [["m", "c", "boolq", "0,55", "9"]],
            "t.csv row 2, column 'score': '0,55' is not a number, which score has to be; write 0.55 with a decimal point",
        ),
        (
            CAPABILITY,
            [["m", "c", "boolq", "\N{MINUS SIGN}0.1", "9"]],
            "t.csv row 2, column 'score': '\N{MINUS SIGN}0.1' is not a number, which score has to be; write -0.1 with the minus of "
            "the keyboard",
        ),
    ],
)
def test_capability_says_what_was_measured_and_how_well(tmp_path, columns, rows, message):
    """A task where rows differ, a number as programs write it, and a count of items."""
    assert refused("capability", study(tmp_path), columns, rows) == message


def test_everything_in_one_column_is_told_with_the_separator(tmp_path):
    """The option that the command has."""
    message = refused("capability", study(tmp_path), [";".join(CAPABILITY)], [["m;c;boolq;0.7;9"]])
    assert "everything stands in one column: name the separator with --sep ';'" in message
