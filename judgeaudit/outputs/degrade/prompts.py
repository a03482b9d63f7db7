"""Asking a chat model as it was never asked while it was trained: no marks, the marks of another family, turned roles."""

from __future__ import annotations

from collections.abc import Sequence

#: the levels of the recipe wrong-template
PLAIN, FOREIGN, TURNED = 1, 2, 3
_OTHER = {"user": "assistant", "assistant": "user"}

Turns = Sequence[tuple[str, str]]


def plain(turns: Turns) -> str:
    """The texts alone, with nothing to say who speaks.

    >>> plain([("user", "Hi."), ("assistant", "Hello."), ("user", "Sing.")])
    'Hi.\\n\\nHello.\\n\\nSing.'
    """
    return "\n\n".join(text for _, text in turns)


def foreign(turns: Turns) -> str:
    """The texts between headings that other instruct models were trained on.

    >>> foreign([("user", "Sing.")])
    '### Instruction:\\nSing.\\n\\n### Response:\\n'
    """
    names = {"assistant": "Response", "system": "System"}
    parts = [f"### {names.get(role, 'Instruction')}:\n{text}\n\n" for role, text in turns]
    return "".join(parts) + "### Response:\n"


def turned(turns: Turns) -> list[tuple[str, str]]:
    """The same texts from the other side: the model reads its user's words as its own.

    >>> turned([("user", "Sing.")])
    [('assistant', 'Sing.')]
    """
    return [(_OTHER.get(role, role), text) for role, text in turns]
