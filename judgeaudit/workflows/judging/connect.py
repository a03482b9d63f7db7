"""The doors of judges: a service's connection, or an object that judges in this process."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.services.provider import Connection, Provider
from judgeaudit.storage.config.judges import ServiceConfig
from judgeaudit.workflows.judging.build import Judging
from judgeaudit.workflows.judging.kinds import Said, kind_of

if TYPE_CHECKING:
    from judgeaudit.judges.protocol import Judge
    from judgeaudit.services.batching import BatchService
    from judgeaudit.services.pace import Pace
    from judgeaudit.services.protocol import Service

_PACKAGES = ("stamina", "aiolimiter", "anyio", "genai_prices")


def reader_of(judge: Judging) -> Service:
    """What reads the stored replies of a judge: no package and no key is needed for it."""
    reader = kind_of(judge.section).reader
    if reader is None:
        msg = f"judge {judge.name!r} has no replies to read"
        raise TypeError(msg)
    return reader(judge.section)


def service_of(judge: Judging) -> Service:
    """The connection of a judge that is called over a network; an InputError where a package or a key is missing."""
    return service_for(_of_network(judge), f"judges.{one_line(judge.name)}")


def service_for(section: ServiceConfig, where: str) -> Service:
    """The connection that a section describes. `where` is what errors call it."""
    refuse_missing_packages(section.provider, where)
    if section.model is None:
        msg = f"study.toml: {where}: model is missing; name the model that the service shall use"
        raise InputError(msg)
    _refuse_address_from_outside(section, where)
    key, key_from = _key(section, where)
    to = Connection(
        name=f"{section.base_url or section.kind}",
        model=section.model,
        api_key=key,
        key_from=key_from,
        base_url=section.base_url,
        max_output_tokens=section.max_output_tokens,
        structured=section.structured,
        timeout=section.timeout,
        extra=section.extra,
        reasons=section.reasoning != "none",
    )
    return section.provider.connect(to, section.keys)


def batches_of(judge: Judging) -> BatchService:
    """The connection of a judge whose calls are handed over in batches."""
    refuse_no_batches(judge)
    batches = _of_network(judge).provider.batches
    if batches is None:
        msg = f"judge {judge.name!r} takes no batches"
        raise TypeError(msg)
    return batches(service_of(judge))


def refuse_no_batches(judge: Judging) -> None:
    """Nothing, where the judge's service takes batches; judges that run here take any."""
    section = judge.section
    if isinstance(section, ServiceConfig) and (why := section.provider.refusal_of_batches(section.keys)):
        msg = f"study.toml: judges.{one_line(judge.name)}: {why}; run this judge without --batch"
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
    said = Said(judge.section, judge.name, folder)
    build = kind_of(judge.section).build
    if build is None:
        told = f"judges of kind {judge.section.kind!r} cannot be run by this version"
        msg = f"{said.where}: {told}; bring their verdicts in as a table"
        raise InputError(msg)
    return build(said)


def _refuse_address_from_outside(section: ServiceConfig, where: str) -> None:
    """The SDKs heed a variable for the address; verdicts of another server would be taken for those of the provider."""
    name = section.provider.address_env
    if section.base_url is None and (found := os.environ.get(name, "").strip()):
        msg = f"study.toml: {where}: {name} is set, and study.toml names no server; write base_url = {one_line(found)!r}, or unset it"
        raise InputError(msg)


def _key(section: ServiceConfig, where: str) -> tuple[str, str]:
    """The service's key, and where it was found. A server of your own may need none."""
    name = section.api_key_env or section.provider.key_env
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


def refuse_missing_packages(provider: Provider, where: str) -> None:
    """Each package is imported, since that is what will be done with it anyway."""
    from importlib import import_module

    kind, extra = provider.kind, provider.extra or provider.kind
    for name in (provider.package, *_PACKAGES):
        try:
            import_module(name)
        except ImportError as error:
            msg = (
                f"study.toml: {where}: kind {kind} needs the package {name}; pip install 'judgeaudit-toolkit[{extra}]'"
            )
            raise InputError(msg) from error
