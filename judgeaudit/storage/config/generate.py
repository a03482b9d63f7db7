"""[generate] of study.toml: which prompts, and one section for each model that answers them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, field_validator, model_validator

from judgeaudit.domain.degradation_recipes import RECIPES, Degrading, degrading
from judgeaudit.domain.errors import InputError
from judgeaudit.domain.option import declared
from judgeaudit.services.providers import MODULES, provider_of
from judgeaudit.storage.config.section_base import (
    Count,
    Name,
    Positive,
    Section,
    address,
    chosen_by,
    refuse,
    section_of,
)

if TYPE_CHECKING:
    from judgeaudit.services.provider import Provider

Temperature = Annotated[float, Field(ge=0, le=10)]


class DegradeConfig(Section):
    """A way to make the model worse on purpose, and how much: what a level counts differs from recipe to recipe."""

    recipe: Annotated[Name, Field(json_schema_extra={"enum": list(RECIPES)})]
    level: float
    seed: int = 1

    @model_validator(mode="after")
    def _is_a_recipe(self) -> Self:
        try:
            degrading(self.recipe, self.level, self.seed)
        except InputError as error:
            refuse(str(error))
        return self

    @property
    def degrading(self) -> Degrading:
        return degrading(self.recipe, self.level, self.seed)


class GeneratorConfig(Section):
    """What models of all kinds have. Without `checkpoint`, `method` and `degradation` the outputs are named by the section."""

    #: keys that say how fast a model is run or what its outputs are called, and not what it writes
    RUN: ClassVar[frozenset[str]] = frozenset(("runs", "checkpoint", "method", "degradation"))

    kind: Name
    model: Name
    checkpoint: str | None = None
    method: str | None = None
    degradation: str | None = None
    system: str = ""
    max_new_tokens: Count = 256
    runs: Count = 1


class LocalGenerator(GeneratorConfig):
    """A model on this machine: a folder, a GGUF file, a name of `judgeaudit models list`, or one of the hub.

    At temperature 0 the likeliest token is taken; above it, one is drawn from those that make up `top_p`.
    """

    RUN = GeneratorConfig.RUN | {"device", "batch_size"}

    kind: Literal["transformers"]
    revision: str | None = None
    gguf_file: str | None = None
    chat_template: Name = "own"
    degrade: DegradeConfig | None = None
    temperature: Temperature | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] = 1.0
    seed: int = 1
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "float32"
    device: str = "auto"
    max_tokens: Count = 4096
    batch_size: Count = 16

    @model_validator(mode="after")
    def _degraded_in_one_way(self) -> Self:
        recipe = self.degrade.recipe if self.degrade is not None else None
        if recipe == "hot-sampling" and self.temperature is not None:
            refuse("hot-sampling sets the temperature; leave temperature out")
        if recipe == "wrong-template" and self.chat_template != "own":
            refuse("wrong-template sets the template; leave chat_template out")
        if self.runs > 1 and self.drawn_at == 0:
            refuse("several runs at temperature 0 are one and the same text; raise temperature, or leave runs out")
        return self

    @property
    def degrading(self) -> Degrading | None:
        return None if self.degrade is None else self.degrade.degrading

    @property
    def drawn_at(self) -> float:
        """The temperature that holds."""
        if self.degrade is not None and self.degrade.recipe == "hot-sampling":
            return self.degrade.level
        return self.temperature or 0.0


class ServiceGenerator(GeneratorConfig):
    """What models have that are called over a network."""

    RUN = GeneratorConfig.RUN | {
        *("max_in_flight", "requests_per_minute", "tokens_per_minute", "timeout", "attempts", "first_wait"),
        "api_key_env",
    }

    base_url: str | None = None
    api_key_env: Name | None = None
    max_in_flight: Count = 16
    requests_per_minute: Count | None = None
    tokens_per_minute: Count | None = None
    timeout: Positive = 120.0
    attempts: Count = 6
    first_wait: Positive = 0.5
    extra: dict[str, object] = Field(default_factory=dict)

    _is_address = field_validator("base_url")(address)

    @property
    def provider(self) -> Provider:
        """Who answers."""
        return provider_of(self.kind)

    @property
    def keys(self) -> dict[str, Any]:
        """What the section says of the keys that its provider alone has."""
        return {one.name: getattr(self, one.name) for one in declared(self.provider.writing)}


KINDS = ("transformers", *MODULES)


@cache
def section_of_kind(kind: str) -> type[GeneratorConfig]:
    """The section of models of a kind."""
    if kind == "transformers":
        return LocalGenerator
    provider = provider_of(kind)
    literal: Any = Literal[provider.kind]
    name, doc = f"{provider.name}Generator", provider.writing.__doc__
    return section_of(provider.writing, name, ServiceGenerator, doc=doc, kind=(literal, ...))


def _chosen(value: object) -> type[GeneratorConfig]:
    """The section that holds a model."""
    if isinstance(value, GeneratorConfig):
        return type(value)
    kind = value.get("kind") if isinstance(value, dict) else None
    if kind not in KINDS:
        refuse(f"kind is missing or unknown; it is {', '.join(KINDS)}")
    return section_of_kind(str(kind))


AnyGenerator = Annotated[GeneratorConfig, chosen_by(_chosen, lambda: [section_of_kind(kind) for kind in KINDS])]


class GenerateConfig(Section):
    """What is asked (a table with `prompt_id` and `prompt`), and who answers."""

    prompts: Name = "prompts.jsonl"
    capability: bool = False
    models: Annotated[dict[Name, AnyGenerator], Field(min_length=1)]
