"""A study folder as ratings: outputs, annotations and verdicts joined by item, and an account of what did not join."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from judgeaudit.domain.errors import InputError, nearest, one_line
from judgeaudit.domain.pair_sides import Swap, plain_swap, side_of
from judgeaudit.domain.question import Question
from judgeaudit.domain.ratings import MISSING, Codes, Mask, Ratings
from judgeaudit.domain.results.questions import Flow, InputRecord, JudgeFlow
from judgeaudit.domain.verdict import reason_of
from judgeaudit.domain.verdict_log import Calls, Texts, VerdictLog
from judgeaudit.storage.config.judges import PanelConfig, ReplayConfig, RulesConfig
from judgeaudit.storage.config.read import STUDY_FILE, read_study
from judgeaudit.storage.files.read import Table, read_table
from judgeaudit.storage.files.study_files import LEDGER, find_plan, find_table, find_verdicts
from judgeaudit.storage.files.write import sha256_file, shown
from judgeaudit.storage.identity.judge import judges_told
from judgeaudit.storage.study.adjudicated import ADJUDICATED, adjudicated, refuse_unadjudicated
from judgeaudit.storage.study.label_words import translated
from judgeaudit.storage.study.outputs import outputs_of
from judgeaudit.storage.study.panels import panels_of
from judgeaudit.storage.study.people import People, read_people
from judgeaudit.storage.study.raters import left_out_counts, left_out_lines
from judgeaudit.storage.study.rows import Places, codes_of, grown, numbers_of, question_of
from judgeaudit.storage.study.slices import clusters_of, slices_of
from judgeaudit.storage.study.verdict_tables import ledger_rows, ledger_sha256, verdict_tables
from judgeaudit.storage.study.verdicts import WAY_OUT, Judges, read_judges
from judgeaudit.storage.study.weights import designed, weighted
from judgeaudit.storage.study.work import works_of
from judgeaudit.storage.table.loaded import Loaded, flow_of, join_report
from judgeaudit.storage.table.options import REFERENCE_RULES
from judgeaudit.storage.table.ratings import Built

if TYPE_CHECKING:
    from judgeaudit.storage.config.questions import QuestionConfig
    from judgeaudit.storage.config.schema import StudyConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """One question with the codes of all people (R, N) and judges (J, N)."""

    question: Question
    people: Codes
    judges: Codes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """What was read of a study; `asked` has the questions that are audited."""

    config: StudyConfig
    outputs: Table
    people: People
    judges: Judges
    asked: dict[str, _Asked]


def load_study(folder: Path | str, *, reference: str | None = None) -> tuple[StudyConfig, Loaded]:
    """The study and one `Ratings` for each declared question that people labelled. All outputs are its items.

    `reference` stands in for the rule that study.toml names.
    """
    root = Path(folder)
    config = read_study(root)
    outputs = outputs_of(root)
    items = tuple(outputs.frame["item_id"])
    file = _annotations(root)
    labels = translated(read_table(file), config)
    found = verdict_tables(root, config, outputs)
    people = read_people(labels, config, items)
    judges = read_judges(found.all, config, items)
    refuse_shared_names(people, judges)
    rule = reference or config.audit.reference
    left_out = left_out_counts(people.rows, config, reference=rule)
    audited = [name for name, question in config.questions.items() if not question.multiple]
    asked = {name: _asked(name, config, people, judges, len(items), rule=rule) for name in audited}
    read = _Read(config=config, outputs=outputs, people=people, judges=judges, asked=asked)
    ratings, warnings = _ratings(read, rule=rule)
    if not ratings:
        why = "no label of a declared question about an item of the outputs; nothing can be audited"
        msg = f"{shown(file)}: {why}{_undeclared(config, labels)}"
        raise InputError(msg)
    ratings, told = weighted(root, ratings)
    ratings = designed(root, ratings, stated=config.audit.label_design)
    work, odd = works_of(people.rows, config, outputs, {one.question.name: one.question for one in ratings})
    calls, unread = calls_of(judges, config)
    return config, Loaded(
        ratings=ratings,
        join=(
            *join_report([_built(one) for one in ratings], label_source=config.label_source),
            *left_out_lines(left_out),
            *people.join,
            *judges.join,
        ),
        warnings=(
            *people.warnings,
            *found.notes,
            *judges.warnings,
            *_several_at_once(config),
            *warnings,
            *told,
            *odd,
            *unread,
        ),
        inputs=study_inputs(root, {outputs.name: outputs, file.name: labels, **found.tables}),
        flow=[_flow(one) for one in ratings],
        work=work,
        logs=logs_of(judges, config, ratings),
        calls=calls,
        left_out=left_out,
        judges=judges_told(config, root, {name for one in ratings for name in one.judge_names}),
    )


def table_digests(root: Path) -> dict[str, str]:
    """The study's tables as they are now: name -> sha256. Of a ledger it is that of what an audit reads in it."""
    found = [find_table(root, stem) for stem in ("outputs", "annotations")]
    config = read_study(root)
    replayed = [root / one.file for one in config.judges.values() if isinstance(one, ReplayConfig) and one.file]
    files = [*(file for file in found if file is not None), *find_verdicts(root), *replayed, *find_plan(root)]
    digests = {Path(os.path.relpath(file, root)).as_posix(): sha256_file(file) for file in files}
    if (root / LEDGER).is_file():
        rows, _ = ledger_rows(root, config, outputs_of(root))
        digests |= {LEDGER: ledger_sha256(rows)} if rows else {}
    return digests


def _annotations(root: Path) -> Path:
    file = find_table(root, "annotations")
    if file is None:
        msg = f"{shown(root)}: no annotations; label items, or bring labels in with `judgeaudit import`"
        raise InputError(msg)
    return file


def _undeclared(config: StudyConfig, annotations: Table) -> str:
    """The way out where labels answer other questions than those that study.toml declares."""
    found = {name for name in annotations.frame["question"] if name} if "question" in annotations.columns else set()
    if not found or found & config.questions.keys():
        return ""
    return (
        f"; labels answer {', '.join(map(one_line, sorted(found)[:10]))} and study.toml asks "
        f"{', '.join(map(one_line, config.questions))}: say there by also_called and map which is which"
    )


def _asked(name: str, config: StudyConfig, people: People, judges: Judges, n_items: int, *, rule: str) -> _Asked:
    said, verdicts = people.said[name], judges.said[name]
    again = [(people.second[name], people.rows)] if rule == ADJUDICATED else []
    spoken = [(said, people.rows), (verdicts, judges.rows), *again]
    question = question_of(name, config.questions[name], *map(list, zip(*spoken, strict=True)))
    section = f"questions.{one_line(name)}"
    declare = (
        f"in study.toml declare it under {section}.labels, say under {section}.map what it means, or correct the row"
    )
    return _Asked(
        question=question,
        people=said.codes(question, people.rows, n_items=n_items, nothing=MISSING, way_out=declare),
        judges=verdicts.codes(question, judges.rows, n_items=n_items, nothing=len(question.labels), way_out=WAY_OUT),
    )


def _several_at_once(config: StudyConfig) -> list[str]:
    """Questions that take several labels at once are labelled and kept, but no statistic here is about such answers."""
    return [
        f"question '{one_line(name)}' takes several labels at once, which this version does not audit: left out"
        for name, question in config.questions.items()
        if question.multiple
    ]


def refuse_shared_names(people: People, judges: Judges) -> None:
    """A name means one rater: a person or a judge."""
    raters = {name for said in people.said.values() for name in said.names}
    for said in judges.said.values():
        for name in said.names:
            if name in raters:
                msg = f"'{one_line(name)}' is a rater in annotations and a judge in verdicts; rename one"
                raise InputError(msg)


def reference_rater(rule: str, people: People) -> str | None:
    """The rater whose labels are the reference; None where a rule makes it from all people."""
    if rule == ADJUDICATED:
        refuse_unadjudicated(people.second)
    if rule in (*REFERENCE_RULES, ADJUDICATED):
        return None
    raters = sorted({name for said in people.said.values() for name in said.names})
    if rule not in raters:
        near = nearest(rule, [*REFERENCE_RULES, *raters])
        rules = ", ".join((*REFERENCE_RULES, ADJUDICATED))
        msg = f"study.toml: audit.reference: {one_line(rule)!r} is neither {rules} nor a rater in annotations{near}"
        raise InputError(msg)
    return rule


def _ratings(read: _Read, *, rule: str) -> tuple[tuple[Ratings, ...], tuple[str, ...]]:
    """One `Ratings` for each question with labels. A rater who is the reference is not one of the people held to it."""
    reference = reference_rater(rule, read.people)
    clusters, told = clusters_of(read.config, read.outputs)
    warnings = dict.fromkeys(told)
    texts = _texts(read.outputs)
    ratings = []
    for name, one in read.asked.items():
        if not (one.people != MISSING).any():
            warnings[f"question '{one_line(name)}' has no labels by people: left out"] = None
            continue
        made, of_question = _of_question(read, name, reference, clusters=clusters, texts=texts)
        made, of_disputes = _with_second_labels(made, read.people, rule=rule)
        warnings |= dict.fromkeys([*of_question, *of_disputes])
        ratings.append(made)
    return tuple(ratings), tuple(warnings)


def _of_question(
    read: _Read, name: str, reference: str | None, *, clusters: Places | None, texts: dict[str, tuple[str, ...]]
) -> tuple[Ratings, list[str]]:
    """The ratings of one question by the first labels, and warnings."""
    config, one = read.config, read.asked[name]
    labels = {key: (it.question, it.people) for key, it in read.asked.items()}
    slices = slices_of(config, read.outputs, labels, about=name)
    warnings = list(slices.warnings)
    probability = read.judges.probability[name]
    if probability and not one.question.positive:
        warnings.append(f"question '{one_line(name)}' has no positive labels, so probabilities are not used")
        probability = {}
    names, verdicts = read.people.said[name].names, read.judges.said[name].names
    others = np.array([rater != reference for rater in names], dtype=np.bool_)
    made = Ratings(
        question=one.question,
        items=tuple(read.outputs.frame["item_id"]),
        people_names=tuple(rater for rater in names if rater != reference),
        judge_names=verdicts,
        people=one.people[others],
        judges=one.judges,
        strata=slices.masks,
        reference=_of_rater(one.people, others, reference),
        reference_name=reference,
        probability=probability,
        vote_shares=tuple(judge for judge in probability if isinstance(config.judges.get(judge), PanelConfig)),
        clusters=clusters,
        columns=slices.columns,
        stratum_source=slices.source,
        stratum_told=slices.told,
        doses=slices.doses,
        cannot_judge=read.people.cannot_judge[name][others],
        baselines=tuple(judge for judge in verdicts if judge in config.judges and config.judges[judge].baseline),
        panels=panels_of(config),
        statuses=read.judges.statuses[name],
        texts=texts,
    )
    return made, warnings


def _with_second_labels(made: Ratings, people: People, *, rule: str) -> tuple[Ratings, tuple[str, ...]]:
    """The ratings with what dispute rounds decided: as the reference under that rule, else beside it."""
    second = people.second[made.question.name]
    if rule == ADJUDICATED:
        return adjudicated(made, second, people.rows)
    if len(second.item) and made.reference_name is None and made.question.scale != "interval":
        decided, _ = adjudicated(made, second, people.rows)
        made = replace(made, adjudicated=decided.reference)
    return made, ()


def _of_rater(people: Codes, others: Mask, reference: str | None) -> Codes | None:
    """(N,) the labels of the rater who is the reference; nothing but MISSING where that rater gave none here."""
    if reference is None:
        return None
    return people[~others][0] if (~others).any() else np.full(people.shape[1], MISSING, dtype=np.int32)


def _texts(outputs: Table) -> dict[str, tuple[str, ...]]:
    columns = [name for name in ("prompt", "response", "response_b") if name in outputs.columns]
    texts: dict[str, tuple[str, ...]] = {name: tuple(outputs.frame[name]) for name in columns}
    if "prompt" not in texts and "messages" in outputs.columns:
        texts["prompt"] = tuple(outputs.frame["messages"])
    return texts


def _built(ratings: Ratings) -> Built:
    return Built(ratings=ratings, set_aside={}, warnings=(), idle=())


def _flow(ratings: Ratings) -> Flow:
    flow = flow_of(ratings, [])
    judges = [
        _with_statuses(one, ratings.statuses[name]) for one, name in zip(flow.judges, ratings.judge_names, strict=True)
    ]
    return replace(flow, judges=judges)


def _with_statuses(flow: JudgeFlow, counts: Mapping[str, int]) -> JudgeFlow:
    """The account of a judge with how many of its items have each status; None of those that none has."""
    return replace(flow, unparsed=counts.get("unparsed"), refused=counts.get("refused"), failed=counts.get("failed"))


def study_inputs(root: Path, tables: dict[str, Table]) -> dict[str, InputRecord]:
    """Name within the study -> what was read. study.toml is an input, too, and has no rows."""
    inputs = {STUDY_FILE: InputRecord(sha256=sha256_file(root / STUDY_FILE), rows=0)}
    inputs |= {name: InputRecord(sha256=table.sha256, rows=table.rows) for name, table in tables.items()}
    for plan in find_plan(root):
        rows = plan.read_bytes().count(b"\n")
        inputs[plan.relative_to(root).as_posix()] = InputRecord(sha256=sha256_file(plan), rows=rows)
    return inputs


# verdicts as logs: every run and order of each judge, and the calls behind them with what they took.


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
        reason=_reasons(told.status[mine], rows.column("reason")[place], rows.column("error")[place]),
        model=rows.column("model")[place],
        first=told.first[mine],
        side=np.array([*(side_of(label, swap) for label in wider.labels), 0], dtype=np.int32),
        pairwise=pairwise,
    )


def _reasons(status: Texts, reason: Texts, error: Texts) -> Texts:
    """(M,) why verdicts are unparsed, "" of all others; told by their errors where they were recorded without a reason."""
    out = np.full(len(status), "", dtype=object)
    for at in np.flatnonzero(status == "unparsed"):
        out[at] = reason_of(str(reason[at]), str(error[at]))
    return out


def _swap(config: QuestionConfig, question: Question) -> Swap:
    """Which labels change sides; none where neither study.toml nor the labels say it."""
    if config.swap is not None:
        return config.swap
    try:
        return plain_swap(question.name, question.labels)
    except InputError:
        return ()
