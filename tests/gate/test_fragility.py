"""How little would turn a decision: the change that is named does, and one item less does not."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

import judgeaudit as ja

PEOPLE = ["h1", "h2", "h3"]


def grid(*rows: tuple[int, ...], labels: str = "01") -> dict[tuple[str, str], int]:
    """Counts by label (row) and verdict (column); a further column is no answer."""
    verdicts = [*labels, ""]
    return {(labels[r], verdicts[c]): n for r, row in enumerate(rows) for c, n in enumerate(row) if n}


RATES = ja.Policy(
    require=(
        ja.Require(statistic="sensitivity", at_least=0.8),
        ja.Require(statistic="specificity", at_least=0.8),
        ja.Require(statistic="krippendorff_alpha", subject="humans", at_least=0.667),
    )
)
FINDS = ja.Policy(require=(ja.Require(statistic="sensitivity", at_least=0.8),))

#: name -> (cells by stratum, policy, options of the audit, what is decided)
CASES: dict[str, Any] = {
    "certified by rates": ({"x": grid((55, 3), (4, 66))}, RATES, {}, "certified"),
    "rejected by a rate": ({"x": grid((60, 40), (3, 60))}, RATES, {}, "rejected"),
    "rejected by both rates": ({"x": grid((45, 35), (30, 50))}, RATES, {}, "rejected"),
    "certified with no answers": ({"x": grid((80, 3, 2), (4, 90, 3))}, RATES, {}, "certified"),
    "certified, no answer is a label": (
        {"x": grid((80, 3, 2), (4, 90, 3))},
        RATES,
        {"unanswered": "as:0"},
        "certified",
    ),
    "certified in strata": ({"a": grid((55, 3), (4, 66)), "b": grid((90, 5), (2, 66))}, RATES, {}, "certified"),
    "restricted to one of two": ({"a": grid((90, 5), (4, 92)), "b": grid((30, 40), (2, 66))}, RATES, {}, "restricted"),
    "restricted, with Holm": (
        {"a": grid((9, 0), (5, 95)), "b": grid((9, 0), (9, 91)), "c": grid((9, 0), (60, 40))},
        FINDS,
        {},
        "restricted",
    ),
    "rejected in every stratum": ({"a": grid((60, 40), (3, 60)), "b": grid((60, 50), (3, 60))}, RATES, {}, "rejected"),
    "rejected in one of two": ({"a": grid((60, 40), (3, 60)), "b": grid((20, 3), (3, 20))}, RATES, {}, "rejected"),
    "certified where nobody saw a positive": ({"a": grid((90, 5), (4, 92)), "b": grid((95, 5))}, None, {}, "certified"),
    "certified by the default": ({"x": grid((90, 8), (7, 92))}, None, {}, "certified"),
    "rejected by the default": ({"x": grid((90, 50), (20, 92))}, None, {}, "rejected"),
    "certified on three labels": (
        {"x": grid((50, 3, 2), (4, 60, 1), (2, 2, 40), labels="abc")},
        None,
        {"labels": list("abc"), "scale": "nominal"},
        "certified",
    ),
    "rejected on five ordered labels": (
        {
            "x": grid(
                (30, 6, 2, 0, 40),
                (5, 30, 5, 1, 0),
                (1, 5, 30, 5, 1),
                (0, 2, 5, 30, 5),
                (2, 0, 2, 6, 60),
                labels="12345",
            )
        },
        None,
        {"labels": list("12345"), "scale": "ordinal"},
        "rejected",
    ),
    "certified for rates": ({"x": grid((190, 8), (7, 192))}, ja.Policy(purpose="rate"), {}, "certified"),
    "certified to compare": (
        {"a": grid((380, 20), (15, 385)), "b": grid((385, 15), (15, 385))},
        ja.Policy(purpose="compare"),
        {},
        "certified",
    ),
    "rejected to compare": (
        {"a": grid((300, 100), (15, 385)), "b": grid((385, 15), (15, 385))},
        ja.Policy(purpose="compare"),
        {},
        "rejected",
    ),
}
FOUND_NONE = "No change of a single kind was found that would turn it."


def changed(frame: pd.DataFrame, fragility: Any, count: int) -> pd.DataFrame:
    """The table with `count` items like the named ones judged, or labelled by everybody, otherwise."""
    named = re.match(r"([\d,]+) (verdict|label)s? changed from '(.*?)' to '(.*?)'", fragility.sentence)
    assert named is not None
    first = frame.set_index("item_id").loc[fragility.items[0]]
    alike = (frame["h1"] == first["h1"]) & (frame["j"] == first["j"])
    if (frame["s"] == first["s"]).any() and fragility.stratum != "all":
        alike &= frame["s"] == first["s"]
    picked = frame.index[alike][:count]
    assert len(picked) == count
    columns = ["j"] if fragility.what == "verdicts" else PEOPLE
    assert (frame.loc[picked, columns] == named[3]).all(axis=None)
    out = frame.copy()
    out.loc[picked, columns] = named[4]
    return out


def decided(audit: Any, frame: pd.DataFrame, policy: ja.Policy | None, options: dict[str, Any]) -> Any:
    by = "s" if frame["s"].nunique() > 1 else ()
    return ja.decide(audit(frame, **{"by": by, **options}), policy)[0]


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_the_named_change_turns_the_decision_and_one_item_less_does_not(name: str, audit: Any, make: Any) -> None:
    """Edited in the table and audited again, as many items as are named lead to another decision or scope; one fewer do not."""
    cells, policy, options, word = CASES[name]
    frame = make(cells)
    decision = decided(audit, frame, policy, options)
    assert decision.decision == word
    assert decision.fragility.changes is not None, decision.fragility.sentence
    less, enough = (
        decided(audit, changed(frame, decision.fragility, count), policy, options)
        for count in (decision.fragility.changes - 1, decision.fragility.changes)
    )
    assert (less.decision, less.scope) == (decision.decision, decision.scope)
    assert (enough.decision, enough.scope) != (decision.decision, decision.scope)


@pytest.mark.slow
def test_no_smaller_change_of_one_kind_turns_a_decision_by_rates(audit: Any, make: Any) -> None:
    """Tried one by one, no other kind of change of fewer items turns it."""
    frame = make({"x": grid((55, 3), (4, 66))})
    decision = decided(audit, frame, RATES, {})
    count = decision.fragility.changes - 1
    for label in "01":
        for verdict in "01":
            alike = frame.index[(frame["h1"] == label) & (frame["j"] == verdict)][:count]
            for columns in (["j"], PEOPLE):
                other = frame.copy()
                other.loc[alike, columns] = 1 - other.loc[alike, columns].astype(int)
                assert decided(audit, other.astype(str), RATES, {}).decision == "certified"


def test_an_undetermined_decision_has_nothing_to_turn(audit: Any) -> None:
    """Nothing is decided, so no change is named."""
    (decision,) = ja.decide(audit(grid((20, 3), (3, 20))))
    assert decision.decision == "undetermined"
    assert decision.fragility.changes is None


def test_where_no_change_of_one_kind_suffices_none_is_named(audit: Any) -> None:
    """Where two strata are shut for many reasons no single kind of change opens anything, and none is made up."""
    hopeless = grid((2, 98), (98, 2))
    (decision,) = ja.decide(audit({"a": hopeless, "b": hopeless}))
    assert (decision.fragility.changes, decision.fragility.sentence) == (None, FOUND_NONE)


def test_with_clusters_a_change_is_named_too(audit: Any, make: Any) -> None:
    """With clusters the bound moves with the value; about as many items as without them turn it, and they are named."""
    frame = make({"x": grid((190, 20), (18, 190))})
    frame["p"] = [f"p{k}" for k in np.random.default_rng(0).permutation(len(frame)) % 80]
    (decision,) = ja.decide(audit(frame, cluster="p"))
    assert decision.decision == "certified"
    assert 1 <= decision.fragility.changes <= 40
    assert decision.fragility.items


def test_the_examples_lie_in_the_cell_that_is_named(audit: Any, make: Any) -> None:
    """Every example item has the label and verdict, and lies in the stratum, that the sentence speaks of."""
    frame = make({"a": grid((90, 5), (4, 92)), "b": grid((30, 40), (2, 66))})
    fragility = decided(audit, frame, RATES, {}).fragility
    items = frame.set_index("item_id").loc[fragility.items]
    assert items.groupby(["h1", "j", "s"]).ngroups == 1
    assert fragility.stratum == "s=a"
