"""A pull that ends in the middle of any write: what people say afterwards is what they say on the server."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from judgeaudit.labelling.server.server import Server
from judgeaudit.labelling.sync import pull as pull_module
from judgeaudit.labelling.sync.standing import showings
from judgeaudit.storage.labelling import book as annotation_book
from judgeaudit.storage.labelling.rounds import RoundFolder
from judgeaudit.study import Study
from tests.labelling.people import change, label, take_back
from tests.labelling.studies import make_study, reach, rows_of, sent_of

SAFE, UNSAFE = {"coherence": "coherent", "harm": "safe"}, {"coherence": "partly", "harm": "unsafe"}
#: how much of what a write was given is in the file when the process ends; a mark is replaced whole or not at all
LEFT = ("half", "all")


class CutError(Exception):
    """The process ends here."""


class Knife:
    """Cuts at the write number `at`, counted from 0, and leaves so much of it; `writes` is how many there were."""

    def __init__(self, at: int, left: str) -> None:
        self.at, self.left, self.writes = at, left, 0

    def due(self) -> bool:
        self.writes += 1
        return self.writes == self.at + 1

    def append(self, path: Path, rows: Sequence[Mapping[str, object]]) -> None:
        if not self.due():
            return append(path, rows)
        text = "".join(json.dumps(row) + "\n" for row in rows)
        with path.open("a", encoding="utf-8") as file:
            file.write(text if self.left == "all" else text[: len(text) // 2])
        raise CutError

    def mark(self, folder: RoundFolder, *given: object, **named: object) -> None:
        if not self.due():
            return write_mark(folder, *given, **named)
        if self.left == "all":
            write_mark(folder, *given, **named)
        raise CutError


append, write_mark = annotation_book.append_jsonl, RoundFolder.write_mark


@contextmanager
def cut(knife: Knife, monkeypatch: pytest.MonkeyPatch) -> Iterator[Knife]:
    with monkeypatch.context() as patched:
        patched.setattr(annotation_book, "append_jsonl", knife.append)
        patched.setattr(RoundFolder, "write_mark", lambda *given, **named: knife.mark(*given, **named))
        yield knife


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few tasks make several parts, and no pull asks again for what is just before its mark."""
    monkeypatch.setattr(pull_module, "PART", 3)
    monkeypatch.setattr(pull_module, "OVERLAP", pull_module.OVERLAP * 0)


@pytest.fixture
def study(tmp_path: Path, label_studio: Server, small_parts: None) -> Study:
    """Six items, each labelled by two people, and nothing fetched."""
    made = make_study(tmp_path / "s", [f"Answer {n}" for n in range(6)], raters_per_item=2, repeats=0.0)
    made.label.sample(items=6)
    made.label.push(**reach(label_studio))
    for task in sent_of(made).values():
        for person in label_studio.raters[:2]:
            label(label_studio.url, person, task, SAFE)
    return made


def standing(study: Study) -> dict[tuple[str, str], tuple[dict[str, str], bool]]:
    """What everybody says of every item now, and whether they skipped it."""
    return {(one.item_id, one.rater): (one.answers, one.skipped) for one in showings(rows_of(study))}


def assert_no_cut_matters(study: Study, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever a pull is cut, the next one ends as one that was not cut, and a full one then adds nothing."""
    begun = shutil.copytree(study.folder, study.folder.with_name("begun"))
    with cut(Knife(-1, "all"), monkeypatch) as whole:
        study.label.pull(**reach(server))
    wanted = standing(study)
    assert whole.writes > 3
    for at in range(whole.writes):
        for left in LEFT:
            shutil.rmtree(study.folder)
            shutil.copytree(begun, study.folder)
            with cut(Knife(at, left), monkeypatch), pytest.raises(CutError):
                study.label.pull(**reach(server))
            study.label.pull(**reach(server))
            assert (at, left, standing(study)) == (at, left, wanted)
    text = (study.folder / "annotations.jsonl").read_text("utf-8")
    study.label.pull(full=True, **reach(server))
    assert (study.folder / "annotations.jsonl").read_text("utf-8") == text


def test_a_first_pull_may_be_cut_anywhere(study, label_studio, monkeypatch):
    """New labels."""
    assert_no_cut_matters(study, label_studio, monkeypatch)


def test_a_pull_of_changes_may_be_cut_anywhere(study, label_studio, monkeypatch):
    """An answer less, another answer, one deleted, one given anew, a skip after an answer."""
    study.label.pull(**reach(label_studio))
    (person, other), tasks = label_studio.raters[:2], list(sent_of(study).values())
    made = {row["source"].rpartition(":")[2]: (row["source"].split(":")[1], row["rater"]) for row in rows_of(study)}
    number = {where: annotation for annotation, where in made.items()}
    ids = {task: ja_id for ja_id, task in sent_of(study).items()}
    held = [number[ids[task], f"rater-{person.number}"] for task in tasks]
    change(label_studio.url, person, held[0], {"coherence": "gibberish"})
    change(label_studio.url, person, held[1], UNSAFE)
    take_back(label_studio.url, person, held[2])
    take_back(label_studio.url, person, held[3])
    label(label_studio.url, person, tasks[3], UNSAFE)
    label(label_studio.url, person, tasks[4], {}, skipped=True)
    label(label_studio.url, other, tasks[5], UNSAFE)
    assert_no_cut_matters(study, label_studio, monkeypatch)


def test_rows_that_are_gone_come_back_though_others_have_come(study, label_studio, monkeypatch):
    """A pull was cut between the rows of its second part and the mark, and somebody cut the file at its other end."""
    with cut(Knife(2, "all"), monkeypatch), pytest.raises(CutError):
        study.label.pull(**reach(label_studio))
    file, wanted = study.folder / "annotations.jsonl", {row["source"] for row in rows_of(study)}
    lines = file.read_text("utf-8").splitlines(keepends=True)
    assert len(lines) == 24
    file.write_text("".join(lines[2:]), "utf-8")
    (pulled,) = study.label.pull(**reach(label_studio))
    assert "rows of round main in annotations.jsonl are not all as the last pull left them" in pulled.warnings[0]
    assert len(standing(study)) == 12
    assert {row["source"] for row in rows_of(study)} == wanted
    assert study.label.pull(**reach(label_studio))[0].warnings == ()


def test_an_answer_stays_taken_back_though_the_row_that_says_so_is_lost(study, label_studio):
    """The rater submitted anew with an answer less; the file was cut before the row that withdraws it."""
    study.label.pull(**reach(label_studio))
    person, file = label_studio.raters[0], study.folder / "annotations.jsonl"
    (first, *_) = rows_of(study)
    assert first["rater"] == f"rater-{person.number}"
    change(label_studio.url, person, first["source"].rpartition(":")[2], {"coherence": "coherent"})
    study.label.pull(**reach(label_studio))
    wanted, lines = standing(study), file.read_text("utf-8").splitlines(keepends=True)
    assert json.loads(lines[-1])["status"] == "skipped"
    file.write_text("".join(lines[:-1]), "utf-8")
    assert standing(study) != wanted
    study.label.pull(**reach(label_studio))
    assert standing(study) == wanted


def test_a_row_of_ones_own_stays_the_last_word_over_a_pull_that_was_cut(study, label_studio, monkeypatch):
    """Somebody appended a row that names no annotation; the pull that goes on settles nothing against it."""
    with cut(Knife(2, "all"), monkeypatch), pytest.raises(CutError):
        study.label.pull(**reach(label_studio))
    own = {**rows_of(study)[-1], "label": "unsafe", "question": "harm", "source": "", "labelled_at": ""}
    with (study.folder / "annotations.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(own) + "\n")
    study.label.pull(**reach(label_studio))
    assert standing(study)[own["item_id"], own["rater"]][0]["harm"] == "unsafe"
