"""docs/judges.md names every key of every kind of judge, with its default."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from judgeaudit.storage.config.judges import KINDS, JudgeConfig, section_of_kind
from judgeaudit.storage.config.read import json_schema

_ROW = re.compile(r"^\| ((?:`\w+`(?:, )?)+) \| (.*?) \|", re.MULTILINE)


@pytest.fixture(scope="module")
def page(repository: Path) -> str:
    return (repository / "docs" / "judges.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_is_on_the_page(page: str, kind: str):
    """Whatever a person may set is told."""
    keys = [field.alias or name for name, field in section_of_kind(kind).model_fields.items()]
    assert [key for key in keys if f"`{key}`" not in page] == []


def test_defaults_are_those_of_the_code(page: str):
    """A default that the page gives is the one that holds."""
    told = {
        key: default for row in _ROW.finditer(page) for key in re.findall(r"`(\w+)`", row[1]) for default in [row[2]]
    }
    for section in map(section_of_kind, KINDS):
        for name, field in section.model_fields.items():
            if isinstance(field.default, bool | int | float) and name in told:
                assert told[name] == f"`{json.dumps(field.default).removesuffix('.0')}`", name


def test_every_key_is_in_the_schema_with_its_default():
    """Editors know what the program knows."""
    schema = json_schema()["$defs"]
    for section in map(section_of_kind, KINDS):
        known = schema[section.__name__]["properties"]  # type: ignore[index]
        for name, field in section.model_fields.items():
            assert (field.alias or name) in known
            if field.default_factory is None and not field.is_required():
                assert "default" in known[field.alias or name], (section.__name__, name)
    assert set(JudgeConfig.model_fields) <= set(schema["RulesConfig"]["properties"])  # type: ignore[index]
