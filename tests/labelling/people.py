"""People who label through the server's API, each signed in with a token of their own."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from urllib.parse import urlsplit

from judgeaudit.labelling.server.server import Person

Answers = Mapping[str, str | list[str]]


def result_of(answers: Answers) -> list[dict[str, object]]:
    """What the page would submit for these answers: one choice of each question."""
    return [
        {
            "id": f"r{number}",
            "from_name": name,
            "to_name": "response",
            "type": "choices",
            "origin": "manual",
            "value": {"choices": [label] if isinstance(label, str) else label},
        }
        for number, (name, label) in enumerate(answers.items())
    ]


def ask(url: str, token: str, method: str, path: str, body: object = None) -> object:
    """One request as one person; anything but success is an error of the test, with the server's words."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}{path}", data=data, headers=headers, method=method)
    text = fetched(request)
    return json.loads(text) if text else None


def fetched(request: urllib.request.Request) -> bytes:
    """What the server answers; its refusal is an AssertionError that holds what it said."""
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        said = error.read()[:600].decode("utf-8", "replace")
        raise AssertionError(f"{request.method} {request.full_url} was answered {error.code}: {said}") from None


def label(
    url: str, person: Person, task: int, answers: Answers, *, skipped: bool = False, seconds: float = 9.5
) -> dict[str, object]:
    """One annotation by one person; returns it as the server has it."""
    body = {"result": [] if skipped else result_of(answers), "was_cancelled": skipped, "lead_time": seconds}
    made = ask(url, person.token, "POST", f"/api/tasks/{task}/annotations/", body)
    assert isinstance(made, dict)
    return made


def change(url: str, person: Person, annotation: object, answers: Answers) -> None:
    ask(url, person.token, "PATCH", f"/api/annotations/{annotation}/", {"result": result_of(answers)})


def take_back(url: str, person: Person, annotation: object) -> None:
    ask(url, person.token, "DELETE", f"/api/annotations/{annotation}/")


def label_all(url: str, given: Mapping[tuple[Person, int], Answers]) -> None:
    """All labels of all people, each person over a connection of their own, at the same time."""
    by_person: dict[Person, list[tuple[int, Answers]]] = {}
    for (person, task), answers in given.items():
        by_person.setdefault(person, []).append((task, answers))
    with ThreadPoolExecutor(len(by_person)) as pool:
        for done in [pool.submit(_work, url, person, work) for person, work in by_person.items()]:
            done.result()


def _work(url: str, person: Person, work: list[tuple[int, Answers]]) -> None:
    address = urlsplit(url)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=120)
    headers = {"Authorization": f"Token {person.token}", "Content-Type": "application/json"}
    for task, answers in work:
        body = json.dumps({"result": result_of(answers), "lead_time": 9.5})
        connection.request("POST", f"/api/tasks/{task}/annotations/", body=body, headers=headers)
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status == 201, (answer.status, text[:300])
    connection.close()
