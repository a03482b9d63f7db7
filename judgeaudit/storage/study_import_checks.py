"""A table that shall go into a study, looked at before anything is written: what no audit could read is refused here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from judgeaudit.domain.errors import InputError, nearest, one_line
from judgeaudit.domain.question import canonical, number_of
from judgeaudit.storage.people_words import translated
from judgeaudit.storage.study_files import find_table
from judgeaudit.storage.study_people import other_sources, read_people
from judgeaudit.storage.study_tables import outputs_of
from judgeaudit.storage.study_verdicts import read_judges
from judgeaudit.storage.table_columns import COLUMNS, missing, misspelt, refuse_missing
from judgeaudit.storage.tables import Table

if TYPE_CHECKING:
    from judgeaudit.storage.study_rows import Said
    from judgeaudit.storage.study_schema import StudyConfig

#: columns that say whom or what a row is about, and therefore cannot be empty
_IDENTITY = {
    "outputs": ("item_id",),
    "annotations": ("item_id", "rater"),
    "verdicts": ("item_id", "judge"),
    "capability": ("model", "checkpoint"),
}
#: how programs write a value that is missing, where they should write nothing
_GONE = frozenset({"nan", "none", "null", "na", "n/a", "<na>", "nat"})


class Told(NamedTuple):
    """What a person should know of a table that can be imported: an account of its rows, and what to look at."""

    lines: tuple[str, ...]
    warnings: tuple[str, ...]


def check_table(table: Table, kind: str, folder: Path, config: StudyConfig) -> Told:
    """Refuses a table with a cell that an audit of the study could not read, or without one row that it could use."""
    refuse_missing(table, kind)
    for column in _IDENTITY[kind]:
        blank = next((index for index, cell in enumerate(table.frame[column]) if not cell.strip()), None)
        if blank is not None:
            msg = f"{table.at(blank, column)}: the cell is empty; every row needs one"
            raise InputError(msg)
    told = _CHECKS[kind](table, folder, config)
    usual = (*misspelt(table, kind), *_gone(table, _IDENTITY[kind]), *_odd_numbers(table, kind))
    return Told(told.lines, (*usual, *_layout(table, kind, config), *told.warnings))


def _outputs(table: Table, _: Path, config: StudyConfig) -> Told:
    empty = sum(response == "" for response in table.frame["response"])
    what = "every response is empty" if empty == table.rows else f"{empty} of {table.rows} responses are empty"
    why = "right where the model wrote nothing, wrong where its text is missing"
    return Told((), (*([f"{table.name}: {what}: {why}"] if empty else []), *_unsliced(table, config)))


def _unsliced(table: Table, config: StudyConfig) -> list[str]:
    """Sentences about columns that study.toml slices or binds the outputs by, and that the table lacks or leaves empty."""
    strata = {name: f"strata.{name}" for name, stratum in config.strata.items() if stratum.source == "column"}
    asked = {**strata, **({config.cluster: "cluster"} if config.cluster else {})}
    sentences = []
    for column, where in asked.items():
        near = nearest(column, [name for name in table.columns if name not in asked])
        if column not in table.columns:
            said = f"no column '{one_line(column)}'{near}, which study.toml names"
            sentences.append(f"{table.name}: {said} as {one_line(where)}: no audit can be made without it")
        elif empty := sum(cell == "" for cell in table.frame[column]):
            said = f"column '{one_line(column)}' is empty in {empty} of {table.rows} rows"
            sentences.append(f"{table.name}: {said}, and study.toml names it as {one_line(where)}")
    return sentences


def _annotations(table: Table, folder: Path, config: StudyConfig) -> Told:
    meant = translated(table, config)
    _refuse_silent(meant, given=("", "labelled"))
    people = read_people(meant, config, _items(table, folder))
    special = _column(table, "purpose")
    _refuse_strangers(table, folder, [purpose == "calibration" for purpose in special])
    numbers = _no_numbers(people.said, config, "annotations")
    return Told(people.join, (*other_sources(people.rows, config), *numbers))


def _verdicts(table: Table, folder: Path, config: StudyConfig) -> Told:
    if "label" not in table.columns and not {"", "answered"}.isdisjoint(_column(table, "status")):
        raise missing(table, "verdicts", "label")
    _refuse_silent(table, given=("", "answered"))
    judges = read_judges([table], config, _items(table, folder))
    _refuse_strangers(table, folder, [False] * table.rows)
    said = zip(_column(table, "label"), _column(table, "status"), strict=True)
    mute = sum(label == status == "" for label, status in said)
    silent = [f"{mute} verdicts have no label and no status that says why: they count as unparsed"] if mute else []
    strange = _strange_labels(judges.said, config)
    return Told(judges.join, (*silent, *strange, *_no_numbers(judges.said, config, "verdicts")))


def _capability(table: Table, _: Path, __: StudyConfig) -> Told:
    for column in ("score", "n"):
        for index, cell in enumerate(_column(table, column)):
            if number_of(cell) is None and (cell or column == "score"):
                msg = f"{table.at(index, column)}: '{one_line(cell)}' is not a number, which {column} has to be"
                raise InputError(msg)
    return Told((), ())


_CHECKS: dict[str, Callable[[Table, Path, StudyConfig], Told]] = {
    "outputs": _outputs,
    "annotations": _annotations,
    "verdicts": _verdicts,
    "capability": _capability,
}


def _column(table: Table, name: str) -> Sequence[str]:
    return list(table.frame[name]) if name in table.columns else [""] * table.rows


def _items(table: Table, folder: Path) -> tuple[str, ...]:
    """The study's items; before it has outputs, those of the table."""
    held = _held(folder)
    return tuple(held) if held else tuple(dict.fromkeys(table.frame["item_id"]))


def _held(folder: Path) -> list[str]:
    file = find_table(folder, "outputs")
    return [] if file is None or file.stat().st_size == 0 else list(outputs_of(folder).frame["item_id"])


def _refuse_strangers(table: Table, folder: Path, elsewhere: Iterable[bool]) -> None:
    """Refuses a table of which no row is about an item of the study; rows about items `elsewhere` are no reason to."""
    held = _held(folder)
    about = [item for item, away in zip(table.frame["item_id"], elsewhere, strict=True) if not away]
    if not held or not about or not set(held).isdisjoint(about):
        return
    own, other = one_line(held[0], limit=40), one_line(about[0], limit=40)
    msg = (
        f"{table.name}: column 'item_id': none of its items is among the study's outputs, which have '{own}' and not "
        f"'{other}'; write the ids alike, or import the outputs of these items first"
    )
    raise InputError(msg)


def _refuse_silent(table: Table, *, given: Sequence[str]) -> None:
    """Refuses a table in which no row says anything, by a label or by a status other than `given`."""
    spoken = any(label.strip() for label in _column(table, "label"))
    if not spoken and set(given).issuperset(_column(table, "status")):
        msg = f"{table.name}: no row can be used: label is empty in every row, and no status says why; fill the cells"
        raise InputError(msg)


def _strange_labels(said: dict[str, Said], config: StudyConfig) -> list[str]:
    """Sentences about labels that study.toml does not know, so that an audit could not use the verdicts."""
    sentences = []
    for name, one in said.items():
        known = {canonical(label) for label in config.questions[name].labels}
        words = [str(word) for word in one.label if word and known and canonical(str(word)) not in known]
        sentences += [
            f"question '{one_line(name)}' has no label '{one_line(word)}' in study.toml, which {words.count(word)} "
            "verdicts give: declare it, translate it with map in the judge's section, or no audit can be made"
            for word in sorted(set(words))[:20]
        ]
    return sentences


def _no_numbers(said: dict[str, Said], config: StudyConfig, noun: str) -> list[str]:
    """Sentences about labels of interval questions that are no numbers."""
    sentences = []
    for name, one in said.items():
        question = config.questions[name]
        if question.labels or question.scale != "interval":
            continue
        words = [str(word) for word in one.label if word and number_of(str(word)) is None]
        if words:
            first = one_line(words[0])
            sentences.append(
                f"question '{one_line(name)}' has an interval scale, and {len(words)} {noun} give no number, '{first}' "
                "first: correct them, or no audit can be made"
            )
    return sentences


def _gone(table: Table, columns: Sequence[str]) -> list[str]:
    sentences = []
    for column in columns:
        words = [cell for cell in table.frame[column] if cell.casefold() in _GONE]
        if words:
            sentences.append(
                f"{table.name}: {column} is '{words[0]}' in {len(words)} rows, which is how programs write what is "
                "missing: it is taken for a name as it stands"
            )
    return sentences


def _odd_numbers(table: Table, kind: str) -> list[str]:
    sentences = []
    for column in COLUMNS[kind]:
        cells = _column(table, column.name) if column.holds == "a number" else []
        odd = [index for index, cell in enumerate(cells) if cell and number_of(cell) is None]
        if odd:
            at, first = table.at(odd[0], column.name), one_line(cells[odd[0]])
            sentences.append(f"{at}: '{first}' is not a number, nor are {len(odd) - 1} other cells: they are not used")
    return sentences


def _layout(table: Table, kind: str, config: StudyConfig) -> list[str]:
    """A sentence where the table speaks of pairs of answers and the questions of one, or the other way round."""
    pairwise = [name for name, question in config.questions.items() if question.layout == "pairwise"]
    second = sum(map(bool, _column(table, "response_b")))
    if second and not pairwise:
        return [
            f"{table.name}: {second} rows have a response_b, and every question of study.toml asks about one answer: "
            'response alone is shown and judged; write layout = "pairwise" in questions about both'
        ]
    if kind == "outputs" and pairwise and second < table.rows:
        return [
            f"{table.name}: {table.rows - second} of {table.rows} rows have no response_b, and question "
            f"'{one_line(pairwise[0])}' compares two answers: nobody can label these items; add the second answer, or "
            "take layout out of the question"
        ]
    return []
