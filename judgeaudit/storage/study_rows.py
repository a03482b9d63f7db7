"""The rows of one or several tables of a study, and what raters said in them, question by question."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from judgeaudit.domain.errors import InputError, nearest, one_line
from judgeaudit.domain.question import Question, canonical, number_of
from judgeaudit.domain.ratings import MISSING, Codes, Mask
from judgeaudit.storage.labels import sorted_values
from judgeaudit.storage.tables import Table

if TYPE_CHECKING:
    from judgeaudit.storage.study_questions import QuestionConfig

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
        import pandas as pd

        key_codes = {canonical(label): code for code, label in enumerate(question.labels)}
        numbers, words = pd.factorize(self.label)
        table = np.full(len(words), nothing, dtype=np.int32)
        for number, word in enumerate(words):
            if word and canonical(word) not in key_codes:
                at = rows.at(int(self.place[int(np.argmax(numbers == number))]), "label")
                raise _outside(at, word, question, way_out)
            table[number] = key_codes[canonical(word)] if word else nothing
        codes = np.full((len(self.names), n_items), MISSING, dtype=np.int32)
        codes[self.rater, self.item] = table[numbers]
        return codes


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
    labels = ", ".join(one_line(label, limit=40) for label in question.labels)
    near = nearest(word, list(question.labels))
    asked = one_line(question.name)
    return InputError(f"{at}: {one_line(word)!r} is not a label of question '{asked}' ({labels}){near}; {way_out}")
