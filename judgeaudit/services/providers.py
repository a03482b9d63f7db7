"""The providers, a line each: what study.toml calls them, and the module that describes them, which is imported when it is needed."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from judgeaudit.services.provider import Provider

MODULES = {
    "openai": "judgeaudit.services.openai",
    "anthropic": "judgeaudit.services.anthropic",
}


def provider_of(kind: str) -> Provider:
    """What is known of a provider."""
    found: Provider = import_module(MODULES[kind]).PROVIDER
    return found
