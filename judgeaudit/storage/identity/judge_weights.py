"""The weights that a judge in this process uses: where they lie, and what tells them from others."""

from __future__ import annotations

import hashlib
from pathlib import Path

from judgeaudit.domain.errors import InputError, nearest, one_line
from judgeaudit.domain.packaged_models import PACKAGED, is_kept, model_home
from judgeaudit.storage.files.write import cannot_read

_END = 1 << 20


def model_place(model: str, folder: Path, *, where: str) -> tuple[str, str | None]:
    """A folder, or a name of the hub; and the GGUF file in that folder, where `model` names one.

    A folder or file of the study's comes first, then the short names of `judgeaudit models list`.
    """
    here = folder / Path(model).expanduser()
    if here.is_dir():
        return str(here), None
    if here.is_file() and here.suffix == ".gguf":
        return str(here.parent), here.name
    if model in PACKAGED:
        if not is_kept(PACKAGED[model]):
            msg = f"{where}: model {model} is not in the cache yet; run `judgeaudit models get {model}`"
            raise InputError(msg)
        return str(model_home(PACKAGED[model])), None
    refuse_no_model(model, folder, where=where)
    return model, None


def refuse_no_model(model: str, folder: Path, *, where: str) -> None:
    """Before any hub is asked: a path that leads nowhere, or a slip of the pen in a short name, is no name of a hub."""
    if (folder / Path(model).expanduser()).exists() or model in PACKAGED:
        return
    at = f"{where}.model" if "." in where else where  # a flag or an argument has no keys
    if _is_path(model, folder):
        msg = f"{at}: there is no folder {one_line(model, limit=200)}; correct model"
        raise InputError(msg)
    if "/" not in model and (near := nearest(model, list(PACKAGED))):
        msg = (
            f"{at}: no model {one_line(model)!r}{near}; name one of `judgeaudit models list`, a folder, or one of a hub"
        )
        raise InputError(msg)


def _is_path(model: str, folder: Path) -> bool:
    """Names of a hub have one stroke at most, and no ending of a file."""
    first, *rest = model.split("/")
    strange = len(rest) > 1 or "\\" in model or model.endswith((".gguf", "/"))
    return strange or model.startswith(("/", "~", ".")) or (bool(rest) and (folder / first).is_dir())


def weights_of(model: str | None, folder: Path) -> list[list[str]]:
    """Of a model that lies on this machine: every file with its size and a fingerprint of its beginning and end.

    Weights that were changed in place are another judge. A model of a package is known by the package's hash, so that
    it is the same judge on every machine; of one of the hub nothing is known here but its name.
    """
    if model is None:
        return []
    here = folder / Path(model).expanduser()
    if here.is_file():
        return [[here.name, f"{here.stat().st_size}", _ends(here)]]
    if here.is_dir():
        return [[one.name, f"{one.stat().st_size}", _ends(one)] for one in sorted(here.iterdir()) if one.is_file()]
    return [[PACKAGED[model].requirement, PACKAGED[model].sha256]] if model in PACKAGED else []


def _ends(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            found = hashlib.sha256(stream.read(_END))
            stream.seek(max(0, file.stat().st_size - _END))
            found.update(stream.read(_END))
    except OSError as error:
        raise cannot_read(file, error) from error
    return found.hexdigest()
