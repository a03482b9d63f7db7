"""The door, against a real Label Studio: what is sent is there, what is there is found, what people did comes back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing

import httpx
import pytest

from judgeaudit.domain.errors import InputError
from judgeaudit.labelling.client.client import Door, connect
from judgeaudit.labelling.client.pages import walk
from judgeaudit.labelling.server.server import Person, Server

FORM = (
    '<View><Text name="response" value="$response"/><Choices name="harm" toName="response">'
    '<Choice value="safe"/><Choice value="unsafe"/></Choices></View>'
)
SAFE = [{"type": "choices", "from_name": "harm", "to_name": "response", "value": {"choices": ["safe"]}, "id": "a"}]


class Someone:
    """A person at the server's own interface, which the door does not need and the tests do."""

    def __init__(self, url: str, person: Person) -> None:
        self._session = httpx.Client(base_url=url, headers={"Authorization": f"Token {person.token}"}, timeout=60)

    def ask(self, method: str, path: str, body: object = None) -> httpx.Response:
        return self._session.request(method, path, json=body)

    def label(self, task: int, *, skip: bool = False) -> int:
        body = {"result": [] if skip else SAFE, "was_cancelled": skip, "lead_time": 3.5}
        made = self.ask("POST", f"/api/tasks/{task}/annotations/", body).json()
        return int(made["id"])

    def next_task(self, project: int) -> int | None:
        answer = self.ask("GET", f"/api/projects/{project}/next")
        return int(answer.json()["id"]) if answer.status_code == 200 else None

    def close(self) -> None:
        self._session.close()


@pytest.fixture(scope="module")
def door(label_studio: Server) -> Door:
    return connect(label_studio.url, label_studio.admin.token)


@pytest.fixture(scope="module")
def admin(label_studio: Server) -> Iterator[Someone]:
    someone = Someone(label_studio.url, label_studio.admin)
    yield someone
    someone.close()


@pytest.fixture(scope="module")
def raters(label_studio: Server) -> Iterator[list[Someone]]:
    people = [Someone(label_studio.url, person) for person in label_studio.raters[:3]]
    yield people
    for someone in people:
        someone.close()


@pytest.fixture
def new_project(door: Door, admin: Someone) -> Iterator[Callable[..., int]]:
    """Makes projects that are gone when the test is."""
    made: list[int] = []

    def make(*, overlap: int = 2, mark: str = "a mark", config: str = FORM) -> int:
        number = door.create_project(
            title="door", mark=mark, config=config, instruction="Read it.\nThen choose.", overlap=overlap
        )
        made.append(number)
        return number

    yield make
    for number in made:
        admin.ask("DELETE", f"/api/projects/{number}/")


def texts(*responses: str) -> list[dict[str, str]]:
    return [{"ja_id": f"{number:016x}", "response": response} for number, response in enumerate(responses)]


def test_a_new_project_shows_no_predictions_and_lets_people_skip(
    door: Door, admin: Someone, new_project: Callable[..., int]
) -> None:
    """A project is blind, hands each task to `overlap` people, and shows the guideline."""
    number = new_project(overlap=3, mark="judgeaudit 0123abcd")
    state = door.project(number)
    assert (state.title, state.mark, state.config) == ("door", "judgeaudit 0123abcd", FORM)
    assert (state.instruction, state.overlap, state.tasks) == ("Read it.\nThen choose.", 3, 0)
    assert state.shows_predictions is False
    settings = admin.ask("GET", f"/api/projects/{number}/").json()
    wanted = {
        "show_collab_predictions": False,
        "evaluate_predictions_automatically": False,
        "show_instruction": True,
        "show_skip_button": True,
        "enable_empty_annotation": False,
        "sampling": "Sequential sampling",
        "skip_queue": "REQUEUE_FOR_OTHERS",
    }
    assert {name: settings[name] for name in wanted} == wanted


def test_a_project_is_found_by_its_mark_as_a_whole_word(door: Door, new_project: Callable[..., int]) -> None:
    """A mark that begins another one's mark does not find that one; words that somebody adds do no harm."""
    first = new_project(mark="ja:5f2c-dispute")
    second = new_project(mark="ja:5f2c-dispute-2 (ours, do not touch)")
    assert [state.project_id for state in door.find_projects("ja:5f2c-dispute")] == [first]
    assert [state.project_id for state in door.find_projects("ja:5f2c-dispute-2")] == [second]
    assert door.find_projects("ja:nothing-like-it") == []


def test_a_project_changes_only_in_what_is_given(door: Door, new_project: Callable[..., int]) -> None:
    """An update touches form, guideline or overlap, each alone."""
    number = new_project(overlap=2)
    before = door.project(number)
    door.update_project(number)
    assert door.project(number) == before
    door.update_project(number, overlap=4)
    door.update_project(number, instruction="Anew.")
    after = door.project(number)
    assert (after.overlap, after.instruction, after.config) == (4, "Anew.", before.config)


def test_a_form_that_the_server_refuses_is_told_in_its_words(door: Door, new_project: Callable[..., int]) -> None:
    """400 becomes one line that holds the server's own sentence."""
    with pytest.raises(InputError, match=r"^Label Studio at \S+ refused while creating .*toName=\"nothing\" not found"):
        new_project(config=FORM.replace('toName="response"', 'toName="nothing"'))
    number = new_project()
    with pytest.raises(InputError, match=rf"changing project {number}: Premature end of data in tag View"):
        door.update_project(number, config="<View>")


def test_tasks_come_back_as_they_went(door: Door, new_project: Callable[..., int]) -> None:
    """Numbers come in the order of what was sent, and no text changes, addresses of clouds among them."""
    hostile = [
        "",
        "a\nb\t c",
        "\x1b[31m\u202egnp.exe",
        "<script>alert(1)</script> $response &amp;",
        "s3://bucket/file.jpg",
    ]
    number = new_project()
    sent = texts(*hostile, "x" * 100_000)
    numbers = door.import_tasks(number, sent)
    assert numbers is not None
    assert [task["data"] for task in door.tasks(number, numbers)] == sent
    assert door.all_known(number) == {row["ja_id"]: [task] for row, task in zip(sent, numbers, strict=True)}


def test_what_is_known_is_told_with_every_copy(door: Door, new_project: Callable[..., int]) -> None:
    """Ids that are there, each with all tasks that have it; foreign tasks and unknown ids do not show."""
    number = new_project()
    assert door.known(number, ["00"]) == {}
    rows = texts(*(f"text {n}" for n in range(300)))
    first = door.import_tasks(number, rows) or []
    again = door.import_tasks(number, rows[:2]) or []
    door.import_tasks(number, [{"response": "somebody else's"}])
    known = door.known(number, [row["ja_id"] for row in rows] + ["none", rows[0]["ja_id"]])
    assert known == {row["ja_id"]: [task] for row, task in zip(rows, first, strict=True)} | {
        rows[0]["ja_id"]: [first[0], again[0]],
        rows[1]["ja_id"]: [first[1], again[1]],
    }
    assert door.count(number) == 302  # of ours
    assert door.all_known(number) == known


def test_a_batch_is_stored_whole_or_not_at_all(door: Door, new_project: Callable[..., int]) -> None:
    """One task that lacks a text refuses all, with the reason and without anybody's text."""
    number = new_project()
    with pytest.raises(InputError, match="item 1") as refused:
        door.import_tasks(number, [{"ja_id": "a", "response": "fine"}, {"ja_id": "secret words"}])
    assert "secret words" not in str(refused.value)
    assert door.count(number) == 0
    assert door.import_tasks(number, []) == []
    with pytest.raises(InputError, match="at most 1,000"):
        door.import_tasks(number, texts("x") * 1001)


def test_a_skipped_task_goes_to_somebody_else(
    door: Door, raters: list[Someone], new_project: Callable[..., int]
) -> None:
    """Who skips a task never gets it again, and the skip takes no place of the overlap."""
    number = new_project(overlap=2)
    (task,) = door.import_tasks(number, texts("one")) or []
    assert raters[0].next_task(number) == task
    raters[0].label(task, skip=True)
    assert raters[0].next_task(number) is None
    for someone in raters[1:]:
        assert someone.next_task(number) == task
        someone.label(task)
    assert [someone.next_task(number) for someone in raters] == [None, None, None]


def test_a_single_task_can_go_to_more_people_than_the_others(
    door: Door, raters: list[Someone], new_project: Callable[..., int]
) -> None:
    """An overlap of its own holds for a task that nobody has seen and for one that was done already."""
    number = new_project(overlap=1)
    fresh, done = door.import_tasks(number, texts("one", "two")) or []
    raters[0].label(done)
    door.set_overlap([fresh, done], 2)
    raters[0].label(fresh)
    assert {raters[1].next_task(number)} <= {fresh, done}
    raters[1].label(fresh)
    assert raters[1].next_task(number) == done
    raters[1].label(done)
    assert raters[2].next_task(number) is None


def test_changes_since_a_mark_include_the_mark(
    door: Door, raters: list[Someone], new_project: Callable[..., int]
) -> None:
    """Oldest change first, at the mark or later; without a mark every task."""
    number = new_project()
    tasks = door.import_tasks(number, texts("a", "b", "c")) or []
    every = door.changed_since(number, None)
    assert [stamp.task_id for stamp in every] == tasks
    raters[0].label(tasks[1])
    raters[1].label(tasks[0])
    changed = door.changed_since(number, every[-1].updated_at)
    assert [stamp.task_id for stamp in changed] == [tasks[2], tasks[1], tasks[0]]
    last = changed[-1].updated_at
    assert [stamp.task_id for stamp in door.changed_since(number, last)] == [tasks[0]]
    assert door.changed_since(number, "2200-01-01T00:00:00Z") == []
    with pytest.raises(InputError, match="no moment by the server's clock"):
        door.changed_since(number, "yesterday")


def test_no_task_is_lost_while_the_list_moves(
    door: Door, admin: Someone, raters: list[Someone], new_project: Callable[..., int]
) -> None:
    """Tasks that change or go between two pages push no other task out of the list."""
    number = new_project()
    tasks = door.import_tasks(number, texts(*"abcdefgh")) or []
    pages = walk(door._wire, number, include="id,updated_at", size=2)
    seen = [row["id"] for row in next(pages)[0]]
    door.delete_task(tasks[0])
    raters[0].label(tasks[1])
    seen += [row["id"] for rows, _ in pages for row in rows]
    assert seen == tasks


def test_a_project_that_goes_while_it_is_listed_is_no_end_of_the_list(
    door: Door, admin: Someone, new_project: Callable[..., int]
) -> None:
    """Half a list is an error, not a list."""
    number = new_project()
    door.import_tasks(number, texts(*"abcdef"))
    pages = walk(door._wire, number, include="id", size=2)
    next(pages)
    admin.ask("DELETE", f"/api/projects/{number}/")
    with pytest.raises(InputError, match=f"there is no project {number} at .*; check the address"):
        list(pages)


def test_tasks_come_as_the_export_has_them(
    door: Door, admin: Someone, raters: list[Someone], new_project: Callable[..., int]
) -> None:
    """All people's annotations, skips and drafts, in the order asked for; tasks that are gone are left out."""
    number = new_project()
    first, second, third = door.import_tasks(number, texts("a", "b", "c")) or []
    raters[0].label(first)
    raters[1].label(first, skip=True)
    raters[2].ask("POST", f"/api/tasks/{second}/drafts", {"result": SAFE, "lead_time": 1.0})
    door.delete_task(third)
    fetched = door.tasks(number, [second, third, first, second])
    exported = admin.ask("GET", f"/api/projects/{number}/export?exportType=JSON&download_all_tasks=true").json()
    by_number = {task["id"]: task for task in exported}
    assert json.dumps(fetched) == json.dumps([by_number[second], by_number[first]])
    assert len(by_number[second]["drafts"]) == 1
    assert [row["was_cancelled"] for row in by_number[first]["annotations"]] == [False, True]
    assert door.tasks(number, []) == []


def test_only_what_nobody_began_counts_as_unlabelled(
    door: Door, raters: list[Someone], new_project: Callable[..., int]
) -> None:
    """Labels, skips and drafts keep a task; deleting one twice is no error."""
    number = new_project()
    labelled, skipped, begun, free, gone = door.import_tasks(number, texts(*"abcde")) or []
    raters[0].label(labelled)
    raters[0].label(skipped, skip=True)
    raters[0].ask("POST", f"/api/tasks/{begun}/drafts", {"result": SAFE, "lead_time": 1.0})
    door.delete_task(gone)
    door.delete_task(gone)
    assert door.unlabelled([labelled, skipped, begun, free, gone]) == [free]


def test_a_label_that_the_server_does_not_count_keeps_its_task(
    door: Door, raters: list[Someone], new_project: Callable[..., int], label_studio: Server
) -> None:
    """Label Studio's counters go wrong, as after two projects were deleted at once: a labelled copy is not removed."""
    labelled, free = door.import_tasks(new_project(), texts(*"ab")) or []
    raters[0].label(labelled)
    with closing(sqlite3.connect(label_studio.data / "label_studio.sqlite3", timeout=60)) as database, database:
        database.execute("UPDATE task SET total_annotations = 0, is_labeled = 0 WHERE id = ?", (labelled,))
    assert door.unlabelled([labelled, free]) == [free]


@pytest.mark.parametrize(
    "ask",
    [
        lambda door, number: door.project(number),
        lambda door, number: door.update_project(number, overlap=2),
        lambda door, number: door.import_tasks(number, texts("a")),
        lambda door, number: door.count(number),
        lambda door, number: door.known(number, ["a"]),
        lambda door, number: door.all_known(number),
        lambda door, number: door.changed_since(number, None),
        lambda door, number: door.tasks(number, [1]),
    ],
    ids=["project", "update", "import", "count", "known", "all-known", "changed", "tasks"],
)
def test_a_project_that_somebody_deleted_is_told_in_one_line(door: Door, ask: Callable[[Door, int], object]) -> None:
    """Whatever is asked of a project that is gone, the answer is that it is gone."""
    with pytest.raises(InputError) as refused:
        ask(door, 10**8)
    assert str(refused.value) == (
        f"there is no project 100000000 at {door.url}: somebody deleted it, or this is another server or another "
        "person's organization; check the address and the token, or push to a new one with --resend"
    )


def test_both_kinds_of_token_open_the_door(label_studio: Server) -> None:
    """A legacy token and a personal access token do the same, with blanks and slashes around them too."""
    for token in (label_studio.admin.token, label_studio.personal_token):
        door = connect(f" {label_studio.url}/ ", f"\n{token} ")
        assert door.url == label_studio.url
        assert door.find_projects("ja:nothing-like-it") == []
        assert token not in repr(door) + repr(door._wire) + repr(vars(door))


def test_an_access_token_that_the_server_ended_early_is_renewed(label_studio: Server) -> None:
    """Clocks differ: the server may end an access token that is still good by ours, and nobody notices."""
    door = connect(label_studio.url, label_studio.personal_token)
    wire = door._wire
    spoiled = wire._access[:-6] + ("AAAAAA" if wire._access[-6:] != "AAAAAA" else "BBBBBB")
    wire._access = spoiled
    assert door.find_projects("ja:nothing-like-it") == []
    assert wire._access != spoiled


def test_a_wrong_token_is_told_by_its_kind(label_studio: Server, raters: list[Someone]) -> None:
    """Legacy, personal and revoked: each line says which kind failed, what the server said, and never the token."""
    with pytest.raises(InputError, match=r"^\S+ refuses the legacy token \(Invalid token\.\); copy it anew") as legacy:
        connect(label_studio.url, "0123456789" * 4)
    garbled = label_studio.personal_token[:-4] + (
        "AAAA" if not label_studio.personal_token.endswith("AAAA") else "BBBB"
    )
    with pytest.raises(InputError, match=r"^\S+ refuses the personal access token \(Token is invalid\)") as personal:
        connect(label_studio.url, garbled)
    for listed in raters[2].ask("GET", "/api/token/").json():
        raters[2].ask("POST", "/api/token/blacklist/", {"refresh": listed["token"]})
    token = raters[2].ask("POST", "/api/token/").json()["token"]
    connect(label_studio.url, token)
    raters[2].ask("POST", "/api/token/blacklist/", {"refresh": token})
    with pytest.raises(InputError, match=r"^\S+ refuses the personal access token \(") as revoked:
        connect(label_studio.url, token)
    said = f"{legacy.value}{personal.value}{revoked.value}"
    assert "\n" not in said
    assert not any(secret in said for secret in ("0123456789" * 4, garbled, token, label_studio.personal_token))
