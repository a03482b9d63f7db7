"""What a question's scale means for the statistics: label numbers, weights and distances, made once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from judgeaudit.domain.question import Question, number_of
from judgeaudit.domain.ratings import Floats, Mask
from judgeaudit.stats.agreement.two_raters import agreement_weights, distances

MANY_VALUES = 20


@dataclass(frozen=True, kw_only=True)
class Scheme:
    """The arrays behind one question. V = K + 1, the last index being "no answer"."""

    question: Question

    @property
    def k(self) -> int:
        """Labels in the tables, medians included."""
        return len(self.question.labels)

    @property
    def declared(self) -> int:
        return self.question.n_labels

    @property
    def many(self) -> bool:
        """Too many numbers for a table of labels: an interval scale that is continuous."""
        return self.question.scale == "interval" and self.k > MANY_VALUES

    @property
    def ordered(self) -> bool:
        return self.question.scale in ("ordinal", "interval")

    @cached_property
    def numbers(self) -> Floats:
        """(K,) numbers on an interval scale, positions elsewhere."""
        return np.asarray(self.question.values or range(self.k), float)

    @cached_property
    def declared_first(self) -> npt.NDArray[np.int64]:
        """(V,) the places of the declared labels, then of medians, then of no answer."""
        later = [label in self.question.medians for label in self.question.labels]
        return np.argsort(np.array([*later, True]), kind="stable")

    @cached_property
    def positive(self) -> Mask:
        return np.asarray(self.question.positive_mask, bool)

    @property
    def has_positive(self) -> bool:
        return bool(self.positive.any())

    @cached_property
    def identity(self) -> Floats:
        return agreement_weights(self.numbers, kind="identity", no_answer=True)

    @cached_property
    def linear(self) -> Floats:
        return agreement_weights(self.numbers, kind="linear", no_answer=True)

    @cached_property
    def quadratic(self) -> Floats:
        return agreement_weights(self.numbers, kind="quadratic", no_answer=True)

    @cached_property
    def deltas(self) -> dict[str, Floats | None]:
        """Statistic name of alpha -> squared distances (V, V); None stands for ordinal, which follows the counts."""
        return self._deltas(no_answer=True)

    @cached_property
    def people_deltas(self) -> dict[str, Floats | None]:
        """The same for people, who have no "no answer": (K, K)."""
        return self._deltas(no_answer=False)

    def _deltas(self, *, no_answer: bool) -> dict[str, Floats | None]:
        nominal = distances(self.numbers, metric="nominal", no_answer=no_answer)
        if self.question.scale in ("binary", "nominal"):
            return {"krippendorff_alpha": nominal}
        if self.question.scale == "ordinal":
            out: dict[str, Floats | None] = {"krippendorff_alpha": None, "krippendorff_alpha_nominal": nominal}
            spelled = [number_of(label) for label in self.question.labels]
            if all(value is not None for value in spelled):
                values = np.asarray(spelled, float)
                out["krippendorff_alpha_interval"] = distances(values, metric="interval", no_answer=no_answer)
            return out
        out = {
            "krippendorff_alpha": distances(self.numbers, metric="interval", no_answer=no_answer),
            "krippendorff_alpha_nominal": nominal,
            "krippendorff_alpha_ordinal": None,
        }
        if self.numbers.min(initial=0.0) >= 0:
            out["krippendorff_alpha_ratio"] = distances(self.numbers, metric="ratio", no_answer=no_answer)
        return out
