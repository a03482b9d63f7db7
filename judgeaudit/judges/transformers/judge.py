"""A model in this process as a judge: an instruct model by a rubric, a guard model by its own template, a classifier."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple, Protocol

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.output import Asked, Output, Turn
from judgeaudit.judges.transformers.guards import Family, policy_of
from judgeaudit.judges.transformers.next_token import NextToken
from judgeaudit.judges.transformers.prompts import chat_ids
from judgeaudit.judges.transformers.replies import Said
from judgeaudit.services.messages import RejectedError, Request, Token, WordsBy

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from judgeaudit.judges.transformers.open_model import Opened


# A model in this process that writes its answer out, with the likeliest tokens at each place.


_TOP = 20
#: where a model has channels, the answer stands in the one of this name
_FINAL = "<|channel|>final<|message|>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A text, whether it was cut off, and its tokens."""

    text: str
    truncated: bool
    tokens: tuple[Token, ...]
    count: int


@dataclass(slots=True)
class _Likely:
    """Keeps the likeliest tokens of each step while a text is generated."""

    steps: list[tuple[torch.Tensor, torch.Tensor]] = field(default_factory=list)

    def __call__(self, _ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        import torch

        found = torch.log_softmax(scores.float(), dim=-1).topk(min(_TOP, scores.shape[-1]), dim=-1)
        self.steps.append((found.indices.cpu(), found.values.cpu()))
        return scores


def written(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, prompts: Sequence[Sequence[int]], *, most: int
) -> list[Written]:
    """The likeliest text after each prompt, token by token, of `most` tokens at most."""
    import torch
    from transformers import LogitsProcessorList

    width = max(map(len, prompts))
    ids = torch.zeros(len(prompts), width, dtype=torch.long)
    mask = torch.zeros(len(prompts), width, dtype=torch.long)
    for row, one in enumerate(prompts):
        ids[row, width - len(one) :] = torch.tensor(one)
        mask[row, width - len(one) :] = 1
    likely = _Likely()
    with torch.inference_mode():
        found = model.generate(
            input_ids=ids.to(model.device),
            attention_mask=mask.to(model.device),
            max_new_tokens=most,
            do_sample=False,
            num_beams=1,
            temperature=None,
            top_p=None,
            top_k=None,
            pad_token_id=tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id,
            logits_processor=LogitsProcessorList([likely]),
        )
    ends = _ends(model, tokenizer)
    return [_one(tokenizer, row, place, likely, ends) for place, row in enumerate(found[:, width:].tolist())]


def _ends(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> set[int]:
    told = model.generation_config.eos_token_id
    found = told if isinstance(told, list) else [told]
    return {one for one in (*found, tokenizer.eos_token_id) if isinstance(one, int)}


def _one(
    tokenizer: PreTrainedTokenizerBase, row: Sequence[int], place: int, likely: _Likely, ends: set[int]
) -> Written:
    end = next((step for step, token in enumerate(row) if token in ends), None)
    kept = list(row) if end is None else list(row[:end])
    tokens = tuple(_token(tokenizer, token, place, *likely.steps[step]) for step, token in enumerate(kept))
    whole = tokenizer.decode(kept, skip_special_tokens=False)
    text = whole.rpartition(_FINAL)[2] if _FINAL in whole else tokenizer.decode(kept, skip_special_tokens=True)
    return Written(text=text, truncated=end is None, tokens=tokens, count=len(kept))


def _token(
    tokenizer: PreTrainedTokenizerBase, token: int, place: int, ids: torch.Tensor, values: torch.Tensor
) -> Token:
    top = dict(zip(ids[place].tolist(), values[place].tolist(), strict=True))
    return Token(
        text=tokenizer.decode([token]),
        logprob=top.get(token, -float("inf")),
        top=tuple((tokenizer.decode([one]), share) for one, share in top.items()),
    )


# Sequence classifiers: raw logits, and the probabilities that they stand for by the model's own problem type.


class Classed(NamedTuple):
    """Class -> probability, class -> logit, and whether the classes exclude one another."""

    words: Mapping[str, float]
    logits: Mapping[str, float]
    by: WordsBy


def text_ids(tokenizer: PreTrainedTokenizerBase, request: Request) -> list[int]:
    """What a classifier reads: the last message, which is the response or all of a prompt of your own."""
    return [int(one) for one in tokenizer(request.turns[-1].content, split_special_tokens=True)["input_ids"]]


def classed(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, texts: Sequence[Sequence[int]], *, batch_tokens: int
) -> list[Classed]:
    """The classes of each text; texts of similar lengths are read together."""
    import torch

    found: dict[int, Classed] = {}
    order = sorted(range(len(texts)), key=lambda place: (-len(texts[place]), place))
    while order:
        size = max(1, batch_tokens // max(1, len(texts[order[0]])))
        batch, order = order[:size], order[size:]
        width = len(texts[batch[0]])
        pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else 0
        ids = torch.full((len(batch), width), pad, dtype=torch.long)
        mask = torch.zeros(len(batch), width, dtype=torch.long)
        for row, place in enumerate(batch):
            ids[row, : len(texts[place])] = torch.tensor(texts[place])
            mask[row, : len(texts[place])] = 1
        with torch.inference_mode():
            logits = model(input_ids=ids.to(model.device), attention_mask=mask.to(model.device)).logits.float().cpu()
        for place, row in zip(batch, logits.tolist(), strict=True):
            found[place] = _of_logits(row, model)
    return [found[place] for place in range(len(texts))]


def _of_logits(row: Sequence[float], model: PreTrainedModel) -> Classed:
    """Softmax where one class is the answer, a sigmoid for each where several may be, or where there is one alone."""
    import torch

    problem = model.config.problem_type
    names = [str(model.config.id2label.get(place, place)) for place in range(len(row))]
    separate = problem == "multi_label_classification" or len(row) == 1
    logits = torch.tensor(row, dtype=torch.float64)
    shares = (torch.sigmoid(logits) if separate else torch.softmax(logits, dim=-1)).tolist()
    by: WordsBy = "separate classes" if separate else "classes"
    return Classed(dict(zip(names, shares, strict=True)), dict(zip(names, row, strict=True)), by)


# Texts that are too long for a model: their middle is left out, and what is left out is counted.


#: of a text that is cut at least so many characters stay
_LEAST = 64
_SAFE = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A prompt as tokens, and how many characters of the judged texts are not in it."""

    request: Request
    ids: Sequence[int]
    left_out: int = 0


def fitted(output: Output, render: Callable[[Output], tuple[Request, Sequence[int]]], limit: int) -> Fitted:
    """The prompt about an output in at most `limit` tokens. RejectedError where that cannot be."""
    request, ids = render(output)
    if len(ids) <= limit:
        return Fitted(request=request, ids=ids)
    longest = max(map(len, _texts(output)))
    most = longest
    while most > _LEAST:
        most = max(_LEAST, min(most - 1, int(most * _SAFE * limit / len(ids))))
        shorter = _each(output, most)
        request, ids = render(shorter)
        if len(ids) <= limit:
            left_out = sum(max(0, len(text) - most) for text in _texts(output))
            return Fitted(request=request, ids=ids, left_out=left_out)
    msg = f"too long: {len(ids):,} tokens without most of the judged text, where the model takes {limit:,}"
    raise RejectedError(msg)


def _texts(output: Output) -> list[str]:
    return [output.prompt, output.response, output.response_b or "", *(turn.content for turn in output.turns)]


def _each(output: Output, most: int) -> Output:
    return replace(
        output,
        prompt=_cut(output.prompt, most),
        response=_cut(output.response, most),
        response_b=None if output.response_b is None else _cut(output.response_b, most),
        turns=tuple(Turn(role=turn.role, content=_cut(turn.content, most)) for turn in output.turns),
    )


def _cut(text: str, most: int) -> str:
    """The beginning and the end of a text; what is between is left out, and the text says so."""
    if len(text) <= most:
        return text
    half = most // 2
    return f"{text[:half]}\n[… {len(text) - most:,} characters left out …]\n{text[len(text) - (most - half) :]}"


# How probable each word of a verdict is as a model's whole answer, from tokens alone: nothing is generated.


class Reads(Protocol):
    """What is needed of a model."""

    def log_probs(self, prompts: Sequence[Sequence[int]], tokens: Sequence[int]) -> list[list[float]]: ...


def word_shares(model: Reads, prompts: Sequence[Sequence[int]], spelled: Spelled) -> list[dict[str, float]]:
    """For each prompt word -> probability, before it is shared out among the words.

    A word that begins like no other has the probability of the tokens that begin it. Words that begin with one token
    have that of all their tokens, one after another: the sum of their log-probabilities.
    """
    firsts = [token for tokens in spelled.first.values() for token in tokens]
    firsts += [tokens[0] for tokens in spelled.whole.values()]
    firsts = list(dict.fromkeys(firsts))
    begun = [dict(zip(firsts, row, strict=True)) for row in model.log_probs(prompts, firsts)]
    later = _continued(model, prompts, list(spelled.whole.values()))
    found = []
    for place, row in enumerate(begun):
        shares = {word: sum(math.exp(row[one]) for one in tokens) for word, tokens in spelled.first.items()}
        for word, tokens in spelled.whole.items():
            steps = (later[tokens[:length]][place][tokens[length]] for length in range(1, len(tokens)))
            shares[word] = math.exp(row[tokens[0]] + sum(steps))
        found.append({word: shares[word] for word in spelled.words})
    return found


def _continued(
    model: Reads, prompts: Sequence[Sequence[int]], words: Sequence[Tokens]
) -> dict[Tokens, list[dict[int, float]]]:
    """Beginning of a word -> for each prompt the log-probabilities of the tokens that some word goes on with."""
    nexts: dict[Tokens, list[int]] = {}
    for tokens in words:
        for length in range(1, len(tokens)):
            after = nexts.setdefault(tokens[:length], [])
            if tokens[length] not in after:
                after.append(tokens[length])
    found = {}
    for begun, after in nexts.items():
        rows = model.log_probs([[*prompt, *begun] for prompt in prompts], after)
        found[begun] = [dict(zip(after, row, strict=True)) for row in rows]
    return found


# Which tokens a model's answer begins with: the words that are looked for, spelled as its tokenizer spells them.


Tokens = tuple[int, ...]
Encode = Callable[[str], Sequence[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelled:
    """The words of a verdict as tokens.

    first  word -> tokens, each of which begins this word and no other one
    whole  words that begin with the same token as another one -> all their tokens
    """

    words: Sequence[str]
    first: Mapping[str, Tokens]
    whole: Mapping[str, Tokens]


def spell(words: Sequence[str], encode: Encode, *, end: int | None) -> Spelled:
    """How a tokenizer begins each word: with a space before it or not, in its own case or another.

    A word that is the beginning of another one, as `1` is of `10`, is read with the `end` of the answer after it.
    """
    own = {word: tuple(encode(word)) for word in words}
    heads = [tokens[:1] for tokens in own.values()]
    shared = {word for word, tokens in own.items() if heads.count(tokens[:1]) > 1}
    claimed = defaultdict(set)
    for word in words:
        for form in _forms(word, words):
            claimed[tuple(encode(form))[:1]].add(word)
    first = {
        word: tuple(head[0] for head, who in claimed.items() if head and who == {word})
        for word in words
        if word not in shared
    }
    return Spelled(words=words, first=first, whole={word: _closed(own[word], own, end) for word in shared})


def _forms(word: str, words: Sequence[str]) -> list[str]:
    """A word as a model may write it; another case only where that is not another one of the words."""
    cased = [one for one in (word.lower(), word.capitalize(), word.upper()) if one not in words]
    return [lead + one for one in dict.fromkeys((word, *cased)) for lead in ("", " ")]


def _closed(tokens: Tokens, own: Mapping[str, Tokens], end: int | None) -> Tokens:
    goes_on = any(other != tokens and other[: len(tokens)] == tokens for other in own.values())
    return (*tokens, end) if goes_on and end is not None else tokens


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
