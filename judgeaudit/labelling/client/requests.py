"""Requests to a Label Studio server, through its SDK: signed, told apart when they fail, repeated only where that is safe.

The SDK keeps the session: it joins addresses, signs with both kinds of token and renews the access token of a personal
one. Its typed methods are not used, since they repeat writes that may have been done (tasks then exist twice), take the
404 of a deleted project for the end of a list, read stamps into a form that the server's own filter refuses, and answer
in different shapes in 2.0 and 2.1. What they would send is sent here by the SDK's own client, in one place.
"""

from __future__ import annotations

import json
import time
import warnings
import weakref
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from importlib import import_module
from ipaddress import ip_address
from pathlib import Path
from types import ModuleType
from typing import Protocol
from urllib.parse import urlsplit

from judgeaudit.domain.errors import InputError, JudgeAuditError
from judgeaudit.labelling.client.errors import Call, Reply, refused, timed_out, unanswered
from judgeaudit.labelling.client.tokens import TokenKind

#: seconds between the attempts of a read; a server that restarts is back within their sum
PAUSES = (0.5, 1.0, 2.0, 4.0)
_LONGEST_WAIT = 60.0
_CONNECT_WITHIN = 15.0
_GREETED_WITHIN = 30.0

Params = Mapping[str, object]


class _Answer(Protocol):
    @property
    def status_code(self) -> int: ...
    @property
    def content(self) -> bytes: ...
    @property
    def headers(self) -> Mapping[str, str]: ...


class _Client(Protocol):
    """The SDK's own HTTP client."""

    def request(
        self, path: str, *, method: str, params: Params | None, json: object, request_options: Mapping[str, object]
    ) -> _Answer: ...


class Wire:
    """One server and one token. Neither `repr` nor any error holds the token."""

    def __init__(self, url: str, token: str, kind: TokenKind, *, timeout: float) -> None:
        self.url = url
        self._kind = kind
        self._timeout = timeout
        self._token = token
        httpx = _module("httpx")
        sdk = _module("label_studio_sdk.client")
        limits = httpx.Timeout(timeout, connect=min(timeout, _CONNECT_WITHIN))
        # a proxy that the environment names for the world outside must not be asked for this computer itself
        host = urlsplit(url).netloc
        direct = {f"all://{host}": None} if _is_here(urlsplit(url).hostname or "") else {}
        # a redirected POST would arrive as a GET, and without its token
        session = httpx.Client(timeout=limits, follow_redirects=False, mounts=direct)
        weakref.finalize(self, session.close)
        self._session = session
        # the slash keeps the folder that a server may be served under: the SDK joins the address of renewal to it
        whole = sdk.LabelStudio(base_url=f"{url}/", api_key=token, timeout=limits, httpx_client=session)
        self._wrapper = whole._client_wrapper
        self._client: _Client = self._wrapper.httpx_client
        self._no_answer: tuple[type[Exception], ...] = (httpx.HTTPError, httpx.InvalidURL, UnicodeError)
        self._sdk_error: type[Exception] = _module("label_studio_sdk.core.api_error").ApiError

    def __repr__(self) -> str:
        return f"Wire({self.url!r})"

    def greet(self) -> object:
        """The JSON that says which Label Studio this is. Asked once and without the token, which a stranger must not see."""
        patience = min(self._timeout, _GREETED_WITHIN)
        call = Call(url=self.url, doing="asking who is there", timeout=patience, first=True)
        try:
            answer = self._session.get(f"{self.url}/api/version", timeout=patience)
        except self._no_answer as error:
            raise unanswered(call, error) from None
        return self._value(call, _reply(answer))

    def read(self, path: str, doing: str, *, params: Params | None = None, missing: str = "") -> object:
        """The JSON that a GET answers. Repeated a few times when the connection breaks, at 5xx and at 429."""
        call = self._call(doing, missing)
        for pause in PAUSES:
            try:
                reply = self._once("GET", path, params)
            except self._no_answer as error:
                if timed_out(error):
                    raise self._hushed(unanswered(call, error)) from None
                time.sleep(pause)
                continue
            if reply.status != 429 and reply.status < 500:
                return self._value(call, reply)
            time.sleep(_wait(reply.retry_after, pause))
        return self._value(call, self._ask(call, "GET", path, params))

    def write(
        self,
        method: str,
        path: str,
        doing: str,
        *,
        json: object = None,
        params: Params | None = None,
        missing: str = "",
    ) -> object:
        """The JSON that a write answers. One request: whether a failed one was done after all, only a read can tell."""
        call = self._call(doing, missing)
        return self._value(call, self._ask(call, method, path, params, json))

    def _call(self, doing: str, missing: str) -> Call:
        return Call(url=self.url, doing=doing, token_kind=self._kind, timeout=self._timeout, missing=missing)

    def _ask(self, call: Call, method: str, path: str, params: Params | None, json: object = None) -> Reply:
        try:
            return self._once(method, path, params, json)
        except self._no_answer as error:
            raise self._hushed(unanswered(call, error)) from None

    def _value(self, call: Call, reply: Reply) -> object:
        if not 200 <= reply.status < 300:
            raise self._hushed(refused(call, reply))
        return reply.value()

    def _once(self, method: str, path: str, params: Params | None, json: object = None) -> Reply:
        """One request; a second one only where the server's clock ended an access token earlier than ours: 401, undone."""
        reply = self._sent(method, path, params, json)
        tokens = self._wrapper._tokens_client
        if reply.status == 401 and self._kind == "personal" and tokens._access_token:
            tokens._access_token = None
            reply = self._sent(method, path, params, json)
        return reply

    def _sent(self, method: str, path: str, params: Params | None, json: object) -> Reply:
        options = {"max_retries": 0}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # the renewal calls what its own library has deprecated
                answer = self._client.request(path, method=method, params=params, json=json, request_options=options)
        except self._sdk_error as error:  # the renewal of an access token was refused
            return Reply(status=getattr(error, "status_code", None) or 500, body=_bytes(getattr(error, "body", None)))
        except ValueError as error:
            if isinstance(error, UnicodeError):
                raise
            return Reply(status=502, body=b"")  # the renewal was answered by something that is no JSON
        return _reply(answer)

    def _hushed(self, error: JudgeAuditError) -> JudgeAuditError:
        """The same error; a token that the other side repeated is struck out."""
        return type(error)(str(error).replace(self._token, "…")) if len(self._token) > 7 else error


def require_sdk() -> None:
    """An InputError that says what to install, before anything is made that would need the SDK."""
    _module("label_studio_sdk.client")


def _module(name: str) -> ModuleType:
    """A module that comes with the SDK; what the SDK's import warns of is not the user's to mend."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return import_module(name)
    except ImportError:
        checkout = " (in a checkout: .venv/bin/pip install -e '.[labelstudio]')" if _in_checkout() else ""
        msg = f"Label Studio needs its SDK: pip install 'judgeaudit-toolkit[labelstudio]'{checkout}"
        raise InputError(msg) from None


def _in_checkout() -> bool:
    return (Path(__file__).parents[3] / "pyproject.toml").is_file()


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _wait(retry_after: str, pause: float) -> float:
    """Seconds until the next attempt: what the server asks for, within bounds, else our own pause."""
    try:
        asked = (
            float(retry_after)
            if retry_after.isdigit()
            else parsedate_to_datetime(retry_after).timestamp() - time.time()
        )
    except ValueError:
        return pause
    return min(max(asked, pause), _LONGEST_WAIT)


def _reply(answer: _Answer) -> Reply:
    return Reply(
        status=answer.status_code,
        body=answer.content,
        location=answer.headers.get("location", ""),
        retry_after=answer.headers.get("retry-after", ""),
    )


def _bytes(body: object) -> bytes:
    return json.dumps(body).encode() if isinstance(body, dict) else str(body or "").encode()
