"""People of a server: made through its invite link, as a person would be, since no other way gives them a password."""

from __future__ import annotations

import http.client
import http.cookiejar
import json
import secrets
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, replace

from judgeaudit.domain.errors import InputError, OutsideError, one_line

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who can sign in. `number` is how annotations name them on the server; 0 until the server knows them."""

    number: int
    email: str
    password: str
    token: str


def new_password() -> str:
    """About 60 bits, in groups that can be read out; no letter that looks like a digit."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))


def new_person(name: str) -> Person:
    """Somebody whom no server knows yet. The address is made up: mail for example.com reaches nobody."""
    return Person(number=0, email=f"{name}@example.com", password=new_password(), token=secrets.token_hex(20))


def known_as(url: str, token: str) -> tuple[int, str] | None:
    """Number and e-mail of whom the token belongs to; None where the server does not accept it."""
    try:
        who = Browser(url, token=token).fetch("/api/current-user/whoami")
    except RefusedError:
        return None
    return int(str(who["id"])), str(who["email"])


def enrol(url: str, admin: Person, person: Person) -> Person:
    """The person as the server knows them now: signed up, or, when an earlier run got that far, signed in."""
    invite = Browser(url, token=admin.token).fetch("/api/invite")
    try:
        return _after_form(url, str(invite["invite_url"]), person)
    except RefusedError:
        return sign_in(url, person)


def sign_in(url: str, person: Person) -> Person:
    """The person with number and token as the server has them, through the form that people use."""
    try:
        return _after_form(url, "/user/login/", person)
    except RefusedError as error:
        msg = (
            f"{person.email} can no longer sign in to {url} with the password in serve.json of the data folder; "
            f"write the one that was set on the server into that file"
        )
        raise InputError(msg) from error


def personal_token(url: str, admin: Person) -> str:
    """A new personal access token of the admin; empty where the server gives none."""
    try:
        return str(Browser(url, token=admin.token).fetch("/api/token/", data=b"{}").get("token", ""))
    except RefusedError:
        return ""


def _after_form(url: str, path: str, person: Person) -> Person:
    browser = Browser(url)
    browser.submit(path, {"email": person.email, "password": person.password, "allow_newsletters": "false"})
    who = browser.fetch("/api/current-user/whoami")
    token = browser.fetch("/api/current-user/token")["token"]
    return replace(person, number=int(str(who["id"])), token=str(token))


class RefusedError(Exception):
    """The server answered, and the answer was no."""


class Browser:
    """The little of a browser that is needed here: cookies, one form, JSON. Proxies are left aside: the server is here."""

    def __init__(self, url: str, *, token: str = "") -> None:
        self.url = url
        self._headers = {"Content-Type": "application/json", **({"Authorization": f"Token {token}"} if token else {})}
        self._cookies = http.cookiejar.CookieJar()
        cookies = urllib.request.HTTPCookieProcessor(self._cookies)
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Stay(), cookies)

    def fetch(self, path: str, *, data: bytes | None = None) -> Mapping[str, object]:
        """The JSON object at `path`."""
        body = self._ask(urllib.request.Request(self.url + path, data=data, headers=self._headers))
        try:
            found = json.loads(body)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            msg = f"{self.url}{path} answers something else than Label Studio does"
            raise OutsideError(msg)
        return found

    def submit(self, path: str, fields: Mapping[str, str]) -> None:
        """Fills in the form at `path`; whether it was accepted shows in whether we are somebody afterwards."""
        self._ask(urllib.request.Request(self.url + path))
        crumb = next((cookie.value or "" for cookie in self._cookies if cookie.name == "csrftoken"), "")
        form = urllib.parse.urlencode({**fields, "csrfmiddlewaretoken": crumb}).encode("ascii")
        headers = {"Referer": self.url + path, "Content-Type": "application/x-www-form-urlencoded"}
        self._ask(urllib.request.Request(self.url + path, data=form, headers=headers))

    def _ask(self, request: urllib.request.Request) -> bytes:
        try:
            with self._opener.open(request, timeout=60) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                if error.code in (301, 302, 303):
                    return b""
                if error.code in (400, 401, 403, 404, 409):
                    raise RefusedError(str(error.code)) from error
                msg = f"Label Studio at {self.url} answered {error.code} to {request.selector.partition('?')[0]}"
                raise OutsideError(msg) from error
        except (OSError, http.client.HTTPException) as error:
            msg = f"Label Studio at {self.url} does not answer: {one_line(str(error))}"
            raise OutsideError(msg) from error


class _Stay(urllib.request.HTTPRedirectHandler):
    """The page that follows a form is of no use here, and takes longer than the form."""

    def redirect_request(self, *_args: object, **_named: object) -> None:
        return None
