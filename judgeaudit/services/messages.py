"""What goes to a judge's model and what comes back, whatever service it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from judgeaudit.domain.output import Asked, Order, Turn, digest

#: where a structured answer holds its label
STRUCTURED = "label"

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
#: ended: the model came to its end. truncated: it was cut off. refused: it, or its service, declined to answer
Ending = Literal["ended", "truncated", "refused"]
WordsBy = Literal["tokens", "classes", "separate classes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call. `schema` is the JSON Schema of the wanted answer, where a structured answer is wanted."""

    turns: tuple[Turn, ...]
    system: str = ""
    schema: Mapping[str, Json] | None = None

    @property
    def sha256(self) -> str:
        """Of every text that the model reads, in order, and of the schema."""
        texts = [text for turn in self.turns for text in (turn.role, turn.content)]
        schema = "" if self.schema is None else json.dumps(self.schema, sort_keys=True)
        return digest((self.system, schema, *texts))


class Asking(Protocol):
    """What a call is known by and what it is about, whether its prompt is still at hand or not."""

    @property
    def key(self) -> str: ...
    @property
    def item_id(self) -> str: ...
    @property
    def item_sha256(self) -> str: ...
    @property
    def asked(self) -> tuple[Asked, ...]: ...
    @property
    def run(self) -> int: ...
    @property
    def order(self) -> Order: ...
    @property
    def prompt_sha256(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token of the answer, with the likeliest tokens at its place and their natural log-probabilities."""

    text: str
    logprob: float
    top: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A service's answer, read. Nothing in it is taken for a label yet.

    scores    label -> probability, where a service says them outright instead of tokens
    note      the service's own words on why it ended as it did: a refusal, a category
    words     word or class -> probability, where a model was read instead of asked to write
    words_by  what these probabilities are of: next tokens, classes that exclude one another, or classes that do not
    left_out  how many characters of the judged texts did not fit and were not read
    """

    text: str
    ending: Ending = "ended"
    note: str = ""
    model: str | None = None
    tokens: tuple[Token, ...] = ()
    scores: tuple[tuple[str, float], ...] = ()
    input_tokens: int | None = None
    cached_tokens: int | None = None
    output_tokens: int | None = None
    words: tuple[tuple[str, float], ...] = ()
    words_by: WordsBy = "tokens"
    left_out: int = 0


class PassingError(Exception):
    """A call failed in a way that may pass. `wait` is how many seconds the service asked for, where it did.

    `slow_down`: too much is asked of it at once. `limited`: it is well, and keeps to a limit of so many calls in a time.
    """

    def __init__(
        self, reason: str, *, wait: float | None = None, slow_down: bool = False, limited: bool = False
    ) -> None:
        super().__init__(reason)
        self.wait = wait
        self.slow_down = slow_down
        self.limited = limited


class StrangeError(PassingError):
    """What came is JSON and no answer of this protocol. `why` says what it lacks."""

    def __init__(self, reason: str, *, why: str) -> None:
        super().__init__(reason)
        self.why = why


class HaltError(Exception):
    """Every further call would fail the same way: a wrong key, a used-up budget, no such model."""


class RejectedError(Exception):
    """The service will not take this one call, however often it is sent: too long, invalid. `raw` is what it said."""

    def __init__(self, reason: str, *, raw: str = "", refused: bool = False) -> None:
        super().__init__(reason)
        self.raw = raw
        self.refused = refused
