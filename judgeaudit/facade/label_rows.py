"""annotations as a labelling plan and its progress read them: every row as the audit would understand it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from judgeaudit.storage.study_schema import StudyConfig


def label_rows(study: Path, config: StudyConfig) -> list[dict[str, str]]:
    """Every row; none where there is no table. Where a study asks one question a label without a question answers it.

    Rows that the audit would refuse are refused here, in the same words.
    """
    from judgeaudit.storage.annotation_book import rows_of_table
    from judgeaudit.storage.people_words import translated
    from judgeaudit.storage.study_files import find_table
    from judgeaudit.storage.study_people import read_people
    from judgeaudit.storage.tables import read_table

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
