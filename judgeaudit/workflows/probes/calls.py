"""The calls of a probe: each drawn output as it is, and after each edit that applies to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from judgeaudit.domain.output import Asked, Order, Output
from judgeaudit.storage.config.judges import PromptedConfig
from judgeaudit.storage.identity.judge import ask_sha256
from judgeaudit.storage.ledger.calls import Ledger
from judgeaudit.storage.study.outputs import output_of
from judgeaudit.text.edits.catalogue import SWAP, Edit, edited
from judgeaudit.workflows.judging.build import Judging
from judgeaudit.workflows.judging.calls import PART, Tally, Wanted, one_call, unmade

if TYPE_CHECKING:
    from judgeaudit.storage.files.rows_by_id import RowsById

#: what a model's name holds -> what its family is called
_FAMILIES = {
    "gpt": "GPT-5",
    "claude": "Claude",
    "gemini": "Gemini",
    "gemma": "Gemma",
    "llama": "Llama",
    "qwen": "Qwen",
    "mistral": "Mistral",
    "deepseek": "DeepSeek",
}
_OTHERS = ("GPT-5", "Claude")


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a judge is probed with. `cluster` is the column that tells which outputs hang together."""

    judge: Judging
    items: tuple[str, ...]
    edits: tuple[Edit, ...]
    seed: int
    cluster: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """An output's own call and the one after an edit, and the output's cluster. `told` and `second` as in `Edited`."""

    edit: str
    before: Wanted
    after: Wanted
    told: tuple[tuple[str, str], ...] = ()
    second: bool = False
    cluster: str | None = None


def pairs_of(probe: Probe, outputs: RowsById) -> Iterator[Pair]:
    """Every pair, item by item, so that what is there of an unfinished run are whole items."""
    for start in range(0, len(probe.items), PART):
        for row in outputs.rows(probe.items[start : start + PART]):
            yield from _of_item(probe, output_of(row), None if probe.cluster is None else row[probe.cluster])


def missing_of(probe: Probe, outputs: RowsById, ledger: Ledger | None, tally: Tally) -> Iterator[Wanted]:
    """The calls that no run has made yet, each once."""
    tally.total = sum(1 for _ in _calls(probe, outputs))
    calls = _calls(probe, outputs)
    while part := list(islice(calls, PART)):
        yield from unmade(part, ledger, tally)


def _calls(probe: Probe, outputs: RowsById) -> Iterator[Wanted]:
    """The calls of all pairs. The call before an edit is that of many pairs, which stand one after another."""
    seen: set[str] = set()
    for pair in pairs_of(probe, outputs):
        for one in (pair.before, pair.after):
            if one.key not in seen:
                seen.add(one.key)
                yield one


def families_of(judge: Judging) -> tuple[str, str]:
    """The family of models that a judge is of, and another one; GPT-5 and Claude where it is of none that is known."""
    model = (judge.section.model or "").lower() if isinstance(judge.section, PromptedConfig) else ""
    own = next((family for part, family in _FAMILIES.items() if part in model), _OTHERS[0])
    return own, next(other for other in _OTHERS[::-1] if other != own)


def base_order(judge: Judging, ask: Sequence[Asked]) -> Order:
    """The order in which outputs are shown before an edit."""
    return judge.orders_of(ask)[0]


def _of_item(probe: Probe, output: Output, cluster: str | None) -> Iterator[Pair]:
    judge, families = probe.judge, families_of(probe.judge)
    for ask in judge.asks:
        ask_print, order = ask_sha256(ask), base_order(judge, ask)
        before = one_call(judge, output, ask, ask_print, order=order)
        for edit in probe.edits:
            found = edited(output, edit, ask, seed=probe.seed, families=families)
            if found is None:
                continue
            if edit.name == SWAP:
                after = _turned(judge, output, ask, ask_print, order)
            else:
                after = one_call(judge, found.output, ask, ask_print, order=order, edit=edit.name)
            yield Pair(
                edit=edit.name, before=before, after=after, told=found.told, second=found.second, cluster=cluster
            )


def _turned(judge: Judging, output: Output, ask: tuple[Asked, ...], ask_print: str, order: Order) -> Wanted:
    """The other order: a verdict of the study's own where the judge is asked in both, else one of the probe."""
    other: Order = "ba" if order == "ab" else "ab"
    edit = "" if other in judge.orders_of(ask) else SWAP
    return one_call(judge, output, ask, ask_print, order=other, edit=edit)
