"""What a Label Studio server refuses, or fails to answer, as one line that says what, where and how to mend it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from judgeaudit.domain.errors import InputError, JudgeAuditError, OutsideError, one_line

_LONGEST = 240
_LEGACY_OFF = "legacy token authentication has been disabled"
_HOW_TO_GET = "copy it anew from Account & Settings of that server"


class MissingError(InputError):
    """The server is a Label Studio and does not hold what was asked for."""


class StrangePageError(OutsideError):
    """404 with a page instead of JSON, from a server that was a Label Studio before: a proxy's, or one of its few such pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One thing asked of a server, as a message has to tell it. `missing` is what a 404 of this call means."""

    url: str
    doing: str
    token_kind: str = "legacy"
    timeout: float = 0
    missing: str = ""
    first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back over HTTP."""

    status: int
    body: bytes
    location: str = ""
    retry_after: str = ""

    def value(self) -> object:
        """The JSON of the body; None where it is empty or no JSON."""
        try:
            return json.loads(self.body) if self.body else None
        except ValueError:
            return None


def refused(call: Call, reply: Reply) -> JudgeAuditError:
    """An answer other than success."""
    status, said = reply.status, sentence(reply)
    if status >= 500 or status == 429:
        return _later(call, status, said)
    if status == 401 and not call.first:
        return _not_let_in(call, said)
    if 300 <= status < 400:
        return _sent_on(call, reply)
    if status == 400 and b"HTTPS port" in reply.body:
        return InputError(f"the server at {call.url} speaks HTTPS; write {call.url.replace('http://', 'https://', 1)}")
    if call.first:
        return foreign(call.url)
    if status == 404:
        return _not_found(call, reply)
    if status in (413, 414):
        return InputError(
            f"{call.url} takes no request this large ({status}) while {call.doing}; "
            "raise the limit of the proxy before it (client_max_body_size in nginx)"
        )
    if status == 403:
        return InputError(
            f"the owner of this token may not do that at {call.url}, while {call.doing}: {said or 'forbidden'}"
        )
    return InputError(
        f"Label Studio at {call.url} refused while {call.doing}: {said or f'status {status}'}; mend that and try again"
    )


def _later(call: Call, status: int, said: str) -> JudgeAuditError:
    """The server is ill, or has too much to do: the same request may go through later."""
    if status == 429:
        return OutsideError(
            f"Label Studio at {call.url} wants fewer requests (429) while {call.doing}; wait a minute and try again"
        )
    why = f" ({said})" if said else ""
    return OutsideError(
        f"Label Studio at {call.url} answered {status}{why} while {call.doing}; try again, and look at its log if it stays so"
    )


def _not_found(call: Call, reply: Reply) -> JudgeAuditError:
    """What is asked for is gone, or a page that is not Label Studio's was sent."""
    if not isinstance(reply.value(), dict):
        return StrangePageError(
            f"{call.url} answered 404 with a page that is not Label Studio's while {call.doing}; "
            "see whether it still runs behind its proxy, and try again"
        )
    return MissingError(call.missing or f"{call.url} holds no such thing (404) while {call.doing}; check the address")


def unanswered(call: Call, error: Exception) -> JudgeAuditError:
    """No answer at all: `error` is httpx's. Told by the names of its classes, so that httpx need not be imported here."""
    names = _names(error)
    said = one_line(str(error), limit=_LONGEST)
    if timed_out(error):
        limit = "" if "ConnectTimeout" in names else f" within {call.timeout:g} s"
        return OutsideError(
            f"{call.url} gave no answer{limit} while {call.doing}; "
            "it may have done it all the same: see whether the server runs, and try again"
        )
    if "CERTIFICATE_VERIFY_FAILED" in said:
        return InputError(
            f"the certificate of {call.url} is not trusted here ({said}); name the authority's file in SSL_CERT_FILE"
        )
    if "ConnectError" in names and "SSL" in said:
        plain = call.url.replace("https://", "http://", 1)
        return InputError(f"the server at {call.url} does not speak HTTPS there ({said}); write {plain}")
    if "ConnectError" in names:
        return OutsideError(
            f"nothing answers at {call.url} ({said}); start the server (`judgeaudit label serve`) or check the address"
        )
    if "UnicodeError" in names:
        return InputError(f"a text holds a character that cannot be sent while {call.doing} ({said}); escape it first")
    if names & {"InvalidURL", "UnsupportedProtocol"}:
        return InputError(f"{one_line(call.url)!r} is no address of a server ({said}); write it as http://host:port")
    hint = "; if it speaks HTTPS, write https://" if call.first and call.url.startswith("http://") else ""
    return OutsideError(
        f"{call.url} broke the connection off while {call.doing} ({said or type(error).__name__}); try again{hint}"
    )


def timed_out(error: Exception) -> bool:
    return "TimeoutException" in _names(error)


def foreign(url: str) -> InputError:
    """Something answers there that is not a Label Studio."""
    return InputError(
        f"no Label Studio answers at {url}; give the address that its start page has in the browser, up to the port "
        "or to the folder that it is served under"
    )


def sentence(reply: Reply) -> str:
    """What the server says itself, cut to one line; a page of HTML says nothing. Texts of tasks are left out."""
    said = reply.value()
    if not isinstance(said, dict):
        return ""
    errors = said.get("validation_errors")
    parts: list[str] = []
    if isinstance(errors, dict):
        for name, problems in errors.items():
            told = problems if isinstance(problems, list) else [problems]
            # the server repeats the whole task after " :: "
            spoken = "; ".join(str(problem).partition(" :: ")[0].strip() for problem in told[:3])
            parts.append(spoken if name == "non_field_errors" else f"{name}: {spoken}")
    return one_line("; ".join(parts) or str(said.get("detail") or ""), limit=_LONGEST)


def _not_let_in(call: Call, said: str) -> InputError:
    if _LEGACY_OFF in said:
        return InputError(
            f"{call.url} has legacy tokens switched off; use a personal access token (Account & Settings there), "
            "or have an owner switch legacy tokens on in the settings of the organization"
        )
    if call.token_kind == "personal":
        made = "make a new one in Account & Settings of that server"
        return InputError(f"{call.url} refuses the personal access token ({said or 'unauthorized'}); {made}")
    return InputError(f"{call.url} refuses the legacy token ({said or 'unauthorized'}); {_HOW_TO_GET}")


def _sent_on(call: Call, reply: Reply) -> InputError:
    target = urlsplit(reply.location)
    where = f"{target.scheme}://{target.netloc}" if target.netloc else one_line(reply.location) or "elsewhere"
    return InputError(
        f"{call.url} sends requests on to {where}, where a token would not go along; give the address that answers itself"
    )


def _names(error: Exception) -> set[str]:
    return {kind.__name__ for kind in type(error).__mro__}
