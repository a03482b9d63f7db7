"""From flags to an audit, and from an audit to files and screen."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from judgeaudit.audit.setting.options import AuditOptions
from judgeaudit.cli.shared.flags import given_of
from judgeaudit.domain.errors import InputError
from judgeaudit.domain.option import declared
from judgeaudit.storage.table.options import TableOptions

if TYPE_CHECKING:
    from judgeaudit.workflows.auditing.audit_object import Audit

_RECORDS = (TableOptions, AuditOptions)


def run_table(path: Path, values: Mapping[str, Any], *, policy: str | None) -> Audit:
    """The audit of one table."""
    from judgeaudit.cli.shared.screen import command_line, working
    from judgeaudit.workflows.auditing.audit_table import audit_table

    given = given_of(_RECORDS, values)
    with working(f"auditing {path.name}"):
        return audit_table(path, **given, policy=policy, command=command_line())


def run_study(folder: Path, values: Mapping[str, Any], *, policy: str | None, json: str | None) -> Audit:
    """The audit of a study; what study.toml says is not said again by flags."""
    from judgeaudit.cli.shared.screen import command_line, working
    from judgeaudit.study import Study

    of_tables = [one for record in _RECORDS for one in declared(record) if one.option.tables]
    foreign = next((one.flag for one in of_tables if values.get(one.keyword) is not None), "")
    if foreign:
        msg = f"{foreign} belongs to a table; {folder} is a folder, whose study.toml says it (a table is named by its file)"
        raise InputError(msg)
    with working(f"auditing {folder}"):
        return Study(folder).audit(
            **given_of(_RECORDS, values), policy=policy, command=command_line(), write=json is None
        )


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
