"""What people labelled elsewhere, into a study: the labelling room reads, the storage room writes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from judgeaudit.storage.study_import import ImportReport


def import_label_studio(path: Path | str, study_folder: Path | str, *, keep_ground_truth: bool = False) -> ImportReport:
    """Adds an export of Label Studio to a study. Importing the same file twice adds nothing."""
    from dataclasses import replace

    from judgeaudit.labelling.exports import read_export
    from judgeaudit.storage.study_config import read_study
    from judgeaudit.storage.study_import import add_annotations

    folder = Path(study_folder)
    config = read_study(folder)
    declared = {name: question.labels for name, question in config.questions.items()}
    export = read_export(path, questions=declared, keep_ground_truth=keep_ground_truth)
    rows = [annotation.as_row() for annotation in export.annotations]
    report = add_annotations(folder, config, annotations=rows, outputs=export.outputs)
    counted = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in export.counts.items() if count)
    return replace(report, lines=(counted, *report.lines), warnings=(*export.warnings, *report.warnings))
