"""Labels gathered elsewhere: their words stay in the file, and mean what study.toml says that they mean."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from judgeaudit.domain.errors import InputError
from judgeaudit.domain.ratings import MISSING
from judgeaudit.storage.config.read import read_study
from judgeaudit.storage.study.load import load_study
from judgeaudit.workflows.importing import import_label_studio
from judgeaudit.workflows.labelling.rows import label_rows

HARM = """
schema = 1
[questions.harm]
scale = "binary"
labels = ["safe", "unsafe"]
positive = ["unsafe"]
also_called = ["safety", "is it safe?"]
map = { no = "unsafe", yes = "safe", ambiguous = "cannot_judge" }
"""
COHERENCE = '[questions.coherence]\nscale = "ordinal"\nlabels = ["gibberish", "coherent"]\n'
KIND = """
schema = 1
[questions.kind]
scale = "nominal"
labels = ["crime", "hate"]
multiple = true
map = { theft = "crime" }
"""


def study(folder: Path, toml: str, said: list[tuple[str, str, str]]) -> Path:
    """A study with one row of annotations for each (rater, question, label) about its only item."""
    folder.mkdir(exist_ok=True)
    rows = [{"item_id": "i", "rater": who, "question": asked, "label": label} for who, asked, label in said]
    (folder / "study.toml").write_text(toml, encoding="utf-8")
    (folder / "outputs.jsonl").write_text('{"item_id": "i", "response": "x"}\n', encoding="utf-8")
    (folder / "annotations.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return folder


SAID = [("a", "harm", "unsafe"), ("b", "safety", "no"), ("c", "is it safe?", "yes"), ("d", "safety", "ambiguous")]


@pytest.mark.parametrize("toml", [HARM, HARM + COHERENCE])
def test_words_of_other_projects_mean_what_the_study_says(tmp_path, toml):
    """Other names of a question are the question, words in its map are labels, and one may mean that nobody can tell."""
    (ratings,) = load_study(study(tmp_path / "s", toml, SAID))[1].ratings
    said = dict(zip(ratings.people_names, ratings.people[:, 0].tolist(), strict=True))
    assert said == {"a": 1, "b": 1, "c": 0, "d": MISSING}
    assert ratings.cannot_judge is not None
    assert ratings.cannot_judge[:, 0].tolist() == [False, False, False, True]
    rows = label_rows(tmp_path / "s", read_study(tmp_path / "s"))
    told = [(row["question"], row["label"], row["status"]) for row in rows]
    assert told == [("harm", "unsafe", ""), ("harm", "unsafe", ""), ("harm", "safe", ""), ("harm", "", "cannot_judge")]


def test_the_file_stays_as_it_is(tmp_path):
    """What people said is what is written; only what it means can be changed later."""
    folder = study(tmp_path / "s", HARM, SAID)
    before = (folder / "annotations.jsonl").read_bytes()
    load_study(folder)
    assert (folder / "annotations.jsonl").read_bytes() == before


def test_the_last_answer_under_either_name_wins(tmp_path):
    """Two names of a question are one question."""
    said = [("a", "safety", "no"), ("a", "harm", "safe")]
    (ratings,) = load_study(study(tmp_path / "s", HARM, said))[1].ratings
    assert ratings.people.tolist() == [[0]]


def test_each_of_several_labels_is_translated(tmp_path):
    """What stands between | is a word of its own."""
    folder = study(tmp_path / "s", KIND, [("a", "kind", "hate|theft")])
    assert [row["label"] for row in label_rows(folder, read_study(folder))] == ["hate|crime"]


def test_a_word_without_a_meaning_is_refused_with_both_ways_out(tmp_path):
    """Declare it as a label, or say what it means."""
    folder = study(tmp_path / "s", HARM, [("a", "safety", "perhaps")])
    with pytest.raises(InputError, match=r"'perhaps' is not a label .* say under questions\.harm\.map what it means"):
        load_study(folder)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('map = { safe = "unsafe" }', "map: 'safe' is a label already"),
        ('map = { no = "unsave" }', "map: 'unsave' is not one of the labels"),
        ('also_called = ["coherence"]', "also_called: 'coherence' is a question of its own"),
        ('also_called = ["a", "a"]', "also_called: 'a' is question 'harm' already"),
    ],
)
def test_a_word_has_one_meaning(tmp_path, line, told):
    """What is said twice, or leads nowhere, is told before anything is read."""
    toml = HARM.partition("also_called")[0] + line + "\n" + COHERENCE
    with pytest.raises(InputError, match=told):
        read_study(study(tmp_path / "s", toml, []))


def test_a_real_export_with_other_words_is_audited(tmp_path, shared_data):
    """Its question, its labels and its "cannot tell" under other names: nothing is reported, and the audit has them all."""
    grades = COHERENCE.replace('"gibberish",', '"gibberish", "partly",') + 'map = { partially = "partly" }\n'
    folder = study(tmp_path / "s", HARM.replace("questions.harm", "questions.risk") + grades, [])
    for table in ("annotations", "outputs"):
        (folder / f"{table}.jsonl").unlink()
    report = import_label_studio(shared_data / "labelstudio_export" / "final_JSON.json", folder)
    assert [line for line in report.warnings if "study.toml" in line] == [
        "10 annotations answer question 'harm', which study.toml does not declare: they are imported and no audit uses "
        "them; declare it, or name it in also_called of the question that it is"
    ]
    assert "unknown choices" not in report.lines[0]
    by_name = {ratings.question.name: ratings for ratings in load_study(folder)[1].ratings}
    assert [int((by_name[name].people != MISSING).sum()) for name in ("coherence", "risk")] == [88, 68]
    cannot = by_name["risk"].cannot_judge
    assert cannot is not None
    assert int(cannot.sum()) == 20
