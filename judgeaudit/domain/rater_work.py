"""How raters worked on one question: what they answered, when, and how long it took."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from judgeaudit.domain.question import Question
from judgeaudit.domain.ratings import Codes, Floats, Mask

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """The independent labels of one question, one row for each showing that a rater answered, in order of time.

    question  as audited; on an interval scale its labels hold every number that stands here
    rater     (M,) place in `raters`
    item      (M,) number of the item, 0..n_items-1; items of the outputs come first, calibration items after them
    unit      (M,) cluster of the item
    label     (M,) code of the label, -1 where the rater could not judge
    seconds   (M,) how long the answer took, nan where that is not known
    moment    (M,) when it was given last, in seconds since 1970; nan where that is not known
    repeat    (M,) the rater has seen the item before
    known     (M,) code of the known answer, -1 where none is known; other than -1 on calibration items only
    calibration (M,) the item was shown because its answer is known
    length    (M,) characters of the texts that were shown, nan where they are not at hand
    skipped, elsewhere  (R,) items that a rater skipped; labels given in a pilot or about disputed items
    """

    question: Question
    raters: tuple[str, ...]
    n_items: int
    rater: Numbers
    item: Numbers
    unit: Numbers
    label: Codes
    seconds: Floats
    moment: Floats
    repeat: Mask
    calibration: Mask
    known: Codes
    length: Floats
    skipped: Numbers
    elsewhere: Numbers

    @property
    def first(self) -> Mask:
        """(M,) first showings of the items that the study is about."""
        return ~self.repeat & ~self.calibration
