"""The door, when things break: reads are repeated, writes never, and each failure is one line with its mend."""

from __future__ import annotations

import base64
import json
import logging
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from judgeaudit.domain.errors import InputError, JudgeAuditError, OutsideError
from judgeaudit.labelling.client import requests as door_wire
from judgeaudit.labelling.client.client import connect
from judgeaudit.labelling.client.tokens import checked_token, checked_url
from judgeaudit.labelling.server.server import Server
from tests.labelling.conftest import OwnServer
from tests.labelling.faults import Answer, Fault, Passed, faulty, stub

FORM = (
    '<View><Text name="response" value="$response"/><Choices name="harm" toName="response">'
    '<Choice value="safe"/><Choice value="unsafe"/></Choices></View>'
)
HERE: dict[str, Answer] = {
    "GET /api/version": {"release": "1.23.2"},
    "GET /api/current-user/whoami": {"id": 1, "email": "somebody"},
}
LEGACY = "0123456789" * 4
HTML_404 = Passed(404, "text/html", b"<!doctype html><html><h1>Not Found</h1></html>")


def said(status: int, detail: str) -> Passed:
    return Passed(status, "application/json", json.dumps({"detail": detail, "status_code": status}).encode())


def jwt(**claims: object) -> str:
    parts = ({"alg": "HS256", "typ": "JWT"}, claims)
    head, body = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    return f"{head}.{body}.c2lnbmF0dXJl"


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The attempts of a read follow each other quickly."""
    monkeypatch.setattr(door_wire, "PAUSES", (0.01, 0.01, 0.01, 0.01))


@pytest.fixture
def project(label_studio: Server) -> Iterator[tuple[Server, int]]:
    door = connect(label_studio.url, label_studio.admin.token)
    number = door.create_project(title="faults", mark="faults", config=FORM, instruction="", overlap=1)
    yield label_studio, number
    door._wire.write("DELETE", f"api/projects/{number}/", "tidying up")


def texts(count: int) -> list[dict[str, str]]:
    return [{"ja_id": f"{number:016x}", "response": f"text {number}"} for number in range(count)]


@pytest.mark.parametrize("kind", ["502-after", "drop-after", "429", "502-before", "drop-before"])
def test_a_write_is_sent_once_whatever_comes_back(project: tuple[Server, int], kind: str) -> None:
    """An import that failed is never repeated by itself; what the server holds is found by id afterwards."""
    server, number = project
    with faulty(server.url) as proxy:
        door = connect(proxy.url, server.admin.token)
        proxy.plan(Fault(kind=kind, match="^POST .*/import"))  # type: ignore[arg-type]
        with pytest.raises(OutsideError, match=f"sending 10 tasks to project {number}"):
            door.import_tasks(number, texts(10))
        assert proxy.imported == [1]
        held = 10 if kind.endswith("-after") else 0
        assert len(door.known(number, [row["ja_id"] for row in texts(10)])) == held == door.count(number)


def test_no_answer_in_time_is_told_as_such_and_not_repeated(project: tuple[Server, int]) -> None:
    """A slow server may have done it all the same, and the line says so."""
    server, number = project
    with faulty(server.url) as proxy:
        door = connect(proxy.url, server.admin.token, timeout=5)
        proxy.plan(Fault(kind="delay-after", match="^POST .*/import|^GET /api/projects", times=2, seconds=7))
        with pytest.raises(
            OutsideError, match=r"gave no answer within 5 s while sending 3 tasks .* done it all the same"
        ):
            door.import_tasks(number, texts(3))
        assert proxy.imported == [1]
        assert door.count(number) == 3
        with pytest.raises(OutsideError, match="gave no answer within 5 s while reading project"):
            door.project(number)
        assert proxy.count("GET /api/projects/") == 1


@pytest.mark.parametrize("kind", ["502-after", "drop-before", "429"])
def test_a_read_is_repeated_a_few_times(project: tuple[Server, int], kind: str) -> None:
    """Two bad moments pass unnoticed; five are told."""
    server, number = project
    with faulty(server.url) as proxy:
        door = connect(proxy.url, server.admin.token)
        proxy.plan(Fault(kind=kind, match=f"^GET /api/projects/{number}/", times=2))  # type: ignore[arg-type]
        assert door.project(number).tasks == 0
        assert proxy.count(f"^GET /api/projects/{number}/") == 3
        proxy.plan(Fault(kind=kind, match=f"^GET /api/projects/{number}/", times=50))  # type: ignore[arg-type]
        with pytest.raises(OutsideError, match=f"while reading project {number}"):
            door.project(number)
        assert proxy.count(f"^GET /api/projects/{number}/") == 8


def test_a_server_that_went_away_is_told(own_server: OwnServer) -> None:
    """Every call, and a new connection, says that nothing answers and how to mend it; after a restart all goes on."""
    door = connect(own_server.url, own_server.admin.token)
    own_server.kill()
    for ask in (lambda: door.count(1), lambda: door.delete_task(1), lambda: connect(door.url, own_server.admin.token)):
        with pytest.raises(OutsideError, match=r"^nothing answers at http://\S+ \(.*refused\); start the server"):
            ask()
    own_server.start()
    assert door.find_projects("none") == []


@pytest.mark.parametrize(
    ("answers", "default", "line"),
    [
        ({}, HTML_404, "no Label Studio answers at URL; give the address that its start page has in the browser"),
        ({}, Passed(200, "text/html", b"<html>Welcome</html>"), "no Label Studio answers at URL; give the address"),
        ({"GET /api/version": {"version": "9"}}, HTML_404, "no Label Studio answers at URL; give the address"),
        ({"GET /api/version": ["release"]}, HTML_404, "no Label Studio answers at URL; give the address"),
        ({}, said(401, "who are you?"), "no Label Studio answers at URL; give the address"),
        ({"GET /api/version": HERE["GET /api/version"]}, HTML_404, "no Label Studio answers at URL; give the address"),
        (HERE | {"GET /api/current-user/whoami": {}}, HTML_404, "no Label Studio answers at URL; give the address"),
        (
            HERE | {"GET /api/current-user/whoami": said(401, "Invalid token.")},
            HTML_404,
            "URL refuses the legacy token (Invalid token.); copy it anew from Account & Settings of that server",
        ),
        (
            HERE
            | {
                "GET /api/current-user/whoami": said(
                    401,
                    "Authentication token no longer valid: legacy token authentication has been disabled for this organization",
                )
            },
            HTML_404,
            "URL has legacy tokens switched off; use a personal access token (Account & Settings there), or have an owner",
        ),
        (
            {},
            Passed(301, "text/html", b"https://labels.example.org/api/version"),
            "URL sends requests on to https://labels.example.org, where a token would not go along; give the address",
        ),
        (
            {},
            Passed(400, "text/html", b"<h1>400</h1>The plain HTTP request was sent to HTTPS port"),
            "the server at URL speaks HTTPS; write https://127.0.0.1",
        ),
    ],
)
def test_what_is_not_there_is_told_apart(answers: dict[str, Answer], default: Passed, line: str) -> None:
    """Wrong addresses and wrong tokens are InputErrors of one line each; a page of HTML never shows."""
    with stub(answers, default) as server:
        with pytest.raises(InputError) as refused:
            connect(server.url, LEGACY)
        assert str(refused.value).replace(server.url, "URL").startswith(line)
        assert_one_line(refused.value)


@pytest.mark.parametrize(
    ("answer", "kind", "line"),
    [
        (said(500, "database is locked"), OutsideError, "answered 500 (database is locked) while sending 1 task to"),
        (
            Passed(503, "text/html", b"<html>"),
            OutsideError,
            "answered 503 while sending 1 task to project 3; try again",
        ),
        (said(403, "Only owners may."), InputError, "the owner of this token may not do that at URL, while sending"),
        (Passed(413, "text/html", b"<html>"), InputError, "URL takes no request this large (413) while sending 1 task"),
        (said(409, "It exists."), InputError, "refused while sending 1 task to project 3: It exists.; mend that"),
        (said(401, f"token {LEGACY} is no more"), InputError, "URL refuses the legacy token (token … is no more)"),
        (Passed(404, "text/plain", b"404 page not found"), OutsideError, "answered 404 with a page that is not Label"),
    ],
)
def test_what_goes_wrong_later_is_told_apart(answer: Passed, kind: type[JudgeAuditError], line: str) -> None:
    """A failing server is an OutsideError, a refusal an InputError; the token is struck out of what a server says."""
    there = {"GET /api/projects/3/": {"id": 3, "title": "faults"}}
    with stub(HERE | there | {"POST /api/projects/3/import": answer}, HTML_404) as server:
        door = connect(server.url, LEGACY)
        with pytest.raises(kind) as failed:
            door.import_tasks(3, texts(1))
        assert line in str(failed.value).replace(server.url, "URL")
        assert_one_line(failed.value)


@pytest.mark.parametrize(
    "answer", [{"tasks": []}, {"tasks": [3], "total": 1}, ["tasks"], Passed(200, "text/html", b"<p>")]
)
def test_an_answer_of_another_shape_is_no_empty_list(answer: Answer) -> None:
    """A list that cannot be understood is a failure, not a list of nothing."""
    with stub(HERE | {"GET /api/tasks/": answer}, HTML_404) as server:
        door = connect(server.url, LEGACY)
        for ask in (lambda: door.count(3), lambda: door.changed_since(3, None), lambda: door.all_known(3)):
            with pytest.raises(
                OutsideError, match="answered something unexpected while listing the tasks of project 3"
            ):
                ask()


def test_a_server_that_ignores_the_filter_is_told_and_not_asked_for_ever() -> None:
    """Pages that do not go on end in an error."""
    rows: Answer = {"tasks": [{"id": 1}, {"id": 2}], "total": 9}
    with stub(HERE | {"GET /api/tasks/": rows}, HTML_404) as server:
        door = connect(server.url, LEGACY)
        with pytest.raises(OutsideError, match="something unexpected"):
            door.all_known(3)


def test_a_change_during_the_listing_moves_no_mark() -> None:
    """Tasks that changed after the list began are in it, with the newest stamp that the list began with."""
    old, end, late = "2026-11-24T10:00:00Z", "2026-11-24T10:00:00.500000Z", "2026-11-24T10:00:09Z"

    def listed(path: str) -> object:
        if "page_size=1&" in path:
            return {"tasks": [{"id": 2, "updated_at": end}], "total": 3}
        rows = [{"id": 1, "updated_at": late}, {"id": 2, "updated_at": end}, {"id": 3, "updated_at": old}]
        return {"tasks": rows, "total": 3}

    with stub(HERE | {"GET /api/tasks/": listed}, HTML_404) as server:
        stamps = connect(server.url, LEGACY).changed_since(3, old)
        assert [(stamp.task_id, stamp.updated_at) for stamp in stamps] == [(3, old), (1, end), (2, end)]
        # the server fails at a moment without microseconds
        assert all("2026-11-24T10%3A00%3A00.000000Z" in line for line in server.seen if "/api/tasks/" in line)


def test_projects_are_listed_anew_when_one_goes_meanwhile() -> None:
    """A project that slides over the border of two pages is found all the same."""
    asked: list[int] = []

    def listed(path: str) -> object:
        asked.append(number := int(path.partition("page=")[2].partition("&")[0]))
        gone = len(asked) > 1
        rows = [{"id": n, "description": "ours" if n == 101 else ""} for n in range(1 + gone, 121)]
        part = rows[(number - 1) * 100 : number * 100]
        return {"count": len(rows), "next": "more" if number * 100 < len(rows) else None, "results": part}

    there: dict[str, Answer] = {
        "GET /api/projects/": listed,
        "GET /api/projects/101/": {"id": 101, "description": "ours"},
    }
    with stub(HERE | there, HTML_404) as server:
        assert [state.project_id for state in connect(server.url, LEGACY).find_projects("ours")] == [101]
    assert asked == [1, 2, 1, 2]


@pytest.mark.parametrize(
    ("token", "line"),
    [
        ("  \n", "no token was given; make a personal access token in Account & Settings"),
        ("abc def", "the token holds a space, a line break or a character that no token has"),
        ("schlüssel", "the token holds a space, a line break or a character that no token has"),
        (
            jwt(exp=1_700_000_000, token_type="refresh"),
            "the personal access token expired on 2023-11-14 at 22:13 UTC by",
        ),
        (
            jwt(exp=4_000_000_000, token_type="access"),
            "this is an access token, which lives for minutes; make a personal",
        ),
        (jwt(exp=4_000_000_000)[:50], "the token begins like a personal access token and is not whole"),
        (jwt(token_type="refresh"), "the token begins like a personal access token and is not whole"),
        (jwt(exp=1e300), "the token begins like a personal access token and is not whole"),
        (jwt(exp="soon"), "the token begins like a personal access token and is not whole"),
        ("eyJ.@@@.x", "the token begins like a personal access token and is not whole"),
    ],
)
def test_a_token_that_cannot_work_is_told_without_asking(token: str, line: str) -> None:
    """Empty, garbled, cut and expired tokens are known before anything is sent, and are not repeated in the line."""
    with stub(HERE, HTML_404) as server:
        with pytest.raises(InputError) as refused:
            connect(server.url, token)
        assert server.seen == []
    assert str(refused.value).startswith(line)
    assert_one_line(refused.value)
    assert not token.strip() or token.strip() not in str(refused.value)


def test_an_expiry_is_told_at_the_moment() -> None:
    """A personal token is good until the second it expires in."""
    token = jwt(exp=2_000_000_000, token_type="refresh")
    assert checked_token(token, now=1_999_999_999.0) == (token, "personal")
    with pytest.raises(InputError, match="expired on 2033-05-18 at 03:33 UTC"):
        checked_token(token, now=2_000_000_000.0)


NO_ADDRESSES = [
    "",
    "//host",
    "127.0.0.1:8080",
    "localhost:8080",
    "ftp://host",
    "http://",
    "http://ho st",
    "http://host\x1b[31m",
    "http://host:port",
    "http://host:99999",
    "http://[::1",
    "http://name:word@host",
    "http://host/?a=b",
    "http://host/#a",
]


@pytest.mark.parametrize("address", NO_ADDRESSES)
def test_an_address_that_is_none_is_told(address: str) -> None:
    """What cannot be an address is said to be none, and passwords in addresses are neither taken nor shown."""
    with pytest.raises(InputError) as refused:
        connect(address, LEGACY)
    assert_one_line(refused.value)
    assert "word@" not in str(refused.value)
    assert "http://host:port" in str(refused.value) or "give the token apart" in str(refused.value)


def test_an_address_keeps_its_folder() -> None:
    """A server that lives in a folder of a host is asked there, for the renewal of a token too."""
    assert checked_url(" https://host/labels/ ") == "https://host/labels"
    access = jwt(exp=4_000_000_000, token_type="access")
    answers: dict[str, Answer] = {
        "GET /labels/api/version": HERE["GET /api/version"],
        "POST /labels/api/token/refresh/": {"access": access},
        "GET /labels/api/current-user/whoami": {"id": 1},
    }
    with stub(answers, HTML_404) as server:
        connect(f"{server.url}/labels/", jwt(exp=4_000_000_000, token_type="refresh"))
        assert [line.split()[1] for line in server.seen] == [name.split()[1] for name in answers]


def test_the_token_is_not_shown_to_a_stranger() -> None:
    """A server that is no Label Studio never sees the token."""
    secrets: list[str] = []
    with (
        _raw_server(b"HTTP/1.0 404 Not Found\r\n\r\n", secrets) as url,
        pytest.raises(InputError, match="no Label Studio"),
    ):
        connect(url, LEGACY)
    assert len(secrets) == 1
    assert LEGACY not in secrets[0]


def test_the_renewal_of_a_token_can_fail_as_any_request_can() -> None:
    """A failing server is not taken for a wrong token, nor a page of HTML for an answer."""
    token = jwt(exp=4_000_000_000, token_type="refresh")
    for answer, kind, line in (
        (said(401, "Token is blacklisted"), InputError, r"refuses the personal access token \(Token is blacklisted\)"),
        (said(503, "later"), OutsideError, r"answered 503 \(later\) while asking whose token this is"),
        (Passed(502, "text/html", b"<html>"), OutsideError, "answered 502 while asking whose token this is"),
    ):
        with stub(HERE | {"POST /api/token/refresh/": answer}, HTML_404) as server, pytest.raises(kind, match=line):
            connect(server.url, token)


def test_encrypted_and_plain_are_told_apart(label_studio: Server) -> None:
    """HTTPS to a plain server names the address that works; HTTP to an encrypted one gives the hint."""
    with pytest.raises(InputError, match=rf"does not speak HTTPS there .*; write {label_studio.url}$"):
        connect(label_studio.url.replace("http://", "https://"), LEGACY)
    with (
        _raw_server(b"\x15\x03\x01\x00\x02\x02\x46", []) as url,
        pytest.raises(OutsideError, match=r"broke the connection off .*; if it speaks HTTPS, write https://"),
    ):
        connect(url, LEGACY)


def test_a_host_that_does_not_exist_is_told() -> None:
    """A name that nobody has is an address to check."""
    with pytest.raises(OutsideError, match=r"^nothing answers at http://no-such-host.invalid \(.*\); start the server"):
        connect("http://no-such-host.invalid", LEGACY)


def test_a_proxy_of_the_environment_is_not_asked_for_this_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    """What runs here is reached directly, whatever proxy is named for the world outside."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with stub(HERE, HTML_404) as server:
        assert connect(server.url, LEGACY).url == server.url


def test_no_log_holds_the_token(label_studio: Server, caplog: pytest.LogCaptureFixture) -> None:
    """Even with every log switched on."""
    caplog.set_level(logging.DEBUG)
    for token in (label_studio.admin.token, label_studio.personal_token):
        connect(label_studio.url, token).find_projects("none")
        assert caplog.text
        assert token not in caplog.text


def test_without_the_extra_the_line_says_what_to_install(tmp_path: Path, repository: Path) -> None:
    """httpx comes with the extra; nothing but a connection needs it, and importing the client does not load it."""
    (tmp_path / "httpx.py").write_text("raise ImportError('not here')\n", encoding="utf-8")
    code = (
        "import sys; from judgeaudit.labelling.client.client import connect\n"
        "assert not {'httpx', 'label_studio_sdk', 'pandas', 'pydantic'} & set(sys.modules)\n"
        "try: connect('http://127.0.0.1:9', 'x' * 40)\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    paths = f"{tmp_path}:{repository}"
    ran = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": paths}, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == (
        "InputError Label Studio needs the package httpx: pip install 'judgeaudit-toolkit[labelstudio]' "
        "(in a checkout: .venv/bin/pip install -e '.[labelstudio]')"
    )


def test_a_connection_loads_no_sdk(repository: Path) -> None:
    """Talking to a server costs httpx alone: the SDK's client takes a second and 150 MB to import."""
    with stub(HERE, HTML_404) as server:
        code = (
            f"import sys; from judgeaudit.labelling.client.client import connect; connect({server.url!r}, {LEGACY!r})\n"
            "assert 'httpx' in sys.modules\n"
            "assert not {'label_studio_sdk', 'pandas', 'numpy'} & set(sys.modules), sorted(sys.modules)\n"
        )
        env = {**os.environ, "PYTHONPATH": str(repository)}
        subprocess.run([sys.executable, "-c", code], env=env, check=True)


def test_an_access_token_is_renewed_before_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each access token is used while it lives by this computer's clock, and asked for again once it has ended."""
    now = 1_900_000_000.0
    monkeypatch.setattr(door_wire.time, "time", lambda: now)
    monkeypatch.setattr("judgeaudit.labelling.client.tokens.time.time", lambda: now)
    renewed: list[str] = []

    def renew(path: str) -> object:
        renewed.append(path)
        return {"access": jwt(exp=now + 300, token_type="access")}

    there: dict[str, Answer] = {
        "POST /api/token/refresh/": renew,
        "GET /api/projects/3/": {"id": 3, "title": "faults"},
    }
    with stub(HERE | there, HTML_404) as server:
        door = connect(server.url, jwt(exp=4_000_000_000, token_type="refresh"))
        door.project(3)
        assert len(renewed) == 1
        now += 299
        door.project(3)
        door.project(3)
        assert len(renewed) == 2


@pytest.mark.parametrize("answer", [{"access": 3}, {"access": "a\nb"}, {"refresh": "x"}, ["access"], {}])
def test_a_renewal_without_a_token_is_a_failing_server(answer: Answer) -> None:
    """What is no access token is not sent as one."""
    token = jwt(exp=4_000_000_000, token_type="refresh")
    with (
        stub(HERE | {"POST /api/token/refresh/": answer}, HTML_404) as server,
        pytest.raises(OutsideError, match="answered 502 while asking whose token this is"),
    ):
        connect(server.url, token)


def test_a_server_that_asks_for_patience_gets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retry-After is heeded, in seconds or as a date, up to a minute; nonsense in it is not."""
    assert door_wire._wait("3", 0.5) == 3.0
    assert door_wire._wait("100000", 0.5) == 60.0
    assert door_wire._wait("Wed, 21 Oct 2015 07:28:00 GMT", 0.5) == 0.5
    assert [door_wire._wait(text, 0.5) for text in ("", "soon", "-1")] == [0.5, 0.5, 0.5]


def assert_one_line(error: JudgeAuditError) -> None:
    text = str(error)
    assert text.isprintable()
    assert "<" not in text
    assert len(text) < 500


@contextmanager
def _raw_server(answer: bytes, requests: list[str]) -> Iterator[str]:
    """Answers every connection with the same bytes, whatever is asked."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                requests.append(connection.recv(65536).decode("latin-1"))
                connection.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)
