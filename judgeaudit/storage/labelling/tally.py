"""What a pull left in annotations.jsonl, in a few bytes: enough to tell whether every row of it is still there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import NamedTuple

_IDENTITY = ("item_id", "rater", "question", "labelled_at", "source", "purpose", "round")
_SAID = ("status", "label")
_RANGE = 2**64


class Tally(NamedTuple):
    """How many rows, and the sum of their fingerprints; None where rows were counted and nothing else.

    Rows in another order have the same tally, and so has a row whose answer somebody corrected.

    >>> row = {"item_id": "i1", "rater": "rater-2", "question": "harm", "source": "label-studio:a:1"}
    >>> Tally().plus([row, {**row, "rater": "rater-3"}]) == Tally().plus([{**row, "rater": "rater-3"}]).plus([row])
    True
    """

    rows: int = 0
    digest: int | None = 0

    def plus(self, rows: Iterable[Mapping[str, str]]) -> Tally:
        """The tally of these rows as well."""
        prints = [_fingerprint(row) for row in rows]
        return Tally(self.rows + len(prints), None if self.digest is None else (self.digest + sum(prints)) % _RANGE)

    def agrees(self, other: Tally) -> bool:
        """Whether both are of the same rows, as far as they can tell."""
        return self.rows == other.rows and (self.digest == other.digest or None in (self.digest, other.digest))


def identity_of(row: Mapping[str, str]) -> tuple[str, ...]:
    """What an annotation said of a question at one time is one row, whoever corrects it; other rows are what they say."""
    identity = tuple(row.get(key, "") for key in _IDENTITY)
    return identity if row.get("source") else (*identity, *(row.get(key, "") for key in _SAID))


def _fingerprint(row: Mapping[str, str]) -> int:
    told = "\x1f".join(identity_of(row)).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(told, digest_size=8).digest(), "big")
