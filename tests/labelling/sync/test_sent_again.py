"""What somebody deleted on the server and was sent anew: the labels that were fetched before still count."""

from __future__ import annotations

import pytest

from judgeaudit.domain.errors import InputError
from tests.labelling.people import ask, label, take_back
from tests.labelling.studies import make_study, reach, rows_of, sent_of

ANSWERS = {"coherence": "coherent", "harm": "safe"}


def standing(study):
    """What every rater says of every item now."""
    return {
        (row["item_id"], row["rater"], row["question"]): row["label"]
        for row in rows_of(study)
        if row["status"] != "skipped" or row["question"]
    }


@pytest.mark.parametrize("deleted", ["task", "project"])
def test_labels_fetched_before_a_deletion_count_after_the_tasks_were_sent_anew(tmp_path, label_studio, deleted):
    """Nobody took these labels back: a person who deletes tasks does not unsay what was labelled."""
    study = make_study(tmp_path / "s", ["One answer", "Another answer"], raters_per_item=3, repeats=0.0)
    study.label.sample(items=2)
    done = study.label.push(**reach(label_studio))
    before = sent_of(study)
    for task in before.values():
        label(label_studio.url, label_studio.raters[0], task, ANSWERS)
    study.label.pull(**reach(label_studio))
    given = standing(study)
    assert len(given) == 4

    gone = next(iter(before.values()))
    where = f"/api/tasks/{gone}/" if deleted == "task" else f"/api/projects/{done.project_id}/"
    ask(label_studio.url, label_studio.admin.token, "DELETE", where)
    with pytest.raises(InputError, match="--resend"):
        study.label.push(**reach(label_studio))
    again = study.label.push(**reach(label_studio), resend=True)
    assert (again.created, again.sent) == ((False, 1) if deleted == "task" else (True, 2))
    assert sent_of(study).keys() == before.keys()

    (pulled,) = study.label.pull(**reach(label_studio), full=True)
    assert (pulled.retracted, standing(study)) == (0, given)
    assert study.label.push(**reach(label_studio)).sent == 0


def test_labels_of_tasks_sent_anew_come_in_beside_the_earlier_ones(tmp_path, label_studio):
    """Another person labels the task that was sent anew; what the first one said stays."""
    study = make_study(tmp_path / "s", ["One answer"], raters_per_item=3, repeats=0.0)
    study.label.sample(items=1)
    study.label.push(**reach(label_studio))
    (first,) = sent_of(study).values()
    label(label_studio.url, label_studio.raters[0], first, ANSWERS)
    study.label.pull(**reach(label_studio))
    ask(label_studio.url, label_studio.admin.token, "DELETE", f"/api/tasks/{first}/")
    study.label.push(**reach(label_studio), resend=True)
    (second,) = sent_of(study).values()
    label(label_studio.url, label_studio.raters[1], second, {**ANSWERS, "harm": "unsafe"})
    study.label.pull(**reach(label_studio))
    who = [f"rater-{person.number}" for person in label_studio.raters[:2]]
    assert {rater: value for (_, rater, question), value in standing(study).items() if question == "harm"} == {
        who[0]: "safe",
        who[1]: "unsafe",
    }


def test_a_label_that_its_rater_deletes_is_still_taken_back(tmp_path, label_studio):
    """Tasks that were sent once are judged as before: what the server does not hold any more was taken back."""
    study = make_study(tmp_path / "s", ["One answer"], raters_per_item=3, repeats=0.0)
    study.label.sample(items=1)
    study.label.push(**reach(label_studio))
    (task,) = sent_of(study).values()
    given = label(label_studio.url, label_studio.raters[0], task, ANSWERS)
    study.label.pull(**reach(label_studio))
    take_back(label_studio.url, label_studio.raters[0], given["id"])
    (pulled,) = study.label.pull(**reach(label_studio))
    assert pulled.retracted == 1
