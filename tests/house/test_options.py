"""An option of an audit is declared once: its flag, its argument, its key and its place in the record follow from the field."""

from __future__ import annotations

import inspect
import re
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import typer

import judgeaudit as ja
from judgeaudit.audit.setting.options import KEYS_OF_THEIR_OWN, AuditOptions
from judgeaudit.cli.app import build
from judgeaudit.domain.option import Declared, declared, fields_of
from judgeaudit.storage.config.read import read_study
from judgeaudit.storage.config.schema import AuditConfig
from judgeaudit.storage.table.options import TableOptions

AUDIT, TABLE = declared(AuditOptions), declared(TableOptions)
FLAGGED = [one for one in (*TABLE, *AUDIT) if one.flag]
#: a value that is no default, for options of closed sets and for all others of a type
OTHERS: dict[Any, Any] = {"interval": "bca", "label_design": "random", "unanswered": "as:1"}
OTHERS |= {bool: True, int: 321, float: 0.55, tuple[str, ...]: ("a",)}


def other_value(one: Declared) -> Any:
    return OTHERS.get(one.name, OTHERS.get(one.type, "other"))


def names(options: list[Declared] | tuple[Declared, ...]) -> list[str]:
    return [one.name for one in options]


def test_every_field_is_an_option() -> None:
    """Nothing decides about an audit that is not declared as an option."""
    assert [one.name for one in fields(AuditOptions)] == names(AUDIT)


@pytest.mark.parametrize("one", FLAGGED, ids=lambda one: one.name)
def test_an_option_has_its_flag_and_its_argument(one: Declared) -> None:
    """`judgeaudit audit` has the flag with the option's help, `ja.audit_table` the argument with the option's default."""
    group: Any = typer.main.get_command(build())
    flags = {flag: parameter for parameter in group.commands["audit"].params for flag in parameter.opts}
    assert flags[one.flag].help == one.option.help
    argument = inspect.signature(ja.audit_table).parameters[one.keyword]
    assert argument.annotation is not argument.empty
    given = fields_of(AuditOptions if one in AUDIT else TableOptions, {one.keyword: argument.default})
    assert given == {one.name: one.default}


@pytest.mark.parametrize("one", [one for one in AUDIT if not one.option.tables], ids=lambda one: one.name)
def test_a_study_takes_every_option_that_no_table_needs(one: Declared) -> None:
    """`Study.audit` has the argument; where study.toml has a key for the option, nothing is given by default."""
    if one.flag:
        argument = inspect.signature(ja.Study.audit).parameters[one.keyword]
        assert argument.default == (None if one.option.study else one.default)


def test_no_argument_is_without_its_option() -> None:
    """What else `ja.audit_table` takes is the table, the policy, the command to record, and another spelling of judges."""
    taken = set(inspect.signature(ja.audit_table).parameters)
    assert taken - {one.keyword for one in FLAGGED} == {"table", "policy", "command", "judge"}


def test_study_toml_fills_the_same_record(tmp_path: Path) -> None:
    """[audit] has a key for each option that a study may set, and what it says becomes the options of the audit."""
    keys = [one for one in AUDIT if one.option.study]
    assert list(AuditConfig.model_fields) == names(keys)
    said = {one.name: other_value(one) for one in keys}
    lines = [f"{name} = {list(value) if isinstance(value, tuple) else value!r}" for name, value in said.items()]
    text = "[questions.q]\ntext = 'Is it?'\nscale = 'binary'\nlabels = ['a', 'b']\npositive = ['a']\n[audit]\n"
    (tmp_path / "study.toml").write_text(text + "\n".join(lines), encoding="utf-8")
    assert read_study(tmp_path).audit == replace(AuditOptions(), **said)


@pytest.fixture(scope="module")
def audit() -> ja.Audit:
    """The audit of a small table, without any flag that is not needed."""
    labels = [str(int(number % 3 == 0)) for number in range(30)]
    frame = pd.DataFrame({"item_id": range(30), "h": labels, "j": labels}).astype(str)
    return ja.audit_table(frame, human="h", judges="j", labels=["0", "1"], positive="1", replicates=200)


@pytest.mark.parametrize("one", AUDIT, ids=lambda one: one.name)
def test_the_record_and_the_diff_know_every_option(audit: ja.Audit, one: Declared) -> None:
    """audit.json says what the option was, and `judgeaudit diff` tells two audits apart by it and by nothing else."""
    result = audit.result
    if one.flag:
        held = getattr(result, one.name) if one.name in KEYS_OF_THEIR_OWN else result.options[one.name]
        assert held == (list(one.default) if one.default == () else 200 if one.name == "replicates" else one.default)
    changed = other_value(one)
    new = (
        replace(result, **{one.name: changed})
        if one.name in KEYS_OF_THEIR_OWN
        else replace(result, options={**result.options, one.name: changed})
    )
    told = [cause["sentence"] for cause in ja.diff(ja.Audit(result), ja.Audit(new)).changes]
    assert [sentence.partition(":")[0] for sentence in told] == [one.name]


def test_an_option_passes_through_four_files(repository: Path) -> None:
    """Beside the record, `ja.audit_table` and `Study.audit` only the place that reads an option knows its name."""
    files = {
        file.relative_to(repository / "judgeaudit").as_posix()
        for file in (repository / "judgeaudit").rglob("*.py")
        if re.search(r"\balt_test_epsilon\b", file.read_text(encoding="utf-8"))
    }
    record, read = "audit/setting/options.py", "audit/replacement/alternative_annotator.py"
    assert files == {record, read, "workflows/auditing/audit_table.py", "study.py"}
