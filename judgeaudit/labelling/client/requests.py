"""Requests to a Label Studio server: signed with either kind of token, and repeated only where that is safe.

A read is repeated when the connection breaks or the server is overloaded. A write is sent once: one that seems to have
failed may have been carried out, and only a read can tell. The typed methods of Label Studio's SDK are not used here. They
repeat writes unless told otherwise, take the 404 of a deleted project for the end of a list, read time stamps into a form
that the server's own filter refuses, answer in different shapes in 2.0 and 2.1, and cost a second of import.
"""

from __future__ import annotations

import math
import time
import weakref
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from judgeaudit.domain.errors import JudgeAuditError
from judgeaudit.labelling.client.errors import Call, Reply, refused, timed_out, unanswered
from judgeaudit.labelling.client.tokens import TokenKind, expiry
from judgeaudit.labelling.extra import HTTP, need

if TYPE_CHECKING:
    import httpx

#: seconds between the attempts of a read; a server that restarts is back within their sum
PAUSES = (0.5, 1.0, 2.0, 4.0)
_LONGEST_WAIT = 60.0
_CONNECT_WITHIN = 15.0
_GREETED_WITHIN = 30.0
#: an access token that ends within so many seconds is renewed before it is used
_RENEWED_BEFORE = 5.0

Params = Mapping[str, str | int | Sequence[str]]


class Wire:
    """One server and one token. Neither `repr` nor any error holds the token."""

    def __init__(self, url: str, token: str, kind: TokenKind, *, timeout: float) -> None:
        need(HTTP)
        import httpx

        self.url = url
        self._kind = kind
        self._timeout = timeout
        self._token = token
        self._access = ""
        self._access_until = 0.0
        limits = httpx.Timeout(timeout, connect=min(timeout, _CONNECT_WITHIN))
        # a proxy that the environment names for the world outside must not be asked for this computer itself
        host = urlsplit(url).netloc
        direct = {f"all://{host}": None} if _is_here(urlsplit(url).hostname or "") else {}
        # a redirected POST would arrive as a GET, and without its token
        session = httpx.Client(timeout=limits, follow_redirects=False, mounts=direct)
        weakref.finalize(self, session.close)
        self._session = session
        self._no_answer: tuple[type[Exception], ...] = (httpx.HTTPError, httpx.InvalidURL, UnicodeError)

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
        """One request; a second one only where the server ended an access token before its time: 401, nothing done."""
        reply = self._sent(method, path, params, json)
        if reply.status == 401 and self._access:
            self._access = ""
            reply = self._sent(method, path, params, json)
        return reply

    def _sent(self, method: str, path: str, params: Params | None, json: object) -> Reply:
        """The answer to one request, or to the renewal of the access token where that was refused."""
        if self._kind == "personal" and not (self._access and time.time() < self._access_until - _RENEWED_BEFORE):
            refusal = self._renew()
            if refusal is not None:
                return refusal
        signature = f"Bearer {self._access}" if self._kind == "personal" else f"Token {self._token}"
        answer = self._session.request(
            method, f"{self.url}/{path}", params=params, json=json, headers={"Authorization": signature}
        )
        return _reply(answer)

    def _renew(self) -> Reply | None:
        """Exchanges the personal token for an access token, which lives for minutes; the answer where there is none."""
        self._access = ""
        reply = _reply(self._session.post(f"{self.url}/api/token/refresh/", json={"refresh": self._token}))
        if not 200 <= reply.status < 300:
            return reply
        made = reply.value()
        access = made.get("access") if isinstance(made, dict) else None
        if not isinstance(access, str) or not access.isascii() or not access.isprintable():
            return Reply(status=502, body=b"")  # a page of a proxy, say
        until = expiry(access)
        self._access, self._access_until = access, math.inf if until is None else until
        return None

    def _hushed(self, error: JudgeAuditError) -> JudgeAuditError:
        """The same error; a token that the other side repeated is struck out."""
        return type(error)(str(error).replace(self._token, "…")) if len(self._token) > 7 else error


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


def _reply(answer: httpx.Response) -> Reply:
    return Reply(
        status=answer.status_code,
        body=answer.content,
        location=answer.headers.get("location", ""),
        retry_after=answer.headers.get("retry-after", ""),
    )
