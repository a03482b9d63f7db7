"""What a run would cost, before it costs anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from judgeaudit.services.pace import tokens_about
from judgeaudit.storage.config.judges import PromptedConfig, ServiceConfig
from judgeaudit.storage.files.study_files import LEDGER
from judgeaudit.storage.ledger.calls import Ledger
from judgeaudit.storage.ledger.checks import check_of
from judgeaudit.workflows.judging.batch_run import not_under_way
from judgeaudit.workflows.judging.build import Judging
from judgeaudit.workflows.judging.calls import Tally, Wanted, as_call, priced, wanted
from judgeaudit.workflows.judging.connect import refuse_no_batches
from judgeaudit.workflows.judging.kinds import kind_of
from judgeaudit.workflows.judging.refusals import ready
from judgeaudit.workflows.judging.report import JudgeReport
from judgeaudit.workflows.judging.run import study_outputs
from judgeaudit.workflows.judging.server_check import check_is_due, check_request

#: tokens of an answer before any was seen: a label in JSON, and one or two sentences
_LABEL, _REASON = 15, 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimated:
    """What is still to be done for a judge. Tokens and cost are None where none are paid for, or the price is not known.

    measured   whether the answer's length is that of this judge's replies so far, rather than a guess
    under_way  calls that batches hold already
    halved     whether the price is that of batches; None where no batch was asked for
    check      one small request more comes first, to see what the server heeds; tokens and cost have it in them
    earlier    calls that were made before the judge was changed, and are left aside
    spent_usd  what the judge as it is has cost so far, as far as that is known
    note       why there is nothing to make, where the judge is none that can be asked
    """

    judge: str
    calls: int
    there: int
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None
    most_usd: float | None = None
    priced: bool = False
    measured: bool = False
    under_way: int = 0
    halved: bool | None = None
    check: bool = False
    earlier: int = 0
    spent_usd: float = 0.0
    note: str = ""


def estimate(folder: Path, names: Sequence[str] = (), *, batch: bool = False) -> list[Estimated]:
    """Counts the missing calls of each judge and prices their tokens; nothing is sent."""
    from judgeaudit.storage.config.read import read_study

    config, outputs = read_study(folder), study_outputs(folder)
    found = []
    for judge in ready(config, folder, names, outputs.columns):
        if batch:
            refuse_no_batches(judge)

        def missing(ledger: Ledger | None, tally: Tally, judge: Judging = judge) -> Iterator[Wanted]:
            return wanted(judge, outputs, ledger, tally)

        found.append(estimated(folder, judge, missing, batch=batch))
    return found


def estimated(
    folder: Path,
    judge: Judging,
    missing_in: Callable[[Ledger | None, Tally], Iterator[Wanted]],
    *,
    batch: bool = False,
) -> Estimated:
    """The same for one judge and the calls that a ledger lacks, where there is one."""
    tally = Tally()
    if kind_of(judge.section).made is not None:
        return Estimated(judge=judge.name, calls=0, there=0)
    with Ledger(folder / LEDGER) if (folder / LEDGER).is_file() else nullcontext() as ledger:
        missing = missing_in(ledger, tally)
        earlier = 0 if ledger is None else ledger.earlier(judge.name, judge.fingerprint)
        if not isinstance(judge.section, ServiceConfig):
            calls = sum(1 for _ in missing)
            return Estimated(judge=judge.name, calls=calls, there=tally.there, earlier=earlier)
        held = JudgeReport(judge=judge.name)
        free = missing if ledger is None else not_under_way(missing, ledger, held)
        sizes = Counter(tokens_about(as_call(judge, one).request) for one in free)
        found = _priced(judge, sizes, tally.there, ledger, batch=batch)
        return replace(found, under_way=held.under_way, earlier=earlier)


def _priced(judge: Judging, sizes: Counter[int], there: int, ledger: Ledger | None, *, batch: bool) -> Estimated:
    """Sizes of requests in tokens -> how many there are of each: those of one size have one price."""
    section = judge.section
    if not isinstance(section, ServiceConfig):
        msg = f"judge {judge.name!r} is not paid for"
        raise TypeError(msg)
    means = ledger.mean_tokens(judge.fingerprint) if ledger is not None else None
    answer = _guess(section) if means is None else means
    calls, check = sizes.total(), bool(sizes) and check_is_due(judge, ledger)
    cost, most = (_price(section, sizes, tokens, batch=batch) for tokens in (round(answer), section.max_output_tokens))
    if check:
        first = Counter((tokens_about(check_request(judge)),))
        sizes = sizes + first
        cost, most = (
            None if whole is None else whole + (_price(section, first, tokens) or 0.0)
            for whole, tokens in ((cost, round(answer)), (most, section.max_output_tokens))
        )
    return Estimated(
        judge=judge.name,
        calls=calls,
        there=there,
        input_tokens=sum(size * count for size, count in sizes.items()),
        output_tokens=round(answer * sizes.total()),
        cost_usd=cost,
        most_usd=most,
        priced=cost is not None,
        measured=means is not None,
        halved=section.price is None if batch else None,
        check=check,
        spent_usd=_spent(judge, ledger),
    )


def _spent(judge: Judging, ledger: Ledger | None) -> float:
    if ledger is None:
        return 0.0
    first = check_of(ledger, judge.fingerprint)
    return ledger.spent(judge.fingerprint) + (first.cost_usd or 0.0 if first is not None else 0.0)


def _price(section: ServiceConfig, sizes: Counter[int], answer: int, *, batch: bool = False) -> float | None:
    """US dollars for requests of these sizes with answers of so many tokens; None where the price is not known."""
    total = 0.0
    for size, count in sizes.items():
        one = priced(section, section.model or "", size, answer, batched=batch)
        if one is None:
            return None
        total += one * count
    return total


def _guess(section: PromptedConfig) -> float:
    if section.prompt is not None:
        return float(_LABEL + _REASON)
    return float(_LABEL + (_REASON if section.reasoning != "none" else 0))
