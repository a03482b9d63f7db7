"""The order of a table's rows changes nothing, whatever is drawn with a seed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from judgeaudit.audit.question import QuestionAudit, audit_question
from judgeaudit.audit.setting.design import MANY_UNITS, design_of
from judgeaudit.audit.setting.options import AuditOptions
from judgeaudit.domain.question import make_question
from judgeaudit.domain.ratings import Ratings

N, PROMPTS = 400, 150
Plain = dict[tuple[object, ...], object]


def ratings(*, clustered: bool = True) -> Ratings:
    """Prompts with several items; a judge that says how sure it is, and is too sure."""
    rng = np.random.default_rng(3)
    truth = (rng.random(N) < 0.4).astype(np.int32)
    p = np.clip(np.where(truth == 1, 0.9, 0.1) + rng.normal(0, 0.25, N), 0.001, 0.999)
    people = np.where(rng.random((3, N)) < 0.08, 1 - truth, truth).astype(np.int32)
    other = np.where(rng.random(N) < 0.1, 1 - truth, truth)
    side = rng.random(N) < 0.5
    return Ratings(
        question=make_question(name="harm", scale="binary", labels=("safe", "unsafe"), positive=("unsafe",)),
        items=tuple(f"item {number:04}" for number in rng.permutation(N)),
        people_names=("p1", "p2", "p3"),
        judge_names=("sure", "other"),
        people=people,
        judges=np.stack([p > 0.5, other]).astype(np.int32),
        strata={"all": np.ones(N, bool), "side=left": side, "side=right": ~side},
        columns={"side": ("side=left", "side=right")},
        probability={"sure": p},
        clusters=rng.integers(0, PROMPTS, N) if clustered else None,
    )


def shuffled(one: Ratings, seed: int) -> Ratings:
    """The same rows in another order, clusters being numbered as they then come."""
    order = np.random.default_rng(seed).permutation(one.n_items)
    clusters = None
    if one.clusters is not None:
        _, first, dense = np.unique(one.clusters[order], return_index=True, return_inverse=True)
        clusters = np.argsort(np.argsort(first))[dense]
    return replace(
        one,
        items=tuple(one.items[place] for place in order),
        people=one.people[:, order],
        judges=one.judges[:, order],
        strata={name: mask[order] for name, mask in one.strata.items()},
        probability={name: p[order] for name, p in one.probability.items()},
        clusters=clusters,
    )


def numbers(audit: QuestionAudit) -> Plain:
    """Every number of the findings, contrasts, maps and thresholds."""
    out: Plain = {}
    for f in audit.findings:
        key = (f.stratum, f.subject, f.versus, f.statistic)
        out |= {(*key, part): getattr(f, part) for part in ("value", "low", "high", "n_items", "undefined")}
    for c in audit.contrasts:
        key = (c.kind, c.stratum, c.subject, c.a, c.b, c.statistic)
        out |= {(*key, part): getattr(c, part) for part in ("value", "low", "high", "p_value")}
    for record in audit.recalibrations:
        out["map", "method"] = record.method
        out |= {("map", place): number for place, number in enumerate(record.numbers)}
        out |= {("map", one.method, "brier"): one.brier for one in record.tried}
    for record in audit.selective:
        out |= {("selective", name): getattr(record, name) for name in ("threshold", "answered", "errors", "coverage")}
    return out


@pytest.mark.slow
@pytest.mark.parametrize("clustered", [True, False])
@pytest.mark.parametrize("interval", ["auto", "bca"])
def test_the_order_of_rows_changes_no_number(clustered: bool, interval: str) -> None:
    """Bootstraps, groups of a jackknife, folds, and the one item of each cluster follow from the ids of items."""
    options = AuditOptions(replicates=200, interval=interval)  # type: ignore[arg-type]
    one = ratings(clustered=clustered)
    first = numbers(audit_question(one, options))
    assert first["selective", "threshold"] is not None
    assert first["map", "method"] is not None
    for seed in (1, 2):
        other = numbers(audit_question(shuffled(one, seed), options))
        assert first.keys() == other.keys()
        for key, value in first.items():
            if isinstance(value, float):
                assert other[key] == pytest.approx(value, rel=1e-7, abs=1e-9), key
            else:
                assert other[key] == value, key


def test_groups_of_many_clusters_do_not_depend_on_rows() -> None:
    """More clusters than 5,000 are put into random groups: the same ones in any order."""
    n = MANY_UNITS + 1000
    one = replace(
        ratings(),
        items=tuple(map(str, range(n))),
        people=np.zeros((3, n), np.int32),
        judges=np.zeros((2, n), np.int32),
        strata={"all": np.ones(n, bool)},
        probability={},
        clusters=np.append(np.arange(n - 1), 0),
    )
    other = shuffled(one, 1)
    found, again = (dict(zip(each.items, design_of(each).units.tolist(), strict=True)) for each in (one, other))
    assert found == again
