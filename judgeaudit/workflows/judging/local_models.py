"""Judges that are models in this process: opened once, asked many items at a time, each answer in the ledger."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.judges.prompts.template import Template
from judgeaudit.judges.transformers.guards import Dialogue, Family
from judgeaudit.judges.transformers.prompts import RawPrompt
from judgeaudit.services.runner import Done
from judgeaudit.storage.config.judges import TransformersConfig
from judgeaudit.storage.identity.judge_weights import model_place
from judgeaudit.storage.ledger.calls import Ledger
from judgeaudit.workflows.judging.build import Judging, Prompt
from judgeaudit.workflows.judging.calls import Keeper, Tally, Wanted, as_call
from judgeaudit.workflows.judging.connect import reader_of
from judgeaudit.workflows.judging.kinds import family_for, refuse_wording

if TYPE_CHECKING:
    from judgeaudit.judges.transformers.judge import Answer, TransformersJudge
    from judgeaudit.judges.transformers.open_model import Opened

#: what is lost if the process is killed meanwhile
_READ, _WRITTEN = 64, 8


def judge_with_model(
    folder: Path,
    judge: Judging,
    ledger: Ledger,
    missing: Iterator[Wanted],
    tally: Tally,
    tell: Callable[[str, Tally], None],
) -> None:
    """Asks the model for what is missing. It is not opened where nothing is."""
    first = next(missing, None)
    if first is None:
        return
    judge, model = open_judge(judge, folder)
    keeper = Keeper(judge=judge, service=reader_of(judge), ledger=ledger, tally=tally)
    wanted = chain((first,), missing)
    while part := list(islice(wanted, _WRITTEN if model.generate else _READ)):
        for done in _answered(judge, model, part):
            keeper.keep(done)
        tell(judge.name, tally)


def open_judge(judge: Judging, folder: Path) -> tuple[Judging, TransformersJudge]:
    """The model of a judge, and the judge with the prompt that suits what the model turned out to be."""
    from judgeaudit.judges.transformers.judge import TransformersJudge
    from judgeaudit.judges.transformers.open_model import Source, open_model

    section, where = judge.section, f"study.toml: judges.{one_line(judge.name)}"
    if not isinstance(section, TransformersConfig):
        msg = f"judge {judge.name!r} is no model in this process"
        raise TypeError(msg)
    if section.model is None:
        msg = f"{where}: model is missing; name a folder, a model of `judgeaudit models list`, or one of the hub"
        raise InputError(msg)
    family = family_for(section, where)
    place, file = model_place(section.model, folder, where=where)
    source = Source(
        model=place,
        where=where,
        revision=section.revision,
        gguf_file=section.gguf_file or file,
        dtype=section.dtype,
        device=section.device,
    )
    chats = family is None or not family.own
    opened = open_model(source, task=section.task, max_tokens=section.max_tokens, chats=chats)
    prompt = _prompt(judge, section, opened, family, where)
    generate = section.generate or (family is not None and family.writes)
    _refuse_open_questions(judge, where, reads=not generate)
    model = TransformersJudge(
        name=section.model,
        opened=opened,
        family=family,
        words=section.map if section.prompt is not None else {},
        generate=generate,
        template=prompt.chat_template(begins=_begins(opened)) if isinstance(prompt, RawPrompt) else None,
        max_output_tokens=section.max_output_tokens,
        batch_tokens=section.batch_tokens,
    )
    return replace(judge, prompt=prompt), model


def _prompt(
    judge: Judging, section: TransformersConfig, opened: Opened, family: Family | None, where: str
) -> Prompt | None:
    """The dialogue alone for classifiers and guards, unless a prompt of the user's own shapes it."""
    if opened.kind == "classifier":
        refuse_wording(section, where)
        return judge.prompt if section.prompt is not None else Dialogue()
    if family is None or (family.writes and not family.own):
        return judge.prompt
    if not family.own:
        return Dialogue()
    if not isinstance(judge.prompt, Template):
        msg = f"{where}: this family has no chat template; name a file with the prompt of the model's card with prompt"
        raise InputError(msg)
    return RawPrompt(judge.prompt)


def _begins(opened: Opened) -> bool:
    first = opened.tokenizer.bos_token_id
    return first is not None and list(opened.tokenizer.encode("a"))[:1] == [first]


def _refuse_open_questions(judge: Judging, where: str, *, reads: bool) -> None:
    """What is read at the next token needs labels to look for."""
    for asked in (one for ask in judge.asks for one in ask):
        if reads and not asked.labels:
            msg = f"{where}: question '{one_line(asked.name)}' has no closed set of labels; write generate = true"
            raise InputError(msg)


def _answered(judge: Judging, model: TransformersJudge, part: Sequence[Wanted]) -> list[Done]:
    from judgeaudit.judges.transformers.judge import Asking

    started = time.monotonic()
    askings = [
        Asking(
            output=one.output,
            asked=one.ask[0],
            render=lambda output, one=one: judge.request(output, one.ask, one.order),  # type: ignore[misc]
        )
        for one in part
    ]
    answers = model.answers(askings)
    seconds = (time.monotonic() - started) / len(part)
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    return [_done(judge, one, answer, seconds, now) for one, answer in zip(part, answers, strict=True)]


def _done(judge: Judging, one: Wanted, answer: Answer, seconds: float, now: str) -> Done:
    return Done(
        call=replace(as_call(judge, one), request=answer.request),
        outcome="rejected" if answer.error else "reply",
        raw=answer.raw,
        seconds=seconds,
        attempts=1,
        judged_at=now,
        error=answer.error or None,
    )
