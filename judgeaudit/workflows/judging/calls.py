"""Which calls a judge still needs, and what becomes of each: read, priced, and in the ledger before the next."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING

from judgeaudit.domain.output import Asked, Order, Output
from judgeaudit.domain.verdict import Read
from judgeaudit.judges.replies.parse import read_reply
from judgeaudit.services.messages import Reply
from judgeaudit.services.prices import Price, known_price
from judgeaudit.services.runner import Call, Done
from judgeaudit.storage.config.judges import ServiceConfig
from judgeaudit.storage.identity.judge import ask_sha256, call_key, item_sha256
from judgeaudit.storage.ledger.calls import Ledger
from judgeaudit.storage.ledger.rows import CallRow, VerdictRow
from judgeaudit.storage.study.outputs import output_of
from judgeaudit.text.edits.catalogue import edited_id
from judgeaudit.workflows.judging.build import Judging

if TYPE_CHECKING:
    from judgeaudit.services.protocol import Service
    from judgeaudit.storage.files.rows_by_id import RowsById

PART = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One verdict or several that one call shall give. `edit` is the edit that the output has gone through; the judge,
    which sees the item under its own name, cannot tell.
    """

    key: str
    output: Output
    item_sha256: str
    ask: tuple[Asked, ...]
    run: int
    order: Order
    edit: str = ""

    @property
    def item_id(self) -> str:
        """The name that the ledger keeps it under."""
        return edited_id(self.output.item_id, self.edit)


@dataclass(slots=True, kw_only=True)
class Tally:
    """What a run has done so far."""

    total: int = 0
    there: int = 0
    made: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    cost: float = 0.0
    unpriced: int = 0
    with_probability: int = 0
    cut: int = 0
    mass: float = 0.0
    masses: int = 0


def wanted(judge: Judging, outputs: RowsById, ledger: Ledger | None, tally: Tally) -> Iterator[Wanted]:
    """The calls that no earlier run has made, item by item, a part of the outputs in memory at a time."""
    ids = outputs.ids
    tally.total = len(ids) * judge.calls_per_item
    prints = [(ask, ask_sha256(ask)) for ask in judge.asks]
    for start in range(0, len(ids), PART):
        part = [
            one for row in outputs.rows(ids[start : start + PART]) for one in _of_output(judge, output_of(row), prints)
        ]
        yield from unmade(part, ledger, tally)


def unmade(part: Sequence[Wanted], ledger: Ledger | None, tally: Tally) -> Iterator[Wanted]:
    """Those of the calls that are not in the ledger; the others are counted."""
    there = ledger.final([one.key for one in part]) if ledger is not None else set()
    tally.there += len(there)
    yield from (one for one in part if one.key not in there)


def as_call(judge: Judging, one: Wanted) -> Call:
    """The call with its prompt."""
    return Call(
        key=one.key,
        item_id=one.item_id,
        item_sha256=one.item_sha256,
        asked=one.ask,
        request=judge.request(one.output, one.ask, one.order),
        run=one.run,
        order=one.order,
    )


@dataclass(slots=True, kw_only=True)
class Keeper:
    """Takes what became of a call of a judge, reads it, and puts it into the ledger. `batched`: it came in a batch."""

    judge: Judging
    service: Service
    ledger: Ledger
    tally: Tally
    batched: bool = False

    def keep(self, done: Done) -> None:
        """After this the call is in the ledger, whatever it brought."""
        reply, error = self._reply(done)
        reads = {one.name: self._read(done, reply, error, one) for one in done.call.asked}
        cost = price_of(self.judge, reply, batched=self.batched) if reply is not None else None
        self.ledger.add(
            self._row(done, reply, cost), [verdict_row(name, self.judge.reading, read) for name, read in reads.items()]
        )
        self._count(reads, reply, cost)

    def _reply(self, done: Done) -> tuple[Reply | None, str | None]:
        if done.outcome != "reply":
            return None, done.error
        return reply_of(self.service, done.raw)

    def _read(self, done: Done, reply: Reply | None, error: str | None, asked: Asked) -> Read:
        if done.outcome != "reply":
            return Read(status="refused" if done.refused else "failed", error=error)
        return read_one(reply, error, asked, self.judge, done.call.order)

    def _row(self, done: Done, reply: Reply | None, cost: float | None) -> CallRow:
        call = done.call
        return CallRow(
            key=call.key,
            fingerprint=self.judge.fingerprint,
            ask_sha256=ask_sha256(call.asked),
            item_id=call.item_id,
            item_sha256=call.item_sha256,
            run=call.run,
            ord=call.order,
            outcome=done.outcome,
            raw=done.raw,
            judged_at=done.judged_at,
            reply=reply.text if reply is not None else None,
            error=done.error,
            prompt_sha256=call.prompt_sha256,
            model=reply.model if reply is not None else None,
            input_tokens=reply.input_tokens if reply is not None else None,
            cached_tokens=reply.cached_tokens if reply is not None else None,
            output_tokens=reply.output_tokens if reply is not None else None,
            cost_usd=cost,
            seconds=None if done.seconds is None else round(done.seconds, 3),
            attempts=done.attempts,
        )

    def _count(self, reads: dict[str, Read], reply: Reply | None, cost: float | None) -> None:
        tally = self.tally
        tally.made += 1
        tally.statuses.update(read.status for read in reads.values())
        tally.errors.update(read.error for read in reads.values() if read.error and read.status != "answered")
        masses = [read.label_mass for read in reads.values() if read.label_mass is not None]
        tally.masses += len(masses)
        tally.mass += sum(masses)
        tally.cut += reply is not None and reply.left_out > 0
        tally.with_probability += sum(read.probability is not None for read in reads.values())
        if cost is None:
            tally.unpriced += reply is not None and isinstance(self.judge.section, ServiceConfig)
        else:
            tally.cost += cost


def reply_of(service: Service, raw: str) -> tuple[Reply | None, str | None]:
    """An answer read, or why it cannot be."""
    try:
        return service.read(raw), None
    except (ValueError, json.JSONDecodeError) as error:
        return None, f"malformed answer: {error}"


def read_one(reply: Reply | None, error: str | None, asked: Asked, judge: Judging, order: Order) -> Read:
    """What a reply says about one question, as if the two responses had stood in order ab."""
    if reply is None:
        return Read(status="failed", error=error)
    if order == "ab":
        return read_reply(reply, asked, judge.parsings[asked.name])
    seen = replace(asked, positive=tuple(asked.swapped(label) for label in asked.positive))
    read = read_reply(reply, seen, judge.parsings[asked.name])
    return replace(read, label=asked.swapped(read.label)) if read.label is not None else read


def verdict_row(question: str, reading: str, read: Read) -> VerdictRow:
    """A row of the ledger."""
    return VerdictRow(question=question, reading=reading, **{one.name: getattr(read, one.name) for one in fields(Read)})


def price_of(judge: Judging, reply: Reply, *, batched: bool = False) -> float | None:
    """US dollars, by the section's own price or the public list; None where tokens or price are not known."""
    section = judge.section
    if not isinstance(section, ServiceConfig) or reply.input_tokens is None or reply.output_tokens is None:
        return None
    counted = (reply.input_tokens, reply.output_tokens, reply.cached_tokens or 0)
    return priced(section, reply.model or section.model or "", *counted, batched=batched)


def priced(
    section: ServiceConfig, model: str, given: int, got: int, cached: int = 0, *, batched: bool = False
) -> float | None:
    """US dollars for so many tokens of a judge. In a batch a share of the listed price is taken; the section's own is taken as it is."""
    tokens = {"input_tokens": given, "output_tokens": got, "cached_tokens": cached}
    if section.price is not None:
        own = Price(input=section.price.input, output=section.price.output, cached=section.price.cached)
        return own.of(**tokens)
    if section.base_url is not None:
        return None
    provider = section.provider
    list_name = provider.prices or provider.kind
    listed = known_price(list_name, model, **tokens)
    if listed is None:
        listed = known_price(list_name, section.model or "", **tokens)
    return listed if listed is None or not batched else listed * provider.batch_share


def _of_output(judge: Judging, output: Output, prints: Sequence[tuple[tuple[Asked, ...], str]]) -> Iterator[Wanted]:
    for run in range(judge.section.runs):
        for ask, ask_print in prints:
            for order in judge.orders_of(ask):
                yield one_call(judge, output, ask, ask_print, run=run, order=order)


def one_call(
    judge: Judging,
    output: Output,
    ask: tuple[Asked, ...],
    ask_print: str,
    *,
    order: Order,
    run: int = 0,
    edit: str = "",
) -> Wanted:
    """A call about an output, or about what an edit made of it, with the key that the ledger knows it by."""
    item = item_sha256(output, judge.columns)
    key = call_key(
        fingerprint=judge.fingerprint,
        ask=ask_print,
        item_id=edited_id(output.item_id, edit),
        item=item,
        run=run,
        order=order,
    )
    return Wanted(key=key, output=output, item_sha256=item, ask=ask, run=run, order=order, edit=edit)
