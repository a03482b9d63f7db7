"""The rows of one or several tables of a study, and what raters said in them, question by question."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from judgeaudit.domain.errors import InputError, nearest, one_line
from judgeaudit.domain.question import Question, canonical, number_of
from judgeaudit.domain.ratings import MISSING, Codes, Floats, Mask
from judgeaudit.storage.files.read import Table
from judgeaudit.storage.table.labels import sorted_values

if TYPE_CHECKING:
    from judgeaudit.storage.config.questions import QuestionConfig

Texts = npt.NDArray[np.object_]
Places = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Tables under one another. A column that a table lacks is empty there."""

    tables: tuple[Table, ...]
    starts: tuple[int, ...]

    def __len__(self) -> int:
        return sum(table.rows for table in self.tables)

    def column(self, name: str) -> Texts:
        """(M,) the texts of a column."""
        parts = [
            table.frame[name].to_numpy() if name in table.columns else np.full(table.rows, "", dtype=object)
            for table in self.tables
        ]
        return np.concatenate(parts) if parts else np.empty(0, dtype=object)

    def at(self, index: int, column: str) -> str:
        """Where a cell stands, to begin a message with; the row alone where its table lacks the column."""
        table, inside = self._table_of(index)
        return table.at(inside, column) if column in table.columns else f"{table.name} row {table.row(inside)}"

    def refuse_empty(self, column: str) -> None:
        empty = self.column(column) == ""
        if empty.any():
            msg = f"{self.at(int(np.argmax(empty)), column)}: the cell is empty; every row needs one"
            raise InputError(msg)

    def closed(self, column: str, words: Sequence[str], *, default: str) -> Texts:
        """(M,) a column that knows only these words; an empty cell means the default."""
        texts = self.column(column)
        for word in dict.fromkeys(texts.tolist()):
            if word and word not in words:
                at = self.at(int(np.argmax(texts == word)), column)
                msg = f"{at}: {one_line(word)!r} is not one of {', '.join(words)}{nearest(word, list(words))}"
                raise InputError(msg)
        return np.where(texts == "", default, texts)

    def questions(self, declared: Collection[str], *, may_lack: Mask) -> Texts:
        """(M,) the question of each row. Where a study has several, every row names one, but those that may lack it."""
        texts = self.column("question")
        if len(declared) == 1:
            only = next(iter(declared))
            return np.where((texts == "") & ~may_lack, only, texts)
        unclear = (texts == "") & ~may_lack
        if unclear.any():
            first, names = int(np.argmax(unclear)), ", ".join(map(one_line, declared))
            table, _ = self._table_of(first)
            if "question" not in table.columns:
                raise table.missing("question", f"a study that asks several ({names})")  # noqa: EM101 - a column's name
            msg = f"{self.at(first, 'question')}: which question? study.toml declares {names}"
            raise InputError(msg)
        return texts

    def _table_of(self, index: int) -> tuple[Table, int]:
        number = bisect_right(self.starts, index) - 1
        return self.tables[number], index - self.starts[number]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What raters said about one question: L rows, at most one per rater and item.

    rater, item  (L,) numbers of rater and item
    label        (L,) texts, "" where nothing usable was said
    place        (L,) where the row stands in the study's rows
    """

    names: tuple[str, ...]
    rater: Places
    item: Places
    label: Texts
    place: Places

    def codes(self, question: Question, rows: Rows, *, n_items: int, nothing: int, way_out: str) -> Codes:
        """(R, N) codes; `nothing` where a rater said nothing usable, MISSING where there is no row."""
        said = codes_of(rows, "label", self.label, self.place, question, nothing=nothing, way_out=way_out)
        codes = np.full((len(self.names), n_items), MISSING, dtype=np.int32)
        codes[self.rater, self.item] = said
        return codes


def codes_of(
    rows: Rows, column: str, texts: Texts, places: Places, question: Question, *, nothing: int, way_out: str
) -> Codes:
    """(L,) codes of texts that stand in a column at `places`; `nothing` for empty ones. A text that is no label is refused."""
    import pandas as pd

    known = {canonical(label): code for code, label in enumerate(question.labels)}
    numbers, words = pd.factorize(texts)
    table = np.full(len(words), nothing, dtype=np.int32)
    for number, word in enumerate(words):
        if word and canonical(word) not in known:
            at = rows.at(int(places[int(np.argmax(numbers == number))]), column)
            raise _outside(at, word, question, way_out)
        table[number] = known[canonical(word)] if word else nothing
    return table[numbers] if len(words) else np.empty(0, dtype=np.int32)


def grown(question: Question, texts: Texts) -> Question:
    """On an interval scale, the question with further numbers as labels."""
    if question.scale != "interval":
        return question
    there = {canonical(label) for label in question.labels}
    more = {str(text): None for text in texts if text and number_of(text) is not None and canonical(text) not in there}
    if not more:
        return question
    labels = tuple(sorted_values([*question.labels, *more]))
    return replace(question, labels=labels, values=tuple(number_of(label) or 0.0 for label in labels))


def numbers_of(rows: Rows, column: str, *, what: str) -> tuple[Floats, tuple[str, ...]]:
    """(M,) the numbers of a column, nan where it is empty; a warning where cells are no number."""
    import pandas as pd

    texts = rows.column(column)
    codes, words = pd.factorize(texts)
    spelled = [number_of(word) for word in words]
    values = np.array([np.nan if value is None else value for value in spelled], dtype=np.float64)
    wrong = np.array([value is None and word != "" for value, word in zip(spelled, words, strict=True)], dtype=np.bool_)
    if not wrong.any():
        return values[codes], ()
    bad = wrong[codes]
    at, first = rows.at(int(np.argmax(bad)), column), one_line(str(texts[int(np.argmax(bad))]))
    return values[codes], (f"{int(bad.sum())} {what} have {column} that are no number, '{first}' at {at}: not used",)


def rows_of_tables(tables: Sequence[Table]) -> Rows:
    starts = np.cumsum([0, *(table.rows for table in tables)])[:-1]
    return Rows(tables=tuple(tables), starts=tuple(int(start) for start in starts))


def item_places(items: Sequence[str], texts: Texts) -> Places:
    """(M,) the number of each row's item; -1 where the outputs do not hold it."""
    import pandas as pd

    return np.asarray(pd.Index(list(items), dtype=object).get_indexer(pd.Index(texts, dtype=object)), dtype=np.intp)


def question_of(name: str, config: QuestionConfig, said: Sequence[Said], rows: Sequence[Rows]) -> Question:
    """The declared question. An interval scale without labels takes the numbers that were said."""
    if config.labels or config.scale != "interval":
        return config.question(name)
    words: dict[str, None] = {}
    for one, source in zip(said, rows, strict=True):
        for word in dict.fromkeys(one.label.tolist()):
            if word and number_of(word) is None:
                at = source.at(int(one.place[int(np.argmax(one.label == word))]), "label")
                msg = f"{at}: {one_line(word)!r} is no number, and question '{one_line(name)}' has an interval scale"
                raise InputError(msg)
            words.setdefault(word)
    return config.model_copy(update={"labels": tuple(sorted_values([word for word in words if word]))}).question(name)


def _outside(at: str, word: str, question: Question, way_out: str) -> InputError:
    labels = ", ".join(one_line(label, limit=40) for label in question.labels[:20])
    near = nearest(word, list(question.labels[:64]))
    asked = one_line(question.name)
    return InputError(f"{at}: {one_line(word)!r} is not a label of question '{asked}' ({labels}){near}; {way_out}")
