"""What was labelled or evaluated elsewhere, into a study: the labelling room reads labels, the storage room writes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from judgeaudit.domain.errors import InputError, one_line

if TYPE_CHECKING:
    from judgeaudit.domain.labelling.tasks import PlannedTask
    from judgeaudit.labelling.exports.records import Export
    from judgeaudit.storage.config.schema import StudyConfig
    from judgeaudit.storage.importing.annotations import ImportReport

Row = dict[str, str]


def import_label_studio(
    path: Path | str, study_folder: Path | str, *, keep_ground_truth: bool = False, of_plan: bool = False
) -> ImportReport:
    """Adds an export of Label Studio to a study. Importing the same file twice adds nothing.

    Tasks of the study's own plan come in as a pull brings them in: under their items, with round and purpose. `of_plan`
    refuses an export that holds none of them.
    """
    from judgeaudit.storage.config.read import read_study
    from judgeaudit.storage.labelling.locks import alone_to_annotate

    folder = Path(study_folder)
    config = read_study(folder)
    export = _read(path, folder, config, keep_ground_truth=keep_ground_truth)
    if of_plan and not export.planned:
        where, study = one_line(str(path), limit=300), one_line(str(folder), limit=200)
        msg = (
            f"{where}: no task of this export belongs to the plan of this study; labels of another project come in with "
            f"`judgeaudit import label-studio {where} {study}`"
        )
        raise InputError(msg)
    with alone_to_annotate(folder):
        return _add(export, folder, config)


def import_logs(
    path: Path | str,
    study_folder: Path | str,
    *,
    kind: str,
    what: str = "",
    capability_tasks: str = "",
    metric: str = "",
    model: str = "",
    checkpoint: str = "",
    method: str = "",
    step: str = "",
    benchmark: str = "",
) -> ImportReport:
    """Scores and generated texts of logs of "lm-eval" or "inspect", a file or a folder, as capability and outputs.

    `what` ("capability", "outputs", "both") and `capability_tasks` ("a,b") say which; the names fill in, or replace, what
    the logs say of a checkpoint.
    """
    from judgeaudit.storage.eval_logs.common.records import options_of
    from judgeaudit.storage.importing.evals import import_evals

    options = options_of(
        what=what,
        capability_tasks=capability_tasks,
        metric=metric,
        model=model,
        checkpoint=checkpoint,
        method=method,
        step=step,
        benchmark=benchmark,
    )
    return import_evals(kind, path, study_folder, options=options)


def _read(path: Path | str, folder: Path, config: StudyConfig, *, keep_ground_truth: bool) -> Export:
    from judgeaudit.labelling.exports.read import read_export
    from judgeaudit.labelling.form.xml import shown_words, unswapper
    from judgeaudit.storage.study.label_words import meaning, several, understood
    from judgeaudit.workflows.labelling.form import form_of

    known, rounds = _planned(folder)
    return read_export(
        path,
        questions=understood(config),
        keep_ground_truth=keep_ground_truth,
        known=known or None,
        unswap=unswapper(form_of(config)) if known else None,
        words=shown_words(form_of(config)) if known else None,
        round_name=rounds,
        several=several(config),
        meant=meaning(config),
    )


def _add(export: Export, folder: Path, config: StudyConfig) -> ImportReport:
    from dataclasses import replace

    from judgeaudit.storage.importing.annotations import add_annotations
    from judgeaudit.storage.importing.same_people import same_people
    from judgeaudit.storage.labelling.book import AnnotationBook

    book = AnnotationBook(folder)
    given = [one.as_row(label_source=config.label_source) for one in export.annotations]
    rows = same_people(given, book.rows)
    doubts = list(_doubts(export, rows, book.rows))
    report = add_annotations(folder, config, annotations=rows, outputs=export.outputs, book=book)
    counted = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in export.counts.items() if count)
    return replace(report, lines=(counted, *report.lines), warnings=(*export.warnings, *doubts, *report.warnings))


def _doubts(export: Export, rows: Sequence[Row], there: Sequence[Row]) -> Iterator[str]:
    from judgeaudit.storage.importing.export_doubts import (
        foreign_plan,
        gold_within,
        hidden_gold,
        no_longer_there,
        other_items,
    )

    held = {row["source"]: row["item_id"] for row in there if row.get("source")}
    yield from foreign_plan(export.foreign)
    yield from other_items(held, rows)
    if export.flat:
        yield from hidden_gold(held, rows)
    else:
        yield from gold_within(held, export.gold)
        yield from no_longer_there(there, rows, export.present, export.looked_at)


def _planned(folder: Path) -> tuple[dict[str, PlannedTask], dict[str, str]]:
    """Opaque id -> task, and opaque id -> round, over all rounds that the study planned."""
    from judgeaudit.storage.labelling.rounds import RoundFolder, rounds_of

    tasks = [(task, name) for name in rounds_of(folder) for task in RoundFolder(folder, name).tasks()]
    return {task.ja_id: task for task, _ in tasks}, {task.ja_id: name for task, name in tasks}
