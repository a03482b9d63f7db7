"""study.toml as types: every section, its keys, and what must fit together."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from judgeaudit.audit.setting.options import AuditOptions
from judgeaudit.domain.catalogue.statistics import (
    STATISTICS,
    beyond_range,
    suggestion,
    why_refused,
)
from judgeaudit.domain.errors import nearest, one_line
from judgeaudit.domain.option import declared
from judgeaudit.domain.question import canonical
from judgeaudit.storage.config.compare import CompareConfig, refuse_undeclared
from judgeaudit.storage.config.generate import GenerateConfig
from judgeaudit.storage.config.judges import AnyJudge, PanelConfig, with_wordings
from judgeaudit.storage.config.questions import QuestionConfig
from judgeaudit.storage.config.section_base import Count, Name, Section, Share, defaults_of, kept_as, refuse, section_of


class UseConfig(Section):
    """What the judge is wanted for; the default policy follows from it."""

    purpose: Literal["filter", "rate", "compare"] = "filter"
    prevalence: Share | None = None
    max_bias: Annotated[float, Field(gt=0, le=1)] = 0.05


class StratumConfig(Section):
    """Where a slice comes from: a question's reference, a signal known at run time, or a column of the outputs."""

    source: Literal["label", "signal", "column"] = Field(alias="from")
    #: the values from the least degraded to the most; `coherence`, and a numeric `degradation`, need none
    order: tuple[Name, ...] | None = None

    @field_validator("order")
    @classmethod
    def _is_an_order(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if value is not None and len(value) < 2:
            refuse("order needs two values or more, the least degraded first")
        if value is not None and len(set(map(canonical, value))) < len(value):
            refuse("order names a value twice")
        return value


class LabellingConfig(Section):
    """How people label: how many items, which slices, and what their form holds beside the questions."""

    items_per_stratum: Count = 200
    raters_per_item: Count = 3
    repeats: Share = 0.05
    by: tuple[Name, ...] | None = None
    calibration: Name | None = None
    confidence: bool = False
    notes: bool = True


#: [audit]: those options of an audit that hold for every audit of the study
AuditConfig = section_of(
    AuditOptions, "AuditConfig", Section, only=[one.name for one in declared(AuditOptions) if one.option.study]
)


class RequireConfig(Section):
    """One line of a policy: a statistic or a contrast, held against one or two bounds."""

    question: str | None = None
    statistic: str | None = None
    contrast: str | None = None
    between: tuple[Name, ...] = ()
    subject: Literal["judge", "humans"] = "judge"
    versus: Name = "reference"
    at_least: float | None = None
    at_most: float | None = None
    strata: tuple[Name, ...] | None = None

    @field_validator("statistic", "contrast")
    @classmethod
    def _known_statistic(cls, value: str | None) -> str | None:
        if value is not None and value not in STATISTICS:
            refuse(f"no statistic {value!r}{suggestion(value)}")
        return value

    @field_validator("strata")
    @classmethod
    def _written_as_strata(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for stratum in value or ():
            if stratum != "all" and "=" not in stratum:
                refuse(f"{stratum!r} is not a stratum; write 'all' or '{stratum}=VALUE'")
        return value

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.statistic is None) == (self.contrast is None):
            refuse("give exactly one of statistic and contrast")
        if self.contrast is not None and not self.between:
            refuse('a contrast needs between, such as between = ["checkpoint"]')
        if self.statistic is not None and self.between:
            refuse("between belongs to a contrast, not to a statistic")
        return self

    @model_validator(mode="after")
    def _bounds_can_be_met(self) -> Self:
        if self.at_least is None and self.at_most is None:
            refuse("give at_least, at_most or both")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            refuse(f"at_least {self.at_least:g} is above at_most {self.at_most:g}, which nothing can meet")
        return self

    @model_validator(mode="after")
    def _can_be_answered(self) -> Self:
        for name, bound in (("at_least", self.at_least), ("at_most", self.at_most)):
            if bound is not None and beyond_range(self.statistic or self.contrast or "", bound):
                refuse(f"{name} {bound:g} is beyond 1; shares and coefficients are written as 0.8, not 80")
        why = why_refused(statistic=self.statistic, contrast=self.contrast, subject=self.subject)
        if why is not None:
            refuse(why)
        return self


class PolicyConfig(Section):
    """What the gate requires. Without `require` the default policy of the declared use holds."""

    level: Annotated[float, Field(gt=0, lt=1)] = 0.95
    judges: tuple[Name, ...] | None = None
    label_source: Literal["people", "any"] = "people"
    require: tuple[RequireConfig, ...] | None = None

    @model_validator(mode="before")
    @classmethod
    def _what_belongs_to_use(cls, data: object) -> object:
        for key in UseConfig.model_fields:
            if isinstance(data, dict) and key in data:
                refuse(f"belongs to [use], as in [use] {key} = …, beside [policy]", key=key)
        return data


class PolicyFile(Section):
    """A policy in a file of its own, with what the judge is wanted for where the file says so."""

    policy: PolicyConfig = PolicyConfig()
    use: UseConfig | None = None


class StudyConfig(Section):
    """The whole of study.toml; every name that one section borrows from another is declared there."""

    schema_version: Literal[1] = Field(1, alias="schema")
    name: str = ""
    cluster: Name | None = None
    label_source: Literal["people", "models", "construction", "simulation"] = "people"
    use: UseConfig = UseConfig()
    questions: Annotated[dict[Name, QuestionConfig], Field(min_length=1)]
    strata: dict[Name, StratumConfig] = Field(default_factory=dict)
    labelling: LabellingConfig = LabellingConfig()
    judges: dict[Name, AnyJudge] = Field(default_factory=dict)
    audit: Annotated[AuditOptions, kept_as(AuditOptions, AuditConfig)] = Field(
        AuditOptions(), json_schema_extra=defaults_of(AuditConfig)
    )
    policy: PolicyConfig | None = None
    compare: CompareConfig | None = None
    generate: GenerateConfig | None = None

    @field_validator("judges", mode="before")
    @classmethod
    def _each_wording_is_a_judge(cls, value: object) -> object:
        return with_wordings(value) if isinstance(value, dict) else value

    @model_validator(mode="after")
    def _names_are_declared(self) -> Self:
        self._labels_make_strata()
        self._follow_ups_follow()
        self._go_by_one_name()
        for name, judge in self.judges.items():
            for question in judge.questions or ():
                self._declared(f"judges.{name}.questions", question, "question", list(self.questions))
            if isinstance(judge, PanelConfig):
                self._members_are_judges(name, judge)
        if self.compare is not None:
            refuse_undeclared(self.compare, self.questions)
        required = self.policy.require if self.policy and self.policy.require else ()
        for number, line in enumerate(required, 1):
            self._requirement_is_declared(f"policy.require#{number}", line)
        return self

    @property
    def sampling_columns(self) -> tuple[str, ...]:
        """What items are sampled by: `labelling.by`, else every declared stratum that is known before labelling."""
        known = tuple(name for name, stratum in self.strata.items() if stratum.source != "label")
        return known if self.labelling.by is None else self.labelling.by

    def _labels_make_strata(self) -> None:
        """A stratum of labels is a question that is audited, and not there when items are drawn for labelling."""
        of_labels = [name for name, stratum in self.strata.items() if stratum.source == "label"]
        for name in of_labels:
            self._declared(f"strata.{name}", name, "question", list(self.questions))
            self._audited(f"strata.{name}", name)
        for name in self.labelling.by or ():
            if name in of_labels:
                refuse(f"labelling.by: {one_line(name)!r} is made of labels that are not there yet; name a column")

    def _members_are_judges(self, name: str, panel: PanelConfig) -> None:
        single = [one for one, section in self.judges.items() if not isinstance(section, PanelConfig)]
        for member in panel.of:
            if isinstance(self.judges.get(member), PanelConfig):
                refuse(
                    f"judges.{name}.of: {one_line(member)!r} is a panel, and panels cannot hold panels; name its members"
                )
            self._declared(f"judges.{name}.of", member, "judge", single)

    def _requirement_is_declared(self, where: str, line: RequireConfig) -> None:
        if line.question is not None:
            self._declared(f"{where}.question", line.question, "question", list(self.questions))
            self._audited(f"{where}.question", line.question)
        for name in line.between:
            self._declared(f"{where}.between", name, "stratum", list(self.strata))
        for name in _columns_of(line.strata or ()):
            self._declared(f"{where}.strata", name, "stratum", list(self.strata))

    def _follow_ups_follow(self) -> None:
        """A condition names a label of a question that stands before its own, where a closed set of labels is shown."""
        names = list(self.questions)
        for place, (name, question) in enumerate(self.questions.items()):
            if question.when is None:
                continue
            where, asked = f"questions.{name}.when", question.when.question
            self._declared(where, asked, "question", names)
            if asked not in names[:place]:
                refuse(f"{where}: question {one_line(asked)!r} must stand before this one; change their order")
            if self.questions[asked].scale == "interval":
                refuse(f"{where}: question {one_line(asked)!r} asks for a number; name one with a closed set of labels")
            self._declared(where, question.when.label, "label", list(self.questions[asked].labels))

    def _go_by_one_name(self) -> None:
        """What labels of other projects call a question is the name of no other one."""
        taken = dict.fromkeys(self.questions, "a question of its own")
        for name, question in self.questions.items():
            for other in question.also_called:
                if other in taken:
                    refuse(
                        f"questions.{name}.also_called: {one_line(other)!r} is {taken[other]}; each name means one question"
                    )
                taken[other] = f"question {one_line(name)!r} already"

    def _audited(self, where: str, name: str) -> None:
        if self.questions[name].multiple:
            refuse(f"{where}: question {one_line(name)!r} takes several labels at once, which is not audited yet")

    @staticmethod
    def _declared(where: str, name: str, noun: str, declared: list[str]) -> None:
        if name not in declared:
            offered = f"declared are {', '.join(declared)}" if declared else "none is declared"
            refuse(f"{where}: no {noun} {one_line(name)!r}{nearest(name, declared)}; {offered}")


def _columns_of(strata: tuple[str, ...]) -> list[str]:
    """The columns that stratum names speak of: 'a=x & b=y' speaks of a and b.

    >>> _columns_of(("all", "a=x & b=y"))
    ['a', 'b']
    """
    parts = [part for stratum in strata if stratum != "all" for part in stratum.split(" & ")]
    return [part.split("=", 1)[0] for part in parts if "=" in part]
