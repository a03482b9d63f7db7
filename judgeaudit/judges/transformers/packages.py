"""What models in this process need to be installed, asked for by the name of the extra that brings it."""

from __future__ import annotations

from importlib import import_module

from judgeaudit.domain.errors import InputError

EXTRA = "judgeaudit-toolkit[transformers]"
#: what a GGUF file is read with
GGUF = ("gguf", "accelerate")


def need_packages(*further: str, what: str) -> None:
    """Nothing where torch, transformers and `further` ones are installed; an InputError in one line where one is not."""
    for name in ("torch", "transformers", *further):
        try:
            import_module(name)
        except ImportError as error:
            msg = f"{what} needs the package {name}; pip install '{EXTRA}'"
            raise InputError(msg) from error
