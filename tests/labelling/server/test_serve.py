"""The server: who can sign in, what stays from one time to the next, and what never happens."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from judgeaudit.domain.errors import InputError, OutsideError
from judgeaudit.labelling.server.accounts import Browser, Person, RefusedError, known_as, new_password, sign_in
from judgeaudit.labelling.server.install import cache_home, server_python, template
from judgeaudit.labelling.server.process import child_environment, choose_port, last_words
from judgeaudit.labelling.server.server import VERSION, Server, prepare, prepared, running_server, server_note
from tests.labelling.conftest import OwnServer, is_alive

COMMAND = "import sys; sys.argv[0] = 'judgeaudit'; from judgeaudit.cli.main import main; sys.exit(main())"


@contextmanager
def serving(repository: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """`judgeaudit label serve` as a process of its own; killed if a test leaves it."""
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND, "label", "serve", *arguments],
        env={**os.environ, "PYTHONPATH": str(repository)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def said(process: subprocess.Popen[str]) -> dict[str, object]:
    """The JSON line that a server prints once it is ready."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.stderr.read() if process.stderr else ""
    return dict(json.loads(line))


def wait_until(true: Callable[[], bool]) -> bool:
    """Whether something becomes true within ten seconds."""
    end = time.monotonic() + 10
    while not true() and time.monotonic() < end:
        time.sleep(0.05)
    return true()


def everyone(server: Server | OwnServer) -> list[Person]:
    return [server.admin, *server.raters]


def test_everyone_can_sign_in_through_the_form(label_studio: Server) -> None:
    """E-mail and password open the sign-in form for the admin and each rater, and lead to the token that was told."""
    assert [sign_in(label_studio.url, person) for person in everyone(label_studio)] == everyone(label_studio)


def test_tokens_say_who_somebody_is(label_studio: Server) -> None:
    """Every token belongs to its person, and the numbers are those that annotations will carry."""
    people = everyone(label_studio)
    assert [known_as(label_studio.url, p.token) for p in people] == [(p.number, p.email) for p in people]
    assert len({p.number for p in people}) == 4


def test_the_personal_access_token_is_the_admins(label_studio: Server) -> None:
    """The personal access token can be exchanged for an access token, as clients do it."""
    data = json.dumps({"refresh": label_studio.personal_token}).encode()
    assert Browser(label_studio.url).fetch("/api/token/refresh", data=data)["access"]


def test_a_wrong_password_or_token_opens_nothing(label_studio: Server) -> None:
    """What was not given out is refused, in one line that says where the right one is looked for."""
    wrong = Person(number=0, email=label_studio.admin.email, password=new_password(), token="0" * 40)
    assert known_as(label_studio.url, wrong.token) is None
    with pytest.raises(InputError, match=r"admin@example\.com can no longer sign in"):
        sign_in(label_studio.url, wrong)


def test_nobody_signs_up_without_the_invitation(label_studio: Server) -> None:
    """The sign-up form is closed to whoever lacks the invite link."""
    stranger = {"email": "stranger@example.com", "password": new_password()}
    with pytest.raises(RefusedError):
        Browser(label_studio.url).submit("/user/signup/", stranger)


def test_it_listens_on_this_machine_alone(label_studio: Server) -> None:
    """No address but the loopback one answers."""
    port = int(label_studio.url.rpartition(":")[2])
    with socket.socket() as other, pytest.raises(OSError, match="refused"):
        other.connect(("127.0.0.2", port))


def test_the_server_tells_nobody_of_its_work(label_studio: Server) -> None:
    """The switches that stop every look-up and report are set where the server sees them."""
    environ = Path(f"/proc/{label_studio.pid}/environ")
    if not environ.exists():
        pytest.skip("no /proc on this system")
    seen = dict(pair.partition("=")[::2] for pair in environ.read_text("utf-8").split("\0") if pair)
    switches = ["SENTRY_DSN", "FRONTEND_SENTRY_DSN", "COLLECT_ANALYTICS", "LATEST_VERSION_CHECK"]
    assert [seen[name] for name in switches] == ["", "", "false", "false"]


def test_stray_variables_do_not_reach_the_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Label Studio reads HOST, PORT, DEBUG and many more without any prefix; none of them comes from outside."""
    stray = ["HOST", "PORT", "USERNAME", "PASSWORD", "DEBUG", "SECRET_KEY", "LABEL_STUDIO_HOST", "HEARTEX_PORT"]
    for name in [*stray, "POSTGRE_HOST", "DJANGO_DB", "DATABASE_NAME", "PYTHONPATH"]:
        monkeypatch.setenv(name, "stray")
    assert "stray" not in child_environment(tmp_path).values()


def test_secrets_are_for_their_owner_alone(label_studio: Server) -> None:
    """The folder with database, key, passwords and tokens can be read by nobody else."""
    assert stat.S_IMODE(label_studio.data.stat().st_mode) == 0o700
    files = [label_studio.data / name for name in ("serve.json", ".env", "label_studio.sqlite3", "server.log")]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_a_restart_keeps_everything(own_server: OwnServer) -> None:
    """After a stop and a start the address, the people, their sign-ins and what they made are as they were."""
    before = own_server.server
    title = {"title": "kept over a restart"}
    browser = Browser(own_server.url, token=own_server.admin.token)
    made = browser.fetch("/api/projects/", data=json.dumps(title).encode())
    own_server.stop()
    assert before is not None
    assert not is_alive(before.pid)
    own_server.start()
    assert (own_server.url, everyone(own_server)) == (before.url, everyone(before))
    found = Browser(own_server.url, token=own_server.raters[0].token).fetch(f"/api/projects/{made['id']}/")
    assert found["title"] == title["title"]
    assert sign_in(own_server.url, own_server.raters[0]) == own_server.raters[0]


def test_a_killed_server_comes_back(own_server: OwnServer) -> None:
    """After a kill it starts on the same port with the same people."""
    url, people = own_server.url, everyone(own_server)
    own_server.kill()
    with pytest.raises(OutsideError, match="does not answer"):
        known_as(url, people[0].token)
    own_server.start()
    assert (own_server.url, everyone(own_server)) == (url, people)


def test_more_raters_are_added_to_those_there(own_server: OwnServer) -> None:
    """Asking for more makes the new ones and keeps the old; a sign-up that was cut in the middle is taken up again."""
    before = own_server.raters
    own_server.stop()
    state = own_server.data / "serve.json"
    kept = json.loads(state.read_text("utf-8"))
    kept["raters"][-1] |= {"number": 0, "token": ""}  # the server knows this one, and the folder was not told
    state.write_text(json.dumps(kept), "utf-8")
    with running_server(own_server.data, raters=len(before) + 1) as more:
        assert more.raters[:-1] == before
        assert sign_in(more.url, more.raters[-1]) == more.raters[-1]
    own_server.start()
    assert own_server.raters == more.raters, "asking for fewer takes nobody away"


def test_a_first_start_cut_in_the_middle_begins_anew(need_label_studio: None, tmp_path: Path) -> None:
    """A folder whose server never became ready is made again, since nobody can have labelled in it."""
    data = tmp_path / "data"
    data.mkdir()
    empty = {"port": None, "admin": None, "raters": [], "personal_token": ""}
    (data / "serve.json").write_text(json.dumps(empty), "utf-8")
    (data / "label_studio.sqlite3").write_bytes(b"half a database")
    with running_server(data, raters=1) as server:
        assert known_as(server.url, server.raters[0].token) is not None


def test_one_folder_is_served_once(own_server: OwnServer) -> None:
    """A second server on the same folder is refused, with the address of the first."""
    with (
        pytest.raises(InputError, match=f"is being served already at {own_server.url}"),
        running_server(own_server.data),
    ):
        pass


def test_a_taken_port_is_refused_when_asked_for_and_left_aside_otherwise(tmp_path: Path) -> None:
    """A port that somebody else has is an error if it was named, and no reason to stop if it was last time's."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        with pytest.raises(InputError, match=f"port {taken} cannot be had"):
            choose_port(taken, None)
        assert choose_port(None, taken) != taken


@pytest.mark.parametrize(
    ("options", "message"),
    [({"raters": 0}, "--raters 0"), ({"raters": 10_000}, "--raters 10000"), ({"port": 70_000}, "--port 70000")],
    ids=str,
)
def test_numbers_that_cannot_be_are_refused(
    need_label_studio: None, tmp_path: Path, options: dict[str, int], message: str
) -> None:
    """Raters and ports are checked before anything is started."""
    with pytest.raises(InputError, match=message), running_server(tmp_path / "data", **options):
        pass


def test_a_folder_of_something_else_is_never_touched(tmp_path: Path) -> None:
    """A folder that holds other files, another Label Studio's too, is refused and stays as it is."""
    other = tmp_path / "label_studio.sqlite3"
    other.write_bytes(b"somebody's labels")
    with pytest.raises(InputError, match="holds files of something else"), running_server(tmp_path):
        pass
    assert [*tmp_path.iterdir()] == [other]
    assert other.read_bytes() == b"somebody's labels"


def test_a_lost_database_is_not_replaced_by_an_empty_one(need_label_studio: None, tmp_path: Path) -> None:
    """Where the people are and the database is not, the command says so instead of starting empty."""
    admin = {"number": 1, "email": "admin@example.com", "password": "x", "token": "x"}
    kept = {"port": None, "admin": admin, "raters": [], "personal_token": ""}
    (tmp_path / "serve.json").write_text(json.dumps(kept), "utf-8")
    with pytest.raises(InputError, match=r"label_studio\.sqlite3 is gone"), running_server(tmp_path):
        pass


def test_an_unreadable_state_is_one_line(tmp_path: Path) -> None:
    """A serve.json that was edited into nonsense is named, never overwritten."""
    (tmp_path / "serve.json").write_text("{", "utf-8")
    with pytest.raises(InputError, match=r"serve\.json is not as"), running_server(tmp_path):
        pass
    assert (tmp_path / "serve.json").read_text("utf-8") == "{"


def test_a_crash_at_start_is_one_line_with_the_last_words(own_server: OwnServer) -> None:
    """A database that is none: the server's own complaint and the place of its log."""
    own_server.stop()
    database = own_server.data / "label_studio.sqlite3"
    whole = database.read_bytes()
    database.write_bytes(b"no database at all" * 100)
    try:
        with pytest.raises(OutsideError, match=r"ended by itself .*not a database.*server\.log"):
            own_server.start()
    finally:
        database.write_bytes(whole)


def test_the_last_words_of_a_log_are_its_last_error(tmp_path: Path) -> None:
    """An installer says more after its error; a server's traceback ends with it."""
    log = tmp_path / "log"
    log.write_text("ERROR: No matching distribution\n[notice] a new release of pip\n\n", "utf-8")
    assert last_words(log) == "ERROR: No matching distribution"
    log.write_text('Traceback\n  File "x"\nOSError: no space left\n', "utf-8")
    assert last_words(log) == "OSError: no space left"
    log.write_text("", "utf-8")
    assert last_words(log) == "it said nothing"


@pytest.mark.slow
def test_an_installation_without_an_index_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where the package cannot be had, the installer's complaint is told and nothing counts as prepared."""
    monkeypatch.setenv("JUDGEAUDIT_CACHE", str(tmp_path))
    monkeypatch.setenv("PATH", os.defpath)  # without uv, whose switches are others
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(OutsideError, match="cannot be installed: ERROR: No matching distribution") as raised:
        prepare()
    assert "\n" not in str(raised.value)
    assert server_python(cache_home()).exists()
    assert not prepared()


def test_what_is_half_made_does_not_count(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Prepared means: installed to the end, with a Python that is still there, and a database beside it."""
    monkeypatch.setenv("JUDGEAUDIT_CACHE", str(tmp_path))
    home = cache_home()
    parts = [server_python(home), home / "venv" / ".judgeaudit-complete", template(home)]
    for part in parts:
        assert not prepared()
        part.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(VERSION, "utf-8")
    assert prepared()
    parts[0].unlink()
    assert not prepared()


def test_two_that_prepare_at_once_wait_for_each_other(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whoever comes second says so, waits, and finds the work done."""
    fcntl = pytest.importorskip("fcntl")
    monkeypatch.setenv("JUDGEAUDIT_CACHE", str(tmp_path))
    home = cache_home()
    server_python(home).parent.mkdir(parents=True)
    server_python(home).touch()
    (home / "venv" / ".judgeaudit-complete").write_text(VERSION, "utf-8")
    told: list[str] = []
    with ThreadPoolExecutor() as pool:
        with (home / "lock").open("wb") as first:
            fcntl.flock(first, fcntl.LOCK_EX)
            second = pool.submit(prepare, told.append)
            assert wait_until(lambda: bool(told))
            template(home).touch()
        assert second.result(timeout=10) == home
    assert told == ["somebody else prepares Label Studio here; waiting"]


def test_a_cache_that_cannot_be_written_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The message names the variable that moves the cache elsewhere."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("JUDGEAUDIT_CACHE", str(tmp_path / "file"))
    with pytest.raises(InputError, match=r"cannot write to the cache .*JUDGEAUDIT_CACHE"):
        prepare()


def test_the_command_serves_until_it_is_told_to_end(need_label_studio: None, repository: Path, tmp_path: Path) -> None:
    """Ready: one JSON object and the study's note. SIGTERM: exit 0, no note, no process, the labels' folder stays."""
    (tmp_path / "study.toml").write_text("schema = 1\n", "utf-8")
    with serving(repository, str(tmp_path), "--raters", "1", "--json") as process:
        server = said(process)
        note = server_note(tmp_path)
        assert stat.S_IMODE(note.stat().st_mode) == 0o600
        admin = server["admin"]
        assert isinstance(admin, dict)
        told = json.loads(note.read_text("utf-8"))
        assert told == {"url": server["url"], "token": admin["token"], "pid": process.pid}
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (0, "", "")
    assert not is_alive(int(str(server["pid"])))
    assert not note.exists()
    assert (tmp_path / "labelling" / "server" / "label_studio.sqlite3").is_file()


def test_the_command_shows_how_to_sign_in(need_label_studio: None, repository: Path, tmp_path: Path) -> None:
    """A person reads address, e-mail, password and what to do next; Ctrl-C ends it with exit 0."""
    with serving(repository, "--data", str(tmp_path / "data"), "--raters", "1") as process:
        assert process.stdout is not None
        shown = []
        while not shown or not shown[-1].startswith("Ctrl-C"):
            shown.append(process.stdout.readline())
            assert shown[-1], process.communicate()
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    kept = json.loads((tmp_path / "data" / "serve.json").read_text("utf-8"))
    text = "".join(shown)
    assert f"http://127.0.0.1:{kept['port']}" in text
    assert all(
        person[key] in text for person in [kept["admin"], *kept["raters"]] for key in ("email", "password", "token")
    )


def test_a_killed_command_leaves_no_server(need_label_studio: None, repository: Path, tmp_path: Path) -> None:
    """The server ends with whoever started it, even if that was killed, and its folder can be served again."""
    with serving(repository, "--data", str(tmp_path / "data"), "--raters", "1", "--json") as process:
        server = said(process)
        process.kill()
        assert wait_until(lambda: not is_alive(int(str(server["pid"]))))
    with running_server(tmp_path / "data", raters=1) as again:
        assert again.url == server["url"]


def test_a_server_that_dies_ends_the_command(need_label_studio: None, repository: Path, tmp_path: Path) -> None:
    """When the server ends by itself, so does the command: exit 5 and one line."""
    with serving(repository, "--data", str(tmp_path / "data"), "--raters", "1", "--json") as process:
        os.kill(int(str(said(process)["pid"])), signal.SIGKILL)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 5
    assert err.startswith("judgeaudit: Label Studio ended by itself (exit code -9)")
    assert err.count("\n") == 1


@pytest.mark.parametrize("arguments", [[], ["nowhere"], ["nowhere", "--data", "data"]], ids=" ".join)
def test_without_a_study_the_command_says_what_makes_one(
    run_command: Callable[..., object], tmp_path: Path, arguments: list[str]
) -> None:
    """A folder without study.toml is refused, in one line, and nothing is made there."""
    ran = run_command(["label", "serve", *arguments], cwd=tmp_path)
    assert getattr(ran, "code", None) == 2
    assert "study.toml: no such file; `judgeaudit init " in getattr(ran, "err", "")
    assert [*tmp_path.iterdir()] == []
