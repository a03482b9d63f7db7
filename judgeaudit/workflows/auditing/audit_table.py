"""The main job without a study: one table of labels and verdicts in, an audit with decisions out."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from judgeaudit.domain.errors import InputError, nearest
from judgeaudit.domain.policy import Policy
from judgeaudit.domain.results.audit import LABEL_SOURCES
from judgeaudit.workflows.auditing.audit_object import Audit
from judgeaudit.workflows.auditing.gate import read_policy, under_policy

if TYPE_CHECKING:
    import pandas as pd

    from judgeaudit.audit.setting.options import AuditOptions
    from judgeaudit.domain.ratings import Ratings
    from judgeaudit.storage.files.read import Table
    from judgeaudit.storage.table.loaded import Loaded
    from judgeaudit.storage.table.options import TableOptions

Names = str | Sequence[str]


def audit_table(
    table: str | Path | pd.DataFrame,
    *,
    human: Names = (),
    judges: Names = (),
    labels: Names = (),
    positive: Names = (),
    scale: str = "binary",
    question: str | None = None,
    item: Names = ("item_id",),
    long: Names | None = None,
    probability: Mapping[str, str] | None = None,
    threshold: Mapping[str, float] | None = None,
    cut: Names = (),
    map: Mapping[str, str] | Names = (),  # noqa: A002 - the option's name is fixed
    unusable: Names = (),
    cluster: str | None = None,
    by: Names = (),
    not_asked: str | None = None,
    weight: str | None = None,
    reference: str = "majority",
    unanswered: str = "counted",
    label_source: str = "people",
    label_design: str | None = None,
    alt_test_epsilon: float = 0.2,
    interval: Literal["auto", "bca", "percentile"] = "auto",
    level: float = 0.95,
    replicates: int = 2000,
    seed: int = 1,
    policy: Policy | str | Path | None = None,
    pairs: bool = False,
    max_risk: float = 0.10,
    encoding: str = "utf-8",
    sep: str | None = None,
    command: str | None = None,
    judge: Names = (),
) -> Audit:
    """Audits judges against people in one table: a path, or a DataFrame.

    Wide tables name their `human` and `judges` columns; with `long=(item, rater, label[, question])` there is one row per label,
    and raters not named as judges are people. `label_design` says how the labelled rows were chosen among the judged ones:
    "random", "weighted" (by `weight`) or "elsewhere"; without it no rate is corrected. `map` takes "COLUMN:FROM=TO" texts or a
    dictionary {"COLUMN:FROM": "TO"}.
    Without judges the people are audited alone. Raises InputError, one line, for a table or option that cannot be used.
    """
    given = {name: value for name, value in locals().items() if name != "table"}
    return _audited(table, given)


def _audited(table: Any, given: Mapping[str, Any]) -> Audit:
    """The audit that the arguments of `audit_table` ask for."""
    from judgeaudit.audit.setting.options import AuditOptions
    from judgeaudit.domain.option import filled
    from judgeaudit.storage.files.read import read_table, table_from_frame
    from judgeaudit.storage.table.long import ratings_from_long
    from judgeaudit.storage.table.wide import ratings_from_wide

    label_source = given["label_source"]
    if label_source not in LABEL_SOURCES:
        msg = f"no label source {label_source!r}{nearest(label_source, list(LABEL_SOURCES))}; they are {', '.join(LABEL_SOURCES)}"
        raise InputError(msg)
    options, policy = filled(AuditOptions, given), given["policy"]
    decide_by = policy if isinstance(policy, Policy) else read_policy(policy) if policy is not None else Policy()
    reading = table_options(options, given)
    source = table_given(table, read_table, table_from_frame, reading.encoding, reading.sep)
    label_source, told = told_source(source, reading, label_source)
    reading = replace(reading, label_source=label_source)
    loaded = (ratings_from_wide if reading.long is None else ratings_from_long)(source, reading)
    loaded = replace(loaded, warnings=(*loaded.warnings, *told))
    command = given["command"] or "ja.audit_table(…)"
    return audit_loaded(loaded, options, decide_by, label_source=label_source, command=command, extra={})


def table_options(options: AuditOptions, given: Mapping[str, Any]) -> TableOptions:
    """How the table is to be read: what the arguments say, and those options of the audit that a reader needs, too."""
    from judgeaudit.domain.option import filled, names_of
    from judgeaudit.storage.table.options import TableOptions

    shared = {one.name: getattr(options, one.name) for one in fields(TableOptions) if hasattr(options, one.name)}
    judges = (*names_of(given["judges"]), *names_of(given["judge"]))
    return filled(TableOptions, given, **shared, judge=judges)


def audit_loaded(
    loaded: Loaded,
    options: AuditOptions,
    policy: Policy,
    *,
    label_source: str,
    command: str,
    extra: dict[str, Any],
    name: str = "",
    brief: bool = False,
) -> Audit:
    """An audit, with decisions, of ratings that were read from a table or a study.

    A `brief` one does not look for what would turn a decision, nor for what other reference rules would decide.
    """
    from judgeaudit.audit.result import audit_ratings
    from judgeaudit.gate.reference_rules import reference_rules

    audited = audit_ratings(
        loaded.ratings,
        options,
        version=version_of("judgeaudit-toolkit"),
        created_at=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        command=command,
        inputs=dict(loaded.inputs),
        label_source=label_source,
        flow=list(loaded.flow),
        warnings=list(loaded.warnings),
        extra_options={**extra, **({"judges": loaded.judges} if loaded.judges else {}), "join": list(loaded.join)},
        versions=versions(),
        name=name,
        work=loaded.work,
        logs=loaded.logs,
        calls=loaded.calls,
    )
    made = Audit(audited.result, join=loaded.join, disagreements=audited.disagreements)
    decided = under_policy(made, policy, fragility=not brief)
    if brief:
        return decided
    return decided.with_reference_rules(reference_rules(decided.result, audited.contexts, policy))


def chosen_reference(ratings: Ratings, rule: str) -> Ratings:
    """A rater's name as reference: that person's labels are the reference, and the others stay people."""
    from judgeaudit.audit.setting.options import REFERENCE_RULES

    if rule in REFERENCE_RULES or ratings.reference is not None:
        return ratings
    names = list(ratings.people_names)
    if rule not in names:
        msg = f"no reference {rule!r}{nearest(rule, names)}; it is {', '.join(REFERENCE_RULES)} or a rater: {', '.join(names)}"
        raise InputError(msg)
    return replace(ratings, reference=ratings.people[names.index(rule)], reference_name=rule)


def told_source(table: Table, reading: TableOptions, label_source: str) -> tuple[str, tuple[str, ...]]:
    """What a column `label_source` says against people wins: no label is called human that no person gave."""
    if label_source != "people" or "label_source" not in table.columns or _of_coherence(table, reading):
        return label_source, ()
    told = sorted({cell for cell in table.frame["label_source"] if cell in LABEL_SOURCES and cell != "people"})
    if not told:
        return label_source, ()
    line = f"column 'label_source' says {' and '.join(told)}: these labels are not counted as given by people"
    return told[0], (line,)


def _of_coherence(table: Table, reading: TableOptions) -> bool:
    """Whether `label_source` speaks of the column `coherence`, as in tables of `degrade_outputs`, and that is not what is audited."""
    audited = (*reading.human, reading.reference, *(reading.long or ()))
    return {"coherence", "made_from"} <= set(table.columns) and "coherence" not in audited


def table_given(
    table: Any, read_table: Any, table_from_frame: Any, encoding: str, sep: str | None, *, called: str = "audit_table"
) -> Any:
    """The table at a path, or that a DataFrame is."""
    if isinstance(table, str | Path):
        return read_table(table, encoding=encoding, sep=sep)
    if hasattr(table, "columns") and hasattr(table, "iloc"):
        return table_from_frame(table, "table")
    msg = f"{called} needs a path or a pandas DataFrame, not {type(table).__name__}"
    raise InputError(msg)


def versions(*further: str) -> dict[str, str]:
    """What numbers may depend on beside this package: releases of the installed packages that compute them."""
    from importlib.util import find_spec

    installed = [name for name in ("numpy", "scipy", "pandas", "krippendorff", *further) if find_spec(name) is not None]
    return {
        "python": ".".join(str(part) for part in sys.version_info[:3]),
        **{name: version_of(name) for name in installed},
    }


def version_of(distribution: str) -> str:
    """The version of an installed package; in a bare checkout that of this one."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(distribution)
    except PackageNotFoundError:
        from judgeaudit.domain.version import VERSION

        return VERSION
