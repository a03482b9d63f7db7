"""Opening a model on this machine: a folder, a GGUF file, or a name of the hub. Whatever is wrong is one line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.judges.transformers.packages import GGUF, need_packages
from judgeaudit.judges.transformers.quiet import quiet

if TYPE_CHECKING:
    from transformers import PretrainedConfig, PreTrainedModel, PreTrainedTokenizerBase

Kind = Literal["classifier", "causal"]
_CLASSIFIES = "ForSequenceClassification"
_WRITES = ("ForCausalLM", "LMHeadModel", "ForConditionalGeneration")
#: tokenizers that know no limit say a number of this size
_NO_LIMIT = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a model comes from and how it is held. `where` is what errors call its section."""

    model: str
    where: str
    revision: str | None = None
    gguf_file: str | None = None
    dtype: str = "float32"
    device: str = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A model with its tokenizer, and how many tokens it takes."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    kind: Kind
    limit: int
    dtype: str


def open_model(source: Source, *, task: str, max_tokens: int, chats: bool) -> Opened:
    """The model, ready to be read. `task` is `classifier`, `write`, another one, or `auto`: what its configuration says.

    `chats` says that it is asked through its chat template.
    """
    need_packages(*(GGUF if source.gguf_file else ()), what=f"{source.where}: kind transformers")
    import torch
    from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification

    with quiet():
        config = _config(source)
        kind = _kind(config, source, task)
        opener = AutoModelForSequenceClassification if kind == "classifier" else AutoModelForCausalLM
        device = _device(source)
        tokenizer = _tokenizer(source)
        dtype = source.dtype if source.dtype == "auto" else getattr(torch, source.dtype)
        try:
            model = opener.from_pretrained(source.model, dtype=dtype, **_which(source)).to(device).eval()
        except (OSError, ValueError, RuntimeError, KeyError, ImportError) as error:
            raise _cannot(source, error) from error
    if kind == "causal" and tokenizer.chat_template is None and chats:
        msg = f"{source.where}: {one_line(source.model)} has no chat template, so it answers no questions; name an instruct model"
        raise InputError(msg)
    limit = min(max_tokens, *_limits(config, tokenizer))
    return Opened(
        model=model, tokenizer=tokenizer, kind=kind, limit=limit, dtype=str(model.dtype).removeprefix("torch.")
    )


def _config(source: Source) -> PretrainedConfig:
    from transformers import AutoConfig

    try:
        return AutoConfig.from_pretrained(source.model, **_which(source))
    except (OSError, ValueError, KeyError) as error:
        raise _cannot(source, error) from error


def _tokenizer(source: Source) -> PreTrainedTokenizerBase:
    from transformers import AutoTokenizer

    try:
        return AutoTokenizer.from_pretrained(source.model, **_which(source))
    except (OSError, ValueError, KeyError, ImportError, AttributeError) as error:
        raise _cannot(source, error) from error


def _which(source: Source) -> dict[str, str]:
    found = {"revision": source.revision, "gguf_file": source.gguf_file}
    return {key: value for key, value in found.items() if value is not None}


def _kind(config: PretrainedConfig, source: Source, task: str) -> Kind:
    """What a model is, as its configuration says; an InputError where it is neither, or not what `task` says."""
    names = " ".join(config.architectures or ())
    classifies = _CLASSIFIES in names
    if task == "classifier" and not classifies:
        msg = f"{source.where}: {one_line(source.model)} is {names or 'no classifier'}, which has no classes; leave task out"
        raise InputError(msg)
    if classifies and config.problem_type == "regression":
        msg = f"{source.where}: {one_line(source.model)} gives a number and no class, which no label can be read from"
        raise InputError(msg)
    if classifies and task in ("auto", "classifier"):
        return "classifier"
    if not source.gguf_file and not any(part in names for part in _WRITES):
        wanted = "a judge is a classifier or writes text" if task != "write" else "name a model that writes text"
        msg = f"{source.where}: {one_line(source.model)} is {names or 'no model that answers'}; {wanted}"
        raise InputError(msg)
    return "causal"


def _device(source: Source) -> str:
    import torch

    if source.device != "auto":
        try:
            torch.zeros(1, device=source.device)
        except (RuntimeError, AssertionError) as error:
            msg = (
                f"{source.where}.device: {one_line(source.device)!r} is not there ({_words(error)}); write auto or cpu"
            )
            raise InputError(msg) from error
        return source.device
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _limits(config: PretrainedConfig, tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """What the model and its tokenizer say that they can take."""
    text = config.get_text_config()
    found = [getattr(text, "max_position_embeddings", None), getattr(tokenizer, "model_max_length", None)]
    return [int(one) for one in found if isinstance(one, int) and 0 < one < _NO_LIMIT] or [_NO_LIMIT]


def _cannot(source: Source, error: Exception) -> InputError:
    return InputError(
        f"{source.where}: model {one_line(source.model)!r} cannot be opened ({_words(error)}); "
        "name a folder, a model of `judgeaudit models list`, or one of the hub"
    )


def _words(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return one_line(lines[0] if lines else type(error).__name__, limit=200).rstrip(".")
