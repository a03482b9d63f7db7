"""Ratings: raters by items, as codes. What tables become before anything is computed."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from judgeaudit.domain.question import Question

Codes = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

MISSING = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratings:
    """All labels and verdicts for one question. N items, R people, J judges, K = len(question.labels).

    people      (R, N) codes 0..K-1; MISSING where a person gave no label
    judges      (J, N) codes 0..K-1; K where the judge was asked and gave no usable label; MISSING where never asked
    reference   (N,) codes of a column that is the reference, or None when a rule makes it from the people
    probability judge name -> (N,) probability of the positive side, nan where there is none
    vote_shares judges whose probability is the share of a panel's members who voted for the positive side
    scores      judge name -> (N,) number that its verdict is cut from, less the cut; above 0 positive, nan where there is none
    clusters    (N,) cluster number 0..C-1, or None when items are exchangeable
    weights     (N,) sampling weights, or None when every item counts once
    strata      stratum name -> (N,) mask; always holds "all"
    columns     stratum column -> its stratum names, in order
    stratum_told  stratum of a column -> who gave its values, as far as the table says: one of `results.LABEL_SOURCES`
    label_design "random", "weighted" or "elsewhere": how the labelled rows were chosen; None where nobody has said
    adjudicated (N,) codes of a second look, where there is one that is not the reference
    panels      judge that is made of others -> its members
    doses       stratum column that is a degradation -> its stratum names with their doses, see `domain.doses`
    """

    question: Question
    items: tuple[str, ...]
    people_names: tuple[str, ...]
    judge_names: tuple[str, ...]
    people: Codes
    judges: Codes
    strata: dict[str, Mask]
    reference: Codes | None = None
    reference_name: str | None = None
    adjudicated: Codes | None = None
    probability: dict[str, Floats] = field(default_factory=dict)
    vote_shares: tuple[str, ...] = ()
    scores: dict[str, Floats] = field(default_factory=dict)
    clusters: npt.NDArray[np.int64] | None = None
    weights: Floats | None = None
    label_design: str | None = None
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    stratum_source: dict[str, str] = field(default_factory=dict)
    stratum_told: dict[str, str] = field(default_factory=dict)
    doses: dict[str, dict[str, float]] = field(default_factory=dict)
    cannot_judge: Mask | None = None
    baselines: tuple[str, ...] = ()
    panels: dict[str, tuple[str, ...]] = field(default_factory=dict)
    statuses: dict[str, dict[str, int]] = field(default_factory=dict)
    texts: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def n_items(self) -> int:
        return len(self.items)

    @property
    def no_answer(self) -> int:
        """The code of "asked, and no usable label"."""
        return len(self.question.labels)
