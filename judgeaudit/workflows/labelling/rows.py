"""annotations as a labelling plan and its progress read them: every row as the audit would understand it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from judgeaudit.storage.config.schema import StudyConfig


def label_rows(study: Path, config: StudyConfig) -> list[dict[str, str]]:
    """Every row; none where there is no table. Where a study asks one question a label without a question answers it.

    Rows that the audit would refuse are refused here, in the same words.
    """
    from judgeaudit.storage.files.read import read_table
    from judgeaudit.storage.files.study_files import find_table
    from judgeaudit.storage.labelling.book import rows_of_table
    from judgeaudit.storage.study.label_words import translated
    from judgeaudit.storage.study.people import read_people

    file = find_table(study, "annotations")
    if file is None or file.stat().st_size == 0:
        return []
    table = translated(read_table(file), config)
    read_people(table, config, ())
    rows = rows_of_table(table)
    if len(config.questions) > 1:
        return rows
    (only,) = config.questions
    return [row if row.get("question") or not _speaks(row) else {**row, "question": only} for row in rows]


def _speaks(row: dict[str, str]) -> bool:
    """A skip without a question speaks of the item and not of a question."""
    return row.get("status") != "skipped"
