"""Reading study.toml and policy files: a file that cannot be used is one line that says where and why."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from judgeaudit.domain.errors import InputError, nearest, one_line

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic_core import ErrorDetails

    from judgeaudit.storage.config.schema import PolicyFile, StudyConfig

    Model = TypeVar("Model", bound=BaseModel)

STUDY_FILE = "study.toml"
#: how pydantic names the member of a union that it tried
_MEMBER = re.compile(r"constrained-\w+|str|int|float|bool|(dict|tuple|literal)\[.*\]")


def read_study(path: Path | str) -> StudyConfig:
    """The study that a study.toml, or the folder that holds one, declares. An unnamed study is named as its folder."""
    from judgeaudit.storage.config.schema import StudyConfig

    file = Path(path)
    file = file if file.suffix == ".toml" and not file.is_dir() else file / STUDY_FILE
    if not file.exists():
        where, folder = one_line(str(file), limit=200), one_line(str(file.parent), limit=200)
        msg = f"{where}: no such file; `judgeaudit init {folder}` makes a study"
        raise InputError(msg)
    plain = _read_toml(file)
    plain.setdefault("name", file.resolve().parent.name)
    return _checked(StudyConfig, plain, file)


def read_policy_file(path: Path | str) -> PolicyFile:
    """A policy file with its [use] table, where it has one. A whole study.toml will do as well."""
    from judgeaudit.storage.config.schema import PolicyConfig, PolicyFile

    file = Path(path)
    plain = _read_toml(file)
    if "questions" in plain:
        study = read_study(file)
        return PolicyFile(policy=study.policy or PolicyConfig(), use=study.use if "use" in plain else None)
    if "policy" in plain:
        return _checked(PolicyFile, plain, file)
    use = {"use": plain.pop("use")} if "use" in plain else {}
    return _checked(PolicyFile, {"policy": plain, **use}, file, unwritten="policy")


def json_schema() -> dict[str, object]:
    """The JSON Schema of study.toml, for editors."""
    from judgeaudit.storage.config.schema import StudyConfig

    schema = StudyConfig.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "study.toml of judgeaudit"}


def checked_section(model: type[Model], plain: Mapping[str, object], where: str) -> Model:
    """A section made from plain values, for options that were given elsewhere than in a file; `where` begins a refusal."""
    return _checked(model, {key: value for key, value in plain.items() if value is not None}, Path(where))


def _read_toml(file: Path) -> dict[str, object]:
    where = one_line(str(file), limit=200)
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        msg = f"{where}: not UTF-8 at byte {error.start}; save it as UTF-8"
        raise InputError(msg) from None
    except OSError as error:
        msg = f"{where}: cannot be read ({error.strerror}); name a TOML file"
        raise InputError(msg) from None
    try:
        return dict(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        end = f"line {len(text.splitlines())}, the end of the file"
        msg = f"{where}: not TOML: {one_line(str(error).replace('end of document', end), limit=200)}"
        raise InputError(msg) from None
    except RecursionError:
        msg = f"{where}: not TOML that can be read: nested too deeply"
        raise InputError(msg) from None


def _checked(model: type[Model], plain: Mapping[str, object], file: Path, *, unwritten: str = "") -> Model:
    """The validated model; `unwritten` is a section that the file's keys belong to without naming it."""
    from pydantic import ValidationError

    try:
        return model.model_validate(_lists_as_tuples(dict(plain)))
    except ValidationError as error:
        first, *others = error.errors(include_url=False)
        key, sentence = _said(first)
        sentence += _or_else(key, others)
        key = key.removeprefix(f"{unwritten}.") if unwritten else key
        place = f"{key}: " if key and key != unwritten else ""
        msg = one_line(f"{file}: {place}{sentence}", limit=600)
        raise InputError(msg) from None


def _lists_as_tuples(value: object) -> object:
    if isinstance(value, list):
        return tuple(_lists_as_tuples(one) for one in value)
    if isinstance(value, dict):
        return {key: _lists_as_tuples(one) for key, one in value.items()}
    return value


def _said(error: ErrorDetails) -> tuple[str, str]:
    """The dotted key and the sentence of one validation error. Entries of a list are counted from 1."""
    dotted, context = _dotted_key(error), error.get("ctx", {})
    if error["type"] in ("study", "unknown_key"):
        return dotted, str(context["sentence"])
    if error["type"] == "missing":
        return dotted, "is missing"
    if error["type"] in ("string_too_short", "too_short") and not error["input"]:
        return dotted, "is empty; write what belongs there, or leave it out"
    given = one_line(repr(error["input"]), limit=60)
    if error["type"] == "literal_error":
        return dotted, f"{given} is not {context.get('expected', 'known')}{_meant(error)}"
    if error["type"] == "model_type":
        return dotted, f"{given} should be a table"
    sentence = str(error["msg"]).removeprefix("Input ").replace("valid tuple", "list")
    return dotted, f"{given} {sentence.replace('valid dictionary', 'table')}"


def _dotted_key(error: ErrorDetails) -> str:
    """The key as it is written in the file, without the parts that only pydantic knows."""
    where = [f"#{part + 1}" if isinstance(part, int) else str(part) for part in error["loc"] if part != "[key]"]
    if len(where) > 1 and _MEMBER.fullmatch(where[-1]):
        del where[-1]  # which of a key's types was tried
    if error["type"] == "unknown_key":
        where.append(str(error.get("ctx", {}).get("key", "")))
    return ".".join(where).replace(".#", "#")


def _or_else(key: str, others: list[ErrorDetails]) -> str:
    """The words that may stand there instead, where a key takes a number or a word."""
    words = [one["ctx"]["expected"] for one in others if one["type"] == "literal_error" and _said(one)[0] == key]
    return "".join(f", or {word}" for word in words)


def _meant(error: ErrorDetails) -> str:
    expected = str(error.get("ctx", {}).get("expected", ""))
    offered = [word.strip(" '") for part in expected.split(" or ") for word in part.split(",")]
    return nearest(error["input"], offered) if isinstance(error["input"], str) else ""
