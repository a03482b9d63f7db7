"""How many more labels would settle what is open, in words."""

from __future__ import annotations

from judgeaudit.domain.catalogue.statistics import phrase_of
from judgeaudit.domain.results.audit import Requirement

#: more labels than this are not told exactly
ON_THE_LINE = 100_000


def more_words(lines: tuple[Requirement, ...], shown: Requirement | None = None) -> str:
    """How many labels would settle what is open; nothing where that is settled already, or not by labels of this kind.

    `shown` is the one requirement that was told: where another one needs the most labels, that one is named.
    """
    if any(map(_is_settled, lines)):
        return ""
    need = [(r.labels_missing, r) for r in lines if r.labels_missing is not None]
    if not need:
        return ""
    n, most = max(need, key=lambda pair: pair[0])
    of = f"{phrase_of(most.statistic)}, {most.stratum}," if most.contrast else phrase_of(most.statistic)
    other = len(need) > 1 and shown is not most
    more = f"{about_how_many(n, of if other else 'the value')} would settle all that is open there"
    first = None if shown is None or shown is most else shown.labels_missing
    told = f" {about_how_many(first)} would settle this." if first is not None else ""
    end = f" (so many for {of})" if other and n <= ON_THE_LINE else ""
    return f"{told} {more}{end}.".strip()


def _is_settled(line: Requirement) -> bool:
    """Whether it fails already, or no number of labels would tell."""
    return line.fails or (line.met is None and line.labels_missing is None)


def about_how_many(n: int, what: str = "the value") -> str:
    """So many more labelled items in words, no more exact than it is. `what` is said to lie on the line where that is why.

    >>> about_how_many(1), about_how_many(1234)
    ('About 1 more labelled item of this kind', 'About 1,200 more labelled items of this kind')
    """
    if n > ON_THE_LINE:
        return f"{what[0].upper()}{what[1:]} lies almost on the line: over {ON_THE_LINE:,} more labelled items of this kind"
    digits = -2 if n >= 1000 else -1 if n >= 100 else 0
    return f"About {round(n, digits):,} more labelled item{'' if n == 1 else 's'} of this kind"
