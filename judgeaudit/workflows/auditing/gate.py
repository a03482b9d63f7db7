"""Policies in, decisions out, verdicts sifted: the gate as Python and the command line use it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from judgeaudit.domain.catalogue.statistics import versus_of
from judgeaudit.domain.errors import InputError, StaleError
from judgeaudit.domain.policy import Policy, Require
from judgeaudit.domain.results.audit import AuditResult, Decision
from judgeaudit.workflows.auditing.audit_object import Audit

if TYPE_CHECKING:
    import pandas as pd

    from judgeaudit.storage.config.schema import PolicyConfig, UseConfig


Row = dict[str, str]
#: what a verdict says of itself, and outputs cannot say for it
_OF_VERDICTS = ("item_id", "judge", "question", "label", "status", "run", "order")


class Decisions(Sequence[Decision]):
    """Decisions of one audit under one policy, with what `filter_verdicts` needs to know of its strata."""

    def __init__(self, decisions: Iterable[Decision], result: AuditResult, *, warnings: Iterable[str] = ()) -> None:
        self._decisions = tuple(decisions)
        self.strata = result.strata
        #: what the audit says of each judge's probabilities: better ones, and from which on a verdict is sure enough
        self.recalibrations = tuple(result.recalibrations)
        self.selective = tuple(result.selective)
        self.labels = {one.name: tuple(one.labels) for one in result.questions}
        self.positive = {one.name: tuple(one.positive) for one in result.questions}
        #: what the policy passes over in silence
        self.warnings = tuple(warnings)

    @overload
    def __getitem__(self, index: int) -> Decision: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Decision]: ...

    def __getitem__(self, index: int | slice) -> Decision | Sequence[Decision]:
        return self._decisions[index]

    def __len__(self) -> int:
        return len(self._decisions)

    def __iter__(self) -> Iterator[Decision]:
        return iter(self._decisions)

    def __repr__(self) -> str:
        from judgeaudit.gate.words.decision_lines import small_strata_sentence

        told = [
            f"{d.judge or 'people'} · {d.question}: {d.decision}. {d.reason} {small_strata_sentence(d)}".rstrip()
            for d in self._decisions
        ]
        return "\n".join([*told, *(f"warning: {one}" for one in self.warnings)])

    @property
    def exit_code(self) -> int:
        """0 all required judges certified, 1 one is restricted or rejected, 3 it cannot be told."""
        from judgeaudit.gate.words.decision_lines import exit_code

        return exit_code(self._decisions)


class Sifted(NamedTuple):
    """Which rows a pipeline may use, and how many were dropped for which reason."""

    kept: list[bool]
    reasons: Counter[str]


def decide(audit: Audit, policy: Policy | None = None) -> Decisions:
    """Decisions of an audit under a policy; without one, under the default policy for filtering."""
    from judgeaudit.gate.decide import decide as decide_result
    from judgeaudit.gate.words.sentences import policy_warnings

    policy = policy or Policy()
    made = decide_result(audit.result, policy)
    return Decisions(made, audit.result, warnings=policy_warnings(audit.result, policy))


def decisions_of(audit: Audit) -> Decisions:
    """The decisions that an audit was made with, and what its policy passed over."""
    return Decisions(audit.decisions, audit.result, warnings=audit.result.policy.warnings)


def read_policy(path: str | Path) -> Policy:
    """A policy from a TOML file: its own keys at top level, or a [policy] table, and [use] where the file has one."""
    from judgeaudit.storage.config.read import read_policy_file

    read = read_policy_file(path)
    return policy_from(read.policy, read.use, source=Path(path).name)


def policy_from(config: PolicyConfig | None, use: UseConfig | None, *, source: str) -> Policy:
    """The domain's policy from what a file says."""
    from judgeaudit.storage.config.schema import PolicyConfig, UseConfig

    config, use = config or PolicyConfig(), use or UseConfig()
    require = None
    if config.require is not None:
        _refuse_versus(config, source)
        require = tuple(
            Require(
                statistic=r.statistic,
                contrast=r.contrast,
                question=r.question,
                subject=r.subject,
                between=tuple(r.between),
                at_least=r.at_least,
                at_most=r.at_most,
                strata=None if r.strata is None else tuple(r.strata),
            )
            for r in config.require
        )
    return Policy(
        purpose=use.purpose,
        prevalence=use.prevalence,
        max_bias=use.max_bias,
        level=config.level,
        label_source=config.label_source,
        judges=None if config.judges is None else tuple(config.judges),
        require=require,
        source=source,
    )


def _refuse_versus(config: PolicyConfig, source: str) -> None:
    """Judges are held against the reference, and to people only where the statistic says so itself."""
    for number, r in enumerate(config.require or (), 1):
        of_people = versus_of(r.statistic or "", r.subject) == "humans"
        if r.versus != "reference" and not (of_people and r.versus == "humans"):
            msg = f"policy ({source}): require#{number}: versus {r.versus!r} is not held; leave versus out, which means the reference"
            raise InputError(msg)


def under_policy(audit: Audit, policy: Policy, *, fragility: bool = True) -> Audit:
    """The audit with its decisions made anew under `policy`."""
    from judgeaudit.gate.decide import decide as decide_result
    from judgeaudit.gate.words.sentences import policy_record, policy_warnings

    made = decide_result(audit.result, policy, fragility=fragility)
    warnings = policy_warnings(audit.result, policy)
    record = replace(policy_record(policy, audit.result), warnings=list(warnings))
    return audit.with_decisions(made, record)


def sift_rows(rows: Sequence[Mapping[str, Any]], decisions: Decisions, *, max_risk: float | None = None) -> Sifted:
    """Which of these verdict rows may be used; with `max_risk` only those that are sure enough for it."""
    from judgeaudit.gate.filter import Passport, sift
    from judgeaudit.gate.requirements.selective import Thresholds

    dropped = sift(rows, Passport(decisions=tuple(decisions), strata=decisions.strata))
    if max_risk is not None:
        known = Thresholds(records=decisions.selective, labels=decisions.labels, positive=decisions.positive)
        known.refuse_looser(max_risk)
        dropped = [why or known.why_dropped(row) for why, row in zip(dropped, rows, strict=True)]
    return Sifted([reason is None for reason in dropped], Counter(reason for reason in dropped if reason is not None))


def filter_verdicts(
    verdicts: pd.DataFrame | Sequence[Mapping[str, Any]],
    decisions: Decisions | Sequence[Decision],
    *,
    outputs: pd.DataFrame | None = None,
    max_risk: float | None = None,
) -> Any:
    """Only the verdicts that their judge is certified for, as the type that came in (a DataFrame or a list of dicts).

    A verdict needs `judge`, and `question` where the audit has several. Strata are read from the verdicts' own columns, and from
    `outputs` (joined on item_id) where they lack one. A scope that rests on people's labels opens nothing for new verdicts.
    With `max_risk` verdicts are dropped, too, that are less sure than the confidence from which the audit guarantees that risk.
    """
    import pandas as pd

    if not isinstance(decisions, Decisions):
        msg = "filter_verdicts needs the decisions that ja.decide(audit) returns, which know the audit's strata"
        raise InputError(msg)
    if not isinstance(verdicts, pd.DataFrame):
        given = list(verdicts)
        kept = sift_rows(
            with_outputs([_as_texts(row) for row in given], _rows(outputs), decisions), decisions, max_risk=max_risk
        ).kept
        return [row for row, keep in zip(given, kept, strict=True) if keep]
    if not verdicts.columns.is_unique:
        msg = f"verdicts have two columns of the name {str(verdicts.columns[verdicts.columns.duplicated()][0])!r}; rename one"
        raise InputError(msg)
    kept = sift_rows(with_outputs(_rows(verdicts) or [], _rows(outputs), decisions), decisions, max_risk=max_risk).kept
    return verdicts[pd.Series(kept, index=verdicts.index, dtype=bool)]


def with_outputs(verdicts: list[Row], outputs: list[Row] | None, decisions: Decisions) -> list[Row]:
    """Verdicts with what the outputs say of their item, where they do not say it themselves.

    Strata on signals that the decisions speak of are computed from the texts of the outputs where no column holds them.
    `model` is the outputs' in any case: a verdict's names the judge's model, and strata speak of what wrote the output.
    """
    if verdicts and not any("judge" in row for row in verdicts):
        msg = "verdicts have no column 'judge'; each row needs the judge's name as in the audit"
        raise InputError(msg)
    if outputs is None or not verdicts:
        return verdicts
    for name, rows in (("verdicts", verdicts), ("outputs", outputs)):
        if not any("item_id" in row for row in rows):
            msg = f"{name} have no column 'item_id', so outputs cannot be joined to verdicts"
            raise InputError(msg)
    outputs = _with_signals(outputs, decisions)
    known = {row["item_id"]: {key: cell for key, cell in row.items() if key not in _OF_VERDICTS} for row in outputs}
    if len(known) < len(outputs):
        msg = "outputs hold an item_id twice, so its strata are not known; keep one row per item"
        raise InputError(msg)
    return [_joined(row, known.get(row.get("item_id", ""), {})) for row in verdicts]


def _with_signals(outputs: list[Row], decisions: Decisions) -> list[Row]:
    """Outputs with a column for each signal that strata are cut by and that they lack."""
    from judgeaudit.text.signals import SIGNALS, item_values

    columns = {one.column for one in decisions.strata.values() if one.source == "signal"}
    wanted = [name for name in sorted(columns) if name in SIGNALS and not any(name in row for row in outputs)]
    responses, others = _column(outputs, "response"), _column(outputs, "response_b")
    if not wanted or responses is None:
        return outputs
    found = {name: item_values(name, responses, others) for name in wanted}
    return [{**row, **{name: found[name][n] for name in wanted}} for n, row in enumerate(outputs)]


def _column(rows: list[Row], name: str) -> list[Any] | None:
    """A column of all rows; None where a row lacks it."""
    return [row[name] for row in rows] if all(name in row for row in rows) else None


def _joined(row: Row, output: Row) -> Row:
    own = {key: cell for key, cell in row.items() if cell != "" and not (key == "model" and output.get("model"))}
    return {**output, **own}


def _rows(frame: pd.DataFrame | None) -> list[Row] | None:
    """A table as rows of texts; plain lists, since texts of pandas cannot hold lone surrogates."""
    if frame is None:
        return None
    columns = [(str(column), frame[column].tolist()) for column in frame.columns]
    return [{name: _text(cells[number]) for name, cells in columns} for number in range(len(frame))]


def _as_texts(row: Mapping[str, Any]) -> Row:
    return {str(key): _text(value) for key, value in row.items()}


def _text(value: Any) -> str:
    """A cell as text; every missing value (None, nan, NaT, pandas.NA) is an empty one."""
    import pandas as pd

    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, Real) and value != value):
        return ""
    return str(value)


def refuse_stale(audit: Audit, present: Mapping[str, str], fingerprint: str) -> None:
    """A StaleError that names what changed since the audit."""
    if changed := changed_since(audit, present, fingerprint):
        msg = f"stale: {', '.join(changed)} changed since the audit was made; run `judgeaudit audit` again"
        raise StaleError(msg)


def changed_since(audit: Audit, present: Mapping[str, str], fingerprint: str) -> list[str]:
    """What is not as the audit read it: tables by their sha256 in `present`, study.toml by `fingerprint`."""
    before = {name: known.sha256 for name, known in audit.result.inputs.items() if name != "study.toml"}
    changed = [name for name, known in before.items() if present.get(name) != known]
    added = [f"{name} (new)" for name in present if name not in before]
    if audit.result.options.get("study_sha256") != fingerprint:
        changed.append("study.toml")
    return [*changed, *added]
