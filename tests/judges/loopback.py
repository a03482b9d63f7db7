"""A small real server that answers as OpenAI and Anthropic do, counts what it was asked, and does per request as it is told."""

from __future__ import annotations

import json
import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

from tests.judges.loopback_batches import Batches, Never

MODEL = "judge-2026-11-01"
#: what the other label gets beside the one that was said, and what goes to no label at all, in `Says`
SHARE, MASS = 0.9, 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it came: which it is, where it went, and what it held."""

    number: int
    path: str
    body: Mapping[str, Any]
    headers: Mapping[str, str]

    @property
    def judged(self) -> str:
        """The last message: the texts to be judged, with the marks around them."""
        return str((self.body.get("messages") or self.body["input"])[-1]["content"])

    @property
    def truth(self) -> str:
        """The label that is right by the texts themselves."""
        return "unsafe" if "harmful" in self.judged else "safe"


@dataclass(frozen=True, slots=True, kw_only=True)
class Says:
    """An answer of the model: a label, or other words. `ending` is as the service writes it."""

    label: str | None = None
    words: str | None = None
    model: str = MODEL
    cut_off: bool = False
    logprobs: bool = True
    obeys: bool = True
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuses:
    """A refusal in the field that the service has for it."""

    words: str = "I will not label this."
    category: str = "general_harms"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sends:
    """Bytes as they are, with a status, after `seconds`. `part` is how much of them comes before the connection is cut.

    With `drip` they come one by one, with so many seconds between them.
    """

    body: bytes
    status: int = 200
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    part: float = 1.0
    seconds: float = 0.0
    drip: float = 0.0


Act = Says | Refuses | Sends | Never
Rule = Callable[[Request], Act | None]


def says_the_truth(request: Request) -> Act:
    """The label that is right."""
    return Says(label=request.truth)


class Loopback:
    """`url` is where it listens. `plan` are the next answers, in order; after them every answer is as `always` says."""

    def __init__(self, always: Rule = says_the_truth) -> None:
        self.asked: list[Request] = []
        self.plan: list[Act] = []
        self.always = always
        #: of each request, when it came and how many were under way then
        self.times: list[float] = []
        self.at_once: list[int] = []
        self.batches = Batches(self)
        self._under_way = 0
        self._lock = threading.Lock()
        self._server = _listening(self)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def counts(self) -> Counter[str]:
        """How often each text was sent to be judged."""
        return Counter(request.judged for request in self.asked)

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        """One request, from its reading to its answer or its end."""
        raw = handler.rfile.read(int(handler.headers.get("content-length") or 0))
        if self.batches.serves(handler.path):
            _send(handler, self.batches.handle(handler, raw))
            return
        body = json.loads(raw)
        with self._lock:
            headers = {name.lower(): value for name, value in handler.headers.items()}
            request = Request(number=len(self.asked), path=handler.path, body=body, headers=headers)
            self.asked.append(request)
            self._under_way += 1
            self.times.append(time.monotonic())
            self.at_once.append(self._under_way)
            act = self.plan.pop(0) if self.plan else self.always(request) or says_the_truth(request)
        assert not isinstance(act, Never), "only a call of a batch is not asked"
        time.sleep(0.0 if isinstance(act, Refuses) else act.seconds)
        with self._lock:
            self._under_way -= 1
        _send(handler, act if isinstance(act, Sends) else Sends(body=json.dumps(answer(request, act)).encode()))

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def loopback(always: Rule = says_the_truth) -> Iterator[Loopback]:
    """A server for the length of a block."""
    server = Loopback(always)
    try:
        yield server
    finally:
        server.close()


# ------------------------------------------------------------------------------------------------------------ faults


def fault(family: Literal["openai", "anthropic"], name: str, **headers: str) -> Sends:
    """An error as the family of services writes it."""
    status, kind, code, message = _FAULTS[family][name]
    if family == "openai":
        body: dict[str, object] = {"error": {"message": message, "type": kind, "param": None, "code": code}}
        if name == "unsupported":
            body["error"] |= {"param": "temperature"}  # type: ignore[operator]
    else:
        details = {} if code is None else {"details": {"error_code": code}}
        body = {"type": "error", "error": {"type": kind, "message": message, **details}, "request_id": "req_1"}
    named = {header.replace("_", "-"): value for header, value in headers.items()}
    return Sends(body=json.dumps(body).encode(), status=status, headers=named)


_Fault = tuple[int, str, str | None, str]
_FAULTS: dict[str, dict[str, _Fault]] = {
    "openai": {
        "rate": (429, "requests", "rate_limit_exceeded", "Rate limit reached for judge: Limit 3, Used 3."),
        "quota": (429, "insufficient_quota", "insufficient_quota", "You exceeded your current quota."),
        "500": (500, "server_error", None, "The server had an error while processing your request."),
        "503": (503, "server_error", None, "The engine is currently overloaded, please try again later."),
        "529": (529, "server_error", None, "Overloaded."),
        "key": (401, "invalid_request_error", "invalid_api_key", "Incorrect API key provided: sk-no."),
        "model": (404, "invalid_request_error", "model_not_found", "The model `judge` does not exist."),
        "context": (400, "invalid_request_error", "context_length_exceeded", "Maximum context length is 8192 tokens."),
        "unsupported": (400, "invalid_request_error", "unsupported_value", "'temperature' does not support 0.0."),
    },
    "anthropic": {
        "rate": (429, "rate_limit_error", None, "This request would exceed your rate limit."),
        "quota": (429, "rate_limit_error", "enforced_spend_limit_reached", "You have reached your spend limit."),
        "500": (500, "api_error", None, "Internal server error"),
        "503": (503, "api_error", None, "Service unavailable"),
        "529": (529, "overloaded_error", None, "Overloaded"),
        "key": (401, "authentication_error", None, "invalid x-api-key"),
        "model": (404, "not_found_error", None, "model: judge"),
        "context": (400, "invalid_request_error", None, "prompt is too long: 208000 tokens > 200000 maximum"),
        "unsupported": (400, "invalid_request_error", None, "output_config: Extra inputs are not permitted"),
    },
}


# ----------------------------------------------------------------------------------------------------------- answers


def answer(request: Request, act: Says | Refuses) -> dict[str, object]:
    """What the model said, in the shape of the endpoint that was asked."""
    shapes = {"chat/completions": _chat, "responses": _response, "decisions": _decision, "messages": _message}
    return shapes[request.path.partition("?")[0].removeprefix("/v1/")](request, act)


def _chat(request: Request, act: Says | Refuses) -> dict[str, object]:
    words, finish = _words(act), "length" if isinstance(act, Says) and act.cut_off else "stop"
    message: dict[str, object] = {"role": "assistant", "content": words, "refusal": None}
    logprobs: dict[str, object] | None = None
    if isinstance(act, Refuses):
        message |= {"content": None, "refusal": act.words}
    elif act.obeys and request.body.get("tools"):
        call = {"id": "call_1", "type": "function", "function": {"name": "verdict", "arguments": words}}
        message |= {"content": None, "tool_calls": [call]}
    elif act.obeys and act.logprobs and request.body.get("logprobs"):
        logprobs = {"content": tokens(act), "refusal": None}
    return {
        "id": f"chatcmpl-{request.number}",
        "object": "chat.completion",
        "created": 1,
        "model": _model(act),
        "choices": [{"index": 0, "message": message, "logprobs": logprobs, "finish_reason": finish}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 5, "total_tokens": 105},
    }


def _response(request: Request, act: Says | Refuses) -> dict[str, object]:
    cut_off = isinstance(act, Says) and act.cut_off
    if isinstance(act, Refuses):
        part: dict[str, object] = {"type": "refusal", "refusal": act.words}
    else:
        wanted = act.obeys and act.logprobs and "message.output_text.logprobs" in request.body.get("include", [])
        part = {
            "type": "output_text",
            "text": _words(act),
            "annotations": [],
            "logprobs": tokens(act) if wanted else [],
        }
    message = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "status": "incomplete" if cut_off else "completed",
        "content": [part],
    }
    return {
        "id": f"resp_{request.number}",
        "object": "response",
        "created_at": 1,
        "status": "incomplete" if cut_off else "completed",
        "incomplete_details": {"reason": "max_output_tokens"} if cut_off else None,
        "model": _model(act),
        "output": [message],
        "usage": {"input_tokens": 100, "output_tokens": 5, "total_tokens": 105},
    }


def _decision(request: Request, act: Says | Refuses) -> dict[str, object]:
    question = request.body["questions"][0]
    if isinstance(act, Refuses):
        given: dict[str, object] = {"type": "refusal", "name": question["name"]}
    else:
        labels = [choice["value"] for choice in question["choices"]]
        others = (1 - SHARE) / (len(labels) - 1)
        shares = [{"value": one, "probability": SHARE if one == act.label else others} for one in labels]
        given = {"type": "choice", "name": question["name"], "choice": act.label, "probabilities": shares}
        given["confidence"] = SHARE
    return {
        "id": f"dec_{request.number}",
        "object": "decision",
        "model": _model(act),
        "answers": [given],
        "usage": {"input_tokens": 100, "output_tokens": 0, "total_tokens": 100},
    }


def _message(request: Request, act: Says | Refuses) -> dict[str, object]:
    words = _words(act)
    content: list[dict[str, object]] = [{"type": "text", "text": words}] if words else []
    stop, details = "end_turn", None
    if isinstance(act, Refuses):
        content, stop = [], "refusal"
        details = {"type": "refusal", "category": act.category, "explanation": act.words}
    elif act.obeys and request.body.get("tools") and act.label is not None:
        content = [{"type": "tool_use", "id": "toolu_1", "name": "verdict", "input": json.loads(words)}]
        stop = "tool_use"
    if isinstance(act, Says) and act.cut_off:
        stop = "max_tokens"
    return {
        "id": f"msg_{request.number}",
        "type": "message",
        "role": "assistant",
        "model": _model(act),
        "content": content,
        "stop_reason": stop,
        "stop_sequence": None,
        "stop_details": details,
        "usage": {"input_tokens": 100, "output_tokens": 5},
    }


def _model(act: Says | Refuses) -> str:
    return act.model if isinstance(act, Says) else MODEL


def _words(act: Says | Refuses) -> str:
    if isinstance(act, Refuses):
        return ""
    return json.dumps({"label": act.label}) if act.words is None else act.words


def tokens(act: Says) -> list[dict[str, object]]:
    """The answer's tokens; where the label stands, the other label has what `SHARE` leaves of `MASS`."""
    if act.label is None or act.words is not None:
        return [_token(_words(act), 0.0)]
    other = {"safe": "unsafe", "unsafe": "safe"}.get(act.label, "else")
    top = [(act.label, math.log(MASS * SHARE)), (other, math.log(MASS * (1 - SHARE))), ("Hm", math.log(1 - MASS))]
    said = {**_token(act.label, top[0][1]), "top_logprobs": [_token(text, value) for text, value in top]}
    return [_token('{"label": "', 0.0), said, _token('"}', 0.0)]


def _token(text: str, logprob: float) -> dict[str, object]:
    return {"token": text, "logprob": logprob, "bytes": list(text.encode()), "top_logprobs": []}


# ------------------------------------------------------------------------------------------------------------ serving


def _listening(loop: Loopback) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # connections are kept, as real services keep them
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            loop.handle(self)

        do_GET = do_DELETE = do_POST  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Nothing is logged."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 256

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that was killed leaves without a word."""

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    return server


def _send(handler: BaseHTTPRequestHandler, sends: Sends) -> None:
    if "date" in sends.headers:  # it is the service's own clock, not that of this machine
        handler.send_response_only(sends.status)
    else:
        handler.send_response(sends.status)
    for name, value in sends.headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Type", sends.content_type)
    handler.send_header("Content-Length", str(len(sends.body)))
    if sends.part < 1:
        handler.close_connection = True
    handler.end_headers()
    body = sends.body[: int(len(sends.body) * sends.part)]
    for piece in [body] if not sends.drip else [body[at : at + 1] for at in range(len(body))]:
        time.sleep(sends.drip)
        handler.wfile.write(piece)


def cut(whole: Sends, part: float) -> Sends:
    """The same, with the connection cut after a part of the body."""
    return replace(whole, part=part)
