"""[judges.NAME] of study.toml: one section for each kind of judge, with every key that it knows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import ConfigDict, Field, field_validator, model_validator

from judgeaudit.domain.errors import nearest, one_line
from judgeaudit.domain.option import declared
from judgeaudit.services.providers import MODULES, provider_of
from judgeaudit.storage.config.section_base import (
    Count,
    Label,
    Name,
    Positive,
    Section,
    Share,
    address,
    chosen_by,
    refuse,
    section_of,
)

if TYPE_CHECKING:
    from judgeaudit.services.provider import Provider

# What sections of judges have inside: how a reply is read, and what tokens cost.


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


#: how the rubric that is made from a question is put; `full` is what judges have always been asked
Wording = Literal["full", "terse", "criteria-first"]


class JudgeConfig(Section):
    """What judges of all kinds have. A kind that is not built in keeps its own keys in `options`."""

    #: keys that say how a judge is run or read, and not which judge it is
    RUN: ClassVar[frozenset[str]] = frozenset(("questions", "baseline", "runs", "orders"))
    #: raised when the prompts that a kind makes, or what it does with the same section, change
    MADE: ClassVar[int] = 1

    kind: Name
    questions: tuple[Name, ...] | None = None
    baseline: bool = False
    runs: Count = 1
    orders: tuple[Literal["ab", "ba"], ...] = ("ab",)
    map: dict[str, Label] = Field(default_factory=dict)

    @property
    def options(self) -> dict[str, object]:
        return dict(self.model_extra or {})

    @field_validator("orders")
    @classmethod
    def _orders(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value or len(set(value)) < len(value):
            refuse('orders is ["ab"], ["ba"] or ["ab", "ba"]')
        return value


class RulesConfig(JudgeConfig):
    """A rule that reads the text alone. `label` is given where it holds, `otherwise` where it does not.

    Without them a binary question gets its positive label and its other one; `refusal` gives them the other way round,
    since a text that refuses is not the harmful one, unless the positive label says that the text refuses.
    """

    kind: Literal["rules"]
    rule: Literal["refusal", "keywords", "regex", "length", "gibberish"]
    words: tuple[str, ...] = ()
    pattern: str | None = None
    at_least: Annotated[int, Field(ge=0)] | None = None
    at_most: Annotated[int, Field(ge=0)] | None = None
    reads: Literal["response", "prompt"] = "response"
    label: Label | None = None
    otherwise: Label | None = None

    @model_validator(mode="after")
    def _rule_has_what_it_needs(self) -> Self:
        needs = {"keywords": bool(self.words), "regex": self.pattern is not None}
        if not needs.get(self.rule, True):
            key = "words" if self.rule == "keywords" else "pattern"
            refuse(f'rule = "{self.rule}" needs {key}')
        if self.rule == "length" and self.at_least is None and self.at_most is None:
            refuse('rule = "length" needs at_least or at_most, in characters')
        refuse_pattern(self.pattern or "")
        return self


class PythonConfig(JudgeConfig):
    """A function of yours: `judges.py:my_judge` in the study's folder, or `package.module:my_judge`.

    It is called with an output and a question, and gives a label, a label with a probability, or None.
    """

    kind: Literal["python"]
    function: Name
    batch: Count | None = None

    @field_validator("function")
    @classmethod
    def _names_a_function(cls, value: str) -> str:
        if not re.fullmatch(r"[^:]+:[A-Za-z_][\w.]*", value):
            refuse(f'{one_line(value)!r} names no function; write "judges.py:my_judge" or "package.module:my_judge"')
        return value


class PanelConfig(JudgeConfig):
    """Several judges of this study as one: the label that most of them give; a tie is no answer."""

    kind: Literal["panel"]
    of: Annotated[tuple[Name, ...], Field(min_length=2)]
    rule: PanelRule = "majority"
    weights: tuple[Annotated[float, Field(gt=0, allow_inf_nan=False)], ...] = ()

    @model_validator(mode="after")
    def _rule_fits(self) -> Self:
        refuse_panel(self.of, self.rule, self.weights)
        return self


class ReplayConfig(JudgeConfig):
    """Verdicts that were recorded elsewhere: in a table of their own, or, without `file`, under verdicts/."""

    kind: Literal["replay"]
    file: Name | None = None


class PromptedConfig(JudgeConfig):
    """What judges have that are models: your own prompt with its own parsing, or a rubric made from the question."""

    RUN = JudgeConfig.RUN | {"map", "parse", "price", "wordings"}

    model: Name | None = None
    prompt: Name | None = None
    parse: ParseConfig | None = None
    wording: Wording = "full"
    wordings: tuple[Wording, ...] = ()
    reasoning: Literal["none", "before", "after"] = "none"
    examples: Name | None = None
    guideline: bool = True
    stated_confidence: bool = False
    max_output_tokens: Count = 1024
    price: PriceConfig | None = None

    @model_validator(mode="after")
    def _own_prompt_or_rubric(self) -> Self:
        if self.parse is not None and self.prompt is None:
            refuse("parse belongs to a prompt of your own; name its file with prompt, or leave parse out")
        if self.prompt is not None:
            shapes = {"examples": self.examples, "reasoning": self.reasoning != "none", "wordings": self.wordings}
            for key, told in (shapes | {"wording": self.wording != "full"}).items():
                if told:
                    refuse(f"{key} shapes the prompt that is made from the question; a prompt of your own has its own")
        if len({self.wording, *self.wordings}) <= len(self.wordings):
            refuse(f'wordings are other ones than this judge\'s own, which is "{self.wording}", each once')
        return self


class ServiceConfig(PromptedConfig):
    """What judges have that are called over a network.

    A call that failed in passing is sent again after `first_wait` seconds, then after twice as long, and so on, unless
    the service says how long it wants to be left alone.
    """

    RUN = PromptedConfig.RUN | {
        *("max_in_flight", "requests_per_minute", "tokens_per_minute", "timeout", "attempts", "first_wait"),
        *("api_key_env", "batch_size"),
    }

    base_url: str | None = None
    api_key_env: Name | None = None
    structured: Literal["auto", "schema", "tool", "none"] = "auto"
    max_in_flight: Count = 16
    requests_per_minute: Count | None = None
    tokens_per_minute: Count | None = None
    timeout: Positive = 120.0
    attempts: Count = 6
    first_wait: Positive = 0.5
    batch_size: Count | None = None
    extra: dict[str, object] = Field(default_factory=dict)

    _is_address = field_validator("base_url")(address)

    @property
    def provider(self) -> Provider:
        """Who answers."""
        return provider_of(self.kind)

    @property
    def keys(self) -> Any:
        """What the section says of the keys that its provider alone has, as the provider's own record."""
        record = self.provider.judging
        return record(**{one.name: getattr(self, one.name) for one in declared(record)})

    @property
    def asks_shares(self) -> bool:
        """Whether log-probabilities are asked for. They are of the first token, which is no label where reasons come first."""
        return self.reasoning == "none" and self.provider.asks_shares(self.keys)


class TransformersConfig(PromptedConfig):
    """A model on this machine: a classifier, a guard model, or any instruct model.

    Without `generate` nothing is written: the probability of each label is read at the first token of the answer. So
    `map`, whose words are looked for there, is part of which judge it is.
    """

    RUN = (PromptedConfig.RUN - {"map"}) | {"device", "batch_tokens", "threshold"}

    kind: Literal["transformers"]
    task: Literal["auto", "classifier", "guard", "rubric"] = "auto"
    family: str | None = None
    revision: str | None = None
    gguf_file: str | None = None
    generate: bool = False
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "float32"
    device: str = "auto"
    max_tokens: Count = 4096
    batch_tokens: Count = 8192
    threshold: Share | None = None

    @model_validator(mode="after")
    def _what_is_written_needs_generate(self) -> Self:
        writes = {"parse": self.parse is not None, "reasoning": self.reasoning != "none"}
        for key, told in (writes | {"stated_confidence": self.stated_confidence}).items():
            if told and not self.generate:
                refuse(f"{key} is about an answer that is written out; add generate = true, or leave {key} out")
        return self


_LOCAL: dict[str, type[JudgeConfig]] = {
    "transformers": TransformersConfig,
    "rules": RulesConfig,
    "python": PythonConfig,
    "panel": PanelConfig,
    "replay": ReplayConfig,
}
KINDS = (*MODULES, *_LOCAL)


class OtherConfig(JudgeConfig):
    """A kind that a plug-in brings: its keys are the plug-in's to check."""

    MADE = 0
    model_config = ConfigDict(extra="allow")

    kind: Annotated[str, Field(min_length=1, json_schema_extra={"not": {"enum": list(KINDS)}})]

    @field_validator("kind")
    @classmethod
    def _no_slip_of_the_pen(cls, value: str) -> str:
        if near := nearest(value, list(KINDS)):
            refuse(f"no kind {one_line(value)!r}{near}; kinds are {', '.join(KINDS)}, and those of plug-ins")
        return value


@cache
def service_section(kind: str) -> type[ServiceConfig]:
    """The section of judges that a provider answers for."""
    provider = provider_of(kind)
    literal: Any = Literal[provider.kind]
    doc, keys = provider.judging.__doc__, declared(provider.judging)
    made = section_of(provider.judging, f"{provider.name}Config", ServiceConfig, doc=doc, kind=(literal, ...))
    made.RUN = ServiceConfig.RUN | {one.name for one in keys if one.option.run}
    made.MADE = provider.made
    return made


def section_of_kind(kind: str) -> type[JudgeConfig]:
    """The section of a kind; that of plug-ins where it is not built in."""
    return service_section(kind) if kind in MODULES else _LOCAL.get(kind, OtherConfig)


def with_wordings(judges: Mapping[str, object]) -> dict[str, object]:
    """The sections, and after each that has `wordings` one for every wording, named as in `mini/terse`."""
    found: dict[str, object] = {}
    for name, section in judges.items():
        found[name] = section
        wordings = section.get("wordings") if isinstance(section, Mapping) else None
        if not isinstance(section, Mapping) or not isinstance(wordings, tuple | list):
            continue
        rest = {key: value for key, value in section.items() if key != "wordings"}
        for wording in wordings:
            if f"{name}/{wording}" in judges:
                refuse(f"judges.{one_line(name)}.wordings: {one_line(f'{name}/{wording}')!r} has a section of its own")
            found[f"{name}/{wording}"] = {**rest, "wording": wording}
    return found


def _chosen(value: object) -> type[JudgeConfig]:
    """The section that holds a judge."""
    if isinstance(value, JudgeConfig):
        return type(value)
    kind = value.get("kind") if isinstance(value, dict) else None
    if not isinstance(kind, str) or not kind:
        refuse(f'kind is missing; recorded verdicts are kind = "replay", and kinds are {", ".join(KINDS)}')
    return section_of_kind(kind)


AnyJudge = Annotated[JudgeConfig, chosen_by(_chosen, lambda: [*map(section_of_kind, KINDS), OtherConfig])]
