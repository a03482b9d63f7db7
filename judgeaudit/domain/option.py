"""An option, declared once: a field of a frozen record that says its own flag, help, limits and who may set it.

The command line makes its flags from such fields, `study.toml` its keys, `audit.json` its `options`, and `judgeaudit diff`
what it compares. A record of options is an ordinary dataclass whose fields are made by `option`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, Literal, NamedTuple, TypeVar, get_type_hints

from judgeaudit.domain.errors import InputError

Record = TypeVar("Record")
#: as pydantic names them
Limit = Literal["ge", "gt", "le", "lt", "min_length"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """What a field says of itself beside its name, type and default.

    help      the text of its flag; an option without one has neither flag nor keyword
    metavar   what the flag's value is called in the help
    flag      the flag; `--` and the name by default
    keyword   the argument in Python; the name by default
    after     the keyword that the help lists before it; the field before it by default
    texts     texts of the command line -> the argument in Python
    value     the argument in Python -> the field's value
    limits    what a number must keep to, or how long a text must be
    hint      what the limits mean, for a refusal
    check     what is wrong with a value, as in "'x' is not a or b"; empty where nothing is
    tables    whether the flag belongs to tables alone: a study says it in `study.toml`
    study     whether the section of `study.toml` that is made from the record has it as a key
    run       of a service: whether it says how a judge is run, and not which judge it is
    """

    help: str = ""
    metavar: str | None = None
    flag: str = ""
    keyword: str = ""
    after: str = ""
    texts: Callable[[Any], Any] | None = None
    value: Callable[[Any], Any] | None = None
    limits: Mapping[Limit, float] = field(default_factory=dict)
    hint: str = ""
    check: Callable[[Any], str] | None = None
    tables: bool = False
    study: bool = False
    run: bool = False


class Declared(NamedTuple):
    """An option of a record: its field's name, type and default, and what the field says of itself."""

    name: str
    type: Any
    default: Any
    option: Option

    @property
    def keyword(self) -> str:
        """What it is called in Python, and by the command line's own function."""
        return self.option.keyword or self.name

    @property
    def flag(self) -> str:
        """What it is called on the command line; empty where there is no flag."""
        return (self.option.flag or f"--{self.name.replace('_', '-')}") if self.option.help else ""

    @property
    def preset(self) -> Any:
        """What the command line has where no flag is given: nothing, if `study.toml` or the table's reader decides then."""
        return None if self.option.tables or self.option.study else self.default


#: records that were looked at before
_KNOWN: dict[type, tuple[Declared, ...]] = {}


def option(default: object = MISSING, *, factory: Callable[[], object] | None = None, **said: Any) -> Any:
    """A field of a record of options, with its default or what makes it; `said` are the fields of `Option`."""
    told = {"option": Option(**said)}
    if factory is not None:
        return field(default_factory=factory, metadata=told)
    return field(default=default, metadata=told)


def declared(record: type) -> tuple[Declared, ...]:
    """The options of a record in their order; fields that were not made by `option` are none."""
    if record not in _KNOWN:
        types = get_type_hints(record, include_extras=True)
        _KNOWN[record] = tuple(
            Declared(one.name, types[one.name], _default(one), one.metadata["option"])
            for one in fields(record)
            if "option" in one.metadata
        )
    return _KNOWN[record]


def fields_of(record: type, given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a record that arguments are about, by their keywords; other arguments are left out."""
    return {
        one.name: given[one.keyword] if one.option.value is None else one.option.value(given[one.keyword])
        for one in declared(record)
        if one.keyword in given
    }


def filled(record: type[Record], given: Mapping[str, Any], **more: Any) -> Record:
    """The record that arguments describe; `more` are fields as they are."""
    return record(**{**fields_of(record, given), **more})


def refuse_values(record: object) -> None:
    """An InputError for the first value that is beyond its limits, or that its check refuses."""
    for one in declared(type(record)):
        value = getattr(record, one.name)
        wrong = _beyond(one, value) if isinstance(value, int | float) else ""
        if not wrong and one.option.check is not None:
            wrong = one.option.check(value)
        if wrong:
            msg = f"{one.name} {wrong}"
            raise InputError(msg)


def _beyond(one: Declared, value: float) -> str:
    """Why a number is beyond its limits; nan is beyond all."""
    limits = one.option.limits
    low, high = limits.get("ge", limits.get("gt")), limits.get("le", limits.get("lt"))
    above = low is None or (value >= low if "ge" in limits else value > low)
    below = high is None or (value <= high if "le" in limits else value < high)
    if above and below:
        return ""
    meant = f" ({one.option.hint})" if one.option.hint else ""
    if high is None:
        return f"{value} is negative; take 0 or more" if low == 0 else f"{value} is below {low:,}{meant}"
    return f"{value} is not between {low:,} and {high:,}{meant}"


def _default(one: Field[Any]) -> Any:
    return one.default_factory() if one.default_factory is not MISSING else one.default


# How arguments are read that take one name or several.


def names_of(given: Any) -> tuple[str, ...]:
    """One name or several, or None for none; numbers are taken as their texts."""
    if given is None:
        return ()
    if isinstance(given, str):
        return (given,)
    if isinstance(given, int | float):
        return (str(given),)
    return tuple(str(one) for one in given)


def listed(given: Sequence[str]) -> list[str]:
    """Texts that may hold several names parted by commas; quotes keep a comma inside a name.

    >>> listed(['a,b', '"c,d"'])
    ['a', 'b', 'c,d']
    """
    import csv

    return [name for text in given for row in csv.reader([text], skipinitialspace=True) for name in row]
