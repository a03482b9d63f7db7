"""verdicts as logs: every run and order of each judge, and the calls behind them with what they took."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from judgeaudit.domain.errors import InputError
from judgeaudit.domain.pair_sides import Swap, plain_swap, side_of
from judgeaudit.domain.question import Question
from judgeaudit.domain.ratings import Ratings
from judgeaudit.domain.verdict_log import Calls, VerdictLog
from judgeaudit.storage.config.judges import RulesConfig
from judgeaudit.storage.study.rows import Places, codes_of, grown, numbers_of
from judgeaudit.storage.study.verdicts import WAY_OUT, Judges

if TYPE_CHECKING:
    from judgeaudit.storage.config.questions import QuestionConfig
    from judgeaudit.storage.config.schema import StudyConfig

_TAKEN = ("input_tokens", "output_tokens", "cost_usd", "seconds")


def logs_of(judges: Judges, config: StudyConfig, ratings: Iterable[Ratings]) -> tuple[VerdictLog, ...]:
    """One log for each audited question that judges spoke on; judges stand in it as in the ratings."""
    asked = [one for one in ratings if one.judge_names]
    return tuple(_log(judges, config.questions[one.question.name], one.question, one.judge_names) for one in asked)


def calls_of(judges: Judges, config: StudyConfig) -> tuple[Calls, tuple[str, ...]]:
    """Every call that is told of, and warnings. A prompt that asks several questions is one call; a rule costs nothing."""
    rows, told = judges.rows, judges.told
    once = _once(judges)
    warnings: list[str] = []
    taken = {}
    for name in _TAKEN:
        values, odd = numbers_of(rows, name, what="verdicts")
        taken[name] = values[told.place][once]
        warnings += odd
    texts = {name: rows.column(name)[told.place][once] for name in ("judge", "model", "judged_at")}
    free = {name for name, section in config.judges.items() if isinstance(section, RulesConfig)}
    unpriced = np.isnan(taken["cost_usd"]) & np.array([name in free for name in texts["judge"]], dtype=np.bool_)
    taken["cost_usd"] = np.where(unpriced, 0.0, taken["cost_usd"])
    calls = Calls(judge=texts["judge"], model=texts["model"], moment=texts["judged_at"], **taken)
    return calls, tuple(warnings)


def _once(judges: Judges) -> Places:
    """Places, within what is told, of one verdict of each call: same prompt, same moment, one call."""
    import pandas as pd

    rows, told = judges.rows, judges.told
    columns = {name: rows.column(name)[told.place] for name in ("item_id", "judge", "prompt_sha256", "judged_at")}
    apart = (columns["prompt_sha256"] == "") | (columns["judged_at"] == "")
    frame = pd.DataFrame({**columns, "run": told.run, "turned": told.turned})
    frame["question"] = np.where(apart, told.question, "")
    return np.flatnonzero(~frame.duplicated().to_numpy())


def _log(judges: Judges, config: QuestionConfig, question: Question, names: tuple[str, ...]) -> VerdictLog:
    rows, told = judges.rows, judges.told
    number = {name: index for index, name in enumerate(names)}
    judge = np.array([number.get(name, -1) for name in rows.column("judge")[told.place].tolist()], dtype=np.int64)
    pairwise = config.layout == "pairwise"
    mine = np.flatnonzero((told.question == question.name) & (judge >= 0) & (pairwise | ~told.turned))
    place, said = told.place[mine], told.label[mine]
    wider = grown(question, said)
    nothing = len(wider.labels)
    swap = _swap(config, question) if pairwise else ()
    return VerdictLog(
        question=wider,
        judges=names,
        judge=judge[mine],
        item=told.item[mine].astype(np.int64),
        run=told.run[mine],
        turned=told.turned[mine],
        label=codes_of(rows, "label", said, place, wider, nothing=nothing, way_out=WAY_OUT),
        status=told.status[mine],
        error=rows.column("error")[place],
        model=rows.column("model")[place],
        first=told.first[mine],
        side=np.array([*(side_of(label, swap) for label in wider.labels), 0], dtype=np.int32),
        pairwise=pairwise,
    )


def _swap(config: QuestionConfig, question: Question) -> Swap:
    """Which labels change sides; none where neither study.toml nor the labels say it."""
    if config.swap is not None:
        return config.swap
    try:
        return plain_swap(question.name, question.labels)
    except InputError:
        return ()
