"""A prompt as the tokens that a chat model was trained on. No judged text can put in a token of the chat's own."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from judgeaudit.domain.output import PLACE, Asked, Order, Output, Turn
from judgeaudit.judges.prompts.template import Template, values_of
from judgeaudit.services.messages import RejectedError, Request

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


_SANITIZE = "sanitize_control_tokens"


def chat_ids(
    tokenizer: PreTrainedTokenizerBase,
    request: Request,
    *,
    template: str | None = None,
    lead: str = "",
    given: Mapping[str, object] | None = None,
) -> list[int]:
    """The tokens of a request up to the answer, and of `lead`, which the answer shall begin with.

    Texts are sent as text: `<|im_end|>` in what is judged becomes the letters of it. A model whose template has no
    message of the system reads it at the head of the user's. RejectedError where the template cannot take the messages.
    """
    from jinja2.exceptions import TemplateError

    turns = [{"role": turn.role, "content": turn.content} for turn in request.turns]
    system = [{"role": "system", "content": request.system}] if request.system else []
    further = {"enable_thinking": False, "chat_template": template, **(given or {})}
    try:
        try:
            ids = _templated(tokenizer, [*system, *turns], further)
        except TemplateError:
            if not system:
                raise
            ids = _templated(tokenizer, _merged(request.system, turns), further)
    except (TemplateError, ValueError) as error:
        msg = f"the model's chat template does not take this dialogue: {error}"
        raise RejectedError(msg) from error
    return ids + list(tokenizer.encode(lead, add_special_tokens=False)) if lead else ids


def _templated(
    tokenizer: PreTrainedTokenizerBase, messages: Sequence[Mapping[str, str]], further: Mapping[str, object]
) -> list[int]:
    own = _SANITIZE not in inspect.signature(tokenizer.apply_chat_template).parameters
    if own:
        messages = [{**one, "content": without_controls(one["content"], tokenizer)} for one in messages]
    ids = tokenizer.apply_chat_template(
        list(messages),
        add_generation_prompt=True,
        return_dict=False,
        **({} if own else {_SANITIZE: True}),
        **further,
    )
    return [int(one) for one in ids]


def without_controls(text: str, tokenizer: PreTrainedTokenizerBase) -> str:
    """The text with a space inside whatever this tokenizer would take for a token of the chat's own."""
    controls = sorted((str(one) for one in tokenizer.added_tokens_encoder), key=len, reverse=True)
    for control in controls:
        if len(control) > 1 and not control.isspace():
            text = text.replace(control, f"{control[0]} {control[1:]}")
    return text


def _merged(system: str, turns: Sequence[Mapping[str, str]]) -> list[Mapping[str, str]]:
    first, *others = turns
    return [{**first, "content": f"{system}\n\n{first['content']}"}, *others]


# A prompt that is no chat: the text of a model's card, with places, whose own control tokens stay what they are.


@dataclass(frozen=True, slots=True)
class RawPrompt:
    """Each place of a prompt file is a message of its own, so that what is put in is told from the prompt around it."""

    prompt: Template

    def request(self, output: Output, asked: Asked, order: Order = "ab") -> Request:
        """What stands at the places, in their order."""
        values = values_of(output, asked, order)
        return Request(turns=tuple(Turn(role=place, content=values.get(place, "")) for place in self._places()))

    def chat_template(self, *, begins: bool) -> str:
        """The prompt around the places as a template; `begins` where the tokenizer puts its first token before every text."""
        pieces = PLACE.split(self._text())
        made = ["{{ bos_token }}"] if begins else []
        for number, piece in enumerate(pieces):
            made.append(f"{{{{ messages[{number // 2}]['content'] }}}}" if number % 2 else _literal(piece))
        return "".join(made)

    def _places(self) -> list[str]:
        return [found[1] for found in PLACE.finditer(self._text())]

    def _text(self) -> str:
        return "".join(part.content for part in self.prompt.parts)


def _literal(text: str) -> str:
    """A text as Jinja writes it out unchanged, line ends included."""
    plain = text.encode("unicode_escape").decode("ascii").replace('"', '\\"')
    return f'{{{{ "{plain}" }}}}' if text else ""
