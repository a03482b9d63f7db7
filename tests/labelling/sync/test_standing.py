"""What people said stands, whatever others did on the server: deletions, copies, strange tasks, second servers, lost keys."""

from __future__ import annotations

import json
import shutil
import stat
from collections.abc import Callable

import pytest

from judgeaudit.domain.errors import InputError
from judgeaudit.labelling.client.client import connect
from judgeaudit.labelling.server.server import Person, Server
from judgeaudit.labelling.sync import pull as pull_module
from judgeaudit.labelling.sync.standing import showings
from judgeaudit.storage.labelling.rounds import RoundFolder
from judgeaudit.study import Study
from tests.conftest import Ran
from tests.labelling.people import ask, change, label, take_back
from tests.labelling.studies import make_study, planned, reach, rows_of, sent_of

SAFE, UNSAFE = {"coherence": "coherent", "harm": "safe"}, {"coherence": "coherent", "harm": "unsafe"}


@pytest.fixture
def study(tmp_path, label_studio: Server) -> Study:
    """Two items, pushed."""
    return pushed(tmp_path / "s", label_studio)


def pushed(folder, server: Server, items: int = 2) -> Study:
    study = make_study(folder, [f"Answer {n}" for n in range(items)], raters_per_item=3, repeats=0.0)
    study.label.sample(items=items)
    study.label.push(**reach(server))
    return study


def harm_of(study: Study, person: Person) -> dict[str, str]:
    """Item -> what this person says of harm now."""
    name = f"rater-{person.number}"
    return {
        one.item_id: one.answers["harm"]
        for one in showings(rows_of(study))
        if one.rater == name and "harm" in one.answers
    }


def test_an_answer_given_anew_counts_after_the_first_one_was_deleted(study, label_studio):
    """Answered, fetched, deleted, answered anew, fetched."""
    person, task = label_studio.raters[0], next(iter(sent_of(study).values()))
    first = label(label_studio.url, person, task, SAFE)
    study.label.pull(**reach(label_studio))
    take_back(label_studio.url, person, first["id"])
    label(label_studio.url, person, task, UNSAFE)
    (pulled,) = study.label.pull(**reach(label_studio))
    assert (pulled.retracted, list(harm_of(study, person).values())) == (1, ["unsafe"])
    study.label.pull(full=True, **reach(label_studio))
    assert list(harm_of(study, person).values()) == ["unsafe"]


@pytest.mark.parametrize(("deleted", "left"), [(0, "unsafe"), (1, "safe")])
def test_of_two_annotations_the_one_that_is_left_counts(study, label_studio, deleted, left):
    """One person submitted a task twice; whichever annotation is deleted, the other one says what holds."""
    person, task = label_studio.raters[0], next(iter(sent_of(study).values()))
    made = [label(label_studio.url, person, task, answers) for answers in (SAFE, UNSAFE)]
    study.label.pull(**reach(label_studio))
    take_back(label_studio.url, person, made[deleted]["id"])
    study.label.pull(**reach(label_studio))
    assert list(harm_of(study, person).values()) == [left]


def test_a_deleted_skip_uncovers_the_answer(study, label_studio):
    """Who skips after an answer has unsaid it, until the skip is deleted."""
    person, task = label_studio.raters[0], next(iter(sent_of(study).values()))
    label(label_studio.url, person, task, SAFE)
    skip = label(label_studio.url, person, task, {}, skipped=True)
    study.label.pull(**reach(label_studio))
    assert harm_of(study, person) == {}
    take_back(label_studio.url, person, skip["id"])
    study.label.pull(**reach(label_studio))
    assert list(harm_of(study, person).values()) == ["safe"]


def test_labels_of_every_copy_of_a_task_stand(study, label_studio, monkeypatch):
    """A task is there twice and both were labelled: a change of one copy says nothing about the other."""
    monkeypatch.setattr(pull_module, "OVERLAP", pull_module.OVERLAP * 0)
    door = connect(label_studio.url, label_studio.admin.token)
    (ja_id, number), *_ = sent_of(study).items()
    project = RoundFolder(study.folder, "main").project()
    assert project is not None
    (task,) = door.tasks(project.project_id, [number])
    (copy,) = door.import_tasks(project.project_id, [task["data"]]) or []
    first = label(label_studio.url, label_studio.raters[0], number, SAFE)
    label(label_studio.url, label_studio.raters[1], copy, UNSAFE)
    study.label.pull(**reach(label_studio))
    change(label_studio.url, label_studio.raters[0], first["id"], UNSAFE)
    (pulled,) = study.label.pull(**reach(label_studio))
    assert pulled.retracted == 0
    assert [list(harm_of(study, person).values()) for person in label_studio.raters[:2]] == [["unsafe"], ["unsafe"]]
    assert {task.item_id for task in planned(study) if task.ja_id == ja_id} == set(
        harm_of(study, label_studio.raters[1])
    )


def test_a_task_that_somebody_added_is_no_item_of_the_study(tmp_path, label_studio):
    """Its number on the server may be the name of an output."""
    study = pushed(tmp_path / "s", label_studio)
    project = RoundFolder(study.folder, "main").project()
    assert project is not None
    door = connect(label_studio.url, label_studio.admin.token)
    (strange,) = door.import_tasks(project.project_id, [{"prompt": "x", "response": "somebody's"}]) or []
    outputs = study.folder / "outputs.jsonl"
    with outputs.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps({"item_id": str(strange), "prompt": "p", "response": "ours"}) + "\n")
    label(label_studio.url, label_studio.raters[0], strange, UNSAFE)
    (pulled,) = study.label.pull(**reach(label_studio))
    assert rows_of(study) == []
    assert any(
        "1 tasks of the project are not of this plan, somebody added them there: left out" in w for w in pulled.warnings
    )


def test_a_task_is_missed_where_another_one_was_added(study, label_studio):
    """One deleted and one added by hand make the same number of tasks: the push still says what is gone."""
    project = RoundFolder(study.folder, "main").project()
    assert project is not None
    ask(label_studio.url, label_studio.admin.token, "DELETE", f"/api/tasks/{next(iter(sent_of(study).values()))}/")
    connect(label_studio.url, label_studio.admin.token).import_tasks(
        project.project_id, [{"prompt": "x", "response": "by hand"}]
    )
    with pytest.raises(InputError, match="lacks 1 of 2 tasks that were sent to it"):
        study.label.push(**reach(label_studio))


def test_after_a_task_was_sent_again_its_raters_can_take_back(study, label_studio):
    """Labels fetched before the deletion stay; later ones are taken back by who gave them, as ever."""
    (task, *_), people = sent_of(study).values(), label_studio.raters
    label(label_studio.url, people[0], task, SAFE)
    study.label.pull(**reach(label_studio))
    ask(label_studio.url, label_studio.admin.token, "DELETE", f"/api/tasks/{task}/")
    study.label.push(resend=True, **reach(label_studio))
    (again, *_) = sent_of(study).values()
    later = label(label_studio.url, people[1], again, UNSAFE)
    study.label.pull(**reach(label_studio))
    assert [list(harm_of(study, person).values()) for person in people[:2]] == [["safe"], ["unsafe"]]
    take_back(label_studio.url, people[1], later["id"])
    (pulled,) = study.label.pull(full=True, **reach(label_studio))
    assert pulled.retracted == 1
    assert [list(harm_of(study, person).values()) for person in people[:2]] == [["safe"], []]


def test_people_of_two_servers_are_different_people(tmp_path, label_studio, own_server):
    """The same number on another server is somebody else, whose labels come beside the first one's."""
    study = pushed(tmp_path / "s", label_studio, items=1)
    person, other = label_studio.raters[0], own_server.raters[0]
    assert person.number == other.number
    label(label_studio.url, person, next(iter(sent_of(study).values())), SAFE)
    study.label.pull(**reach(label_studio))
    study.label.push(resend=True, **reach(own_server))
    label(own_server.url, other, next(iter(sent_of(study).values())), UNSAFE)
    study.label.pull(**reach(own_server))
    said = {one.rater: one.answers["harm"] for one in showings(rows_of(study))}
    assert said == {f"rater-{person.number}": "safe", f"server-2-rater-{other.number}": "unsafe"}


def test_a_project_that_is_gone_holds_up_no_other_round(tmp_path, label_studio, run_command: Callable[..., Ran]):
    """The rounds that are there are fetched and told; then what is wrong with the other one."""
    study = make_study(tmp_path / "s", [f"Answer {n}" for n in range(8)], raters_per_item=1, repeats=0.0)
    study.label.sample(pilot=2)
    study.label.sample(items=3)
    for name in ("main", "pilot"):
        study.label.push(round=name, **reach(label_studio))
    shutil.copytree(study.folder / "labelling" / "main", study.folder / "labelling" / "main.backup")
    project = RoundFolder(study.folder, "main").project()
    assert project is not None
    ask(label_studio.url, label_studio.admin.token, "DELETE", f"/api/projects/{project.project_id}/")
    for task in sent_of(study, "pilot").values():
        label(label_studio.url, label_studio.raters[0], task, SAFE)
    where = [item for pair in (("--url", label_studio.url), ("--token", label_studio.admin.token)) for item in pair]
    ran = run_command(["label", "pull", str(study.folder), *where])
    assert (ran.code, ran.out.splitlines()[0]) == (2, "round pilot: 2 tasks fetched, 4 rows added")
    assert f"there is no project {project.project_id}" in ran.err.splitlines()[-1]
    assert {row["round"] for row in rows_of(study)} == {"pilot"}


def test_the_other_round_takes_other_items(tmp_path):
    """Whichever is drawn first: nobody meets an item of the pilot in the main round, nor the other way round."""
    for first, second in (({"items": 15}, {"pilot": 10}), ({"pilot": 10}, {"items": 15})):
        study = make_study(tmp_path / f"s{len(first)}{next(iter(first))}", [f"A{n}" for n in range(30)])
        for wish in (first, second):
            study.label.sample(**wish)
        both = [{task.item_id for task in planned(study, name) if task.purpose == "item"} for name in ("main", "pilot")]
        assert (len(both[0]), len(both[1]), both[0] & both[1]) == (15, 10, set())


def test_how_many_label_in_all_is_remembered(tmp_path, label_studio):
    """Said once, it holds for what is pushed later, so that every repeat reaches every person."""
    study = make_study(tmp_path / "s", [f"A{n}" for n in range(40)], raters_per_item=2, repeats=0.1)
    study.label.sample(items=20)
    study.label.push(raters=3, **reach(label_studio))
    study.label.sample(items=40)
    assert study.label.push(**reach(label_studio)).raters == 3
    twice = {task.item_id for task in planned(study) if task.purpose == "repeat"}
    sent = sent_of(study)
    overlaps = {
        (
            task.item_id in twice,
            ask(label_studio.url, label_studio.admin.token, "GET", f"/api/tasks/{sent[task.ja_id]}/")["overlap"],
        )
        for task in planned(study)
    }
    assert overlaps == {(True, 3), (False, 2)}


def test_a_lost_key_is_not_replaced(tmp_path):
    """Other ids for the same items would send everything twice."""
    study = make_study(tmp_path / "s", [f"A{n}" for n in range(9)])
    study.label.sample(items=3)
    assert stat.S_IMODE((study.folder / "labelling").stat().st_mode) == 0o700
    (study.folder / "labelling" / "key").unlink()
    with pytest.raises(
        InputError, match="key: gone, and the tasks of this study are known by it; put it back from a copy"
    ):
        study.label.sample(items=6)


def test_a_dry_run_leaves_nothing(tmp_path):
    """Not even a folder or a key."""
    study = make_study(tmp_path / "s", [f"A{n}" for n in range(9)])
    before = sorted(study.folder.rglob("*"))
    study.label.sample(items=3, write=False)
    assert sorted(study.folder.rglob("*")) == before


def test_no_token_goes_to_an_address_that_only_a_file_names(tmp_path, monkeypatch):
    """A study may come from somebody else, with a project at an address of theirs."""
    study = make_study(tmp_path / "s", ["A"], raters_per_item=1, repeats=0.0)
    study.label.sample(items=1)
    (study.folder / "labelling" / "main" / "project.json").write_text(
        json.dumps({"url": "http://127.0.0.1:9", "project_id": 1, "title": "t", "mark": "m", "overlap": 1}),
        encoding="utf-8",
    )
    monkeypatch.delenv("LABEL_STUDIO_URL", raising=False)
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", "0" * 40)
    for verb in (study.label.push, study.label.pull):
        with pytest.raises(InputError, match=r"this round is at http://127\.0\.0\.1:9 .* say so with --url"):
            verb()


def test_the_note_of_a_server_that_was_killed_counts_for_nothing(tmp_path, label_studio, monkeypatch):
    """Its address is another's by now; the environment says where to go."""
    study = pushed(tmp_path / "s", label_studio, items=1)
    note = study.folder / "labelling" / "server.json"
    note.write_text(json.dumps({"url": "http://127.0.0.1:9", "token": "0" * 40, "pid": 2**22 + 1}), encoding="utf-8")
    monkeypatch.setenv("LABEL_STUDIO_URL", label_studio.url)
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", label_studio.admin.token)
    assert study.label.push().there == 1


def test_annotations_without_their_columns_are_one_line(study, label_studio):
    """A file that somebody rearranged by hand is bad input, not an error of this program."""
    (study.folder / "annotations.jsonl").write_text('{"item_id": "item-00000", "label": "safe"}\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"annotations\.jsonl: no column 'rater'"):
        study.label.pull(**reach(label_studio))


def test_rows_that_are_gone_from_the_file_come_back(study, label_studio):
    """Somebody cut annotations.jsonl: the next pull looks at every task again, brings the rows back, and says so."""
    for task in sent_of(study).values():
        label(label_studio.url, label_studio.raters[0], task, SAFE)
    study.label.pull(**reach(label_studio))
    file, before = study.folder / "annotations.jsonl", rows_of(study)
    assert study.label.pull(**reach(label_studio))[0].warnings == ()
    file.write_text("".join(file.read_text(encoding="utf-8").splitlines(keepends=True)[:1]), encoding="utf-8")
    (pulled,) = study.label.pull(**reach(label_studio))
    assert sorted(map(str, rows_of(study))) == sorted(map(str, before))
    assert pulled.warnings[0].startswith(f"{len(before) - 1} rows of round main that were fetched before are not in")


def test_who_sends_a_round_anew_is_told_what_was_labelled(study, label_studio):
    """A deleted project is made again whole; labels fetched before count, and raters see every task once more."""
    for person in label_studio.raters[:3]:
        label(label_studio.url, person, next(iter(sent_of(study).values())), SAFE)
    study.label.pull(**reach(label_studio))
    project = RoundFolder(study.folder, "main").project()
    assert project is not None
    ask(label_studio.url, label_studio.admin.token, "DELETE", f"/api/projects/{project.project_id}/")
    pushed_again = study.label.push(resend=True, **reach(label_studio))
    assert "1 of 2 items had all of theirs; the new project shows every task to raters once more" in "\n".join(
        pushed_again.warnings
    )
