"""Each folder beside this file is one case: its tables, the `command`, and what that must show and write.

`expected.txt` is the whole stdout; `expected.json` is the part of audit.json that the case is about: every key that stands
in it must stand there, every listed record must be found. JUDGEAUDIT_GOLDEN=write writes both anew, for a person to read.
"""

from __future__ import annotations

import json
import math
import os
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

CASES = sorted(path.parent for path in Path(__file__).parent.glob("*/command"))
TOLD = ("percent_agreement", "cohen_kappa", "krippendorff_alpha", "sensitivity", "specificity", "coverage", "icc_2_1")
TOLD += ("self_agreement", "flip_rate", "position_consistency", "first_shown_rate")
TOLD += ("false_positive_rate", "cohen_kappa_quadratic", "mean_absolute_error", "roc_auc")
OF_FINDING = ("question", "stratum", "subject", "versus", "statistic", "value", "low", "high", "n_items", "undefined")
OF_DECISION = ("question", "judge", "decision", "scope", "excluded", "code")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_command_shows_and_writes_what_it_did(case: Path, call_command: Callable[..., Any], tmp_path: Path) -> None:
    """The command of a case gives the case's screen, word for word, and the numbers and decisions that it lists."""
    for file in case.iterdir():
        if file.name not in ("command", "expected.txt", "expected.json"):
            shutil.copy(file, tmp_path)
    words = shlex.split((case / "command").read_text(encoding="utf-8"))
    assert words[0] == "judgeaudit"
    ran = call_command([*words[1:], "--json", "audit.json"], cwd=tmp_path)
    assert (ran.code, ran.err) == (0, "written: audit.json\n")
    audit = json.loads((tmp_path / "audit.json").read_text(encoding="utf-8"))
    if os.environ.get("JUDGEAUDIT_GOLDEN") == "write":
        (case / "expected.txt").write_text(ran.out, encoding="utf-8")
        (case / "expected.json").write_text(written(extract(audit)), encoding="utf-8")
    assert ran.out == (case / "expected.txt").read_text(encoding="utf-8")
    expected = json.loads((case / "expected.json").read_text(encoding="utf-8"))
    assert missing(expected, audit) == []


def extract(audit: dict[str, Any]) -> dict[str, Any]:
    """Counts, decisions, and the well-known statistics of judges and of the people together, over all items."""
    told = [row for row in audit["findings"] if row["statistic"] in TOLD and row["stratum"] == "all"]
    judges = {row["judge"] for row in audit["decisions"]}
    told = [row for row in told if row["versus"] == "humans" or row["subject"] in judges]
    return {
        "counts": audit["counts"],
        "label_source": audit["label_source"],
        "decisions": [{key: row[key] for key in OF_DECISION} for row in audit["decisions"]],
        "findings": [{key: row[key] for key in OF_FINDING} for row in told],
        **{key: audit[key] for key in ("silence", "services") if key in audit},
    }


def written(plain: dict[str, Any]) -> str:
    """JSON with a line for each record."""
    lines = {
        key: [json.dumps(row) for row in value] if isinstance(value, list) else None for key, value in plain.items()
    }
    parts = [
        f'"{key}": ' + (json.dumps(plain[key]) if rows is None else "[\n" + ",\n".join(rows) + "\n]")
        for key, rows in lines.items()
    ]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def missing(expected: dict[str, Any], audit: dict[str, Any]) -> list[Any]:
    """What is expected and not there. A list of records is searched, anything else is compared."""
    gone: list[Any] = []
    for key, value in expected.items():
        if isinstance(value, list):
            gone += [row for row in value if not any(holds(row, found) for found in audit[key])]
        elif not holds(value, audit[key]):
            gone.append({key: audit[key]})
    return gone


def holds(expected: Any, found: Any) -> bool:
    """Whether every key of a record has its value; numbers are equal to six digits."""
    if isinstance(expected, dict) and isinstance(found, dict):
        return all(key in found and holds(value, found[key]) for key, value in expected.items())
    if isinstance(expected, float) and isinstance(found, int | float):
        return math.isclose(expected, found, rel_tol=1e-6, abs_tol=1e-6)
    return bool(expected == found)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_golden_audit_fits_its_schema(case: Path, call_command: Callable[..., Any], tmp_path: Path) -> None:
    """`judgeaudit schema audit` describes what is written; read back and written again it is the same."""
    from jsonschema import Draft202012Validator

    import judgeaudit as ja

    for file in case.iterdir():
        if file.name not in ("command", "expected.txt", "expected.json"):
            shutil.copy(file, tmp_path)
    words = shlex.split((case / "command").read_text(encoding="utf-8"))
    assert call_command([*words[1:], "--json", "audit.json"], cwd=tmp_path).code == 0
    schema = json.loads(call_command(["schema", "audit"]).out)
    Draft202012Validator.check_schema(schema)
    written_audit = (tmp_path / "audit.json").read_text(encoding="utf-8")
    errors = Draft202012Validator(schema).iter_errors(json.loads(written_audit))
    assert [(error.json_path, error.message) for error in errors] == []
    assert ja.read_audit(tmp_path / "audit.json").to_json() == written_audit
