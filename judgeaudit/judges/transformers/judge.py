"""A model in this process as a judge: an instruct model by a rubric, a guard model by its own template, a classifier."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.output import Asked, Output
from judgeaudit.judges.replies.reply import RejectedError, Request
from judgeaudit.judges.transformers.chat_prompt import chat_ids
from judgeaudit.judges.transformers.classifier import classed, text_ids
from judgeaudit.judges.transformers.fitting import Fitted, fitted
from judgeaudit.judges.transformers.generated import written
from judgeaudit.judges.transformers.guards import Family, policy_of
from judgeaudit.judges.transformers.label_words import Spelled, spell
from judgeaudit.judges.transformers.next_token import NextToken
from judgeaudit.judges.transformers.replies import Said
from judgeaudit.judges.transformers.word_shares import word_shares

if TYPE_CHECKING:
    from judgeaudit.judges.transformers.open_model import Opened

Render = Callable[[Output], Request]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One item: what is judged, the question, and how the two become a prompt."""

    output: Output
    asked: Asked
    render: Render


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the model read and said; `raw` is empty where `error` says why it could not be asked."""

    request: Request
    raw: str = ""
    error: str = ""


@dataclass(slots=True, kw_only=True)
class TransformersJudge:
    """Answers many items at once.

    name        what the model is called in the ledger
    words       a judge's own words -> labels, where it has such a `map`
    generate    whether it writes its answer out instead of being read at the first token
    template    a chat template in place of the checkpoint's
    """

    name: str
    opened: Opened
    family: Family | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    generate: bool = False
    template: str | None = None
    max_output_tokens: int = 1024
    batch_tokens: int = 8192
    _reader: NextToken | None = None

    def answers(self, askings: Sequence[Asking]) -> list[Answer]:
        """An answer for each item, in their order, whatever is wrong with one of them."""
        found: list[Answer | None] = [None] * len(askings)
        fits: dict[int, Fitted] = {}
        for place, one in enumerate(askings):
            try:
                fits[place] = self._fitted(one)
            except RejectedError as error:
                found[place] = Answer(request=one.render(one.output), error=str(error))
        groups = defaultdict(list)
        for place in fits:
            groups[askings[place].asked].append(place)
        for asked, places in groups.items():
            read = [fits[place] for place in places]
            for place, fit, said in zip(places, read, self._held(asked, read), strict=True):
                found[place] = _answer(fit.request, said)
        return [one for one in found if one is not None]

    def _held(self, asked: Asked, read: Sequence[Fitted]) -> list[Said]:
        """What the model says; an InputError where its device has too little memory for it."""
        import torch

        try:
            return list(self._said(asked, read))
        except torch.OutOfMemoryError as error:
            msg = (
                f"{self.opened.model.device} has too little memory for the model {one_line(self.name)}; what was judged is "
                "saved; lower batch_tokens or max_tokens, or name another device"
            )
            raise InputError(msg) from error

    def _fitted(self, one: Asking) -> Fitted:
        limit = self.opened.limit
        room = limit - min(self.max_output_tokens, limit // 2) if self.generate else limit

        def render(output: Output) -> tuple[Request, Sequence[int]]:
            request = one.render(output)
            return request, self._ids(request, one.asked)

        return fitted(one.output, render, room)

    def _ids(self, request: Request, asked: Asked) -> list[int]:
        if self.opened.kind == "classifier":
            return text_ids(self.opened.tokenizer, request)
        family = self.family
        lead = family.lead if family is not None and not self.generate else ""
        given = {family.policy: policy_of(asked)} if family is not None and family.policy else {}
        return chat_ids(self.opened.tokenizer, request, template=self.template, lead=lead, given=given)

    def _said(self, asked: Asked, read: Sequence[Fitted]) -> Iterator[Said]:
        if self.opened.kind == "classifier":
            return self._classes(read)
        return self._texts(read) if self.generate else self._first_tokens(asked, read)

    def _first_tokens(self, asked: Asked, read: Sequence[Fitted]) -> Iterator[Said]:
        if self._reader is None:
            self._reader = NextToken(model=self.opened.model, batch_tokens=self.batch_tokens)
        shares = word_shares(self._reader, [one.ids for one in read], self.spelled(asked))
        for one, words in zip(read, shares, strict=True):
            yield self._made(one, words=words)

    def _classes(self, read: Sequence[Fitted]) -> Iterator[Said]:
        found = classed(
            self.opened.model, self.opened.tokenizer, [one.ids for one in read], batch_tokens=self.batch_tokens
        )
        for one, classes in zip(read, found, strict=True):
            yield self._made(one, words=classes.words, by=classes.by, raw=classes.logits)

    def _texts(self, read: Sequence[Fitted]) -> Iterator[Said]:
        order = sorted(range(len(read)), key=lambda place: -len(read[place].ids))
        found: dict[int, Said] = {}
        while order:
            size = max(1, self.batch_tokens // (len(read[order[0]].ids) + self.max_output_tokens))
            batch, order = order[:size], order[size:]
            prompts = [read[place].ids for place in batch]
            texts = written(self.opened.model, self.opened.tokenizer, prompts, most=self.max_output_tokens)
            for place, one in zip(batch, texts, strict=True):
                found[place] = self._made(
                    read[place], text=one.text, truncated=one.truncated, tokens=one.tokens, output_tokens=one.count
                )
        yield from (found[place] for place in range(len(read)))

    def spelled(self, asked: Asked) -> Spelled:
        """The words that the first token of an answer may begin: those of the family or of the map, else the labels."""
        tokenizer = self.opened.tokenizer

        def encode(text: str) -> list[int]:
            return [int(one) for one in tokenizer.encode(text, add_special_tokens=False)]

        return spell(looked_for(asked, self.family, self.words), encode, end=tokenizer.eos_token_id)

    def _made(self, one: Fitted, **said: object) -> Said:
        return Said(
            model=self.name,
            dtype=self.opened.dtype,
            input_tokens=len(one.ids),
            left_out=one.left_out,
            **said,  # type: ignore[arg-type]
        )


def looked_for(asked: Asked, family: Family | None, words: Mapping[str, str]) -> list[str]:
    """The words whose probabilities are read."""
    if family is not None and family.words:
        return list(family.words)
    mapped = [word for word, label in words.items() if label in asked.labels]
    return mapped + [label for label in asked.labels if label not in words.values()]


def _answer(request: Request, said: Said) -> Answer:
    try:
        return Answer(request=request, raw=said.as_json())
    except RejectedError as error:
        return Answer(request=request, error=str(error))
