"""One judge among the people, in every stratum: may it replace one of them, and what does it do to their agreement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from judgeaudit.audit.replacement.added_rater import AlphaParts, added_rater, alpha_parts
from judgeaudit.audit.replacement.alternative_annotator import nearness, replacement
from judgeaudit.audit.replacement.label_patterns import Rows, company_in, distinct_rows
from judgeaudit.audit.setting.context import Context, treated
from judgeaudit.domain.results.audit import Finding
from judgeaudit.stats.agreement.alternative_annotator import Nearer


@dataclass(frozen=True, kw_only=True)
class AmongPeople:
    """The rows of labels and the comparisons in them, made once for all strata."""

    context: Context
    judge: str
    rows: Rows
    near: list[Nearer]
    parts: AlphaParts

    def in_stratum(self, stratum: str) -> tuple[list[Finding], list[dict[str, Any]]]:
        """Findings, and the record of the alternative annotator test where it could be made."""
        company = company_in(self.context, self.rows, self.context.ratings.strata[stratum])
        found, records = replacement(self.context, self.judge, stratum, company, self.near)
        return [*found, *added_rater(self.context, self.judge, stratum, company, self.parts)], records


def among_people(context: Context, judge: str) -> AmongPeople:
    """A judge's codes under the audit's treatment of no answer, and everybody's nearness to the remaining people."""
    ratings = context.ratings
    codes = treated(np.asarray(ratings.judges[ratings.judge_names.index(judge)]), context)
    rows = distinct_rows(ratings.people, codes, n_labels=context.scheme.k)
    return AmongPeople(
        context=context,
        judge=judge,
        rows=rows,
        near=nearness(context, rows.people, rows.judge),
        parts=alpha_parts(context, rows.people, rows.judge),
    )
