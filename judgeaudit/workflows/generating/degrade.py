"""`judgeaudit degrade`, and the degraded models of a study: made once, kept as checkpoints in the user's cache."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from judgeaudit.domain.degradation_recipes import RECIPES, Degrading, degrading
from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.output import Turn, digest
from judgeaudit.domain.packaged_models import MARK, cache_root
from judgeaudit.judges.transformers.open_model import Opened, Source, open_model
from judgeaudit.outputs.degrade.apply import degrade
from judgeaudit.services.messages import Request
from judgeaudit.storage.config.generate import LocalGenerator
from judgeaudit.storage.files.write import cannot_write, shown, write_atomic
from judgeaudit.storage.identity.generator import base_of
from judgeaudit.workflows.generating.prompts import asking

if TYPE_CHECKING:
    from transformers import PreTrainedModel

#: what a checkpoint says of itself
RECORD = "judgeaudit.json"
#: raised when a recipe makes other weights of the same base
_MADE = 1

Say = Callable[[str], None]


def checkpoint_of(
    source: Source, how: Degrading, section: LocalGenerator, folder: Path, tell: Say = lambda line: None
) -> Source:
    """The degraded model in the cache, made where it is not there yet: one for each recipe, level, seed and base."""
    from judgeaudit.storage.labelling.locks import locked

    made = digest([base_of(section, folder), repr(float(how.level)), f"{_MADE}"])
    home = cache_root() / "checkpoints" / f"{how.recipe}-{how.level:g}-{how.seed}-{made[:12]}"
    if not (home / MARK).is_file():
        with locked(home.parent / f".{home.name}.lock", f"{home.parent}: another command that makes {home.name}"):
            if not (home / MARK).is_file():
                for left in home.parent.glob(f"making-{home.name}-*"):  # of one that was killed
                    shutil.rmtree(left, ignore_errors=True)
                tell(f"making {how} of {one_line(section.model)} (once)")
                make_checkpoint(source, how, section, folder, home)
    return replace(source, model=str(home), revision=None, gguf_file=None)


def degrade_model(
    model: str,
    recipe: str,
    level: float,
    out: Path,
    *,
    seed: int = 1,
    folder: Path = Path(),
    tell: Say = lambda _: None,
) -> Path:
    """A degraded model in a folder of the user's; an InputError where something lies there already."""
    from judgeaudit.storage.identity.judge_weights import model_place

    how = degrading(recipe, level, seed)
    if not how.changes_weights:
        changes = ", ".join(name for name, one in RECIPES.items() if one.kind != "asking")
        msg = (
            f'{recipe} changes how a model is asked, and no weights; write degrade = {{ recipe = "{recipe}", level = {level:g} }} '
            f"in a section of [generate.models]; recipes that make a checkpoint are {changes}"
        )
        raise InputError(msg)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        msg = f"{shown(out)} is there already; name a new folder with --out"
        raise InputError(msg)
    place, file = model_place(model, folder, where="MODEL")
    section = LocalGenerator(kind="transformers", model=model, gguf_file=file)
    tell(f"making {how} of {one_line(model)}")
    make_checkpoint(Source(model=place, where="MODEL", gguf_file=file), how, section, folder, out)
    return out


def make_checkpoint(source: Source, how: Degrading, section: LocalGenerator, folder: Path, home: Path) -> None:
    """After this `home` is the degraded model's folder. It is made beside and moved into its place whole."""
    from judgeaudit.judges.transformers.convert import plain, save_plain

    started = time.monotonic()
    opened = open_model(replace(source, dtype="auto"), task="write", max_tokens=section.max_tokens, chats=False)
    held = opened.model.dtype
    model = plain(opened.model).float()
    losses = degrade(model, opened.tokenizer, how, _ask(opened, section, folder))
    record = {
        "recipe": how.recipe,
        "level": how.level,
        "seed": how.seed,
        "model": section.model,
        "base_sha256": base_of(section, folder),
        "losses": losses,
        "seconds": round(time.monotonic() - started, 1),
        **_versions(model),
    }
    making = None
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        making = Path(tempfile.mkdtemp(prefix=f"making-{home.name}-", dir=home.parent))
        write_atomic(making / RECORD, json.dumps(record, indent=1) + "\n")
        save_plain(model.to(held), opened.tokenizer, making)
        making.chmod(0o755)
        if home.is_dir():
            home.rmdir()
        making.rename(home)
    except OSError as error:
        raise cannot_write(home, error) from error
    finally:
        if making is not None:
            shutil.rmtree(making, ignore_errors=True)


def _ask(opened: Opened, section: LocalGenerator, folder: Path) -> Callable[[str], list[int]]:
    """Training texts as the model reads its prompts: by its own template, or, where it has none, as they are."""
    template = "own" if opened.tokenizer.chat_template is not None else "none"
    asked = LocalGenerator(kind="transformers", model=section.model, chat_template=template)
    ask = asking(asked, opened.tokenizer, folder, "degrade")
    return lambda prompt: ask(Request(turns=(Turn(role="user", content=prompt),)))


def _versions(model: PreTrainedModel) -> dict[str, object]:
    import torch
    import transformers

    threads = torch.get_num_threads() if model.device.type == "cpu" else None
    return {"torch": torch.__version__, "transformers": transformers.__version__, "threads": threads}
