"""A GGUF file as a folder that transformers loads in half a second: weights as float32, tokenizer, chat template."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from judgeaudit.judges.transformers.quiet import quiet

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


def convert_gguf(file: Path, folder: Path) -> None:
    """Quantised weights are unpacked to float32; the same file makes the same bytes."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    with quiet():
        tokenizer = AutoTokenizer.from_pretrained(str(file.parent), gguf_file=file.name)
        model = AutoModelForCausalLM.from_pretrained(str(file.parent), gguf_file=file.name, dtype=torch.float32)
    save_plain(model, tokenizer, folder)


def plain(model: PreTrainedModel) -> PreTrainedModel:
    """The model as one that was never quantised. Of a GGUF file the weights are plain numbers once they are read."""
    model.hf_quantizer = None
    model.is_quantized = False
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    return model


def save_plain(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    """Model and tokenizer as transformers loads them, weights as plain numbers whatever file they came from."""
    with quiet():
        plain(model).save_pretrained(str(folder))
        tokenizer.save_pretrained(str(folder))
