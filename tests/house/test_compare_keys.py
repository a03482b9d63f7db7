"""compare.json: every key of every record is explained on its page."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from judgeaudit.domain.checkpoints import ANCHORS, AS_JUDGED, TREATMENTS, Anchor, AtGoal, Checkpoint
from judgeaudit.domain.results.comparison import (
    ComparisonResult,
    MethodContrast,
    Multiverse,
    RankAgreement,
    Rate,
    Specification,
)

PAGE = (Path(__file__).parents[2] / "docs/reference/compare-json.md").read_text(encoding="utf-8")
RECORDS = (ComparisonResult, Rate, MethodContrast, Multiverse, RankAgreement, Specification, Anchor, AtGoal, Checkpoint)


@pytest.mark.parametrize("record", RECORDS, ids=lambda one: one.__name__)
def test_every_key_is_explained(record: type) -> None:
    """Each field stands on the page as a word of its own."""
    absent = [one.name for one in fields(record) if f"`{one.name}`" not in PAGE and f"**{one.name}**" not in PAGE]
    assert absent == []


def test_every_option_is_named() -> None:
    """Treatments and ways to choose a checkpoint."""
    assert [one for one in (*TREATMENTS, AS_JUDGED, *ANCHORS) if f"`{one}`" not in PAGE] == []
