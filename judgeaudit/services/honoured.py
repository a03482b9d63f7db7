"""What a compatible server did with the parameters that it was given: they take unknown ones and say nothing."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from judgeaudit.domain.errors import one_line
from judgeaudit.domain.output import Turn
from judgeaudit.services.messages import Json, Reply, Request

NO_SHARES = "gives no log-probabilities"
#: asks for no JSON, so that a reply in JSON shows that its form was held to
_WORDS = "Count from one to ten in words, separated by spaces."
_OWN = re.compile(r"(?i)https?://([\w-]+\.)*openai\.com(:\d+)?(/|$)")


class Asked(Protocol):
    """What a connection by OpenAI's protocol asks for."""

    @property
    def model(self) -> str: ...
    @property
    def api(self) -> str: ...
    @property
    def logprobs(self) -> bool: ...
    @property
    def structured(self) -> str: ...
    @property
    def max_output_tokens(self) -> int: ...


def is_compatible(base_url: str | None) -> bool:
    """Whether an address is that of a server that speaks OpenAI's protocol and is not OpenAI's own."""
    return base_url is not None and _OWN.match(base_url) is None


def checking(schema: Mapping[str, Json] | None) -> Request:
    """A small request with the form of a judge's answers; all else that is sent with it is the judge's own."""
    return Request(turns=(Turn(role="user", content=_WORDS),), schema=schema)


def shortfalls(service: Asked, request: Request, reply: Reply) -> Iterator[str]:
    """A line for each parameter that can be seen not to have been heeded: what that means, and the key that mends it."""
    if reply.model and not _same_model(reply.model, service.model):
        yield (
            f"answers as {one_line(reply.model)!r}, though {one_line(service.model)!r} is asked for: verdicts are of the "
            "former; name the model that it serves with model"
        )
    if reply.ending == "refused":
        return
    if service.api != "decisions" and not reply.text.strip():
        yield "sends no text: verdicts will have no label; where the model thinks first, raise max_output_tokens"
    else:
        yield from _of_form(service, request, reply)
    if service.logprobs and not _has_shares(service, reply):
        yield f"{NO_SHARES}: verdicts will have no probability; logprobs = false stops asking for them"
    if reply.output_tokens is None or reply.input_tokens is None:
        yield "does not count tokens: what calls cost is not known, whatever price says, and --max-cost cannot be kept"
    elif reply.output_tokens > service.max_output_tokens:
        yield (
            f"does not keep to max_output_tokens = {service.max_output_tokens}: {reply.output_tokens:,} tokens came; "
            f"extra = {{ max_tokens = {service.max_output_tokens} }} asks by the older name"
        )


def _of_form(service: Asked, request: Request, reply: Reply) -> Iterator[str]:
    asked = request.schema is not None and service.structured != "none"
    if service.api == "decisions" or not asked or _is_of_form(reply.text, request.schema or {}):
        return
    if reply.ending == "truncated" and reply.text.lstrip().startswith("{"):
        return
    other = 'structured = "none"' if service.structured == "tool" else 'structured = "tool" asks in another way, "none"'
    yield (
        f"does not hold answers to their form: labels are looked for in what the model writes by itself; {other} stops "
        "asking for a form"
    )


def _is_of_form(text: str, schema: Mapping[str, Json]) -> bool:
    """Whether a text is one JSON object with all fields of a schema, and one of its labels where it lists them."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return False
    fields = schema.get("properties")
    if not isinstance(value, dict) or not isinstance(fields, dict) or not set(fields) <= set(value):
        return False
    return all(
        value[name] in listed
        for name, field in fields.items()
        if isinstance(field, dict) and isinstance(listed := field.get("enum"), list)
    )


def _has_shares(service: Asked, reply: Reply) -> bool:
    """A forced call of a tool brings none anywhere, so none are missed there."""
    if service.api == "decisions":
        return bool(reply.scores)
    if service.structured == "tool" and service.api == "chat":
        return True
    return any(math.isfinite(token.logprob) for token in reply.tokens)


def _same_model(answered: str, asked: str) -> bool:
    """A dated name, or a path that ends with the name, is of the same model."""
    one, other = _plain(answered), _plain(asked)
    return one in other or other in one


def _plain(name: str) -> str:
    parts: Sequence[str] = re.split(r"[/\\]", name.casefold().rstrip("/\\"))
    return re.sub(r"\.(gguf|bin|safetensors)$", "", parts[-1]).replace("_", "-")
