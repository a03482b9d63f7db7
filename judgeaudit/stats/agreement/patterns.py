"""Items with the same labels by the same raters, counted once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

#: keys up to this size are counted in an array, larger ones sorted
MOST_KEYS = 4_000_000


def distinct_columns(codes: npt.NDArray[np.int32], *, base: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Distinct columns of codes (R, N) in −1 … base − 2: a place (P,) where each occurs, and which one every item has (N,)."""
    key, size = np.zeros(codes.shape[1], np.int64), 1
    for row in codes:
        if size > 2**62 // base:
            _, key = np.unique(key, return_inverse=True)
            key, size = key.ravel().astype(np.int64), int(key.max(initial=0)) + 1
        key = key * base + (row + 1)
        size *= base
    if size <= MOST_KEYS:
        there = np.bincount(key, minlength=1) > 0
        of_item = (np.cumsum(there) - 1)[key]
    else:
        _, of_item = np.unique(key, return_inverse=True)
        of_item = of_item.ravel()
    first = np.zeros(int(of_item.max(initial=-1)) + 1, np.int64)
    first[of_item[::-1]] = np.arange(of_item.size - 1, -1, -1)
    return first, np.asarray(of_item, np.int64)
