"""Made-up tables whose counts are chosen cell by cell, and their audits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import pytest

import judgeaudit as ja

#: (reference label, verdict) -> items; a verdict "" is no answer
Cells = Mapping[tuple[str, str], int]
PEOPLE = ["h1", "h2", "h3"]


def made_table(strata: Mapping[str, Cells], *, judge: str = "j") -> pd.DataFrame:
    """One row per item; the people agree on every item. The keys of `strata` are values of the column `s`."""
    rows = [
        {"s": stratum, **dict.fromkeys(PEOPLE, label), judge: verdict}
        for stratum, cells in strata.items()
        for (label, verdict), count in cells.items()
        for _ in range(count)
    ]
    frame = pd.DataFrame(rows, dtype=object)
    return frame.assign(item_id=[f"i{number}" for number in range(len(frame))])


def audited(data: pd.DataFrame | Mapping[str, Cells] | Cells, **options: Any) -> ja.Audit:
    """The audit of a table, or of cells; strata are cut where cells are given by stratum."""
    if not isinstance(data, pd.DataFrame):
        by_stratum = all(isinstance(cells, Mapping) for cells in data.values())
        if by_stratum:
            options.setdefault("by", "s")
        data = made_table(data if by_stratum else {"x": data})  # type: ignore[dict-item, arg-type]
    given = {"human": PEOPLE, "judges": ["j"], "labels": ["0", "1"], "replicates": 200, **options}
    return ja.audit_table(data, **given)


def one_requirement(**asked: Any) -> ja.Policy:
    """A policy of one requirement, and nothing asked of the people."""
    return ja.Policy(require=(ja.Require(**asked),))


@pytest.fixture(scope="session")
def make() -> Callable[..., pd.DataFrame]:
    """`make({stratum: {(label, verdict): count}})`."""
    return made_table


@pytest.fixture(scope="session")
def audit() -> Callable[..., ja.Audit]:
    """`audit(cells or table, **options of audit_table)`."""
    return audited


@pytest.fixture(scope="session")
def asking() -> Callable[..., ja.Policy]:
    """`asking(statistic="sensitivity", at_least=0.8)`: a policy that asks just that."""
    return one_requirement
