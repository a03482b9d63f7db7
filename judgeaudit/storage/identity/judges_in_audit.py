"""What an audit keeps of who its judges are, so that a later one can tell whether they are the same."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from judgeaudit.domain.errors import InputError
from judgeaudit.storage.identity.judge import asked_of, fingerprint_of, reading_of

if TYPE_CHECKING:
    from judgeaudit.storage.config.schema import StudyConfig

#: as many digits as tell two judges apart
_SHORT = 16


def judges_told(config: StudyConfig, folder: Path, names: Collection[str]) -> dict[str, dict[str, str]]:
    """Judge -> kind, model, prompt, its fingerprint, how it is read, and what it is asked; of those that can be told."""
    told: dict[str, dict[str, str]] = {}
    for name in config.judges:
        if name not in names:
            continue
        try:
            fingerprint, identity = fingerprint_of(config, folder, name)
            asked = [asked_of(config, folder, one).sha256 for one in config.judges[name].questions or config.questions]
        except InputError:  # a file that it names is gone: its verdicts are there all the same
            continue
        made = json.loads(identity)
        prompt = made.get("prompt")
        told[name] = {
            "kind": str(made["kind"]),
            **({"model": str(made["model"])} if made.get("model") else {}),
            **({"prompt": prompt["sha256"][:_SHORT]} if isinstance(prompt, dict) else {}),
            "fingerprint": fingerprint[:_SHORT],
            "reading": reading_of(config.judges[name])[:_SHORT],
            "asked": "".join(one[:4] for one in asked),
        }
    return told
