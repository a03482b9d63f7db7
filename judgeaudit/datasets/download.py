"""One file over HTTP, whole or not at all: https only (http to this machine), limited in size and time, retried."""

from __future__ import annotations

import email.utils
import http.client
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import Message
from pathlib import Path
from types import TracebackType
from typing import IO, Protocol, Self

from judgeaudit.domain.errors import InputError, OutsideError, one_line

LIMIT = 50_000_000
TIMEOUT = 30.0
#: Seconds that one file may take in all; a server that sends a byte now and then cannot hold the program up.
DEADLINE = 300.0
RETRIES = 2
#: A server that wants a longer pause than this is left alone.
LONGEST_PAUSE = 30.0
_CHUNK = 1 << 16
_TRY_AGAIN = frozenset({429, 500, 502, 503, 504})
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Response(Protocol):
    """What a download needs of an answer."""

    headers: Message

    def read(self, amount: int, /) -> bytes: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> object: ...


class Opener(Protocol):
    """What a download needs of an opener; `urllib.request.OpenerDirector` is one."""

    def open(self, request: urllib.request.Request, data: None = None, timeout: float = ..., /) -> Response: ...


class _TransientError(Exception):
    """A failure that may be gone on the next try. `pause` is what the server asked for, None if it said nothing."""

    def __init__(self, reason: str, pause: float | None = None) -> None:
        super().__init__(reason)
        self.pause = pause


def download(
    url: str,
    target: Path,
    *,
    opener: Opener | None = None,
    limit: int = LIMIT,
    sleep: Callable[[float], None] | None = None,
) -> None:
    """Streams the file behind `url` to `target`. OutsideError, and no target, where that fails for good."""
    require_safe(url)
    opener = opener or safe_opener(url)
    sleep = sleep or time.sleep
    for left in range(RETRIES, -1, -1):
        try:
            _once(url, target, opener=opener, limit=limit)
        except _TransientError as failure:
            target.unlink(missing_ok=True)
            pause = failure.pause if failure.pause is not None else 0.5 * 2.0 ** (RETRIES - left)
            if left == 0 or pause > LONGEST_PAUSE:
                wanted = f"; the server asks to wait {pause:.0f} s" if pause > LONGEST_PAUSE else ""
                msg = (
                    f"{url}: {one_line(str(failure), limit=200)}{wanted}; nothing was kept, run the command again later"
                )
                raise OutsideError(msg) from failure
            sleep(pause)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        else:
            return


def require_safe(url: str) -> None:
    """https to anywhere, http to this machine, no password in it; anything else is an InputError."""
    if "@" in url:
        msg = "the address of the data sets holds a user name or an @; give it without"
        raise InputError(msg)
    if not _is_safe(url):
        shown = one_line(url, limit=200)
        msg = f"{shown}: data sets come over https, or over http from this machine; give such an address"
        raise InputError(msg)


def safe_opener(url: str) -> urllib.request.OpenerDirector:
    """An opener that follows redirects to safe addresses only, and asks this machine without a proxy."""
    handlers: list[urllib.request.BaseHandler] = [_SafeRedirects()]
    if _is_loopback(url):
        handlers.append(urllib.request.ProxyHandler({}))
    return urllib.request.build_opener(*handlers)


def _is_loopback(url: str) -> bool:
    return _host(url) in _LOOPBACK


def _host(url: str) -> str | None:
    """The host of a well-formed address, else None."""
    if not url.isascii() or not url.isprintable() or " " in url:
        return None
    try:
        parts = urllib.parse.urlsplit(url)
        return parts.hostname if parts.port != 0 else None
    except ValueError:
        return None


def _is_safe(url: str) -> bool:
    if _host(url) is None:
        return False
    scheme = urllib.parse.urlsplit(url).scheme
    return scheme == "https" or (scheme == "http" and _is_loopback(url))


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Refuses a redirect to another scheme, and one from elsewhere to this machine."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> urllib.request.Request | None:
        if not _is_safe(newurl) or (_is_loopback(newurl) and not _is_loopback(req.full_url)):
            fp.close()
            raise OutsideError(_refused_redirect(req.full_url, newurl))
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]


def _refused_redirect(url: str, target: str) -> str:
    return f"{url}: redirects to {one_line(target, limit=200)}, which is refused; nothing was kept"


def _once(url: str, target: Path, *, opener: Opener, limit: int) -> None:
    request = urllib.request.Request(url, headers={"User-Agent": "judgeaudit"})
    try:
        response = opener.open(request, None, TIMEOUT)
    except urllib.error.HTTPError as error:
        with error:
            _refuse(url, error)
    except (http.client.HTTPException, OSError) as error:
        raise _unreadable(error) from error
    else:
        with response:
            _stream(response, url, target, limit=limit)


def _unreadable(error: Exception) -> _TransientError:
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    return _TransientError(f"cannot be read ({str(reason) or type(reason).__name__})")


def _refuse(url: str, error: urllib.error.HTTPError) -> None:
    """An answer that is no file: worth another try where the server is busy, final otherwise."""
    location = error.headers.get("Location", "")
    if error.code in (301, 302, 303, 307, 308) and location:
        raise OutsideError(_refused_redirect(url, location)) from error
    answer = f"the server answers {error.code} {one_line(str(error.reason))}"
    if error.code in _TRY_AGAIN:
        raise _TransientError(answer, _pause(error.headers.get("Retry-After"))) from error
    msg = f"{url}: {answer}; nothing was kept, the data set may have moved"
    raise OutsideError(msg) from error


def _pause(header: str | None) -> float | None:
    """Seconds that a Retry-After header asks for, given as a number or as a date; None for anything else."""
    if header is None:
        return None
    if header.strip().isdecimal():
        return float(header)
    try:
        until = email.utils.parsedate_to_datetime(header)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())


def _stream(response: Response, url: str, target: Path, *, limit: int) -> None:
    announced = response.headers.get("Content-Length", "")
    whole = int(announced) if announced.isdecimal() else None
    too_large = f"{url}: larger than {limit:,} bytes, which no data set here is; nothing was kept"
    if whole is not None and whole > limit:
        raise OutsideError(too_large)
    deadline = time.monotonic() + DEADLINE
    received = 0
    with target.open("wb") as file:
        while chunk := _read(response):
            received += len(chunk)
            if received > limit:
                raise OutsideError(too_large)
            if time.monotonic() > deadline:
                msg = f"{url}: not finished after {DEADLINE:.0f} s; nothing was kept, run the command again later"
                raise OutsideError(msg)
            file.write(chunk)
    if whole is not None and received != whole:
        msg = f"broke off after {received:,} of {whole:,} bytes"
        raise _TransientError(msg)


def _read(response: Response) -> bytes:
    """The next bytes; what goes wrong here is the network, what goes wrong in writing them is not."""
    try:
        return response.read(_CHUNK)
    except (http.client.HTTPException, OSError) as error:
        raise _unreadable(error) from error
