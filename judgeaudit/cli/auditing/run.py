"""From flags to an audit, and from an audit to files and screen."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from judgeaudit.domain.errors import InputError

if TYPE_CHECKING:
    from judgeaudit.workflows.auditing.audit_object import Audit

_LISTS = ("human", "judges", "labels", "positive", "item", "by")


def run_table(path: Path, reading: dict[str, Any], options: dict[str, Any]) -> Audit:
    """The audit of one table."""
    from judgeaudit.cli.shared.screen import working
    from judgeaudit.storage.table.options import parse_pairs, parse_thresholds
    from judgeaudit.workflows.auditing.audit_table import audit_table

    given: dict[str, Any] = {key: value for key, value in reading.items() if value is not None}
    for name in _LISTS:
        if name in given:
            given[name] = listed(given[name])
    if "long" in given:
        given["long"] = listed([given["long"]])
    if "probability" in given:
        given["probability"] = parse_pairs(given["probability"], "--probability")
    if "threshold" in given:
        given["threshold"] = parse_thresholds(given["threshold"])
    given |= {key: value for key, value in options.items() if value is not None}
    with working(f"auditing {path.name}"):
        return audit_table(path, **given)


def run_study(folder: Path, reading: dict[str, Any], options: dict[str, Any], *, json: str | None) -> Audit:
    """The audit of a study; what study.toml says is not said again by flags."""
    from judgeaudit.cli.shared.screen import working
    from judgeaudit.study import Study

    foreign = [key for key, value in reading.items() if value is not None]
    if foreign:
        flag = {"judges": "judge"}.get(foreign[0], foreign[0]).replace("_", "-")
        msg = f"--{flag} belongs to a table; {folder} is a folder, whose study.toml says it (a table is named by its file)"
        raise InputError(msg)
    with working(f"auditing {folder}"):
        return Study(folder).audit(**options, write=json is None)


def write_and_show(
    audit: Audit, *, json: str | None, html: str | None, md: str | None, disagreements: str | None, full: bool
) -> None:
    """Files first, so that they are there whatever happens to the screen."""
    from judgeaudit.cli.shared.screen import note, out, show_audit

    if html is not None:
        audit.to_html(html, full=full)
    if md is not None:
        audit.to_markdown(md, full=full)
    if disagreements is not None:
        _write_disagreements(audit, disagreements)
    if json == "-":
        for line in audit.join:
            note(line)
        for warning in (*audit.result.policy.warnings, *audit.result.warnings):
            note(f"warning: {warning}")
        out(audit.to_json().rstrip())
        return
    if json is not None:
        audit.to_json(json)
    show_audit(audit, full=full)
    written = [str(path) for path in (json, html, md, disagreements) if path is not None]
    if written:
        note(f"written: {', '.join(written)}")


def _write_disagreements(audit: Audit, path: str) -> None:
    from judgeaudit.storage.files.write import write_table

    rows = audit.disagreements
    people = sorted({name for row in rows for name in row["people"]})
    extra = [key for key in ("prompt", "response") if any(key in row for row in rows)]
    columns = ["question", "judge", "item_id", "reference", "verdict", *people, *extra]
    cells = [
        [*(row.get(c) for c in columns[:5]), *(row["people"].get(p) for p in people), *(row.get(k) for k in extra)]
        for row in rows
    ]
    write_table(path, columns, cells)


def listed(given: Sequence[str]) -> list[str]:
    """Texts that may hold several names parted by commas; quotes keep a comma inside a name.

    >>> listed(['a,b', '"c,d"'])
    ['a', 'b', 'c,d']
    """
    return [name for text in given for row in csv.reader([text], skipinitialspace=True) for name in row]
