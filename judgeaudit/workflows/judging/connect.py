"""The doors of judges: a service's connection, or an object that judges in this process."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from judgeaudit.domain.errors import InputError, nearest, one_line
from judgeaudit.storage.config.judges import (
    AnthropicConfig,
    OpenAIConfig,
    OtherConfig,
    PythonConfig,
    RulesConfig,
    ServiceConfig,
    TransformersConfig,
)
from judgeaudit.workflows.judging.build import Judging

if TYPE_CHECKING:
    from judgeaudit.judges.protocol import Judge
    from judgeaudit.services.batching import BatchService
    from judgeaudit.services.pace import Pace
    from judgeaudit.services.protocol import Service

_KEYS = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY"}
_PACKAGES = ("stamina", "aiolimiter", "anyio", "genai_prices")


def reader_of(judge: Judging) -> Service:
    """What reads the stored replies of a judge: no package and no key is needed for it."""
    section = judge.section
    if isinstance(section, AnthropicConfig):
        from judgeaudit.services.anthropic import AnthropicService

        return AnthropicService(name=section.kind, model="", api_key="", key_from="")
    if isinstance(section, TransformersConfig):
        from judgeaudit.judges.transformers.replies import ModelReplies

        return ModelReplies()
    from judgeaudit.services.openai import OpenAIService

    return OpenAIService(name=section.kind, model="", api_key="", key_from="")


def service_of(judge: Judging) -> Service:
    """The connection of a judge that is called over a network; an InputError where a package or a key is missing."""
    return service_for(_of_network(judge), f"judges.{one_line(judge.name)}")


def service_for(section: ServiceConfig, where: str) -> Service:
    """The connection that a section describes. `where` is what errors call it."""
    refuse_missing_packages(section.kind, where)
    if section.model is None:
        msg = f"study.toml: {where}: model is missing; name the model that the service shall use"
        raise InputError(msg)
    _refuse_address_from_outside(section, where)
    key, key_from = _key(section, where)
    shared = {
        "name": f"{section.base_url or section.kind}",
        "model": section.model or "",
        "api_key": key,
        "key_from": key_from,
        "base_url": section.base_url,
        "max_output_tokens": section.max_output_tokens,
        "structured": section.structured,
        "timeout": section.timeout,
        "extra": section.extra,
    }
    if isinstance(section, AnthropicConfig):
        from judgeaudit.services.anthropic import AnthropicService

        return AnthropicService(**shared, effort=section.effort, thinking=section.thinking)  # type: ignore[arg-type]
    if not isinstance(section, OpenAIConfig):
        msg = f"no service of kind {section.kind!r}"
        raise TypeError(msg)
    from judgeaudit.services.openai import OpenAIService

    return OpenAIService(
        **shared,  # type: ignore[arg-type]
        api=section.api,
        logprobs=section.logprobs and section.reasoning == "none",
        temperature=None if section.temperature == "unset" else section.temperature,
        seed=section.seed,
        reasoning_effort=section.reasoning_effort,
    )


def batches_of(judge: Judging) -> BatchService:
    """The connection of a judge whose calls are handed over in batches."""
    from judgeaudit.services.anthropic import AnthropicService
    from judgeaudit.services.openai import OpenAIService

    refuse_no_batches(judge)
    service = service_of(judge)
    if isinstance(service, AnthropicService):
        from judgeaudit.services.anthropic_batches import AnthropicBatches

        return AnthropicBatches(service=service)
    if not isinstance(service, OpenAIService):
        msg = f"no batches of {type(service).__name__}"
        raise TypeError(msg)
    from judgeaudit.services.openai_batches import OpenAIBatches

    return OpenAIBatches(service=service)


def refuse_no_batches(judge: Judging) -> None:
    """Nothing, where the judge's service takes batches; judges that run here take any."""
    if isinstance(judge.section, OpenAIConfig) and judge.section.api == "decisions":
        where = f"judges.{one_line(judge.name)}"
        msg = f'study.toml: {where}: api = "decisions" takes no batches; run this judge without --batch'
        raise InputError(msg)


def pace_of(judge: Judging) -> Pace:
    """How fast its service may be asked."""
    return pace_for(_of_network(judge))


def pace_for(section: ServiceConfig) -> Pace:
    """How fast a section says that its service may be asked."""
    from judgeaudit.services.pace import Pace

    return Pace(
        in_flight=section.max_in_flight,
        requests_per_minute=section.requests_per_minute,
        tokens_per_minute=section.tokens_per_minute,
        attempts=section.attempts,
        first_wait=section.first_wait,
    )


def _of_network(judge: Judging) -> ServiceConfig:
    if not isinstance(judge.section, ServiceConfig):
        msg = f"judge {judge.name!r} is not called over a network"
        raise TypeError(msg)
    return judge.section


def local_judge(judge: Judging, folder: Path) -> Judge:
    """A judge that runs in this process."""
    section, where = judge.section, f"study.toml: judges.{one_line(judge.name)}"
    if isinstance(section, RulesConfig):
        from judgeaudit.judges.rules import RuleJudge

        return RuleJudge(
            name=judge.name,
            rule=section.rule,
            words=section.words,
            pattern=section.pattern or "",
            at_least=section.at_least,
            at_most=section.at_most,
            reads=section.reads,
            label=section.label,
            otherwise=section.otherwise,
        )
    if isinstance(section, PythonConfig):
        from judgeaudit.judges.python_function import FunctionJudge, find_function

        function = find_function(section.function, folder, where=where)
        return FunctionJudge(name=judge.name, function=function, batch=section.batch, words=section.map)
    if isinstance(section, OtherConfig):
        return _plugged_in(judge, section, where)
    msg = f"{where}: judges of kind {section.kind!r} cannot be run by this version; bring their verdicts in as a table"
    raise InputError(msg)


def _plugged_in(judge: Judging, section: OtherConfig, where: str) -> Judge:
    """What the entry point of the kind makes of the section's own keys."""
    from importlib.metadata import entry_points

    from judgeaudit.judges.protocol import Judge

    found = {point.name: point for point in entry_points(group="judgeaudit.judges")}
    if section.kind not in found:
        installed = ", ".join(sorted(found)) or "none is installed"
        msg = f"{where}: no judge of kind {one_line(section.kind)!r}{nearest(section.kind, list(found))}; kinds of plug-ins: {installed}"
        raise InputError(msg)
    try:
        made = found[section.kind].load()(judge.name, **section.options)
    except InputError:
        raise
    except Exception as error:
        msg = f"{where}: the plug-in {one_line(section.kind)!r} refuses ({one_line(f'{type(error).__name__}: {error}', limit=200)})"
        raise InputError(msg) from error
    if not isinstance(made, Judge):
        msg = f"{where}: the plug-in {one_line(section.kind)!r} makes no judge: it needs a name and judge(outputs, question)"
        raise InputError(msg)
    return made


def _refuse_address_from_outside(section: ServiceConfig, where: str) -> None:
    """The SDKs heed a variable for the address; verdicts of another server would be taken for those of the provider."""
    name = f"{section.kind.upper()}_BASE_URL"
    if section.base_url is None and (found := os.environ.get(name, "").strip()):
        msg = f"study.toml: {where}: {name} is set, and study.toml names no server; write base_url = {one_line(found)!r}, or unset it"
        raise InputError(msg)


def _key(section: ServiceConfig, where: str) -> tuple[str, str]:
    """The service's key, and where it was found. A server of your own may need none."""
    name = section.api_key_env or _KEYS[section.kind]
    found = os.environ.get(name, "").strip()
    if not (found.isascii() and found.isprintable()):
        msg = f"study.toml: {where}: the key in the environment variable {name} holds characters that no key has; set it again"
        raise InputError(msg)
    if found:
        return found, f"the environment variable {name}"
    local = section.base_url is not None and re.match(r"https?://(127\.|localhost|\[::1\])", section.base_url)
    if local and section.api_key_env is None:
        return "none", f"the environment variable {name} (not set)"
    msg = f"study.toml: {where}: no key; set the environment variable {name}, or name another one with api_key_env"
    raise InputError(msg)


def refuse_missing_packages(kind: str, where: str) -> None:
    """Each package is imported, since that is what will be done with it anyway."""
    from importlib import import_module

    for name in (kind, *_PACKAGES):
        try:
            import_module(name)
        except ImportError as error:
            msg = f"study.toml: {where}: kind {kind} needs the package {name}; pip install 'judgeaudit-toolkit[{kind}]'"
            raise InputError(msg) from error
