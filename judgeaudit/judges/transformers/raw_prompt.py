"""A prompt that is no chat: the text of a model's card, with places, whose own control tokens stay what they are."""

from __future__ import annotations

from dataclasses import dataclass

from judgeaudit.domain.output import PLACE, Asked, Order, Output, Turn
from judgeaudit.judges.prompts.template import Template, values_of
from judgeaudit.judges.replies.reply import Request


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
