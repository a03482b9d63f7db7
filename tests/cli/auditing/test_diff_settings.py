"""`judgeaudit diff` where settings changed, people went, or strata were not asked for: no change of numbers is without a cause."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import judgeaudit as ja

PEOPLE = ["h1", "h2", "h3"]
TURNED = {"0": "1", "1": "0"}


def table(n: int = 90) -> pd.DataFrame:
    """Two people of one mind and one who errs; a judge that says how sure it is, wrong on every tenth item."""
    truth = ["1" if number % 3 == 0 else "0" for number in range(n)]
    said = [TURNED[label] if number % 10 == 4 else label for number, label in enumerate(truth)]
    third = [TURNED[label] if number % 15 == 1 else label for number, label in enumerate(truth)]
    return pd.DataFrame(
        {
            "item_id": [f"i{number:03}" for number in range(n)],
            "ck": ["ab"[number % 2] for number in range(n)],
            "h1": truth,
            "h2": truth,
            "h3": third,
            "j": said,
            "p": [f"{abs(int(label) - 0.1 - number / 1000):.3f}" for number, label in enumerate(said)],
        },
        dtype=object,
    )


def audited(frame: pd.DataFrame, **options: Any) -> ja.Audit:
    given = {"human": PEOPLE, "judges": ["j"], "labels": ["0", "1"], "positive": "1", "replicates": 200, **options}
    return ja.audit_table(frame, **given)


def told(old: ja.Audit, new: ja.Audit) -> list[tuple[str, str]]:
    return [(one["what"], one["sentence"]) for one in ja.diff(old, new).changes]


@pytest.fixture(scope="module")
def plain() -> ja.Audit:
    return audited(table())


SURE = {"probability": {"j": "p"}}


@pytest.mark.parametrize(
    ("before", "now", "sentence"),
    [
        ({"label_design": "random"}, {"label_design": "elsewhere"}, "label_design: random → elsewhere"),
        ({}, {"label_design": "random"}, "label_design: none → random"),
        ({}, {"alt_test_epsilon": 0.05}, "alt_test_epsilon: 0.2 → 0.05"),
        (SURE, {**SURE, "max_risk": 0.3}, "max_risk: 0.1 → 0.3"),
        ({}, SURE, "how sure it is: none → probability"),
        ({}, {"by": "ck"}, "by: none → ['ck']"),
    ],
)
def test_a_setting_that_moves_numbers_is_named(before: dict[str, Any], now: dict[str, Any], sentence: str) -> None:
    """And nothing else is."""
    assert told(audited(table(), **before), audited(table(), **now)) == [("options", sentence)]


def test_no_number_moves_without_a_cause() -> None:
    """Probabilities leave no mark: where they alone changed, the table is named."""
    other = table().assign(p=[f"{float(p) ** 2:.3f}" for p in table()["p"]])
    found = ja.diff(audited(table(), **SURE), audited(other, **SURE))
    assert not found.findings.empty
    assert [(one["what"], one["sentence"].split(",")[0]) for one in found.changes] == [
        ("table", "something that audits keep no mark of")
    ]


def test_raters_who_went_are_named_beside_what_it_changed(plain: ja.Audit) -> None:
    """Two people who disagree have no majority: those labels are gone, and none is another."""
    assert told(plain, audited(table(), human=["h1", "h3"])) == [
        ("labels", "labels of the reference on the same items: 6 gone"),
        ("labels", "raters gone: h2"),
    ]


def test_labels_that_went_came_and_changed_are_told_apart(plain: ja.Audit) -> None:
    """A deleted label is no label that differs."""
    frame = table()
    frame.loc[:39, PEOPLE] = ""
    halved = audited(frame)
    assert told(plain, halved) == [("labels", "labels of the reference on the same items: 40 gone")]
    assert told(halved, plain) == [("labels", "labels of the reference on the same items: 40 new")]
    frame.loc[60:61, PEOPLE] = frame.loc[60:61, PEOPLE].replace(TURNED)
    (one,) = ja.diff(plain, audited(frame)).changes
    assert one["sentence"] == "2 of 50 labels of the reference on the same items differ; 40 gone"
    assert [one[key] for key in ("differ", "shared", "gone", "new")] == [2, 50, 40, 0]


def test_strata_that_were_not_asked_for_are_not_closed() -> None:
    """A stratum is closed where it was asked for and failed; one whose column is asked for no longer is something else."""
    policy = ja.Policy(require=(ja.Require(statistic="percent_agreement", at_least=0.5),))
    cut, whole = audited(table(), by="ck", policy=policy), audited(table(), policy=policy)
    line = "  j · label: certified → certified; not asked for"
    assert ja.diff(cut, whole).lines[1] == f"{line} any more: ck=a, ck=b"
    assert ja.diff(whole, cut).lines[1] == f"{line} before: ck=a, ck=b"
    one_value = audited(table().assign(ck="a"), by="ck", policy=policy)
    assert ja.diff(one_value, cut).lines[1] == "  j · label: certified → certified; opened in ck=b"


def test_findings_that_are_not_shown_are_not_announced(plain: ja.Audit) -> None:
    """Where none of those that changed stands at the front of a report, there is no empty list."""
    last = ja.diff(plain, audited(table(), alt_test_epsilon=0.05)).lines[-1]
    assert last == "findings that changed: 1, none of them at the front of a report: --all shows them"
