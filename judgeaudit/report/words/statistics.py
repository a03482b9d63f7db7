"""What statistics are called on a page, what each says, and where it was published: read from the catalogue."""

from __future__ import annotations

from typing import NamedTuple

from judgeaudit.domain.catalogue.statistics import STATISTICS, title_of


class Words(NamedTuple):
    """A title, one sentence, and the publication; of interval methods and tests, too."""

    title: str
    says: str
    cite: str = ""


def statistic(name: str) -> Words:
    """The words for a statistic; one of a newer version is called by its name."""
    known = STATISTICS.get(name)
    return Words(title_of(name), "" if known is None else known.says, "" if known is None else known.citation)
