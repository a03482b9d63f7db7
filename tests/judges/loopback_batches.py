"""The batches of the loopback server: both protocols, results in another order than the requests, and faults as told."""

from __future__ import annotations

import json
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.judges.loopback import Loopback, Request, Sends

Line = dict[str, Any]
_ROUTE = re.compile(
    r"/v1/(?P<anthropic>messages/)?(?P<kind>files|batches)(/(?P<id>[\w-]+))?(/(?P<part>content|results))?"
)
_STEPS = {
    ("POST", "files"): "upload",
    ("GET", "files"): "files",
    ("DELETE", "files/id"): "discard",
    ("POST", "batches"): "create",
    ("GET", "batches"): "list",
    ("GET", "batches/id"): "standing",
    ("GET", "files/id/content"): "results",
    ("GET", "batches/id/results"): "results",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Never:
    """A call of a batch that was not asked: `expired` or `cancelled`."""

    why: str


@dataclass(slots=True, kw_only=True)
class Batch:
    """One batch as the server has it. `state` is what OpenAI calls its end; `errors` are those of its file."""

    name: str
    anthropic: bool
    calls: list[Line]
    metadata: Mapping[str, str]
    file: str
    lines: list[Line]
    state: str = "completed"
    errors: list[Line] = field(default_factory=list)
    held: bool = False


class Batches:
    """`made` are all that were bought, `names` what the files that are there were uploaded as; `tags`: metadata are kept.
    `before` and `after` are called with each step; `hold`: new ones stay under way."""

    def __init__(self, loop: Loopback) -> None:
        self._loop = loop
        self.files: dict[str, bytes] = {}
        self.names: dict[str, str] = {}
        self.tags = True
        self.made: list[Batch] = []
        self.hold = False
        self.state, self.errors = "completed", list[Line]()
        self.faults: dict[str, list[Sends]] = defaultdict(list)
        self.steps: list[str] = []
        self.before: Callable[[str], None] = lambda step: None
        self.after: Callable[[str], None] = lambda step: None
        self.mangle: Callable[[list[Line]], list[Line | bytes]] = lambda lines: list(reversed(lines))

    def release(self) -> None:
        """Every batch ends."""
        self.hold = False
        for one in self.made:
            one.held = False

    def serves(self, path: str) -> bool:
        return _ROUTE.fullmatch(path.partition("?")[0]) is not None

    def handle(self, handler: BaseHTTPRequestHandler, body: bytes) -> Sends:
        """One request about batches."""
        from tests.judges.loopback import Sends

        route = _ROUTE.fullmatch(handler.path.partition("?")[0])
        assert route is not None
        where = route["kind"] + ("/id" if route["id"] else "") + (f"/{route['part']}" if route["part"] else "")
        step = _STEPS[str(handler.command), where]
        self.steps.append(step)
        self.before(step)
        if self.faults[step]:
            return self.faults[step].pop(0)
        given = (route["id"] or "", bool(route["anthropic"]), body)
        answer = getattr(self, f"_{step}")(*given)
        self.after(step)
        return Sends(body=answer if isinstance(answer, bytes) else json.dumps(answer).encode())

    def _upload(self, _: str, anthropic: bool, body: bytes) -> Line:
        name = f"file-{len(self.files)}"
        found = re.search(rb'filename="([^"]+)"', body)
        assert found is not None
        self.names[name] = found[1].decode()
        start = body.index(b'{"custom_id"')
        self.files[name] = body[start : body.rindex(b"\n--") if b"\n--" in body[start:] else None]
        return {"id": name, "object": "file", "purpose": "batch"}

    def _create(self, _: str, anthropic: bool, body: bytes) -> Line:
        asked = json.loads(body)
        if anthropic:
            calls = [{"custom_id": one["custom_id"], "body": one["params"]} for one in asked["requests"]]
            path = "/v1/messages"
        else:
            text = self.files[asked["input_file_id"]].decode()
            calls = [json.loads(line) for line in text.splitlines() if line.strip()]
            path = asked["endpoint"]
            assert {one["url"] for one in calls} == {path}
            assert asked["completion_window"] == "24h"
        batch = Batch(
            name=f"{'msgbatch' if anthropic else 'batch'}_{len(self.made)}",
            anthropic=anthropic,
            calls=calls,
            metadata=(asked.get("metadata") or {}) if self.tags else {},
            file=asked.get("input_file_id", ""),
            lines=list(self._answers(calls, path, anthropic)) if self.state != "failed" else [],
            state=self.state,
            errors=self.errors,
            held=self.hold,
        )
        self.made.append(batch)
        return self._shown(batch)

    def _files(self, _: str, anthropic: bool, body: bytes) -> Line:
        shown = [{"id": name, "filename": told, "created_at": int(time.time())} for name, told in self.names.items()]
        return {"data": shown, "has_more": False}

    def _discard(self, name: str, anthropic: bool, body: bytes) -> Line:
        self.names.pop(name)
        return {"id": name, "deleted": True}

    def _list(self, _: str, anthropic: bool, body: bytes) -> Line:
        return {"data": [self._shown(one) for one in reversed(self.made)], "has_more": False}

    def _standing(self, name: str, anthropic: bool, body: bytes) -> Line:
        return self._shown(self._named(name))

    def _results(self, name: str, anthropic: bool, body: bytes) -> bytes:
        batch = self._named(name.removeprefix("out-").removeprefix("err-"))
        lines = batch.lines
        if not anthropic:
            lines = [one for one in lines if _is_error(one) == name.startswith("err-")]
        said = self.mangle(lines)
        return b"\n".join(one if isinstance(one, bytes) else json.dumps(one).encode() for one in said) + b"\n"

    def _named(self, name: str) -> Batch:
        return next(one for one in self.made if one.name == name)

    def _shown(self, batch: Batch) -> Line:
        total = len(batch.calls)
        if batch.anthropic:
            counts = {"processing": total if batch.held else 0, "succeeded": 0 if batch.held else total}
            return {
                "id": batch.name,
                "type": "message_batch",
                "processing_status": "in_progress" if batch.held else "ended",
                "request_counts": {**counts, "errored": 0, "canceled": 0, "expired": 0},
                "created_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                "ended_at": None if batch.held else "2026-11-26T10:00:00Z",
                "results_url": None if batch.held else f"{self._loop.url}/v1/messages/batches/{batch.name}/results",
            }
        ended = not batch.held
        return {
            "id": batch.name,
            "object": "batch",
            "status": batch.state if ended else "in_progress",
            "created_at": int(time.time()),
            "completed_at": 1795000000 if ended else None,
            "metadata": dict(batch.metadata),
            "input_file_id": batch.file,
            "request_counts": {"total": total, "completed": total if ended else 0, "failed": 0},
            "output_file_id": f"out-{batch.name}" if ended and batch.lines else None,
            "error_file_id": f"err-{batch.name}" if ended and any(map(_is_error, batch.lines)) else None,
            "errors": {"object": "list", "data": batch.errors} if batch.errors else None,
        }

    def _answers(self, calls: list[Line], path: str, anthropic: bool) -> Iterator[Line]:
        from tests.judges.loopback import Request, answer, says_the_truth

        for call in calls:
            loop = self._loop
            request = Request(number=len(loop.asked), path=path, body=call["body"], headers={})
            loop.asked.append(request)
            act = loop.always(request) or says_the_truth(request)
            yield {"custom_id": call["custom_id"], **_line(request, act, anthropic, answer)}


def _line(request: Request, act: Any, anthropic: bool, answer: Callable[..., Line]) -> Line:
    from tests.judges.loopback import Sends

    if anthropic:
        if isinstance(act, Never):
            return {"result": {"type": {"cancelled": "canceled"}.get(act.why, act.why)}}
        if isinstance(act, Sends):
            return {"result": {"type": "errored", "error": json.loads(act.body)}}
        return {"result": {"type": "succeeded", "message": answer(request, act)}}
    if isinstance(act, Never):
        return {"response": None, "error": {"code": f"batch_{act.why}", "message": "This request was not executed."}}
    status, body = (act.status, json.loads(act.body)) if isinstance(act, Sends) else (200, answer(request, act))
    return {"response": {"status_code": status, "request_id": "r", "body": body}, "error": None}


def _is_error(line: Line) -> bool:
    return bool(line.get("error")) or line["response"]["status_code"] != 200
