"""docs/reference/tables.md says of every column what the code knows of it, and is found from where a table is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from judgeaudit.domain.labelling.tasks import PURPOSES
from judgeaudit.domain.verdict import STATUSES as OF_VERDICTS
from judgeaudit.storage.files.columns import COLUMNS, PAGE
from judgeaudit.storage.study.people import STATUSES
from judgeaudit.storage.study.verdicts import ORDERS
from judgeaudit.text.signals import SIGNALS


def rows_of(page: str, section: str) -> list[list[str]]:
    """The cells of a section's table whose first one names a column."""
    (text,) = re.findall(rf"^## {section}\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| `")
    ]


@pytest.mark.parametrize("kind", COLUMNS)
def test_every_column_has_its_row(repository: Path, kind: str) -> None:
    """Name, type and whether it is needed stand in the page as in the code, in the same order, each with a meaning."""
    rows = rows_of((repository / PAGE).read_text(encoding="utf-8"), kind)
    known = [[f"`{column.name}`", column.holds, "yes" if column.needed else ""] for column in COLUMNS[kind]]
    assert [row[:3] for row in rows] == known
    assert all(len(row) == 4 and row[3] for row in rows)


def test_every_signal_has_its_row(repository: Path) -> None:
    """What can be computed of a text is named."""
    rows = rows_of((repository / PAGE).read_text(encoding="utf-8"), "signals")
    assert [row[0].strip("`") for row in rows] == list(SIGNALS)


@pytest.mark.parametrize(
    ("kind", "column", "words"),
    [
        ("annotations", "status", STATUSES),
        ("annotations", "purpose", PURPOSES),
        ("verdicts", "status", OF_VERDICTS),
        ("verdicts", "order", ORDERS),
    ],
)
def test_closed_columns_hold_the_words_that_are_read(kind: str, column: str, words: tuple[str, ...]) -> None:
    """What the page lists is what the readers accept."""
    (found,) = [one for one in COLUMNS[kind] if one.name == column]
    assert found.holds == ", ".join(words)


@pytest.mark.parametrize("page", ["README.md", "mkdocs.yml", "docs/reference/study.md", "docs/reference/commands.md"])
def test_the_page_is_linked(repository: Path, page: str) -> None:
    """A reader finds it from the pages that speak of tables."""
    assert "tables.md" in (repository / page).read_text(encoding="utf-8")


def test_the_help_of_import_names_the_needed_columns(call_command: Callable[..., Any]) -> None:
    """Of every kind, with the page; so does a kind that stands alone."""
    told = " ".join(call_command(["import", "verdicts", "--help"]).out.split())
    for kind in ("outputs", "annotations", "verdicts", "capability"):
        needed = ", ".join(column.name for column in COLUMNS[kind] if column.needed)
        assert re.search(rf"{kind}: one row per \w+ with {needed}\.", told)
    assert f"Every column: {PAGE}." in told
    ran = call_command(["import", "verdicts"])
    expected = "import verdicts: name the file, too; a table of verdicts is one row per verdict with item_id, judge"
    assert (ran.code, ran.err) == (2, f"judgeaudit: {expected}, see {PAGE}\n")


def test_a_separator_can_be_named(call_command: Callable[..., Any], tmp_path: Path) -> None:
    """What the refusal of a table with semicolons says can be done."""
    (tmp_path / "study.toml").write_text('[questions.q]\nscale = "binary"\nlabels = ["a", "b"]\n', encoding="utf-8")
    (tmp_path / "t.csv").write_text("item_id;response\ni0;x\n", encoding="utf-8")
    refused = call_command(["import", "outputs", "t.csv"], cwd=tmp_path)
    assert refused.err.rstrip().endswith(f"; needed is one row per output with item_id, response, see {PAGE}")
    assert "name the separator with --sep ';'" in refused.err
    ran = call_command(["import", "outputs", "t.csv", "--sep", ";"], cwd=tmp_path)
    assert (ran.code, ran.out) == (0, "outputs: 1 rows added\n")
