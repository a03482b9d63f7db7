"""A prompt of your own: a text with places for what is judged. What is put in is never read for places again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from judgeaudit.domain.errors import InputError, nearest, one_line
from judgeaudit.domain.output import OF_OUTPUTS, PLACE, Asked, Order, Output, Turn
from judgeaudit.services.messages import Request

#: a line of its own that begins a message: `=== system`, `=== user`, `=== assistant`
_PART = re.compile(r"(?m)^===[ \t]*(system|user|assistant)[ \t]*\r?\n")
OF_QUESTIONS = ("question", "labels", "guideline")
OF_ITEMS = "item_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """The messages of a prompt, with places `{prompt}`, `{response}`, `{response_b}`, `{dialogue}`, `{question}`,
    `{labels}`, `{guideline}`, and any further column of the outputs. Every other brace stands for itself.
    """

    parts: tuple[Turn, ...]
    name: str

    def places(self) -> set[str]:
        """The words in single braces, known or not."""
        return {found[1] for part in self.parts for found in PLACE.finditer(part.content)}

    def request(self, output: Output, asked: Asked, order: Order = "ab") -> Request:
        """The messages about one output."""
        values = values_of(output, asked, order)
        turns = [Turn(role=part.role, content=_filled(part.content, values)) for part in self.parts]
        system = "\n\n".join(turn.content for turn in turns if turn.role == "system")
        return Request(system=system, turns=tuple(turn for turn in turns if turn.role != "system"))


def read_template(text: str, *, name: str, columns: tuple[str, ...], pairwise: bool) -> Template:
    """The template of a prompt file, or an InputError where it cannot judge anything."""
    pieces = _PART.split(text)
    parts = [] if not pieces[0].strip() else [Turn(role="user", content=pieces[0].strip("\r\n"))]
    parts += [
        Turn(role=role, content=content.strip("\r\n")) for role, content in zip(pieces[1::2], pieces[2::2], strict=True)
    ]
    template = Template(parts=tuple(parts), name=name)
    places = template.places()
    if not {"response", "dialogue"} & places:
        near = next((found for place in sorted(places) if (found := nearest(place, ["response"]))), "")
        msg = f"{one_line(name)}: the prompt has no {{response}}, so nothing would be judged; write it where the output goes{near}"
        raise InputError(msg)
    if pairwise and "response_b" not in places:
        msg = f"{one_line(name)}: the prompt has no {{response_b}}, and the question compares two responses"
        raise InputError(msg)
    known = list(dict.fromkeys((*OF_OUTPUTS, *OF_QUESTIONS, OF_ITEMS, *columns)))
    for place in sorted(places - set(known)):
        if nearest(place, known):
            msg = f"{one_line(name)}: no value for {{{place}}}{nearest(place, known)}; places are {', '.join(known)}"
            raise InputError(msg)
    if all(part.role == "system" for part in parts):
        msg = f"{one_line(name)}: the prompt has no message of the user; begin one with a line `=== user`"
        raise InputError(msg)
    return template


def values_of(output: Output, asked: Asked, order: Order) -> dict[str, str]:
    """What stands at each place. In order ba the two responses change sides."""
    first, second = output.response, output.response_b or ""
    if order == "ba":
        first, second = second, first
    return {
        **dict(output.columns),
        "prompt": output.prompt or _last_of_user(output),
        "response": first,
        "response_b": second,
        "dialogue": dialogue(output, first),
        "question": asked.text,
        "labels": ", ".join(asked.labels),
        "guideline": asked.guideline,
        OF_ITEMS: output.item_id,
    }


def dialogue(output: Output, response: str) -> str:
    """The whole exchange, one `role: text` after another, the judged response last."""
    turns = output.turns or (() if not output.prompt else (Turn(role="user", content=output.prompt),))
    said = [*turns, Turn(role="assistant", content=response)]
    return "\n\n".join(f"{turn.role}: {turn.content}" for turn in said)


def _last_of_user(output: Output) -> str:
    said = [turn.content for turn in output.turns if turn.role == "user"]
    return said[-1] if said else ""


def _filled(text: str, values: Mapping[str, str]) -> str:
    return PLACE.sub(lambda found: values.get(found[1], found[0]), text)
