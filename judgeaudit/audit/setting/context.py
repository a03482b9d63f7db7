"""What every finding of one question shares, and the tables that findings are made from."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from judgeaudit.audit.setting.design import Design, design_of, ranked
from judgeaudit.audit.setting.options import AuditOptions
from judgeaudit.audit.setting.reference import Reference, with_reference
from judgeaudit.audit.setting.scheme import Scheme
from judgeaudit.domain.errors import InputError, nearest
from judgeaudit.domain.question import Question, canonical
from judgeaudit.domain.ratings import MISSING, Codes, Floats, Mask, Ratings


@dataclass(frozen=True, kw_only=True)
class Context:
    """One question's ratings, scheme, design, reference and options."""

    ratings: Ratings
    scheme: Scheme
    design: Design
    reference: Reference
    options: AuditOptions

    @property
    def question(self) -> str:
        return self.ratings.question.name


def make_context(ratings: Ratings, options: AuditOptions) -> Context:
    """The shared parts, with the reference made and, on interval scales, the labels in ascending order."""
    grown, reference = with_reference(ratings, rule=options.reference)
    return Context(
        ratings=grown,
        scheme=Scheme(question=grown.question),
        design=design_of(grown),
        reference=reference,
        options=options,
    )


def treated(codes: Codes, context: Context, *, unanswered: str | None = None) -> Codes:
    """A judge's codes under a treatment of no answer: counted as they are, left out (MISSING), or taken as a label."""
    rule = context.options.unanswered if unanswered is None else unanswered
    return treated_codes(codes, context.ratings.question, rule)


def treated_codes(codes: Codes, question: Question, rule: str) -> Codes:
    """The same for codes of a question, of which the one after its labels means no answer."""
    if rule == "counted":
        return codes
    nothing = len(question.labels)
    if rule == "left-out":
        return np.where(codes == nothing, MISSING, codes).astype(np.int32)
    return np.where(codes == nothing, _label_of(rule, question), codes).astype(np.int32)


def _label_of(rule: str, question: Question) -> int:
    wanted, labels = rule.removeprefix("as:"), list(question.labels)
    keys = [canonical(label) for label in labels]
    if canonical(wanted) not in keys:
        msg = f"--unanswered {rule}: {wanted!r} is not one of the labels {', '.join(labels)}{nearest(wanted, labels)}"
        raise InputError(msg)
    return keys.index(canonical(wanted))


@dataclass(frozen=True, kw_only=True)
class Tables:
    """Counts of a pair of raters in one stratum: the table (V, V), and the same per unit (U, V·V) with how often each occurs.

    When items are exchangeable a unit is one cell of the table, and `repeats` says how many items are in it.
    `squares` (V, V) sums the squared weights; of an item that is in n pairs, each counts n times.
    """

    table: Floats
    squares: Floats
    units: Floats
    repeats: Floats
    n_items: int
    n_clusters: int
    exchangeable: bool


def tables_of(context: Context, rows: Codes, columns: Codes, mask: Mask) -> Tables:
    """The tables of two raters' codes (N,), or of several stacked pairs (M, N) whose tables are added.

    On a continuous scale there is no table of labels: only the sizes are told.
    """
    v = context.scheme.k + 1
    design = context.design
    rows, columns = np.atleast_2d(rows), np.atleast_2d(columns)
    both = mask & (rows >= 0) & (columns >= 0)
    used: Mask = both[0] if len(both) == 1 else np.asarray(both.any(0))
    if context.scheme.many:
        return _sizes_only(context, used)
    sizes = int(used.sum()), design.n_clusters(used)
    if len(both) == 1 and design.exchangeable:
        table: Floats = np.bincount(rows[0, used] * v + columns[0, used], minlength=v * v).astype(float)
        seen = table > 0
        return _tables(table, table, np.eye(v * v)[seen], table[seen], sizes, plain=True)
    pair, item = np.nonzero(both)
    cells = rows[pair, item] * v + columns[pair, item]
    table = np.bincount(cells, design.weights[item], minlength=v * v).astype(float)
    times = np.bincount(item, minlength=both.shape[1])[item]
    squares: Floats = np.bincount(cells, times * design.weights[item] ** 2, minlength=v * v).astype(float)
    dense, n = ranked(design.units[item])
    units = np.bincount(dense * v * v + cells, design.weights[item], minlength=n * v * v).astype(float)
    return _tables(table, squares, units.reshape(n, v * v), np.ones(n), sizes, plain=False)


def _tables(
    table: Floats, squares: Floats, units: Floats, repeats: Floats, n: tuple[int, int], *, plain: bool
) -> Tables:
    v = round(table.size**0.5)
    return Tables(
        table=table.reshape(v, v),
        squares=squares.reshape(v, v),
        units=units,
        repeats=repeats,
        n_items=n[0],
        n_clusters=n[1],
        exchangeable=plain,
    )


def _sizes_only(context: Context, used: Mask) -> Tables:
    return Tables(
        table=np.zeros((2, 2)),
        squares=np.zeros((2, 2)),
        units=np.zeros((0, 4)),
        repeats=np.zeros(0),
        n_items=int(used.sum()),
        n_clusters=context.design.n_clusters(used),
        exchangeable=context.design.exchangeable,
    )


def left_out(tables: Tables) -> Tables:
    """The same tables without the verdicts that are no answer."""
    v = tables.table.shape[0]
    keep = np.ones((v, v))
    keep[:, -1] = 0
    keep[-1, :] = 0
    return replace(tables, table=tables.table * keep, squares=tables.squares * keep, units=tables.units * keep.ravel())
