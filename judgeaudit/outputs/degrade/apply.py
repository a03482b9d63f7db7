"""A model made worse by a recipe, in place."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from judgeaudit.domain.degradation_recipes import Degrading
from judgeaudit.domain.errors import InputError
from judgeaudit.outputs.degrade.tuning import TUNING, Ask, tune

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


def degrade(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, how: Degrading, ask: Ask) -> list[float]:
    """Applies a recipe that changes weights; the losses of each step where it trains. The weights should be float32.

    The same seed gives the same weights on one machine with one number of threads; noise and rounding do everywhere.
    """
    import torch

    if how.recipe in TUNING:
        return tune(model, tokenizer, TUNING[how.recipe](how.level), ask, seed=how.seed)
    with torch.no_grad():
        WEIGHTS[how.recipe](model, how.level, how.seed)
    return []


# Weights made worse in place: noise, layers taken out, rounding. Embeddings and norms stay as they are.


def add_noise(model: PreTrainedModel, level: float, seed: int) -> None:
    """Every matrix W becomes W + level · sd(W) · N(0, 1); each has noise of its own, made from the seed and its name."""
    import torch

    for name, weight in matrices(model):
        source = torch.Generator().manual_seed(_seed(seed, name))
        noise = torch.randn(weight.shape, generator=source, dtype=torch.float32)
        weight.add_((noise * (level * float(weight.float().std()))).to(weight.device, weight.dtype))


def drop_layers(model: PreTrainedModel, level: float, seed: int) -> None:  # noqa: ARG001 - nothing is drawn
    """Takes out a run of layers from the first third on: `level` of all, at least one, and never the last that is left."""
    import torch

    count = int(model.config.get_text_config().num_hidden_layers)
    holder, name, layers = _layers(model, count)
    gone = min(max(1, round(level * count)), count - 1)
    start = min(count // 3, count - gone)
    kept = [place for place in range(count) if not start <= place < start + gone]
    setattr(holder, name, torch.nn.ModuleList([layers[place] for place in kept]))
    config = model.config.get_text_config()
    config.num_hidden_layers = len(kept)
    kinds = getattr(config, "layer_types", None)
    if kinds is not None:
        config.layer_types = [kinds[place] for place in kept]


def round_weights(model: PreTrainedModel, level: float, seed: int) -> None:  # noqa: ARG001 - nothing is drawn
    """Every row of every matrix is rounded to 2^bits − 1 evenly spaced values, from minus its largest one to that one."""
    steps = 2 ** (int(level) - 1) - 1
    for _, weight in matrices(model):
        scale = weight.abs().amax(dim=-1, keepdim=True) / steps
        scale[scale == 0] = 1
        weight.copy_((weight / scale).round() * scale)


WEIGHTS: dict[str, Callable[[PreTrainedModel, float, int], None]] = {
    "weight-noise": add_noise,
    "layer-drop": drop_layers,
    "quantise": round_weights,
}


def matrices(model: PreTrainedModel) -> Iterator[tuple[str, torch.Tensor]]:
    """The weights of two and more dimensions that are no embedding, nor shared with one, each with its name."""
    import torch

    embedded = {
        id(one) for module in model.modules() if isinstance(module, torch.nn.Embedding) for one in module.parameters()
    }
    for name, parameter in model.named_parameters():
        if parameter.ndim >= 2 and id(parameter) not in embedded:
            yield name, parameter.data


def _layers(model: PreTrainedModel, count: int) -> tuple[torch.nn.Module, str, torch.nn.ModuleList]:
    """The module that holds the layers, under which name, and the layers."""
    import torch

    for module in model.modules():
        for name, child in module.named_children():
            if isinstance(child, torch.nn.ModuleList) and len(child) == count:
                return module, name, child
    msg = f"layer-drop finds no list of {count} layers in {type(model).__name__}; use another recipe for this model"
    raise InputError(msg)


def _seed(seed: int, name: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}:{name}".encode()).digest()[:7], "big")


# Asking a chat model as it was never asked while it was trained: no marks, the marks of another family, turned
# roles.


#: the levels of the recipe wrong-template
PLAIN, FOREIGN, TURNED = 1, 2, 3
_OTHER = {"user": "assistant", "assistant": "user"}

Turns = Sequence[tuple[str, str]]


def plain(turns: Turns) -> str:
    """The texts alone, with nothing to say who speaks.

    >>> plain([("user", "Hi."), ("assistant", "Hello."), ("user", "Sing.")])
    'Hi.\\n\\nHello.\\n\\nSing.'
    """
    return "\n\n".join(text for _, text in turns)


def foreign(turns: Turns) -> str:
    """The texts between headings that other instruct models were trained on.

    >>> foreign([("user", "Sing.")])
    '### Instruction:\\nSing.\\n\\n### Response:\\n'
    """
    names = {"assistant": "Response", "system": "System"}
    parts = [f"### {names.get(role, 'Instruction')}:\n{text}\n\n" for role, text in turns]
    return "".join(parts) + "### Response:\n"


def turned(turns: Turns) -> list[tuple[str, str]]:
    """The same texts from the other side: the model reads its user's words as its own.

    >>> turned([("user", "Sing.")])
    [('assistant', 'Sing.')]
    """
    return [(_OTHER.get(role, role), text) for role, text in turns]
