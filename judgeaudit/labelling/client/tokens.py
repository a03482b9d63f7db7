"""Addresses and tokens as people paste them: checked before anything is sent."""

from __future__ import annotations

import base64
import json
import time
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import urlsplit

from judgeaudit.domain.errors import InputError, one_line

TokenKind = Literal["legacy", "personal"]
_MAKE = "make a personal access token in Account & Settings of that server"


def checked_url(address: str) -> str:
    """The address without a slash at its end, or an InputError that says how to write it."""
    url = address.strip().rstrip("/")
    shown = one_line(url.rpartition("@")[2])
    msg = f"{shown!r} is no address of a server; write it as http://host:port"
    try:
        parts = urlsplit(url)
        whole = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        raise InputError(msg) from None
    if not whole or not url.isprintable() or " " in url:
        raise InputError(msg)
    if parts.username is not None or parts.query or parts.fragment:
        msg = f"the address of {shown!r} must hold neither a name and password nor anything after ? or #; give the token apart"
        raise InputError(msg)
    return url


def checked_token(token: str, *, now: float | None = None) -> tuple[str, TokenKind]:
    """The token and its kind; a personal one (a JWT) that cannot work any more is an InputError without asking anybody.

    Messages never hold any part of the token.
    """
    text = token.strip()
    if not text:
        msg = f"no token was given; {_MAKE}"
        raise InputError(msg)
    if not text.isascii() or not text.isprintable() or " " in text:
        msg = f"the token holds a space, a line break or a character that no token has; {_MAKE} and copy it whole"
        raise InputError(msg)
    if not text.startswith("eyJ"):
        return text, "legacy"
    claims = _claims(text)
    expires = _moment(claims.get("exp"))
    if expires is None:
        msg = f"the token begins like a personal access token and is not whole; {_MAKE} and copy all of it"
        raise InputError(msg)
    if expires.timestamp() <= (time.time() if now is None else now):
        msg = f"the personal access token expired on {expires:%Y-%m-%d at %H:%M} UTC by this computer's clock; {_MAKE}"
        raise InputError(msg)
    if claims.get("token_type") == "access":
        msg = f"this is an access token, which lives for minutes; {_MAKE}"
        raise InputError(msg)
    return text, "personal"


def expiry(token: str) -> float | None:
    """The moment at which a JWT ends, in seconds since 1970; None where it does not say."""
    moment = _moment(_claims(token).get("exp"))
    return None if moment is None else moment.timestamp()


def _claims(token: str) -> dict[str, object]:
    """What a JWT says of itself; nothing where it is cut or garbled. Only the server can tell whether it is genuine."""
    parts = token.split(".")
    if len(parts) != 3 or not all(parts):
        return {}
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return {}
    return claims if isinstance(claims, dict) else {}


def _moment(claim: object) -> datetime | None:
    if not isinstance(claim, int | float):
        return None
    try:
        return datetime.fromtimestamp(claim, UTC)
    except (ValueError, OverflowError, OSError):
        return None
