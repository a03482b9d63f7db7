"""A model made worse by a recipe, in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from judgeaudit.domain.degradation_recipes import Degrading
from judgeaudit.outputs.degrade.tuning import TUNING, Ask, tune
from judgeaudit.outputs.degrade.weights import WEIGHTS

if TYPE_CHECKING:
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
