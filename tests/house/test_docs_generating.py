"""docs/generating.md and docs/degraded-models.md name every key and every recipe, as the code has them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from judgeaudit.domain.degradation_recipes import RECIPES
from judgeaudit.storage.config.generate import KINDS, DegradeConfig, GenerateConfig, section_of_kind
from judgeaudit.storage.config.read import json_schema
from judgeaudit.storage.study.prompts import OF_MODELS

_ROW = re.compile(r"^\| ((?:`\w+`(?:, )?)+) \| (.*?) \|", re.MULTILINE)


@pytest.fixture(scope="module")
def page(repository: Path) -> str:
    return (repository / "docs" / "generating.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("section", [GenerateConfig, *map(section_of_kind, KINDS)])
def test_every_key_is_on_the_page(page: str, section):
    """Whatever a person may set is told, with the default that holds, and editors know it."""
    assert [key for key in section.model_fields if f"`{key}`" not in page] == []
    told = {key: row[2] for row in _ROW.finditer(page) for key in re.findall(r"`(\w+)`", row[1])}
    for name, field in section.model_fields.items():
        if isinstance(field.default, bool | int | float | str) and name in told and name != "temperature":
            assert told[name] in (f"`{json.dumps(field.default)}`", f"`{json.dumps(field.default).removesuffix('.0')}`")
    known = json_schema()["$defs"][section.__name__]["properties"]  # type: ignore[index]
    assert set(section.model_fields) == set(known)


def test_every_column_of_an_output_is_on_the_page(page: str):
    """What stands in a row is explained."""
    assert [one for one in OF_MODELS if f"`{one}`" not in page and one != "response_b"] == []


def test_every_recipe_has_its_row(repository: Path):
    """With what its level counts and the span that is taken."""
    page = (repository / "docs" / "degraded-models.md").read_text(encoding="utf-8")
    rows = {row[1]: row[2] for row in re.finditer(r"^\| `([a-z-]+)` \| [^|]+ \| ([^|]+) \|", page, re.MULTILINE)}
    assert set(rows) == set(RECIPES)
    for name, one in RECIPES.items():
        found = [float(part) for part in re.findall(r"[\d.]+", rows[name])]
        assert (found[0], found[-1]) == (one.least, one.most)
    assert all(f"`{key}`" in page or f"{key} =" in page for key in DegradeConfig.model_fields)
