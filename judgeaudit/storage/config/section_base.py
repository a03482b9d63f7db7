"""What all sections of study.toml share: strict types, and refusals that reach the reader as they were written."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Hashable, Sequence
from functools import reduce
from operator import or_
from types import GenericAlias, UnionType
from typing import Annotated, Any, NoReturn, TypeVar, Union, get_args, get_origin

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    GetPydanticSchema,
    WithJsonSchema,
    create_model,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from judgeaudit.domain.errors import nearest, one_line
from judgeaudit.domain.option import Option, declared


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


# Sections that are made from records of options, so that a key is declared once.

Made = TypeVar("Made", bound=Section)


def section_of(
    record: type,
    name: str,
    base: type[Made],
    *,
    doc: str | None = None,
    only: Collection[str] | None = None,
    **more: Any,
) -> type[Made]:
    """A section with the options of a record, or `only` these, as its keys; `more` are fields as pydantic takes them."""
    keys: dict[str, Any] = more | {
        one.name: (_checked(_typed(one.type, one.option), one.option), one.default)
        for one in declared(record)
        if only is None or one.name in only
    }
    return create_model(name, __base__=base, __module__=__name__, __doc__=doc, **keys)


def chosen_by(choose: Callable[[object], type[Section]], every: Callable[[], Sequence[type[Section]]]) -> Any:
    """For a key that holds one of several sections: the one that a value chooses is all that is made and asked.

    `every` are all of them, in the order of the JSON Schema.
    """

    def json_schema(_: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        choices: dict[Hashable, CoreSchema] = {one.__name__: one.__pydantic_core_schema__ for one in every()}
        return handler(core_schema.tagged_union_schema(choices, discriminator=lambda value: choose(value).__name__))

    checked = core_schema.no_info_plain_validator_function(lambda value: choose(value).model_validate(value))
    return GetPydanticSchema(lambda *_: checked, json_schema)


def kept_as(record: type, section: type[Section]) -> GetPydanticSchema:
    """For a key that is checked as `section` and kept as `record`, whose other fields stay at their defaults."""
    names = tuple(section.model_fields)

    def schema(_: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(
            lambda told: record(**{name: getattr(told, name) for name in names}),
            handler.generate_schema(section),
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda kept: {name: getattr(kept, name) for name in names}
            ),
        )

    return GetPydanticSchema(schema)


def defaults_of(section: type[Section]) -> dict[str, Any]:
    """For the JSON Schema of a key that is kept as a record: what the section holds where nothing is written."""
    return {"default": section().model_dump(mode="json", by_alias=True)}


def _typed(kind: Any, option: Option) -> Any:
    """The type with its limits where they belong: on numbers, or on texts."""
    parts = [_typed(one, option) for one in get_args(kind)]
    if get_origin(kind) in (Union, UnionType):
        return reduce(or_, parts)
    if get_origin(kind) is tuple:
        return GenericAlias(tuple, tuple(parts))
    limits: dict[str, Any] = {
        name: limit for name, limit in option.limits.items() if (name == "min_length") == (kind is str)
    }
    return Annotated[kind, Field(**limits)] if limits and kind in (str, int, float) else kind


def _checked(kind: Any, option: Option) -> Any:
    """The type with the option's own check."""
    return kind if option.check is None else Annotated[kind, AfterValidator(_refusing(option.check))]


def _refusing(check: Callable[[Any], str]) -> Callable[[Any], Any]:
    def checked(value: Any) -> Any:
        if wrong := check(value):
            refuse(wrong)
        return value

    return checked
