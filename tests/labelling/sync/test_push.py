"""Pushing, against a server that forgets, fails and doubles: every task ends there once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgeaudit.domain.errors import InputError, OutsideError
from judgeaudit.domain.labelling.tasks import Outgoing, Sent
from judgeaudit.labelling.sync import push as push_module
from judgeaudit.labelling.sync.push import Pushed, Pusher, batches


class Shelf:
    """A server in memory. `script` says what each import does: ok, lost (fails, nothing stored), late (stored, fails)."""

    def __init__(self, script: Sequence[str] = ()) -> None:
        self.script = list(script)
        self.tasks: dict[int, str] = {}
        self.labelled: set[int] = set()
        self.requests: list[int] = []

    def import_tasks(self, project_id: int, data: Sequence[Mapping[str, str]]) -> list[int] | None:
        self.requests.append(len(data))
        step = self.script.pop(0) if self.script else "ok"
        if step == "lost":
            raise OutsideError("the server is away")
        first = max(self.tasks, default=0) + 1
        numbers = list(range(first, first + len(data)))
        self.tasks |= dict(zip(numbers, (row["ja_id"] for row in data), strict=True))
        if step == "late":
            raise OutsideError("no answer in time")
        return None if step == "silent" else numbers

    def known(self, project_id: int, ja_ids: Sequence[str]) -> dict[str, list[int]]:
        return {ja_id: numbers for ja_id, numbers in self.all_known(project_id).items() if ja_id in set(ja_ids)}

    def all_known(self, project_id: int) -> dict[str, list[int]]:
        out: dict[str, list[int]] = {}
        for number, ja_id in self.tasks.items():
            out.setdefault(ja_id, []).append(number)
        return out

    def count(self, project_id: int) -> int:
        return len(self.tasks)

    def unlabelled(self, task_ids: Sequence[int]) -> list[int]:
        return [number for number in task_ids if number not in self.labelled]

    def delete_task(self, task_id: int) -> None:
        del self.tasks[task_id]


class Notes(dict[str, Sent]):
    """What a push noted, as the journal on disk would."""

    def add(self, tasks: Sequence[Sent]) -> None:
        self.update({task.ja_id: task for task in tasks})


def outgoing(count: int) -> list[Outgoing]:
    return [Outgoing(ja_id=f"{n:04x}", data={"ja_id": f"{n:04x}", "response": str(n)}) for n in range(count)]


def push(
    shelf: Shelf, notes: Notes, tasks: Sequence[Outgoing], *, resend: Callable[[Sequence[str]], None] | None = None
) -> Pushed:
    pusher = Pusher(server=shelf, project_id=1, note=notes.add, resend=resend, pause=0.0)
    return pusher.push(Held(tasks), dict(notes))


class Held:
    """Tasks of a round, in memory."""

    def __init__(self, tasks: Sequence[Outgoing]) -> None:
        self._tasks = {task.ja_id: task for task in tasks}
        self.ids = list(self._tasks)

    def tasks(self, ja_ids: Sequence[str]) -> list[Outgoing]:
        return [self._tasks[ja_id] for ja_id in ja_ids]


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr(push_module, "BATCH", 10)


@given(script=st.lists(st.sampled_from(["ok", "ok", "lost", "late", "silent"]), max_size=12), count=st.integers(1, 45))
def test_whatever_fails_each_task_ends_there_once(script, count):
    """After as many pushes as it takes the server and the notes hold every task, and none twice."""
    push_module.BATCH = 10
    shelf, notes, tasks = Shelf(script), Notes(), outgoing(count)
    for _ in range(20):
        try:
            push(shelf, notes, tasks)
            break
        except OutsideError:
            continue
    assert sorted(shelf.tasks.values()) == [task.ja_id for task in tasks]
    assert {task.task_id for task in notes.values()} == set(shelf.tasks)


@given(cut=st.integers(0, 44))
def test_a_push_that_died_before_its_note_finds_its_tasks_again(cut):
    """Tasks that the server holds and the notes lack are noted, not sent."""
    push_module.BATCH = 10
    tasks = outgoing(45)
    shelf, notes = Shelf(), Notes()
    shelf.import_tasks(1, [task.data for task in tasks[:cut]])
    shelf.requests.clear()
    done = push(shelf, notes, tasks)
    assert (done.sent, done.there, sum(shelf.requests)) == (45 - cut, cut, 45 - cut)
    assert len(shelf.tasks) == len(notes) == 45


def test_pushing_again_sends_nothing():
    """A second push asks for one number and writes nothing."""
    shelf, notes, tasks = Shelf(), Notes(), outgoing(25)
    assert push(shelf, notes, tasks) == Pushed(sent=25, there=0, removed=0, kept_twice=0)
    shelf.requests.clear()
    assert push(shelf, notes, tasks) == Pushed(sent=0, there=25, removed=0, kept_twice=0)
    assert shelf.requests == []


def test_late_copies_are_removed_unless_somebody_labelled_them():
    """A request that was thought lost can be served after its batch was sent again: the later copies go."""
    shelf, notes, tasks = Shelf(), Notes(), outgoing(3)
    push(shelf, notes, tasks)
    shelf.import_tasks(1, [task.data for task in tasks])
    shelf.labelled = {2, 5}
    done = push(shelf, notes, tasks)
    assert (done.removed, done.kept_twice, sorted(shelf.tasks)) == (2, 1, [1, 2, 3, 5])


def test_of_two_copies_the_one_that_is_noted_stays_unless_only_the_other_is_labelled():
    """A first request that is served late, before its repetition: pull and push must agree on which copy is the task."""
    shelf, notes, tasks = Shelf(), Notes(), outgoing(3)
    shelf.import_tasks(1, [task.data for task in tasks])
    shelf.import_tasks(1, [task.data for task in tasks])
    notes.add([Sent(ja_id=task.ja_id, task_id=4 + place, sha256="") for place, task in enumerate(tasks)])
    shelf.labelled = {2}
    done = push(shelf, notes, tasks)
    assert (done.removed, done.kept_twice) == (3, 0)
    assert sorted(shelf.tasks) == [2, 4, 6] == sorted(note.task_id for note in notes.values())


def test_no_request_holds_more_text_than_a_server_takes(monkeypatch):
    """Long texts make small batches, and one text above the bound goes alone; order and content stay."""
    monkeypatch.setattr(push_module, "BATCH_TEXT", 20)
    tasks = [Outgoing(ja_id=str(n), data={"response": "x" * size}) for n, size in enumerate((9, 9, 9, 50, 1, 0))]
    assert [[task.ja_id for task in batch] for batch in batches(tasks)] == [["0", "1"], ["2"], ["3"], ["4", "5"]]


def test_tasks_that_were_sent_again_in_doubt_are_counted():
    """A request without an answer may still be carried out: whoever pushed is told how many tasks that concerns."""
    assert push(Shelf(["lost", "ok"]), Notes(), outgoing(15)).in_doubt == 10
    assert push(Shelf(["late", "ok"]), Notes(), outgoing(15)).in_doubt == 0


def test_deleted_tasks_are_told_and_sent_anew_on_request():
    """What was sent and is gone is never quietly sent again: somebody may have deleted it for a reason."""
    shelf, notes, tasks = Shelf(), Notes(), outgoing(5)
    push(shelf, notes, tasks)
    del shelf.tasks[2]
    with pytest.raises(InputError, match="lacks 1 of 5 tasks that were sent to it: somebody deleted them there"):
        push(shelf, notes, tasks)
    told: list[str] = []
    assert push(shelf, notes, tasks, resend=told.extend).sent == 1
    assert told == [tasks[1].ja_id]
    assert sorted(shelf.tasks.values()) == [task.ja_id for task in tasks]
