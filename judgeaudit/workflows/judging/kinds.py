"""What is done with judges of each kind: what is refused before a run, who judges in this process, who reads stored replies.

The sections of study.toml by which kinds are known are in `storage/config/judges.py`. A kind that calls a service is described
by its provider alone, in `services/`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from judgeaudit.domain.errors import InputError, nearest, one_line
from judgeaudit.domain.output import Asked
from judgeaudit.judges.rules import RuleJudge
from judgeaudit.judges.transformers.guards import FAMILIES, Family, family_of
from judgeaudit.storage.config.judges import (
    JudgeConfig,
    OtherConfig,
    PythonConfig,
    RulesConfig,
    ServiceConfig,
    TransformersConfig,
)
from judgeaudit.storage.identity.judge_weights import refuse_no_model

if TYPE_CHECKING:
    from judgeaudit.judges.protocol import Judge
    from judgeaudit.services.protocol import Service


class Said(NamedTuple):
    """A judge as study.toml has it: its section, its name, the study's folder, and what it is asked."""

    section: Any
    name: str
    folder: Path
    asked: Sequence[Asked] = ()

    @property
    def where(self) -> str:
        """What errors call the section."""
        return f"study.toml: judges.{one_line(self.name)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What is done with judges of a kind.

    refuse    an InputError for what no call mends
    build     a judge that is called in this process; None where a service is called, a model is opened, or nothing runs
    at_once   section -> how many items such a judge is asked about at once: what is lost if the process is killed meanwhile
    reader    section -> what reads its stored replies
    made      section -> how its verdicts come about, where there is nothing to run
    unprobed  section -> why it cannot be probed
    """

    refuse: Callable[[Said], None] = lambda said: None
    build: Callable[[Said], Judge] | None = None
    at_once: Callable[[Any], int] = lambda section: 32
    reader: Callable[[Any], Service] | None = None
    made: Callable[[Any], str] | None = None
    unprobed: Callable[[Any], str] = lambda section: ""


def kind_of(section: JudgeConfig) -> Kind:
    """The kind of a judge; that of plug-ins where it is not built in."""
    return SERVICE if isinstance(section, ServiceConfig) else KINDS.get(section.kind, PLUGGED_IN)


# Services.


def _refuse_no_model_named(said: Said) -> None:
    section: ServiceConfig = said.section
    if section.model is None:
        msg = f"{said.where}: model is missing; name the model that the service shall use"
        raise InputError(msg)


# Models in this process.


def _refuse_model(said: Said) -> None:
    section: TransformersConfig = said.section
    if _reads_no_rubric(section, said.where):
        refuse_wording(section, said.where)
    if section.model is not None:
        refuse_no_model(section.model, said.folder, where=said.where)


def _reads_no_rubric(section: TransformersConfig, where: str) -> bool:
    """Whether the section tells by itself that the model is shown the judged texts alone, or a prompt of its own."""
    family = family_for(section, where)
    return section.task == "classifier" or (family is not None and (family.own or not family.writes))


def refuse_wording(section: TransformersConfig, where: str) -> None:
    """A wording that no prompt is put in would make judges that differ in their names alone."""
    key = "wordings" if section.wordings else "wording" if section.wording != "full" else ""
    if key:
        msg = f"{where}.{key}: this model is shown no prompt that is made from the question, so it has no wording; leave {key} out"
        raise InputError(msg)


def family_for(section: TransformersConfig, where: str) -> Family | None:
    """The family of guards that a model belongs to; None where it is asked by a rubric or has classes."""
    if section.task in ("rubric", "classifier"):
        return None
    found = family_of(section.model or "", section.family, where=where)
    if found is None and section.task == "guard":
        msg = f"{where}: the model's name tells no family of guards; name it with family: {', '.join(FAMILIES)}"
        raise InputError(msg)
    return found


def _replies_of_models() -> Service:
    from judgeaudit.judges.transformers.replies import ModelReplies

    return ModelReplies()


# Rules and functions of the user's.


def _rule(said: Said) -> RuleJudge:
    section: RulesConfig = said.section
    return RuleJudge(
        name=said.name,
        rule=section.rule,
        words=section.words,
        pattern=section.pattern or "",
        at_least=section.at_least,
        at_most=section.at_most,
        reads=section.reads,
        label=section.label,
        otherwise=section.otherwise,
    )


def _refuse_rule(said: Said) -> None:
    rule = _rule(said)
    for one in said.asked:
        rule.labels(one)


def _function(said: Said) -> Judge:
    from judgeaudit.judges.python_function import FunctionJudge, find_function

    section: PythonConfig = said.section
    function = find_function(section.function, said.folder, where=said.where)
    return FunctionJudge(name=said.name, function=function, batch=section.batch, words=section.map)


# Plug-ins.


def _plugged_in(said: Said) -> Judge:
    """What the entry point of the kind makes of the section's own keys."""
    from importlib.metadata import entry_points

    from judgeaudit.judges.protocol import Judge

    section: OtherConfig = said.section
    where = said.where
    found = {point.name: point for point in entry_points(group="judgeaudit.judges")}
    if section.kind not in found:
        installed = ", ".join(sorted(found)) or "none is installed"
        msg = f"{where}: no judge of kind {one_line(section.kind)!r}{nearest(section.kind, list(found))}; kinds of plug-ins: {installed}"
        raise InputError(msg)
    try:
        made = found[section.kind].load()(said.name, **section.options)
    except InputError:
        raise
    except Exception as error:
        msg = f"{where}: the plug-in {one_line(section.kind)!r} refuses ({one_line(f'{type(error).__name__}: {error}', limit=200)})"
        raise InputError(msg) from error
    if not isinstance(made, Judge):
        msg = f"{where}: the plug-in {one_line(section.kind)!r} makes no judge: it needs a name and judge(outputs, question)"
        raise InputError(msg)
    return made


PLUGGED_IN = Kind(build=_plugged_in)
SERVICE = Kind(refuse=_refuse_no_model_named, reader=lambda section: section.provider.reader())
KINDS: dict[str, Kind] = {
    "transformers": Kind(refuse=_refuse_model, reader=lambda section: _replies_of_models()),
    "rules": Kind(refuse=_refuse_rule, build=_rule, at_once=lambda section: 500),
    "python": Kind(build=_function, at_once=lambda section: section.batch or 1),
    "panel": Kind(
        made=lambda section: f"made from {', '.join(section.of)}",
        unprobed=lambda section: f"cannot be asked: probe {', '.join(section.of)}",
    ),
    "replay": Kind(
        made=lambda section: "recorded",
        unprobed=lambda section: "cannot be asked: only recorded",
    ),
}
