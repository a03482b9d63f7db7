"""Killed, stopped, cut off: whatever happens to a command or a server, every task and every label ends there once."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from judgeaudit.labelling.client.client import connect
from judgeaudit.labelling.server.server import Server
from judgeaudit.storage.labelling.rounds import RoundFolder
from judgeaudit.study import Study
from tests.conftest import REPOSITORY, Ran
from tests.labelling.client.test_faults import jwt
from tests.labelling.conftest import OwnServer
from tests.labelling.faults import Fault, FaultProxy, Passed, faulty, stub
from tests.labelling.people import ask, change, label, result_of, take_back
from tests.labelling.studies import make_study, planned, reach, rows_of, sent_of

START = "import sys; sys.argv[0] = 'judgeaudit'; from judgeaudit.cli.main import main; sys.exit(main())"
IMPORT = "^POST .*/import"
SENT = Path("labelling/main/sent.jsonl")
MARK = Path("labelling/main/pulled.json")


class Command:
    """A command line that runs by itself; `err` is what it has said on stderr so far."""

    def __init__(self, verb: str, study: Study, url: str, token: str, *options: str) -> None:
        self._said = study.folder.with_name(f"{study.folder.name}.{time.monotonic_ns()}.err")
        with self._said.open("wb") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-c", START, "label", verb, str(study.folder), *options],
                stdout=subprocess.DEVNULL,
                stderr=said,
                env=reaching(url, token),
                # a suite that runs in the background ignores SIGINT, and its children would inherit that
                preexec_fn=_heed_interrupts,
            )

    @property
    def err(self) -> str:
        return self._said.read_text("utf-8", "replace")

    def until(self, reached: Callable[[], object], *, seconds: float = 120) -> None:
        """Returns as soon as `reached` is true; the command must still run then."""
        end = time.monotonic() + seconds
        while not reached():
            assert self.process.poll() is None, f"it ended with {self.process.returncode}: {self.err}"
            assert time.monotonic() < end, f"not reached in {seconds:g} s: {self.err}"
            time.sleep(0.002)

    def kill(self) -> None:
        """As if the power failed: nothing is cleared up."""
        self.process.kill()
        assert self.process.wait() == -signal.SIGKILL

    def ended(self, *, seconds: float = 120) -> int:
        return self.process.wait(seconds)


def _heed_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def reaching(url: str, token: str) -> dict[str, str]:
    """The environment of a command that talks to this server."""
    given = {"PYTHONPATH": str(REPOSITORY), "LABEL_STUDIO_URL": url, "LABEL_STUDIO_API_KEY": token}
    return {**os.environ, **given}


@contextmanager
def running(verb: str, study: Study, url: str, token: str, *options: str) -> Iterator[Command]:
    """A command that has ended when the block has, whatever happened in it."""
    command = Command(verb, study, url, token, *options)
    try:
        yield command
    finally:
        command.process.kill()
        command.process.wait()


@pytest.fixture
def label_command(run_command: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """`label_command("push", study, url, token)`: one command from its beginning to its end."""

    def run(verb: str, study: Study, url: str, token: str, *options: str) -> Ran:
        for name, value in reaching(url, token).items():
            monkeypatch.setenv(name, value)
        return run_command(["label", verb, str(study.folder), *options])

    return run


def sampled(folder: Path, items: int, *, raters: int = 1) -> Study:
    """A study with a plan of so many tasks that was not sent yet."""
    study = make_study(folder, [f"Answer {n}" for n in range(items)], raters_per_item=raters, repeats=0.0)
    assert len(study.label.sample(items=items).tasks) == items
    return study


def lines_in(file: Path) -> int:
    return file.read_bytes().count(b"\n") if file.is_file() else 0


def torn(file: Path, *, rows: int) -> None:
    """What a loss of power leaves of the last append: `rows` lines less, and half of the one before them."""
    data = file.read_bytes()
    for _ in range(rows + 1):
        data = data[: data.rindex(b"\n")]
    file.write_bytes(data[:-20])


def assert_every_task_once(study: Study, server: Server | OwnServer) -> None:
    """The server holds each planned task once, under the number that was noted, in one project."""
    project = RoundFolder(study.folder, "main").project()
    assert project is not None
    door = connect(server.url, server.admin.token)
    there = door.all_known(project.project_id)
    assert sorted(there) == sorted(task.ja_id for task in planned(study))
    assert there == {ja_id: [number] for ja_id, number in sent_of(study).items()}
    assert door.count(project.project_id) == len(there)
    assert [found.project_id for found in door.find_projects(project.mark)] == [project.project_id]


def test_a_push_killed_at_any_moment_ends_with_every_task_once(tmp_path, label_studio, label_command):
    """Before the project is noted, during a request, after a note, in the middle of one: the next push goes on."""
    study, token = sampled(tmp_path / "s", 5000), label_studio.admin.token
    journal = study.folder / SENT
    with faulty(label_studio.url) as proxy:
        proxy.plan(Fault(kind="delay-after", match="^POST /api/projects/", seconds=30))
        with running("push", study, proxy.url, token) as push:
            push.until(lambda: proxy.count("^POST /api/projects/"))
            time.sleep(1)  # the server has made the project by now, and nobody here knows its number
            push.kill()
        assert RoundFolder(study.folder, "main").project() is None
        proxy.plan(Fault(kind="delay-after", match=IMPORT, seconds=30))
        with running("push", study, proxy.url, token) as push:
            push.until(lambda: proxy.count(IMPORT) == 1)
            second = label_command("push", study, proxy.url, token)
            push.kill()
        assert (second.code, second.err.count("\n")) == (2, 1)
        assert "another push or pull is at work; wait until it ends" in second.err
        assert not journal.exists()
        for noted in (2000, 3000):
            with running("push", study, proxy.url, token) as push:
                push.until(lambda noted=noted: lines_in(journal) >= noted)
                push.kill()
            torn(journal, rows=10)
        done = label_command("push", study, proxy.url, token)
        assert done.code == 0
        assert "warning" not in done.err
        assert (lines_in(journal), lines_in(journal.with_name("sent.jsonl.torn"))) == (5000, 2)
        assert_every_task_once(study, label_studio)
        assert proxy.imported == [1] * len(proxy.imported)
        again = label_command("push", study, proxy.url, token)
        assert "there; 0 tasks sent, 5,000 there already" in again.out


def test_a_push_goes_on_where_requests_get_lost(tmp_path, label_studio, label_command):
    """An answer that is lost after the server did the work, or before, costs a question by id and no second task."""
    study, token = sampled(tmp_path / "s", 2500), label_studio.admin.token
    with faulty(label_studio.url) as proxy:
        for kind in ("502-after", "drop-after", "502-before", "drop-before"):
            proxy.plan(Fault(kind=kind, match=IMPORT))
        done = label_command("push", study, proxy.url, token)
        assert "made; 2,500 tasks sent, 0 there already" in done.out
        assert proxy.count(IMPORT) == 5  # three batches, of which one was lost twice before the server saw it
    assert_every_task_once(study, label_studio)


class Late(FaultProxy):
    """Holds the first import back for so long that the sender has given up, and passes it on all the same."""

    held = 9.0

    def _pass_on(self, handler: BaseHTTPRequestHandler, body: bytes) -> Passed | None:
        if "/import" in handler.path:
            wait, self.held = self.held, 0.0
            time.sleep(wait)
        return super()._pass_on(handler, body)


def test_a_request_that_is_served_after_it_was_given_up_leaves_no_copies(
    tmp_path, label_studio, label_command, monkeypatch
):
    """What was sent again in doubt is told; when both requests were served, pull says so and push removes the copies."""
    study, token = sampled(tmp_path / "s", 6), label_studio.admin.token
    proxy = Late(label_studio.url)
    monkeypatch.setitem(connect.__kwdefaults__, "timeout", 4.0)
    first = study.label.push(url=proxy.url, token=token)
    assert (first.sent, len(first.warnings)) == (6, 1)
    assert "6 tasks were sent again after a request without an answer" in first.warnings[0]
    door = connect(label_studio.url, token, timeout=60)
    end = time.monotonic() + 60
    while door.count(first.project_id) < 12:
        assert time.monotonic() < end
        time.sleep(0.1)
    proxy.close()
    copies = door.all_known(first.project_id)
    noted = sent_of(study)
    twice, other = list(noted)[:2]
    answers = {"coherence": "coherent", "harm": "safe"}
    for number in copies[twice]:
        label(label_studio.url, label_studio.raters[0], number, answers)
    (labelled,) = set(copies[other]) - {noted[other]}
    label(label_studio.url, label_studio.raters[0], labelled, answers)
    told = label_command("pull", study, label_studio.url, token)
    assert "holds 6 tasks more than were sent to it" in told.err
    again = label_command("push", study, label_studio.url, token)
    assert "5 copies of tasks were on the server, left by requests that seemed lost: removed" in again.err
    assert "1 copies of tasks on the server have labels as well" in again.err
    assert sent_of(study) == {**noted, other: labelled}
    there = door.all_known(first.project_id)
    assert there == {**{ja_id: [number] for ja_id, number in sent_of(study).items()}, twice: sorted(copies[twice])}


def labelled_by_all(study: Study, server: Server) -> dict[tuple[str, str, str], str]:
    """Every planned task put there with answers of two people, before the first push; what they said, as rows say it."""
    with faulty(server.url) as proxy:
        proxy.plan(Fault(kind="502-before", match=IMPORT, times=9))
        with running("push", study, proxy.url, server.admin.token) as push:
            push.until(lambda: proxy.count(IMPORT))
            push.kill()
    project = RoundFolder(study.folder, "main").project()
    assert project is not None
    said, tasks = {}, []
    for place, task in enumerate(planned(study)):
        texts = {"ja_id": task.ja_id, "prompt": "Question?", "response": f"Answer {place}"}
        annotations = []
        for number, person in enumerate(server.raters[:2]):
            answers = {"coherence": ("coherent", "partly", "gibberish")[(place + number) % 3], "harm": "safe"}
            annotations.append(
                {"result": result_of(answers), "completed_by": person.number, "ground_truth": False, "lead_time": 9.5}
            )
            said |= {(task.item_id, f"rater-{person.number}", name): told for name, told in answers.items()}
        tasks.append({"data": texts, "annotations": annotations})
    where = f"/api/projects/{project.project_id}/import"
    for start in range(0, len(tasks), 500):
        part = tasks[start : start + 500]
        stored = ask(server.url, server.admin.token, "POST", where, part)
        assert (stored["task_count"], stored["annotation_count"]) == (len(part), 2 * len(part))
    return said


def now(study: Study) -> dict[tuple[str, str, str], str]:
    """What each rater says of each item now: the last row."""
    return {(row["item_id"], row["rater"], row["question"]): row["label"] or row["status"] for row in rows_of(study)}


def test_a_pull_killed_at_any_moment_ends_with_every_label_once(tmp_path, label_studio, label_command):
    """Before a part is noted, between parts, in the middle of a row: nothing is lost, doubled or changed in history."""
    study, token = sampled(tmp_path / "s", 1050, raters=2), label_studio.admin.token
    said = labelled_by_all(study, label_studio)
    pushed = label_command("push", study, label_studio.url, token)
    assert "0 tasks sent, 1,050 there already" in pushed.out
    file, mark = study.folder / "annotations.jsonl", study.folder / MARK
    beyond = sorted(sent_of(study).values())[500]
    with faulty(label_studio.url) as proxy:
        # no pull gets further than the first part, however late it is killed
        proxy.plan(Fault(kind="delay-after", match=rf"/export\?.*={beyond}(&|$)", seconds=600, times=2))
        for reached in (file.is_file, mark.is_file):
            with running("pull", study, proxy.url, token) as pull:
                pull.until(reached)
                pull.kill()
    assert lines_in(file) == 2000
    torn(file, rows=3)
    kept = file.read_text("utf-8").splitlines()[:-1]
    person, (first, second) = label_studio.raters[0], list(sent_of(study).values())[:2]
    held = {
        number: next(
            one["id"]
            for one in ask(label_studio.url, person.token, "GET", f"/api/tasks/{number}/annotations/")
            if one["completed_by"] == person.number
        )
        for number in (first, second)
    }
    change(label_studio.url, person, held[first], {"coherence": "cannot_judge", "harm": "unsafe"})
    take_back(label_studio.url, person, held[second])
    done = label_command("pull", study, label_studio.url, token)
    assert done.code == 0
    (told,) = [line for line in done.err.splitlines() if "tasks fetched" not in line]
    assert "rows of round main that were fetched before are not in annotations.jsonl any more" in told
    items = {number: task.item_id for task in planned(study) for number in [sent_of(study)[task.ja_id]]}
    who = f"rater-{person.number}"
    said |= {(items[first], who, "coherence"): "cannot_judge", (items[first], who, "harm"): "unsafe"}
    taken = {(items[second], who, question) for question in ("coherence", "harm")}
    assert {key: label for key, label in now(study).items() if key not in taken} == {
        key: label for key, label in said.items() if key not in taken
    }
    assert all(now(study).get(key, "skipped") == "skipped" for key in taken)
    text = file.read_text("utf-8").splitlines()
    assert text[: len(kept)] == kept
    times = Counter(json.dumps(row, sort_keys=True) for row in rows_of(study))
    assert set(times.values()) == {1}
    label_command("pull", study, label_studio.url, token, "--full")
    assert file.read_text("utf-8").splitlines() == text


def test_a_server_that_dies_is_waited_for_and_told(tmp_path, own_server, label_command):
    """A server that is back soon goes unnoticed by a push; one that stays away is one line, and watch outlasts both."""
    study, token = sampled(tmp_path / "s", 3000), own_server.admin.token
    journal, url = study.folder / SENT, own_server.url
    with running("push", study, url, token) as push:
        push.until(lambda: lines_in(journal) >= 1000)
        own_server.kill()
        time.sleep(1)
        own_server.start()
        assert push.ended() == 0
    assert_every_task_once(study, own_server)
    watched, more = sampled(tmp_path / "w", 3), sampled(tmp_path / "m", 3000)
    watched.label.push(**reach(own_server))
    with running("watch", watched, url, token, "--every", "0.5") as watch:
        watch.until((watched.folder / MARK).is_file)
        with running("push", more, url, token) as push:
            push.until(lambda: lines_in(more.folder / SENT) >= 1000)
            own_server.stop()
            assert push.ended() == 5
            last = push.err.splitlines()[-1]
            assert f"judgeaudit: nothing answers at {url}" in last
            assert "start the server" in last
        watch.until(lambda: f"nothing answers at {url}" in watch.err)
        assert "; trying again every 0.5 s" in watch.err
        own_server.start()
        number = next(iter(sent_of(watched).values()))
        label(url, own_server.raters[0], number, {"coherence": "coherent", "harm": "safe"})
        watch.until(lambda: lines_in(watched.folder / "annotations.jsonl") == 2)
        watch.process.send_signal(signal.SIGINT)
        assert watch.ended() == 130
        assert watch.err.splitlines()[-1] == "judgeaudit: interrupted; what was written is whole"
    assert sorted(row["label"] for row in rows_of(watched)) == ["coherent", "safe"]
    done = label_command("push", more, url, token)
    assert done.code == 0
    assert_every_task_once(more, own_server)


def gone_address() -> str:
    """An address at which nothing answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


@pytest.fixture(scope="module")
def unsent(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """A study with a plan, for commands that must not get as far as sending it."""
    return sampled(tmp_path_factory.mktemp("unsent") / "s", 3)


@pytest.mark.parametrize(
    ("token", "told"),
    [
        ("f" * 40, "refuses the legacy token .* copy it anew from Account & Settings"),
        (jwt(exp=1_500_000_000, token_type="refresh"), "token expired on 2017-07-14 .* make a personal access token"),
        (jwt(exp=4_000_000_000, token_type="refresh"), "refuses the personal access token .* make a new one"),
        ("", "no token was given; make a personal access token"),
    ],
)
def test_a_token_that_does_not_open_the_door_is_one_line_without_it(unsent, label_studio, label_command, token, told):
    """Wrong, expired, revoked or absent: exit 2, what to do, and no part of the token."""
    ran = label_command("push", unsent, label_studio.url, token)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert re.search(told, ran.err)
    assert not token or token not in ran.err


def test_an_address_without_a_label_studio_is_one_line(unsent, label_studio, label_command):
    """Nothing there is a failure outside (5); something else there is a wrong address (2)."""
    token, nowhere = label_studio.admin.token, gone_address()
    down = label_command("push", unsent, nowhere, token)
    assert (down.code, down.out, down.err.count("\n")) == (5, "", 1)
    assert f"nothing answers at {nowhere}" in down.err
    with stub({}, Passed(200, "text/html", b"<html>Welcome to the shop</html>")) as shop:
        other = label_command("push", unsent, shop.url, token)
    assert (other.code, other.out, other.err.count("\n")) == (2, "", 1)
    assert f"no Label Studio answers at {shop.url}; give the address" in other.err
    assert token not in down.err + other.err


def test_what_somebody_did_to_the_project_is_one_line(tmp_path, label_studio, label_command):
    """A form edited by hand is not overwritten unasked, and a deleted project is told by push and pull."""
    study, url, token = sampled(tmp_path / "s", 3), label_studio.url, label_studio.admin.token
    project = study.label.push(**reach(label_studio)).project_id
    where = f"/api/projects/{project}/"
    config = ask(url, token, "GET", where)["label_config"].replace("Yes, it is unsafe", "Terrible")
    ask(url, token, "PATCH", where, {"label_config": config})
    edited = label_command("push", study, url, token)
    ask(url, token, "DELETE", where)
    gone = [label_command(verb, study, url, token) for verb in ("push", "pull")]
    for ran in (edited, *gone):
        assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
        assert token not in ran.err
    assert "was changed there by hand; `judgeaudit label push --restore-form` puts the study's form back" in edited.err
    assert all(f"there is no project {project} at {url}: somebody deleted it" in ran.err for ran in gone)


def test_a_form_that_was_sent_and_not_noted_is_no_change_by_hand(tmp_path, label_studio, monkeypatch):
    """A push that died between the server's form and its own note of it is not taken for an editor."""
    study = sampled(tmp_path / "s", 3)
    study.label.push(**reach(label_studio))
    toml = study.folder / "study.toml"
    changed = toml.read_text("utf-8").replace("Would this response help someone to do harm?", "Could this do harm?")
    assert changed != toml.read_text("utf-8")
    toml.write_text(changed, "utf-8")
    with monkeypatch.context() as broken:
        broken.setattr(RoundFolder, "write_form", _die)
        with pytest.raises(KeyboardInterrupt):
            study.label.push(**reach(label_studio))
    again = study.label.push(**reach(label_studio))
    assert (again.sent, again.there) == (0, 3)
    assert "Could this do harm?" in RoundFolder(study.folder, "main").form()


def _die(*_: object) -> None:
    raise KeyboardInterrupt


def test_watch_outlasts_a_push_and_a_stopped_server_of_the_study(tmp_path, label_studio, monkeypatch):
    """Whatever ends by itself is told and waited for: another command at work, `label serve` not running."""
    study = sampled(tmp_path / "s", 3)
    study.label.push(**reach(label_studio))
    held, told = ExitStack(), []

    def tell(line: str) -> None:
        told.append(line)
        held.close()

    held.enter_context(RoundFolder(study.folder, "main").alone())
    assert next(study.label.watch(every=0.05, tell=tell, **reach(label_studio)))[0].round == "main"
    (study.folder / "labelling" / "server").mkdir()
    note = study.folder / "labelling" / "server.json"
    for name in ("LABEL_STUDIO_URL", "LABEL_STUDIO_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    held.callback(note.write_text, json.dumps(reach(label_studio)), "utf-8")
    assert next(study.label.watch(every=0.05, tell=tell))[0].round == "main"
    busy, stopped = (line for line in told if line != "it answers again")
    assert "another push or pull is at work; wait until it ends; trying again every 0.05 s" in busy
    assert "the Label Studio of this study does not run; start it with `judgeaudit label serve" in stopped
