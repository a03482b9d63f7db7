"""Policies in, decisions out, verdicts sifted: the gate as Python and the command line use it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from judgeaudit.domain.errors import InputError, StaleError
from judgeaudit.domain.policy import Policy, Require
from judgeaudit.domain.results import AuditResult, Decision
from judgeaudit.facade.audit import Audit

if TYPE_CHECKING:
    import pandas as pd

    from judgeaudit.storage.study_schema import PolicyConfig, UseConfig


#: what a verdict says of itself, and outputs cannot say for it
_OF_VERDICTS = ("item_id", "judge", "question", "label", "status", "run", "order")


class Decisions(Sequence[Decision]):
    """Decisions of one audit under one policy, with what `filter_verdicts` needs to know of its strata."""

    def __init__(self, decisions: Iterable[Decision], result: AuditResult) -> None:
        self._decisions = tuple(decisions)
        self.strata = result.strata

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
        return "\n".join(f"{d.judge or 'people'} · {d.question}: {d.decision}. {d.reason}" for d in self._decisions)

    @property
    def exit_code(self) -> int:
        """0 all required judges certified, 1 one is restricted or rejected, 3 it cannot be told."""
        from judgeaudit.gate.decide import exit_code

        return exit_code(list(self._decisions))


class Sifted(NamedTuple):
    """Which rows a pipeline may use, and how many were dropped for which reason."""

    kept: list[bool]
    reasons: Counter[str]


def decide(audit: Audit, policy: Policy | None = None) -> Decisions:
    """Decisions of an audit under a policy; without one, under the default policy for filtering."""
    from judgeaudit.gate.decide import decide as decide_result

    return Decisions(decide_result(audit.result, policy or Policy()), audit.result)


def read_policy(path: str | Path) -> Policy:
    """A policy from a TOML file: its own keys at top level, or a [policy] table, and [use] where the file has one."""
    from judgeaudit.storage.study_config import read_policy_file

    read = read_policy_file(path)
    return policy_from(read.policy, read.use, source=Path(path).name)


def policy_from(config: PolicyConfig | None, use: UseConfig | None, *, source: str) -> Policy:
    """The domain's policy from what a file says."""
    from judgeaudit.storage.study_schema import PolicyConfig, UseConfig

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
        of_people = r.subject == "humans" or r.statistic == "leave_one_out_delta"
        if r.versus != "reference" and not (of_people and r.versus == "humans"):
            msg = f"policy ({source}): require#{number}: versus {r.versus!r} is not held; leave versus out, which means the reference"
            raise InputError(msg)


def under_policy(audit: Audit, policy: Policy) -> Audit:
    """The audit with its decisions made anew under `policy`."""
    from judgeaudit.gate.decide import decide as decide_result
    from judgeaudit.gate.words import policy_record

    return audit.with_decisions(decide_result(audit.result, policy), policy_record(policy, audit.result))


def sift_rows(rows: Sequence[Mapping[str, Any]], decisions: Decisions) -> Sifted:
    """Which of these verdict rows may be used."""
    from judgeaudit.gate.filter import Passport, sift

    dropped = sift(rows, Passport(decisions=tuple(decisions), strata=decisions.strata))
    return Sifted([reason is None for reason in dropped], Counter(reason for reason in dropped if reason is not None))


def filter_verdicts(
    verdicts: pd.DataFrame | Sequence[Mapping[str, Any]],
    decisions: Decisions | Sequence[Decision],
    *,
    outputs: pd.DataFrame | None = None,
) -> Any:
    """Only the verdicts that their judge is certified for, as the type that came in (a DataFrame or a list of dicts).

    A verdict needs `judge`, and `question` where the audit has several. Strata are read from the verdicts' own columns, and from
    `outputs` (joined on item_id) where they lack one. A scope that rests on people's labels opens nothing for new verdicts.
    """
    import pandas as pd

    if not isinstance(decisions, Decisions):
        msg = "filter_verdicts needs the decisions that ja.decide(audit) returns, which know the audit's strata"
        raise InputError(msg)
    frame = verdicts if isinstance(verdicts, pd.DataFrame) else pd.DataFrame(list(verdicts))
    if len(frame) and "judge" not in frame.columns:
        msg = "verdicts have no column 'judge'; each row needs the judge's name as in the audit"
        raise InputError(msg)
    if not frame.columns.is_unique:
        msg = f"verdicts have two columns of the name {str(frame.columns[frame.columns.duplicated()][0])!r}; rename one"
        raise InputError(msg)
    rows = with_outputs(frame, outputs).to_dict("records")
    kept = sift_rows([{str(k): _text(v) for k, v in row.items()} for row in rows], decisions).kept
    if isinstance(verdicts, pd.DataFrame):
        return verdicts[pd.Series(kept, index=verdicts.index, dtype=bool)]
    return [row for row, keep in zip(verdicts, kept, strict=True) if keep]


def with_outputs(verdicts: pd.DataFrame, outputs: pd.DataFrame | None) -> pd.DataFrame:
    """Verdicts with the columns of the outputs that they lack, joined on item_id; a cell that they leave empty is filled."""
    if outputs is None or not len(verdicts):
        return verdicts
    import pandas as pd

    for name, frame in (("verdicts", verdicts), ("outputs", outputs)):
        if "item_id" not in frame.columns:
            msg = f"{name} have no column 'item_id', so outputs cannot be joined to verdicts"
            raise InputError(msg)
    items = outputs["item_id"].map(_text)
    if items.duplicated().any():
        msg = "outputs hold an item_id twice, so its strata are not known; keep one row per item"
        raise InputError(msg)
    columns: dict[object, list[object]] = {column: verdicts[column].map(_text).tolist() for column in verdicts.columns}
    asked = columns["item_id"]
    for column in outputs.columns:
        if column not in _OF_VERDICTS:
            known = dict(zip(items, outputs[column].map(_text), strict=True))
            own = columns.get(column, [""] * len(asked))
            columns[column] = [
                mine if mine != "" else known.get(item, "") for mine, item in zip(own, asked, strict=True)
            ]
    return pd.DataFrame(columns, dtype=object)


def _text(value: Any) -> str:
    """A cell as text; every way to say that there is no value is the empty text."""
    import pandas as pd

    missing = pd.isna(value)
    return "" if isinstance(missing, bool) and missing else str(value)


def refuse_stale(audit: Audit, present: Mapping[str, str], fingerprint: str) -> None:
    """A StaleError that names what changed since the audit: tables by their sha256 in `present`, study.toml by `fingerprint`."""
    before = {name: known["sha256"] for name, known in audit.result.inputs.items() if name != "study.toml"}
    changed = [name for name, known in before.items() if present.get(name) != known]
    added = [f"{name} (new)" for name in present if name not in before]
    if audit.result.options.get("study_sha256") != fingerprint:
        changed.append("study.toml")
    if changed or added:
        msg = f"stale: {', '.join([*changed, *added])} changed since the audit was made; run `judgeaudit audit` again"
        raise StaleError(msg)
