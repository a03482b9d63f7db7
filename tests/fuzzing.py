"""How many examples Hypothesis draws for a test: the number that the test names, or a multiple of it under `make fuzz`."""

from __future__ import annotations

import os

#: what `make fuzz` sets; 1 in every other run
FACTOR = int(os.environ.get("JUDGEAUDIT_FUZZ") or 1)


def examples(number: int) -> int:
    """`@settings(max_examples=examples(25))`: 25 examples, and many more under `make fuzz`."""
    return number * FACTOR
