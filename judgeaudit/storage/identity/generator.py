"""What made an output: a fingerprint of whatever of a model's section could change what it writes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from judgeaudit.domain.output import digest
from judgeaudit.storage.config.generate import GeneratorConfig, LocalGenerator
from judgeaudit.storage.identity.judge import read_text
from judgeaudit.storage.identity.judge_weights import weights_of

#: chat templates that are no files
TEMPLATES = ("own", "none")
#: raised when what is done with the same section changes
_MADE = 1


def made_by(section: GeneratorConfig, folder: Path, where: str) -> str:
    """Sixteen hexadecimal digits. How fast a model is run and what its outputs are called is no part of them."""
    plain = section.model_dump(mode="json", exclude_defaults=True, exclude=set(section.RUN))
    plain["kind"], plain["made"] = section.kind, _MADE
    if isinstance(section, LocalGenerator):
        plain["weights"] = weights_of(section.model, folder)
        if section.chat_template not in TEMPLATES:
            plain["chat_template"] = digest([read_text(folder, section.chat_template, f"{where}.chat_template")])
    return digest([json.dumps(plain, sort_keys=True)])[:16]


def base_of(section: LocalGenerator, folder: Path) -> str:
    """Which weights a degraded model is made from: its files' fingerprints, or the name of a model of the hub."""
    named = [section.model, section.revision or "", section.gguf_file or ""]
    found: Sequence[Sequence[str]] = weights_of(section.model, folder)
    return digest([json.dumps(found or named)])
