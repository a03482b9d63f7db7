"""From a prompt to the tokens that a model in this process reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.output import Turn
from judgeaudit.judges.transformers.prompts import chat_ids, without_controls
from judgeaudit.outputs.degrade.apply import FOREIGN, PLAIN, TURNED, Turns, foreign, plain, turned
from judgeaudit.services.messages import Request
from judgeaudit.storage.config.generate import LocalGenerator
from judgeaudit.storage.identity.generator import TEMPLATES
from judgeaudit.storage.identity.judge import read_text

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

#: a request -> its tokens, up to where the answer begins
Asking = Callable[[Request], list[int]]


def asking(section: LocalGenerator, tokenizer: PreTrainedTokenizerBase, folder: Path, where: str) -> Asking:
    """How the section says that its model is asked; an InputError where the model has no chat template to be asked by."""
    level = _wrong(section)
    if level == PLAIN or section.chat_template == "none":
        return _as_text(tokenizer, plain)
    if level == FOREIGN:
        return _as_text(tokenizer, foreign)
    own = section.chat_template in TEMPLATES
    template = None if own else read_text(folder, section.chat_template, f"{where}.chat_template")
    if template is None and tokenizer.chat_template is None:
        msg = (
            f'study.toml: {where}: {one_line(section.model)} has no chat template; write chat_template = "none" to have '
            "prompts continued as they are, or name a file with one"
        )
        raise InputError(msg)
    if level == TURNED:
        return lambda request: chat_ids(tokenizer, _turned(request), template=template)
    return lambda request: chat_ids(tokenizer, request, template=template)


def _wrong(section: LocalGenerator) -> int:
    wrong = section.degrade is not None and section.degrade.recipe == "wrong-template"
    return int(section.degrade.level) if wrong and section.degrade is not None else 0


def _as_text(tokenizer: PreTrainedTokenizerBase, made: Callable[[Turns], str]) -> Asking:
    def ask(request: Request) -> list[int]:
        system = [("system", request.system)] if request.system else []
        text = made([*system, *((turn.role, turn.content) for turn in request.turns)])
        return [int(one) for one in tokenizer.encode(without_controls(text, tokenizer))]

    return ask


def _turned(request: Request) -> Request:
    turns = turned([(turn.role, turn.content) for turn in request.turns])
    return replace(request, turns=tuple(Turn(role=role, content=text) for role, text in turns))
