"""A GGUF file as a folder that transformers loads in half a second: weights as float32, tokenizer, chat template."""

from __future__ import annotations

from pathlib import Path

from judgeaudit.judges.model_quiet import quiet


def convert_gguf(file: Path, folder: Path) -> None:
    """Quantised weights are unpacked to float32; the same file makes the same bytes."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    with quiet():
        tokenizer = AutoTokenizer.from_pretrained(str(file.parent), gguf_file=file.name)
        model = AutoModelForCausalLM.from_pretrained(str(file.parent), gguf_file=file.name, dtype=torch.float32)
        model.hf_quantizer = None  # the weights are plain numbers now, and are saved as such
        if hasattr(model.config, "quantization_config"):
            del model.config.quantization_config
        model.save_pretrained(str(folder))
        tokenizer.save_pretrained(str(folder))
