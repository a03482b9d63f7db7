"""A proxy before a real server that breaks chosen requests on purpose, and remembers what passed through it."""

from __future__ import annotations

import hashlib
import http.client
import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import urlsplit

#: "after": the server has done what was asked, and the asker does not learn it; "before": the server never saw it
Kind = Literal["502-after", "502-before", "drop-after", "drop-before", "429", "delay-after"]
_PASSED_ON = ("authorization", "content-type", "accept", "cookie", "referer", "x-csrftoken")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What happens to the next `times` requests whose "METHOD /path?query" matches the expression `match`."""

    kind: Kind
    match: str
    times: int = 1
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Passed:
    """The server's answer."""

    status: int
    content_type: str
    body: bytes


Answer = Passed | dict[str, object] | list[object] | Callable[[str], object]


class FaultProxy:
    """`url` stands for the real server; `plan` breaks requests to come; `seen` lists what was asked, in order."""

    def __init__(self, upstream: str) -> None:
        self._upstream = urlsplit(upstream)
        self._faults: list[tuple[Fault, list[int]]] = []
        self._lock = threading.Lock()
        self.seen: list[str] = []
        #: how often each body was sent to an import, by its SHA-256
        self.imports: Counter[str] = Counter()
        self._server = _server(self)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def plan(self, *faults: Fault) -> None:
        """Adds faults; of several that match a request the first that has times left is used."""
        with self._lock:
            self._faults += [(fault, [fault.times]) for fault in faults]

    def count(self, match: str) -> int:
        """How many requests came that match."""
        return sum(bool(re.search(match, line)) for line in self.seen)

    @property
    def imported(self) -> list[int]:
        """How often each body was sent to an import: all ones when nothing was sent twice."""
        return sorted(self.imports.values())

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        """One request, from its reading to its answer or its end."""
        body = handler.rfile.read(int(handler.headers.get("content-length") or 0))
        line = f"{handler.command} {handler.path}"
        fault = self._note(line, body)
        kind = fault.kind if fault else None
        if kind == "429":
            return _answer(handler, Passed(429, "application/json", b'{"detail": "slow down"}'), {"Retry-After": "0"})
        passed = None if kind in ("502-before", "drop-before") else self._pass_on(handler, body)
        if fault and kind == "delay-after":
            time.sleep(fault.seconds)
        if kind in ("drop-after", "drop-before"):
            handler.close_connection = True
            return None
        if passed is None or kind == "502-after":
            passed = Passed(502, "text/html", b"<html><h1>502 Bad Gateway</h1></html>")
        return _answer(handler, passed, {})

    def _note(self, line: str, body: bytes) -> Fault | None:
        with self._lock:
            self.seen.append(line)
            if re.match(r"POST \S*/import\b", line):
                self.imports[hashlib.sha256(body).hexdigest()] += 1
            for fault, left in self._faults:
                if left[0] > 0 and re.search(fault.match, line):
                    left[0] -= 1
                    return fault
            return None

    def _pass_on(self, handler: BaseHTTPRequestHandler, body: bytes) -> Passed | None:
        headers = {name: handler.headers[name] for name in _PASSED_ON if name in handler.headers}
        connection = http.client.HTTPConnection(self._upstream.hostname or "", self._upstream.port, timeout=600)
        try:
            connection.request(handler.command, handler.path, body=body or None, headers=headers)
            answer = connection.getresponse()
            return Passed(answer.status, answer.getheader("content-type") or "", answer.read())
        except OSError:
            return None
        finally:
            connection.close()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def faulty(upstream: str) -> Iterator[FaultProxy]:
    """A proxy before `upstream` for the length of a block."""
    proxy = FaultProxy(upstream)
    try:
        yield proxy
    finally:
        proxy.close()


@contextmanager
def stub(answers: Mapping[str, Answer], default: Passed) -> Iterator[FaultProxy]:
    """A server that is none: `answers` by "METHOD /path" (the query left out), `default` for everything else.

    An answer is a Passed, a value to be sent as JSON, or a function from the path with its query to such a value.
    """
    proxy = _Stub(answers, default)
    try:
        yield proxy
    finally:
        proxy.close()


class _Stub(FaultProxy):
    def __init__(self, answers: Mapping[str, Answer], default: Passed) -> None:
        super().__init__("http://127.0.0.1:9")
        self._answers = answers
        self._default = default

    def _pass_on(self, handler: BaseHTTPRequestHandler, body: bytes) -> Passed:
        found = self._answers.get(f"{handler.command} {handler.path.partition('?')[0]}", self._default)
        found = found(handler.path) if callable(found) else found
        return found if isinstance(found, Passed) else Passed(200, "application/json", json.dumps(found).encode())


def _server(proxy: FaultProxy) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            proxy.handle(self)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _any  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Nothing is logged."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return server


def _answer(handler: BaseHTTPRequestHandler, passed: Passed, headers: dict[str, str]) -> None:
    try:
        handler.send_response(passed.status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Type", passed.content_type)
        if 300 <= passed.status < 400:
            handler.send_header("Location", passed.body.decode())
        handler.send_header("Content-Length", str(len(passed.body)))
        handler.end_headers()
        handler.wfile.write(passed.body)
    except OSError:  # the asker has gone, as it does after a time-out
        handler.close_connection = True
