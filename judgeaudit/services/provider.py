"""What a provider's module says of itself, so that a provider is one module and one line in `providers`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from judgeaudit.services.batching import BatchService
from judgeaudit.services.messages import Reply, Request
from judgeaudit.services.protocol import Service

Structured = Literal["auto", "schema", "tool", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Where a model is asked, and what every service is told.

    name      what errors call the service
    key_from  where the key was looked for
    reasons   whether the model is made to give its reasons first
    """

    name: str
    model: str = ""
    api_key: str = ""
    key_from: str = ""
    base_url: str | None = None
    max_output_tokens: int = 1024
    structured: Structured = "auto"
    timeout: float = 120.0
    extra: Mapping[str, object] = field(default_factory=dict)
    reasons: bool = False

    def shared(self) -> dict[str, Any]:
        """What the connections of all providers are made with."""
        return {one.name: getattr(self, one.name) for one in fields(self) if one.name != "reasons"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A service that answers prompts. Its module is imported to check `study.toml`; its SDK only when it is asked.

    kind         what `study.toml` calls it, and the extra that brings its packages unless `extra` is another
    name         what the sections are called in the JSON Schema: OpenAI makes OpenAIConfig and OpenAIGenerator
    package      its SDK, as it is imported
    key_env      the variable that holds the key, unless a section names another one
    address_env  the variable by which its SDK would go to another server
    judging      a record of options: the keys that a judge's section has beyond those of every service
    writing      the same of a model that writes outputs
    written_as   keys of a judge that are so while a model writes
    connect      a connection and the keys of a section -> what asks one model
    batches      what asks one model -> what hands its calls over in batches; None where there are none
    no_batches   keys -> why they keep a judge from batches, empty where they do not
    batch_share  what a call in a batch costs, as a share of the listed price
    prices       what the public list of prices calls it; `kind` by default
    checks       keys, base_url -> whether the server is asked first what it heeds
    shortfalls   the connection, that request and its reply -> a line for each thing that was not heeded
    asks_shares  keys -> whether log-probabilities are asked for
    made         raised when what is sent for the same section changes: its judges are then other ones
    """

    kind: str
    name: str
    package: str
    key_env: str
    address_env: str
    judging: type
    writing: type
    connect: Callable[[Connection, Any], Service]
    batches: Callable[[Any], BatchService] | None = None
    no_batches: Callable[[Any], str] = lambda keys: ""
    batch_share: float = 0.5
    prices: str = ""
    extra: str = ""
    written_as: Mapping[str, object] = field(default_factory=dict)
    checks: Callable[[Any, str | None], bool] = lambda keys, base_url: False
    shortfalls: Callable[[Any, Request, Reply], Iterator[str]] = lambda service, request, reply: iter(())
    asks_shares: Callable[[Any], bool] = lambda keys: False
    made: int = 1

    def refusal_of_batches(self, keys: Any) -> str:
        """Why a judge with these keys takes no batches; empty where it does."""
        return f'kind = "{self.kind}" takes no batches' if self.batches is None else self.no_batches(keys)

    def reader(self) -> Service:
        """What reads stored answers: no package and no key is needed for it."""
        return self.connect(Connection(name=self.kind), self.judging())
