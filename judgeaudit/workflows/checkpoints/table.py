"""`ja.compare_checkpoints`: a study's folder, or one table of verdicts with a table of capability."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from judgeaudit.domain.errors import InputError, nearest, one_line
from judgeaudit.domain.option import filled, names_of
from judgeaudit.domain.results.audit import LABEL_SOURCES
from judgeaudit.workflows.auditing.audit_table import Names, table_given, told_source
from judgeaudit.workflows.checkpoints.compare import checked_options, compare_loaded, compare_study
from judgeaudit.workflows.checkpoints.comparison_object import Comparison

if TYPE_CHECKING:
    import pandas as pd

    from judgeaudit.storage.checkpoints.wide import Wide
    from judgeaudit.storage.files.read import Table

#: what may be asked of a study, which says all else itself
_OF_STUDIES = ("capability_task", "goal", "baseline", "reach", "level", "seed", "draws", "command")


def compare_checkpoints(
    study_or_table: str | Path | pd.DataFrame,
    *,
    capability: str | Path | pd.DataFrame | None = None,
    capability_task: str | None = None,
    goal: float | None = None,
    goals: Mapping[str, float] | None = None,
    baseline: str | None = None,
    reach: str | None = None,
    tolerance: float | None = None,
    human: Names = (),
    judges: Names = (),
    labels: Names = (),
    positive: Names = (),
    question: str | None = None,
    item: Names = ("item_id",),
    map: Mapping[str, str] | Names = (),  # noqa: A002 - named as in audit_table
    unusable: Names = (),
    not_asked: str | None = None,
    coherence: Names = (),
    incoherent: Names = (),
    gibberish: str | None = None,
    cluster: str | None = None,
    weight: str | None = None,
    label_design: str | None = None,
    label_source: str = "people",
    contrasts: Sequence[Sequence[str]] | None = None,
    judge: str | None = None,
    benchmarks: Names | None = None,
    references: Names | None = None,
    treatments: Names | None = None,
    anchors: Names | None = None,
    level: float = 0.95,
    seed: int = 1,
    draws: int = 400,
    encoding: str = "utf-8",
    sep: str | None = None,
    command: str | None = None,
) -> Comparison:
    """Compares fine-tuned checkpoints at a capability goal: a study's folder, or a table with one row per output.

    A study says in study.toml what is compared; nothing is written, and of the options those of the goal, `level`, `seed` and
    `draws` may be given. A table names its `human` and `judges` columns as `ja.audit_table` does, has a column `checkpoint` and
    `prompt_id` (with `model`, `method` and `benchmark` where there are several) and comes with `capability`. `coherence` names
    the columns of people's labels of coherence, `incoherent` those of them that mean gibberish; `gibberish` a column that says
    so before anybody labels. Raises InputError, one line, for what cannot be used.
    """
    given = {name: value for name, value in locals().items() if name != "study_or_table"}
    if isinstance(study_or_table, str | Path) and Path(study_or_table).is_dir():
        return _study(Path(study_or_table), given)
    if capability is None:
        msg = "compare_checkpoints needs capability=, a table of model, checkpoint, task and score, beside a table of outputs"
        raise InputError(msg)
    return _table(study_or_table, given)


def _study(folder: Path, given: Mapping[str, Any]) -> Comparison:
    """What only a table needs to be told is refused for a study."""
    defaults = compare_checkpoints.__kwdefaults__ or {}
    for name, value in given.items():
        usual = value is defaults[name] or (type(value) is type(defaults[name]) and value == defaults[name])
        if name not in _OF_STUDIES and not usual:
            msg = f"compare_checkpoints: {name}= is for a table; a study says it in study.toml"
            raise InputError(msg)
    return compare_study(
        folder,
        goal=given["goal"],
        reach=given["reach"],
        task=given["capability_task"],
        baseline=given["baseline"],
        level=given["level"],
        seed=given["seed"],
        draws=given["draws"],
        command=given["command"] or "ja.compare_checkpoints(…)",
        write=False,
    )


def _table(source: Any, given: Mapping[str, Any]) -> Comparison:
    from judgeaudit.storage.checkpoints.loaded import noted
    from judgeaudit.storage.checkpoints.wide import load_wide_comparison
    from judgeaudit.storage.config.compare import CompareConfig
    from judgeaudit.storage.config.read import checked_section

    table = _read(source, given, name="table")
    capability = _read(given["capability"], given, name="capability")
    compare = checked_section(CompareConfig, _section(given), "compare_checkpoints")
    wide, told = _wide(table, given)
    options = checked_options(level=given["level"], seed=given["seed"], draws=given["draws"])
    loaded = load_wide_comparison(table, capability, wide, compare, **options)
    kept = {name: given[name] for name in ("cluster", "weight", "label_design", "not_asked") if given[name] is not None}
    return compare_loaded(
        replace(loaded, notes=noted([*loaded.notes, *told])),
        command=given["command"] or "ja.compare_checkpoints(…)",
        declared=None,
        options=kept,
    )


def _read(source: Any, given: Mapping[str, Any], *, name: str) -> Table:
    from judgeaudit.storage.files.read import read_table, table_from_frame

    table: Table = table_given(
        source, read_table, table_from_frame, given["encoding"], given["sep"], called="compare_checkpoints"
    )
    return table if isinstance(source, str | Path) else replace(table, name=name)


def _section(given: Mapping[str, Any]) -> dict[str, object]:
    """The options that [compare] of study.toml has, as it has them; None where they were not given."""
    plain = {name: given[name] for name in ("capability_task", "goal", "baseline", "reach", "tolerance", "judge")}
    plain["goals"] = dict(given["goals"]) if given["goals"] else None
    plain["incoherent"] = names_of(given["incoherent"]) or None
    for name in ("benchmarks", "references", "treatments", "anchors"):
        plain[name] = None if given[name] is None else names_of(given[name])
    contrasts = given["contrasts"]
    whole = contrasts is None or isinstance(contrasts, str)
    plain["contrasts"] = (
        contrasts if whole else [one if isinstance(one, str) else list(map(str, one)) for one in contrasts]
    )
    return plain


def _wide(table: Table, given: Mapping[str, Any]) -> tuple[Wide, tuple[str, ...]]:
    """How the table is to be read, and what its column `label_source` says against people."""
    from judgeaudit.storage.checkpoints.wide import Wide
    from judgeaudit.storage.table.options import TableOptions

    source = given["label_source"]
    if source not in LABEL_SOURCES:
        near = nearest(source, list(LABEL_SOURCES))
        msg = f"no label source {one_line(source)!r}{near}; they are {', '.join(LABEL_SOURCES)}"
        raise InputError(msg)
    shared = {name: given[name] for name in ("not_asked", "cluster", "weight", "label_design")}
    scale = "binary" if len(names_of(given["labels"])) in (0, 2) else "nominal"
    reading = filled(TableOptions, given, **shared, scale=scale, labels_needed=False)
    source, told = told_source(table, reading, source)
    reading = replace(reading, label_source=source)
    return Wide(reading, names_of(given["coherence"]), given["gibberish"]), told
