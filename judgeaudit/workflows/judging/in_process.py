"""Judges that run in this process: what they gave is in the ledger before they are asked again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from judgeaudit.domain.errors import InputError
from judgeaudit.domain.output import Output
from judgeaudit.judges.protocol import in_order
from judgeaudit.storage.config.judges import PythonConfig, RulesConfig
from judgeaudit.storage.identity.judge import ask_sha256
from judgeaudit.storage.ledger.calls import Ledger
from judgeaudit.storage.ledger.rows import CallRow, VerdictRow
from judgeaudit.workflows.judging.connect import local_judge

if TYPE_CHECKING:
    from judgeaudit.domain.verdict import Verdict
    from judgeaudit.judges.protocol import Judge
    from judgeaudit.workflows.judging.build import Judging
    from judgeaudit.workflows.judging.calls import Tally, Wanted

_RULES = 500
_OTHERS = 32
Found = tuple[CallRow, Sequence[VerdictRow]]


def judge_here(
    folder: Path,
    judge: Judging,
    ledger: Ledger,
    missing: Iterator[Wanted],
    tally: Tally,
    tell: Callable[[str, Tally], None],
) -> None:
    """Asks the judge for what is missing. A function of yours that takes one item gets one at a time."""
    local = local_judge(judge, folder)
    while part := list(islice(missing, _size(judge))):
        started = time.monotonic()
        groups: dict[tuple[str, int, str, str], list[Wanted]] = {}
        for one in part:  # an item comes once in what a judge is given at a time
            groups.setdefault((one.ask[0].name, one.run, one.order, one.edit), []).append(one)
        found = [row for group in groups.values() for row in _judged(judge, local, group)]
        seconds = round((time.monotonic() - started) / len(part), 6)
        ledger.add_many([(replace(call, seconds=call.seconds or seconds), rows) for call, rows in found])
        tally.made += len(part)
        for _, rows in found:
            tally.statuses.update(one.status for one in rows)
            tally.errors.update(one.error for one in rows if one.error)
        tell(judge.name, tally)


def _size(judge: Judging) -> int:
    """How many items are asked about at once: what is lost if the process is killed meanwhile."""
    if isinstance(judge.section, PythonConfig):
        return judge.section.batch or 1
    return _RULES if isinstance(judge.section, RulesConfig) else _OTHERS


def _judged(judge: Judging, local: Judge, group: Sequence[Wanted]) -> list[Found]:
    """The rows of calls about one question, in one run and order."""
    question = group[0].ask[0]
    outputs = [_shown(one) for one in group]
    verdicts = list(local.judge(outputs, question))
    if wrong := in_order(judge.name, question, outputs, verdicts):
        raise InputError(wrong)
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    return [
        (_call(judge, one, verdict, now), [_row(judge, one, verdict)])
        for one, verdict in zip(group, verdicts, strict=True)
    ]


def _shown(one: Wanted) -> Output:
    """The output as the judge sees it: in order ba the two responses change sides."""
    if one.order == "ab":
        return one.output
    return replace(one.output, response=one.output.response_b or "", response_b=one.output.response)


def _call(judge: Judging, one: Wanted, verdict: Verdict, now: str) -> CallRow:
    return CallRow(
        key=one.key,
        fingerprint=judge.fingerprint,
        ask_sha256=ask_sha256(one.ask),
        item_id=one.item_id,
        item_sha256=one.item_sha256,
        run=one.run,
        ord=one.order,
        outcome="passing" if verdict.status == "failed" else "reply",  # what was raised may not be raised again
        raw="",
        judged_at=now,
        reply=verdict.reply,
        model=verdict.model,
        input_tokens=verdict.input_tokens,
        output_tokens=verdict.output_tokens,
        cost_usd=verdict.cost_usd,
        seconds=verdict.seconds,
        attempts=1,
    )


def _row(judge: Judging, one: Wanted, verdict: Verdict) -> VerdictRow:
    question, label = one.ask[0], verdict.label
    if label is not None and one.order == "ba":
        label = question.swapped(label)
    return VerdictRow(
        question=question.name,
        status=verdict.status,
        reading=judge.reading,
        label=label,
        probability=verdict.probability,
        probability_from=verdict.probability_from,
        label_mass=verdict.label_mass,
        confidence=verdict.confidence,
        error=verdict.error,
    )
