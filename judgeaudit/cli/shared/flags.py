"""Flags made from records of options, so that a flag is declared where its option is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter, Signature, signature
from typing import Annotated, Any, Optional, get_origin

import typer

from judgeaudit.domain.option import Declared, declared

Command = Callable[..., None]


def with_flags(*records: type) -> Callable[[Command], Command]:
    """A command with a flag for each option of the records. It gets their values as `given`, by keyword, None for no flag.

    In the help the options come in the order of their fields, then the command's own parameters; an option that names
    another one with `after` comes behind that.
    """
    options = [one for record in records for one in declared(record) if one.flag]

    def made(command: Command) -> Command:
        own = [one for name, one in signature(command, eval_str=True).parameters.items() if name != "given"]

        def run(**values: Any) -> None:
            given = {one.keyword: values.pop(one.keyword) for one in options}
            command(**values, given=given)

        run.__dict__["__signature__"] = Signature(_in_order(options, own))
        run.__doc__ = command.__doc__
        return run

    return made


def given_of(records: Sequence[type], values: Mapping[str, Any]) -> dict[str, Any]:
    """Flags that were given, as the arguments in Python that they stand for."""
    found = {}
    for one in (one for record in records for one in declared(record)):
        value = values.get(one.keyword)
        if value is not None:
            found[one.keyword] = value if one.option.texts is None else one.option.texts(value)
    return found


def _in_order(options: Sequence[Declared], own: Sequence[Parameter]) -> list[Parameter]:
    found = [_parameter(one) for one in options if not one.option.after] + list(own)
    for one in (one for one in options if one.option.after):
        place = next(place for place, other in enumerate(found) if other.name == one.option.after)
        found.insert(place + 1, _parameter(one))
    return [one.replace(kind=Parameter.KEYWORD_ONLY) for one in found]


def _parameter(one: Declared) -> Parameter:
    kind = _kind(one)
    if one.preset is None:
        kind = Optional[kind]  # noqa: UP045 - made at run time
    flag = typer.Option(one.flag, metavar=one.option.metavar, help=one.option.help)
    return Parameter(one.keyword, Parameter.KEYWORD_ONLY, default=one.preset, annotation=Annotated[kind, flag])


def _kind(one: Declared) -> Any:
    """What the command line takes: a flag that may be repeated for several names, else one number or text."""
    if one.type in (bool, int, float):
        return one.type
    return list[str] if get_origin(one.type) in (tuple, dict) else str
