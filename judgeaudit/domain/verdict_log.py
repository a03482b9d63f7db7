"""Every verdict of judges on one question: all runs, both orders of pairs, what came back, and what it took."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from judgeaudit.domain.question import Question
from judgeaudit.domain.rater_work import Numbers
from judgeaudit.domain.ratings import Codes, Floats, Mask

Texts = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictLog:
    """The verdicts of one question, M rows, at most one for each judge, item, run and order.

    question  as audited; on an interval scale its labels hold every number that stands here
    judge     (M,) place in `judges`
    item      (M,) number of the item in the ratings
    run       (M,) number of the run
    turned    (M,) the pair was shown in order ba; its label is turned back
    label     (M,) code of the label, K where there is none
    status    (M,) `answered`, `unparsed`, `refused` or `failed`
    reason    (M,) why a verdict is unparsed, one of `verdict.REASONS`; "" of all others
    model     (M,) which model answered, "" where that is not known
    first     (M,) the verdict that agreement with people is computed from
    side      (K + 1,) 1 where a label means the first response of a pair, −1 the second, 0 neither
    pairwise  whether orders mean anything
    """

    question: Question
    judges: tuple[str, ...]
    judge: Numbers
    item: Numbers
    run: Floats
    turned: Mask
    label: Codes
    status: Texts
    reason: Texts
    model: Texts
    first: Mask
    side: Codes
    pairwise: bool

    @property
    def no_answer(self) -> int:
        """The code of "asked, and no usable label"."""
        return len(self.question.labels)

    def of(self, judge: int, *, turned: bool | None = None) -> Numbers:
        """Rows of a judge, in the order of its runs; those of one order alone where that is said."""
        rows = np.flatnonzero((self.judge == judge) & (True if turned is None else self.turned == turned))
        return np.asarray(rows[np.argsort(self.run[rows], kind="stable")], dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """The calls to all judges of a study, C rows; a call that asked several questions at once is one.

    judge   (C,) names of the judges
    model   (C,) which model answered, "" where that is not known
    moment  (C,) when, as written; "" where that is not known
    input_tokens, output_tokens, cost_usd, seconds  (C,) nan where that is not known
    """

    judge: Texts
    model: Texts
    moment: Texts
    input_tokens: Floats
    output_tokens: Floats
    cost_usd: Floats
    seconds: Floats
