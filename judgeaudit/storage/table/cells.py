"""What the cells of one rater say: translated, sorted into labels and the kinds of nothing, never one by one."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from judgeaudit.domain.errors import InputError, nearest, one_line
from judgeaudit.domain.question import canonical, number_of
from judgeaudit.domain.ratings import Floats, Mask
from judgeaudit.storage.files.read import Table
from judgeaudit.storage.table.options import MapRule, TableOptions

Texts = npt.NDArray[np.object_]
Rows = npt.NDArray[np.int64]

#: what a cell is, before labels are looked up
WORD, EMPTY, NOT_ASKED, UNUSABLE = range(4)
NO_ROW = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """One rater's cells for N items: `texts` (N,), "" where there is no row, and its `rows` (N,), NO_ROW there."""

    name: str
    column: str
    texts: Texts
    rows: Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The same cells as `codes` (N,) into their distinct `words`, translated by --map, and their `kinds` (U,)."""

    cells: Cells
    codes: Rows
    words: tuple[str, ...]
    kinds: npt.NDArray[np.int8]

    def kind_of_cells(self) -> npt.NDArray[np.int8]:
        """(N,) the kind of each cell."""
        return self.kinds[self.codes]

    def row_of(self, word: int) -> int:
        """The first row of the table where the word number `word` stands."""
        return int(self.cells.rows[int(np.argmax(self.codes == word))])

    def said(self) -> list[tuple[int, str]]:
        """Number and text of every word that is neither empty nor set aside."""
        return [(number, word) for number, word in enumerate(self.words) if self.kinds[number] == WORD]


class Unusable(NamedTuple):
    """What --unusable sets aside: exact cells, by their keys, and shell patterns."""

    keys: frozenset[str]
    patterns: tuple[str, ...]

    def holds(self, word: str, *, only_exact: bool) -> bool:
        """Whether the word is named, or fits a pattern where patterns count."""
        if canonical(word) in self.keys:
            return True
        return not only_exact and any(fnmatchcase(word, pattern) for pattern in self.patterns)


def words_of(cells: Cells, translation: dict[str, str]) -> Words:
    """The distinct texts of the cells, each translated once; `kinds` are not known yet."""
    import pandas as pd

    codes, found = pd.factorize(cells.texts)
    words = tuple(translation.get(canonical(text), text) for text in found) if translation else tuple(found)
    return Words(cells=cells, codes=codes.astype(np.int64), words=words, kinds=np.zeros(len(words), dtype=np.int8))


def sorted_words(
    words: Words, *, unusable: Unusable, not_asked: str | None, kept: Callable[[str], bool], numeric: bool
) -> Words:
    """The words with their kinds. What is `kept` is never set aside; no number is by a pattern, if `numeric`."""
    absent = None if not_asked is None else canonical(not_asked)

    def kind(word: str) -> int:
        if not word:
            return NOT_ASKED if absent == "" else EMPTY
        if kept(word):
            return WORD
        if canonical(word) == absent:
            return NOT_ASKED
        only_exact = numeric and number_of(word) is not None
        return UNUSABLE if unusable.holds(word, only_exact=only_exact) else WORD

    kinds = np.array([kind(word) for word in words.words], dtype=np.int8)
    return Words(cells=words.cells, codes=words.codes, words=words.words, kinds=kinds)


def is_probability(word: str) -> bool:
    """Whether a cell spells a number from 0 to 1."""
    number = number_of(word)
    return number is not None and 0 <= number <= 1


def translations(
    rules: Sequence[MapRule | tuple[str | None, str, str]],
    columns: Sequence[Cells],
    raters: Sequence[str],
    table: Table,
) -> tuple[dict[str, dict[str, str]], list[str]]:
    """For each rater the translation (key of a cell -> text), and a line for each rule that matches no cell."""
    by_column: dict[str, dict[str, str]] = {name: {} for name in raters}
    if not rules:
        return by_column, []
    keys = {name: set[str]() for name in raters} | {cells.name: _keys(cells) for cells in columns}
    settled = [_settled(MapRule(*rule), by_column, keys, table) for rule in rules]
    warnings = []
    for rule in sorted(settled, key=lambda rule: rule.column is not None):  # a rule for one column wins
        targets = [rule.column] if rule.column is not None else list(by_column)
        before = canonical(rule.before)
        if not any(before in keys[name] for name in targets):
            warnings.append(f"--map '{one_line(_spelled(rule))}' matches no cell")
        for name in targets:
            by_column[name][before] = rule.after
    _refuse_contradictions(settled)
    return by_column, warnings


def unusable_of(options: TableOptions, columns: Sequence[Words], labels: Collection[str]) -> tuple[Unusable, list[str]]:
    """What --unusable names. A value that matches no cell and has commas is tried part by part."""
    words = {word for column in columns for word in column.words}
    keys = {canonical(word) for word in words}
    exact = [value for given in options.unusable for value in _values_named(given, words, keys)]
    for value in exact:
        _refuse_label(value, labels)
    named = tuple(value for value in exact if value)
    warnings = [
        f"--unusable '{one_line(value)}' matches no cell" for value in named if not _matches(value, words, keys)
    ]
    patterns = tuple(value for value in named if _is_pattern(value))
    return Unusable(frozenset(map(canonical, named)), tuple(map(_literal_brackets, patterns))), warnings


def _values_named(given: str, words: set[str], keys: set[str]) -> list[str]:
    """The value that an option names, or the parts between its commas where no cell matches the whole."""
    if "," not in given or _matches(given, words, keys):
        return [given]
    return [part if _matches(part, words, keys) else part.strip() for part in given.split(",")]


def numbers_of(words: Words, table: Table, *, what: str) -> Floats:
    """(N,) the number in each cell, nan where there is none; a word that is no number is an InputError with its row."""
    numbers = np.full(len(words.words), np.nan)
    for number, word in words.said():
        value = number_of(word)
        if value is None:
            at = table.at(words.row_of(number), words.cells.column)
            mend = "translate it with --map or set it aside with --unusable"
            msg = f"{at}: '{one_line(word)}' is not a number, which {what} needs; {mend}"
            raise InputError(msg)
        numbers[number] = value
    return numbers[words.codes]


def probabilities_of(words: Words, table: Table) -> Floats:
    """(N,) the probability in each cell, nan where there is none; outside [0, 1] it is an InputError with its row."""
    numbers = numbers_of(words, table, what="a probability")
    outside: Mask = (numbers < 0) | (numbers > 1)
    if outside.any():
        first = int(np.argmax(outside))
        at = table.at(int(words.cells.rows[first]), words.cells.column)
        msg = f"{at}: {one_line(words.words[words.codes[first]])} is not a probability, which lies from 0 to 1"
        raise InputError(msg)
    return numbers


def _keys(cells: Cells) -> set[str]:
    import pandas as pd

    return {canonical(text) for text in pd.unique(cells.texts)}


def _settled(rule: MapRule, columns: Collection[str], keys: dict[str, set[str]], table: Table) -> MapRule:
    """The rule with the column it means: names of columns, and cells, may hold colons themselves."""
    if rule.column is None or rule.column in columns:
        return rule
    whole = f"{rule.column}:{rule.before}"
    prefixes = [name for name in columns if whole.startswith(f"{name}:") and len(name) + 1 < len(whole)]
    if prefixes:
        longest = max(prefixes, key=len)
        return MapRule(longest, whole[len(longest) + 1 :], rule.after)
    if any(canonical(whole) in found for found in keys.values()):
        return MapRule(None, whole, rule.after)
    near = nearest(rule.column, list(columns))
    listed = ", ".join(one_line(name, limit=40) for name in columns)
    flag = f"--map '{one_line(_spelled(rule))}'"
    msg = f"{table.name}: {flag} names no rater '{one_line(rule.column)}'{near}; raters are {listed}"
    raise InputError(msg)


def _refuse_contradictions(rules: Iterable[MapRule]) -> None:
    seen: dict[tuple[str | None, str], MapRule] = {}
    for rule in rules:
        other = seen.setdefault((rule.column, canonical(rule.before)), rule)
        if other.after != rule.after:
            msg = (
                f"--map '{one_line(_spelled(other))}' and '{one_line(_spelled(rule))}' contradict each other; keep one"
            )
            raise InputError(msg)


def _spelled(rule: MapRule) -> str:
    return ("" if rule.column is None else f"{rule.column}:") + f"{rule.before}={rule.after}"


def _matches(value: str, words: set[str], keys: set[str]) -> bool:
    if canonical(value) in keys:
        return True
    return _is_pattern(value) and any(fnmatchcase(word, _literal_brackets(value)) for word in words)


def _is_pattern(value: str) -> bool:
    return "*" in value or "?" in value


def _literal_brackets(pattern: str) -> str:
    """Only * and ? are special, so that a model's "[INST]" can be named as it stands."""
    return re.sub(r"\[", "[[]", pattern)


def _refuse_label(value: str, labels: Collection[str]) -> None:
    if canonical(value) in labels:
        msg = f"--unusable '{one_line(value)}' is a declared label; take it out of --labels or of --unusable"
        raise InputError(msg)
