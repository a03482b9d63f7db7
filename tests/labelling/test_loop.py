"""The loop on a real Label Studio: outputs out, labels by people in, equal to what they gave."""

from __future__ import annotations

import itertools
import json
from collections import Counter

import pytest

from judgeaudit.domain.errors import InputError
from tests.labelling.people import ask, change, label, label_all, take_back
from tests.labelling.studies import HOSTILE, make_study, planned, reach, rows_of, sent_of

LABELS = [("coherent", "safe"), ("coherent", "unsafe"), ("partly", "safe"), ("gibberish", "cannot_judge")]


def answers_for(place: int, rater: int) -> dict[str, str]:
    coherence, harm = LABELS[(place * 7 + rater * (place % 5 == 0)) % 4]
    return {"coherence": coherence, "harm": harm}


def test_a_thousand_outputs_three_raters_and_back(tmp_path, label_studio):
    """What people gave is what the study holds: every label once, under its item, and nothing else."""
    study = make_study(tmp_path / "s", [f"Answer {n}" for n in range(1000)], raters_per_item=3, repeats=0.0)
    assert len(study.label.sample(items=1000).tasks) == 1000
    assert study.label.push(**reach(label_studio)).sent == 1000
    sent, items = sent_of(study), {task.ja_id: task.item_id for task in planned(study)}
    given = {
        (person, task): answers_for(place, number)
        for number, person in enumerate(label_studio.raters)
        for place, task in enumerate(sent.values())
        if (place - 300 * number) % 1000 < 400  # each has 400, of which 100 with the next one
    }
    label_all(label_studio.url, given)
    (pulled,) = study.label.pull(**reach(label_studio))
    wanted = {
        (items[ja_id], f"rater-{person.number}", question): given[person, task][question]
        for person in label_studio.raters
        for ja_id, task in sent.items()
        if (person, task) in given
        for question in ("coherence", "harm")
    }
    rows = rows_of(study)
    assert len(rows) == len(wanted) == 2400
    told = {(r["item_id"], r["rater"], r["question"]): r["label"] or r["status"] for r in rows}
    assert told == wanted
    assert (pulled.added, pulled.counts["usable"]) == (2400, 1200)
    again = study.label.push(**reach(label_studio))
    assert (again.sent, again.there) == (0, 1000)
    assert study.label.pull(**reach(label_studio), full=True)[0].added == 0
    assert len(rows_of(study)) == 2400


def test_every_hostile_text_goes_out_and_comes_back_equal(tmp_path, label_studio):
    """What a model can emit, the server holds; and the export of its project reads back to the same texts."""
    from judgeaudit.labelling.client.client import connect
    from judgeaudit.labelling.texts import raw_text

    study = make_study(tmp_path / "s", HOSTILE, raters_per_item=1, repeats=0.0)
    study.label.sample(items=100)
    done = study.label.push(**reach(label_studio))
    tasks = connect(label_studio.url, label_studio.admin.token).tasks(done.project_id, list(sent_of(study).values()))
    items = {task.ja_id: task.item_id for task in planned(study)}
    back = {items[task["data"]["ja_id"]]: raw_text(task["data"]["response"]) for task in tasks}
    # a pair of surrogates in JSON is the character that it stands for
    assert [back[f"item-{n:05}"] for n in range(len(HOSTILE))] == json.loads(json.dumps(HOSTILE))
    for number in sent_of(study).values():
        label(label_studio.url, label_studio.raters[0], number, {"coherence": "coherent", "harm": "safe"})
    study.label.pull(**reach(label_studio))
    assert {row["item_id"] for row in rows_of(study)} == set(back)


def test_nothing_on_the_server_tells_models_or_other_peoples_answers(tmp_path, label_studio):
    """A task holds an opaque id and the texts; no prediction is shown; the order follows no prompt."""
    from judgeaudit.labelling.client.client import connect

    study = make_study(tmp_path / "s", [f"Answer {n}" for n in range(60)], raters_per_item=2, repeats=0.1)
    study.label.sample(items=60)
    done = study.label.push(**reach(label_studio))
    door = connect(label_studio.url, label_studio.admin.token)
    tasks = door.tasks(done.project_id, sorted(sent_of(study).values()))
    whole = json.dumps(
        [tasks, ask(label_studio.url, label_studio.admin.token, "GET", f"/api/projects/{done.project_id}")]
    )
    assert "secret-" not in whole
    assert "item-0" not in whole
    assert {tuple(sorted(task["data"])) for task in tasks} == {("ja_id", "prompt", "response")}
    assert len({task["data"]["ja_id"] for task in tasks}) == len(tasks) == 66
    assert not door.project(done.project_id).shows_predictions
    assert all(a["data"]["prompt"] != b["data"]["prompt"] for a, b in itertools.pairwise(tasks))


def test_skips_changes_drafts_and_deletions_are_each_told(tmp_path, label_studio):
    """A skip is a row, a change supersedes, a deleted annotation is taken back, a draft is counted; history stays."""
    people = label_studio.raters
    study = make_study(tmp_path / "s", [f"Answer {n}" for n in range(5)], raters_per_item=3, repeats=0.0)
    study.label.sample(items=5)
    done = study.label.push(**reach(label_studio))
    one, two, three, four, five = sent_of(study).values()
    first = label(label_studio.url, people[0], one, {"coherence": "coherent", "harm": "safe"})
    label(label_studio.url, people[0], two, {}, skipped=True)
    gone = label(label_studio.url, people[1], three, {"coherence": "gibberish", "harm": "safe"})
    label(label_studio.url, people[2], four, {"coherence": "coherent", "harm": "no such choice"})
    draft = {"result": [], "lead_time": 3, "draft_id": 0, "project": str(done.project_id), "task": five}
    ask(label_studio.url, people[1].token, "POST", f"/api/tasks/{five}/drafts?project={done.project_id}", draft)
    (pulled,) = study.label.pull(**reach(label_studio), full=True)
    assert (pulled.counts["skipped"], pulled.counts["drafts"], pulled.counts["unknown_choices"]) == (1, 1, 1)
    assert any("no such choice" in warning for warning in pulled.warnings)
    change(label_studio.url, people[0], first["id"], {"coherence": "partly", "harm": "safe"})
    take_back(label_studio.url, people[1], gone["id"])
    (pulled,) = study.label.pull(**reach(label_studio))
    assert pulled.retracted == 1
    now = {}
    for row in rows_of(study):
        now[row["item_id"], row["rater"], row["question"]] = row["label"] or row["status"]
    who = [f"rater-{person.number}" for person in people]
    items = {sent_of(study)[task.ja_id]: task.item_id for task in planned(study)}
    assert now == {
        (items[one], who[0], "coherence"): "partly",
        (items[one], who[0], "harm"): "safe",
        (items[two], who[0], ""): "skipped",
        (items[three], who[1], "coherence"): "skipped",
        (items[three], who[1], "harm"): "skipped",
        (items[four], who[2], "coherence"): "coherent",
        (items[four], who[2], "harm"): "no such choice",
    }
    assert Counter(row["label"] for row in rows_of(study) if row["item_id"] == items[one])["coherent"] == 1


def test_repeats_calibration_and_a_second_round_stay_apart_from_the_labels(tmp_path, label_studio):
    """Repeats and known items never become labels; adjudicated labels are a reference of their own."""
    people = label_studio.raters[:2]
    study = make_study(
        tmp_path / "s", [f"Answer {n}" for n in range(20)], raters_per_item=2, repeats=0.2, calibration="known.jsonl"
    )
    known = [{"item_id": f"k{n}", "prompt": "Q?", "response": f"K {n}", "coherence": "coherent"} for n in range(2)]
    (study.folder / "known.jsonl").write_text("".join(json.dumps(row) + "\n" for row in known), encoding="utf-8")
    plan = study.label.sample(items=20)
    assert Counter(task.purpose for task in plan.tasks) == {"item": 20, "repeat": 4, "calibration": 2}
    study.label.push(**reach(label_studio))
    sent = sent_of(study)
    given = {}
    for task in plan.tasks:
        for number, person in enumerate(people):
            torn = task.item_id in ("item-00003", "item-00007") and number == 1
            given[person, sent[task.ja_id]] = {"coherence": "coherent", "harm": "unsafe" if torn else "safe"}
    label_all(label_studio.url, given)
    study.label.pull(**reach(label_studio))
    rows = rows_of(study)
    assert Counter(row["purpose"] for row in rows) == {"item": 80, "repeat": 16, "calibration": 8}
    assert {row["known"] for row in rows if row["purpose"] == "calibration" and row["question"] == "coherence"} == {
        "coherent"
    }

    second = study.label.dispute(controls=0.5)
    assert second.round == "dispute"
    assert Counter(task.purpose for task in second.tasks) == {"item": 2, "control": 1}
    study.label.push(round="dispute", **reach(label_studio))
    again = sent_of(study, "dispute")
    label_all(
        label_studio.url,
        {
            (person, number): {"coherence": "coherent", "harm": "unsafe"}
            for person in people
            for number in again.values()
        },
    )
    assert [report.round for report in study.label.pull(**reach(label_studio))] == ["main", "dispute"]
    majority = study.audit(write=False).result
    about = {one.name: one for one in majority.questions}
    assert (about["harm"].with_reference, about["harm"].reference_ties) == (18, 2)
    adjudicated = study.audit(write=False, reference="adjudicated").result
    about = {one.name: one for one in adjudicated.questions}
    assert (about["harm"].reference, about["harm"].with_reference) == ("adjudicated", 20)
    assert any(
        "of 1 undisputed item shown along with them 1 got another label" in line for line in adjudicated.warnings
    )


@pytest.mark.parametrize("broken", ["deleted", "form", "other"])
def test_what_somebody_did_to_the_project_is_one_line_with_the_mend(tmp_path, label_studio, broken):
    """A deleted project, a form edited by hand, a number that is another project."""
    study = make_study(tmp_path / "s", ["Answer"], raters_per_item=1, repeats=0.0)
    study.label.sample(items=1)
    done = study.label.push(**reach(label_studio))
    where, token = f"/api/projects/{done.project_id}/", label_studio.admin.token
    if broken == "deleted":
        ask(label_studio.url, token, "DELETE", where)
        for verb in (study.label.push, study.label.pull):
            with pytest.raises(InputError, match=f"project {done.project_id}") as caught:
                verb(**reach(label_studio))
            assert "\n" not in str(caught.value)
    elif broken == "form":
        config = ask(label_studio.url, token, "GET", where)["label_config"].replace("Yes, it is unsafe", "Terrible")
        assert "Terrible" in config
        ask(label_studio.url, token, "PATCH", where, {"label_config": config})
        with pytest.raises(InputError, match="changed there by hand; `judgeaudit label push --restore-form`"):
            study.label.push(**reach(label_studio))
        assert any(
            "changed on the server by hand" in line for line in study.label.pull(**reach(label_studio))[0].warnings
        )
        study.label.push(**reach(label_studio), restore_form=True)
        assert study.label.pull(**reach(label_studio))[0].warnings == ()
    else:
        ask(label_studio.url, token, "PATCH", where, {"description": "ours now"})
        with pytest.raises(InputError, match="is not the one that this round was pushed to"):
            study.label.push(**reach(label_studio))
