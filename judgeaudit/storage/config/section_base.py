"""What all sections of study.toml share: strict types, and refusals that reach the reader as they were written."""

from __future__ import annotations

import re
from typing import Annotated, NoReturn

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from judgeaudit.domain.errors import nearest, one_line


def refuse(text: str, *, key: str = "") -> NoReturn:
    """Refuses with a sentence that reaches the reader as it stands: braces in a user's text are no placeholders."""
    kind = "unknown_key" if key else "study"
    raise PydanticCustomError(kind, "{sentence}", {"sentence": text, "key": key})


def _number_as_text(value: object) -> object:
    """Labels are texts; a number written without quotes means the text that it was written as."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


Label = Annotated[str, BeforeValidator(_number_as_text), WithJsonSchema({"type": ["string", "number"]})]
Name = Annotated[str, Field(min_length=1)]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]
Positive = Annotated[float, Field(gt=0)]


def address(value: str | None) -> str | None:
    """The address of a server as it is written, if it is one."""
    if value is not None and not re.match(r"(?i)https?://[^/]", value):
        refuse(f"{one_line(value)!r} is no address; write one like http://127.0.0.1:8000/v1")
    return value


class Section(BaseModel):
    """A table of study.toml: unchangeable, strictly typed, and closed to keys that it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, data: object) -> object:
        if isinstance(data, dict) and cls.model_config.get("extra") == "forbid":
            known = [field.alias or name for name, field in cls.model_fields.items()]
            for key in data:
                if key not in known:
                    refuse(f"no such key{nearest(str(key), known)}; keys here are {', '.join(known)}", key=str(key))
        return data
