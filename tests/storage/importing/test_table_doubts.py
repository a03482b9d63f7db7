"""What is odd about a table that can be imported is told, in a sentence each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from judgeaudit.storage.files.write import write_table
from judgeaudit.storage.importing.tables import import_table

ONE = '[questions.harm]\nscale = "binary"\nlabels = ["safe", "unsafe"]\n'
PAIRS = '[questions.better]\nscale = "nominal"\nlabels = ["A", "B"]\nlayout = "pairwise"\n'
SCORE = '[questions.score]\nscale = "interval"\n'
GOOD = {
    "outputs": (["item_id", "response"], [["i0", "x"], ["i1", "y"]]),
    "annotations": (["item_id", "rater", "label"], [["i0", "ann", "safe"], ["i1", "ann", "unsafe"]]),
    "verdicts": (["item_id", "judge", "label"], [["i0", "gpt", "safe"], ["i1", "gpt", "unsafe"]]),
}


def study(folder: Path, toml: str = ONE) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "study.toml").write_text(toml, encoding="utf-8")
    return folder


def warned(kind: str, folder: Path, columns: list[str], rows: list[list[str]]) -> tuple[str, ...]:
    write_table(folder / "t.csv", columns, rows)
    return import_table(kind, folder / "t.csv", folder).warnings


def test_labels_that_no_question_has_are_told(tmp_path):
    """Of annotations and of verdicts, also where the rows need not name the only question."""
    told = "question 'harm' has no label 'bad' in study.toml, which 1 "
    (people,) = warned("annotations", study(tmp_path), GOOD["annotations"][0], [["i0", "ann", "bad"]])
    (judges,) = warned("verdicts", tmp_path, GOOD["verdicts"][0], [["i0", "gpt", "bad"]])
    assert people.startswith(told + "annotations give: declare it")
    assert judges.startswith(told + "verdicts give: declare it")


@pytest.mark.parametrize("kind", ["annotations", "verdicts"])
def test_words_on_an_interval_scale_are_told(tmp_path, kind):
    """A question without labels takes numbers."""
    (told,) = warned(kind, study(tmp_path, SCORE), GOOD[kind][0], [["i0", "a", "4"], ["i1", "a", "high"]])
    assert told.startswith(f"question 'score' has an interval scale, and 1 {kind} give no number, 'high' first")


def test_verdicts_without_label_or_reason_are_told(tmp_path):
    """They are counted as unparsed, and nobody should learn it from a coverage that is too low."""
    (told,) = warned("verdicts", study(tmp_path), GOOD["verdicts"][0], [["i0", "gpt", "safe"], ["i1", "gpt", ""]])
    assert told == "1 verdicts have no label and no status that says why: they count as unparsed"


def test_columns_that_are_nearly_known_are_told(tmp_path):
    """An extra column is kept; where it looks like a misspelt one, the import says that it was not read as that."""
    columns = ["item_id", "response", "Prompt", "benchmarks", "model_2", "check_point", "seed"]
    told = warned("outputs", study(tmp_path), columns, [["i0", "x", "p", "b", "m", "c", "1"]])
    assert [line.partition(";")[0] for line in told] == [
        "t.csv: column 'Prompt' is kept and not read as prompt",
        "t.csv: column 'benchmarks' is kept and not read as benchmark",
        "t.csv: column 'check_point' is kept and not read as checkpoint",
    ]
    assert list(json.loads((tmp_path / "outputs.jsonl").read_text(encoding="ascii"))) == columns


def test_names_that_stand_for_nothing_are_told(tmp_path):
    """`nan` as a rater is most likely a missing one, and would be counted as a person."""
    told = warned(
        "annotations", study(tmp_path), GOOD["annotations"][0], [["i0", "nan", "safe"], ["i1", "ann", "safe"]]
    )
    assert told == (
        "t.csv: rater is 'nan' in 1 rows, which is how programs write what is missing: it is taken for a name as it stands",
    )


@pytest.mark.parametrize(("kind", "column"), [("annotations", "rater"), ("verdicts", "judge")])
def test_ids_taken_for_raters_are_told(tmp_path, kind, column):
    """As many raters as rows are no raters; twelve people with a label each of many are nothing to tell."""
    rows = [[f"i{n}", f"text {n}", "safe"] for n in range(12)]
    (told,) = warned(kind, study(tmp_path), GOOD[kind][0], rows)
    assert told == (
        f"t.csv: 12 {column}s in 12 rows, 'text 0' first: is {column} the column of their names, and not of ids or texts?"
    )
    assert warned(kind, tmp_path, GOOD[kind][0], [[f"j{n}", f"r{n % 12}", "safe"] for n in range(24)]) == ()


def test_judges_among_people_are_told(tmp_path):
    """A judge's labels are no person's, whichever table they stand in."""
    toml = ONE + '[judges.mini]\nkind = "replay"\nquestions = ["harm"]\n'
    (told,) = warned("annotations", study(tmp_path, toml), GOOD["annotations"][0], [["i0", "mini", "safe"]])
    assert told == (
        "t.csv: mini among the raters: a judge of study.toml, whose labels would count as a person's; bring them in as verdicts"
    )


def test_empty_responses_and_odd_numbers_are_told(tmp_path):
    """A missing text is not a model's silence, and a time that is no number is not used."""
    (told,) = warned("outputs", study(tmp_path), GOOD["outputs"][0], [["i0", ""], ["i1", "y"]])
    assert told == (
        "t.csv: 1 of 2 responses are empty: right where the model wrote nothing, wrong where its text is missing"
    )
    columns = [*GOOD["annotations"][0], "seconds"]
    (told,) = warned("annotations", tmp_path, columns, [["i0", "ann", "safe", "fast"], ["i1", "ann", "safe", "3"]])
    assert told == "t.csv row 2, column 'seconds': 'fast' is not a number, nor are 0 other cells: they are not used"


def test_columns_that_the_study_slices_by_are_missed_at_once(tmp_path):
    """A cluster or stratum that the outputs lack would stop every audit; an empty cell in one is told, too."""
    toml = 'cluster = "prompt_id"\n' + ONE + '[strata.benchmark]\nfrom = "column"\n'
    columns = ["item_id", "response", "prompt_idx", "benchmark"]
    told = warned("outputs", study(tmp_path, toml), columns, [["i0", "x", "p", "b"], ["i1", "x", "p", ""]])
    assert told == (
        "t.csv: column 'benchmark' is empty in 1 of 2 rows, and study.toml names it as strata.benchmark",
        "t.csv: no column 'prompt_id' (did you mean 'prompt_idx'?), which study.toml names as cluster: no audit can be made "
        "without it; add the column, or take that out of study.toml",
    )


def test_prompts_under_another_name_are_missed_at_once(tmp_path):
    """Raters who see answers without what was asked would label something else."""
    (told,) = warned("outputs", study(tmp_path, ONE), ["item_id", "question", "response"], [["i0", "Why?", "x"]])
    assert told.startswith("t.csv: no column 'prompt' (did you mean 'question'?): raters and judges will not see")
    assert warned("outputs", study(tmp_path / "b", ONE), ["item_id", "prompt", "response"], [["i0", "Why?", "x"]]) == ()


def test_two_answers_for_questions_about_one_are_told(tmp_path):
    """A second answer that nobody will be shown is not passed over."""
    (told,) = warned("outputs", study(tmp_path), ["item_id", "response", "response_b"], [["i0", "x", "y"]])
    assert told == (
        "t.csv: 1 rows have a response_b, and every question of study.toml asks about one answer: response alone is shown "
        'and judged; write layout = "pairwise" in questions about both'
    )


def test_one_answer_for_questions_about_two_is_told(tmp_path):
    """Items without a second answer cannot be compared; with both there is nothing to tell."""
    columns = ["item_id", "response", "response_b"]
    (told,) = warned("outputs", study(tmp_path, PAIRS), GOOD["outputs"][0], [["i0", "x"]])
    assert told.startswith(
        "t.csv: 1 of 1 rows have no response_b, and question 'better' compares two answers: nobody can"
    )
    assert "2 of 3 rows" in warned("outputs", tmp_path, columns, [["a", "x", ""], ["b", "x", "y"], ["c", "x", ""]])[0]
    assert warned("outputs", tmp_path, columns, [["d", "x", "y"]]) == ()
