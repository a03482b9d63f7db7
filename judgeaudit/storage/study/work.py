"""annotations as work: every answer of the independent round with its time, its second showing, and known answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from judgeaudit.domain.labelling.tasks import MAIN, PURPOSES
from judgeaudit.domain.question import Question
from judgeaudit.domain.rater_work import Numbers, Work
from judgeaudit.domain.ratings import MISSING, Codes, Floats, Mask
from judgeaudit.domain.timestamps import moment_of
from judgeaudit.storage.files.read import Table
from judgeaudit.storage.study.raters import left_out_mask
from judgeaudit.storage.study.rows import Places, Rows, Texts, codes_of, grown, item_places, numbers_of
from judgeaudit.storage.study.slices import clusters_of

if TYPE_CHECKING:
    from judgeaudit.storage.config.schema import StudyConfig

_SHOWN = ("prompt", "response", "response_b")


class _Columns(NamedTuple):
    """(M,) what the rows say, read once for all questions. Items outside the outputs have numbers after theirs."""

    question: Texts
    rater: Places
    item: Places
    label: Texts
    kept: Mask
    skipped: Mask
    taken_back: Mask
    blank: Mask
    main: Mask
    repeat: Mask
    calibration: Mask
    known: Texts
    seconds: Floats
    moment: Floats
    names: tuple[str, ...]
    n_items: int


def works_of(
    rows: Rows, config: StudyConfig, outputs: Table, questions: Mapping[str, Question]
) -> tuple[tuple[Work, ...], tuple[str, ...]]:
    """The work on each question, and warnings; none where annotations are plain labels without seconds or repeats.

    The last row of a rater, item and showing is what counts. Only the main round is independent work: labels of a pilot
    or about disputed items are counted, and no more.
    """
    purpose = rows.closed("purpose", PURPOSES, default="item")
    texts = rows.column("seconds")
    special = (purpose == "repeat") | (purpose == "calibration")
    if not len(rows) or not ((texts != "").any() or special.any()):
        return (), ()
    seconds, warnings = numbers_of(rows, "seconds", what="annotations")
    columns = _columns(rows, config, outputs, purpose, seconds)
    unit, length = _units(config, outputs, columns.n_items), _lengths(outputs, columns.n_items)
    works = [_work(rows, question, columns, unit, length) for question in questions.values()]
    return tuple(work for work in works if _tells(work)), warnings


def _tells(work: Work) -> bool:
    """Whether there is more to a question's labels than the labels."""
    return bool(np.isfinite(work.seconds).any() or work.repeat.any() or work.calibration.any())


def _columns(rows: Rows, config: StudyConfig, outputs: Table, purpose: Texts, seconds: Floats) -> _Columns:
    import pandas as pd

    status = rows.column("status")
    rater, names = pd.factorize(rows.column("rater"), sort=True)
    item, n_items = _items(rows, outputs, purpose == "calibration")
    skipped = status == "skipped"
    question = rows.questions(config.questions, may_lack=skipped)
    label, stage = rows.column("label"), rows.column("round")
    return _Columns(
        question=question,
        rater=rater,
        item=item,
        label=label,
        kept=~left_out_mask(rows, config),
        skipped=skipped,
        # a row that names its annotation and a question takes an answer back; a skip of Label Studio names no question
        taken_back=skipped & (question != "") & (rows.column("source") != ""),
        blank=((status == "") | (status == "labelled")) & (label == ""),
        main=(stage == "") | (stage == MAIN),
        repeat=purpose == "repeat",
        calibration=purpose == "calibration",
        known=rows.column("known"),
        seconds=seconds,
        moment=_moments(rows.column("labelled_at")),
        names=tuple(str(name) for name in names),
        n_items=n_items,
    )


def _items(rows: Rows, outputs: Table, calibration: Mask) -> tuple[Places, int]:
    """(M,) numbers of the items, -1 for those that the outputs do not hold; calibration items come after the outputs."""
    import pandas as pd

    ids = rows.column("item_id")
    item = item_places(tuple(outputs.frame["item_id"]), ids)
    codes, found = pd.factorize(ids[calibration])
    item[calibration] = outputs.rows + codes
    return item, outputs.rows + len(found)


def _units(config: StudyConfig, outputs: Table, n_items: int) -> Numbers:
    """(N,) cluster of each item; a calibration item is one of its own."""
    clusters, _ = clusters_of(config, outputs)
    own = np.arange(outputs.rows) if clusters is None else clusters
    return np.concatenate([own, np.arange(n_items - outputs.rows) + own.max(initial=-1) + 1]).astype(np.int64)


def _lengths(outputs: Table, n_items: int) -> Floats:
    """(N,) characters of the texts that are shown with an item, nan where they are not at hand."""
    shown = [name for name in _SHOWN if name in outputs.columns]
    if "prompt" not in shown and "messages" in outputs.columns:
        shown.append("messages")
    known = sum((outputs.frame[name].str.len().to_numpy(dtype=float) for name in shown), np.zeros(outputs.rows))
    return np.concatenate([known, np.full(n_items - outputs.rows, np.nan)])


def _moments(texts: Texts) -> Floats:
    import pandas as pd

    codes, words = pd.factorize(texts)
    stamps = [moment_of(str(word)) for word in words]
    return np.array([one.timestamp() if one.year > 1 else np.nan for one in stamps], dtype=float)[codes]


def _work(rows: Rows, question: Question, columns: _Columns, unit: Numbers, length: Floats) -> Work:
    asked = (columns.question == question.name) | (columns.question == "")
    about = asked & ~columns.blank & columns.kept & (columns.item >= 0)
    last = _last(columns, np.flatnonzero(about & columns.main))
    raters = len(columns.names)
    given = last[~columns.skipped[last]]
    aside = columns.taken_back | columns.repeat | columns.calibration
    passed = last[columns.skipped[last] & ~aside[last]]
    elsewhere = _last(columns, np.flatnonzero(about & ~columns.main))
    elsewhere = elsewhere[~columns.skipped[elsewhere]]
    wider = grown(question, np.concatenate([columns.label[given], columns.known[given]]))
    given = given[np.argsort(columns.moment[given], kind="stable")]
    calibration = columns.calibration[given]
    return Work(
        question=wider,
        raters=columns.names,
        n_items=columns.n_items,
        rater=columns.rater[given].astype(np.int64),
        item=columns.item[given].astype(np.int64),
        unit=unit[columns.item[given]],
        label=_codes(rows, "label", columns.label, given, wider),
        seconds=columns.seconds[given],
        moment=columns.moment[given],
        repeat=columns.repeat[given],
        calibration=calibration,
        known=np.where(calibration, _codes(rows, "known", columns.known, given, wider), MISSING).astype(np.int32),
        length=length[columns.item[given]],
        skipped=np.bincount(columns.rater[passed], minlength=raters).astype(np.int64),
        elsewhere=np.bincount(columns.rater[elsewhere], minlength=raters).astype(np.int64),
    )


def _last(columns: _Columns, places: Places) -> Places:
    """Places of the last row of each rater, item and showing, in order."""
    showing = columns.repeat[places].astype(np.int64) + 2 * columns.calibration[places]
    key = (columns.rater[places].astype(np.int64) * (columns.n_items + 1) + columns.item[places]) * 4 + showing
    _, back = np.unique(key[::-1], return_index=True)
    return np.asarray(places[np.sort(len(places) - 1 - back)])


def _codes(rows: Rows, column: str, texts: Texts, places: Places, question: Question) -> Codes:
    return codes_of(rows, column, texts[places], places, question, nothing=MISSING, way_out="correct the row")
