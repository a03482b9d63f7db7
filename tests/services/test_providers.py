"""A provider is one module and one line: every kind of judge that study.toml knows is described in one place, and by nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from judgeaudit.domain.option import declared
from judgeaudit.services import providers
from judgeaudit.services.providers import MODULES, provider_of
from judgeaudit.storage.config import generate, judges
from judgeaudit.storage.config.read import json_schema
from judgeaudit.study import Study
from judgeaudit.workflows.judging.kinds import KINDS
from tests.judges.loopback import loopback
from tests.judges.service_cases import CHAT, make_study, truths, verdicts

#: a provider that speaks OpenAI's protocol and takes its key in a header of its own
FOO = """
from dataclasses import replace
from functools import partial

from judgeaudit.services import openai

class FooService(openai.OpenAIService):
    def opened(self):
        return super().opened().with_options(default_headers={"X-Foo-Key": self.api_key, "Authorization": "none"})

PROVIDER = replace(
    openai.PROVIDER,
    kind="foo",
    name="Foo",
    key_env="FOO_API_KEY",
    address_env="FOO_BASE_URL",
    connect=partial(openai.connect, made_by=FooService),
)
"""


def kinds_of(schema: dict[str, Any], places: dict[str, Any]) -> set[str]:
    """The kinds of the sections that may stand in a place of the JSON Schema; plug-ins' kinds have no name there."""
    sections = [schema["$defs"][one["$ref"].rpartition("/")[2]] for one in places["additionalProperties"]["oneOf"]]
    return {kind["const"] for kind in (one["properties"]["kind"] for one in sections) if "const" in kind}


def test_the_schema_and_the_tables_know_the_same_kinds() -> None:
    """A kind of the schema is a provider, or has its line among the kinds that judge here; and each of those is in the schema."""
    schema: Any = json_schema()
    assert kinds_of(schema, schema["properties"]["judges"]) == {*MODULES, *KINDS} == set(judges.KINDS)
    assert set(MODULES) & set(KINDS) == set()
    models = schema["$defs"]["GenerateConfig"]["properties"]["models"]
    assert kinds_of(schema, models) == {*MODULES, "transformers"} == set(generate.KINDS)


@pytest.mark.parametrize("kind", MODULES)
def test_a_provider_says_what_its_sections_hold(kind: str) -> None:
    """Keys and defaults of the sections are those of the provider's records, and the schema's names are made from its own."""
    provider = provider_of(kind)
    assert provider.kind == kind
    for section, record, end in (
        (judges.section_of_kind(kind), provider.judging, "Config"),
        (generate.section_of_kind(kind), provider.writing, "Generator"),
    ):
        assert (section.__name__, section.__doc__) == (f"{provider.name}{end}", record.__doc__)
        own = {one.name: one.default for one in declared(record)}
        assert {name: section.model_fields[name].default for name in own} == own
    run = {one.name for one in declared(provider.judging) if one.option.run}
    assert judges.ServiceConfig.RUN | run == judges.service_section(kind).RUN


@pytest.fixture
def foo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The made-up provider: its module, and its line."""
    (tmp_path / "provider_foo.py").write_text(FOO, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(providers.MODULES, "foo", "provider_foo")
    monkeypatch.setenv("FOO_API_KEY", "secret-of-foo")
    yield
    judges.service_section.cache_clear()


@pytest.mark.usefixtures("foo")
def test_a_new_provider_is_one_module_and_one_line(tmp_path: Path) -> None:
    """A provider that is described nowhere else judges, in batches too, with its own key where it wants it."""
    study = tmp_path / "study"
    with loopback() as server:
        make_study(study, {**CHAT.section(server.url), "kind": "foo"}, 4)
        assert Study(study).judge()[0].tally.made == 4
        assert {one.headers["x-foo-key"] for one in server.asked} == {"secret-of-foo"}
        assert {one.headers["authorization"] for one in server.asked} == {"none"}
    assert {item: row["label"] for item, row in verdicts(study).items()} == truths(4)
    with loopback() as server:
        make_study(study, {**CHAT.section(server.url), "kind": "foo", "seed": 2}, 4)
        assert sum(Study(study).judge(batch=True)[0].submitted.values()) == 4
        assert Study(study).judge(batch=True)[0].tally.made == 4
