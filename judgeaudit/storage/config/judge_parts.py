"""What sections of judges have inside: how a reply is read, and what tokens cost."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from judgeaudit.domain.errors import one_line
from judgeaudit.storage.config.section_base import Name, Section, refuse

#: how the members of a panel become one verdict
PanelRule = Literal["majority", "weighted", "dawid-skene", "any", "all"]
_CUT = re.compile(r"\s*(>=|<=|>|<)\s*[+-]?(\d+(\.\d*)?|\.\d+)\s*")


class ParseConfig(Section):
    """Where a reply holds its label: at a path of its JSON, or in a group of a regular expression.

    A prompt that asks several questions at once gives a path or an expression for each, by the question's name.
    `cut` makes the positive label of a score. `probability` and `confidence` are paths of the reply's JSON, too.
    """

    json_path: str | dict[Name, str] | None = Field(None, alias="json")
    regex: str | dict[Name, str] | None = None
    cut: str | None = None
    probability: str | None = None
    confidence: str | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.json_path is None) == (self.regex is None):
            refuse("give exactly one of json and regex")
        return self

    @field_validator("regex")
    @classmethod
    def _is_pattern(cls, value: str | dict[str, str] | None) -> str | dict[str, str] | None:
        for pattern in [value] if isinstance(value, str) else list((value or {}).values()):
            refuse_pattern(pattern)
        return value

    @field_validator("cut")
    @classmethod
    def _is_cut(cls, value: str | None) -> str | None:
        if value is not None and not _CUT.fullmatch(value):
            refuse(f'{one_line(value)!r} is no cut-off; write one like ">= 4"')
        return value


def refuse_pattern(pattern: str) -> None:
    """Nothing, where it is a regular expression."""
    try:
        re.compile(pattern)
    except re.error as error:
        refuse(f"{one_line(pattern)!r} is no regular expression: {error}")


def refuse_panel(of: Sequence[str], rule: PanelRule, weights: Sequence[float]) -> None:
    """Nothing, where members, rule and weights go together."""
    doubled = [member for place, member in enumerate(of) if member in of[:place]]
    if doubled:
        refuse(f"of names {one_line(doubled[0])!r} twice; each member has one voice, and weights make it louder")
    if rule == "weighted" and len(weights) != len(of):
        refuse(f'rule = "weighted" needs weights, a number above 0 for each of the {len(of)} members in their order')
    if weights and rule != "weighted":
        refuse('weights belong to rule = "weighted"')
    if rule == "dawid-skene" and len(of) < 3:
        refuse(
            'rule = "dawid-skene" needs three members: from two, nothing tells which of them is right where they differ'
        )


class PriceConfig(Section):
    """US dollars for a million tokens, where the price of a model is not known or is another one."""

    input: Annotated[float, Field(ge=0)]
    output: Annotated[float, Field(ge=0)]
    cached: Annotated[float, Field(ge=0)] | None = None
