"""What is odd about a table and no reason to refuse it, each in a sentence for the person who imports it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from judgeaudit.domain.errors import nearest, one_line
from judgeaudit.domain.question import canonical, number_of
from judgeaudit.storage.files.columns import COLUMNS
from judgeaudit.storage.files.read import Table

if TYPE_CHECKING:
    from judgeaudit.storage.config.schema import StudyConfig
    from judgeaudit.storage.study.rows import Said

#: how programs write a value that is missing, where they should write nothing
_GONE = frozenset({"nan", "none", "null", "na", "n/a", "<na>", "nat"})
#: so many raters are nothing strange, however few rows there are
_RATERS = 10


def strange_labels(said: dict[str, Said], config: StudyConfig) -> list[str]:
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


def no_numbers(said: dict[str, Said], config: StudyConfig, noun: str) -> list[str]:
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


def odd_raters(table: Table, column: str, config: StudyConfig) -> list[str]:
    """Sentences where a column of raters looks like one of ids or texts, or holds judges among people."""
    names = list(dict.fromkeys(table.frame[column]))
    first = one_line(names[0], limit=40)
    sentences = []
    if len(names) > max(_RATERS, table.rows / 2):
        sentences.append(
            f"{table.name}: {len(names)} {column}s in {table.rows} rows, '{first}' first: is {column} the column of their "
            "names, and not of ids or texts?"
        )
    judges = [name for name in names if name in config.judges]
    if judges and column == "rater":
        said = ", ".join(one_line(name, limit=40) for name in judges[:20])
        sentences.append(
            f"{table.name}: {said} among the raters: a judge of study.toml, whose labels would count as a person's; bring "
            "them in as verdicts"
        )
    return sentences


def odd_scores(table: Table) -> list[str]:
    """Sentences about scores that are no shares, and about scores of which nobody says on how many items they rest."""
    scores = [(cell, number_of(cell)) for cell in cells_of(table, "score")]
    large = [cell for cell, value in scores if value is not None and value > 1]
    unsaid = sum(not cell for cell in cells_of(table, "n"))
    sentences = []
    if large:
        whole = "all" if len(large) == table.rows else f"{len(large)} of {table.rows}"
        sentences.append(
            f"{table.name}: {whole} scores are above 1, '{one_line(large[0])}' first: a share is written 0.71, not 71; the goal "
            "in study.toml has to be on the scale of its task"
        )
    if unsaid:
        sentences.append(f"{table.name}: {unsaid} of {table.rows} scores have no n: how sure they are cannot be told")
    return sentences


def other_layout(table: Table, kind: str, config: StudyConfig) -> list[str]:
    """A sentence where the table speaks of pairs of answers and the questions of one, or the other way round."""
    pairwise = [name for name, question in config.questions.items() if question.layout == "pairwise"]
    second = sum(map(bool, cells_of(table, "response_b")))
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


def unsliced(table: Table, config: StudyConfig) -> list[str]:
    """Sentences about columns that study.toml slices or binds the outputs by, and that the table lacks or leaves empty."""
    strata = {name: f"strata.{name}" for name, stratum in config.strata.items() if stratum.source == "column"}
    asked = {**strata, **({config.cluster: "cluster"} if config.cluster else {})}
    sentences = []
    for column, where in asked.items():
        near = nearest(column, [name for name in table.columns if name not in asked])
        if column not in table.columns:
            said = f"no column '{one_line(column)}'{near}, which study.toml names"
            way_out = "add the column, or take that out of study.toml"
            sentences.append(f"{table.name}: {said} as {one_line(where)}: no audit can be made without it; {way_out}")
        elif empty := sum(cell == "" for cell in table.frame[column]):
            said = f"column '{one_line(column)}' is empty in {empty} of {table.rows} rows"
            sentences.append(f"{table.name}: {said}, and study.toml names it as {one_line(where)}")
    return sentences


def unprompted(table: Table) -> list[str]:
    """A sentence where what was asked seems to stand in a column of another name."""
    if any(cell for name in ("prompt", "messages") for cell in cells_of(table, name)):
        return []
    (prompt,) = (column for column in COLUMNS["outputs"] if column.name == "prompt")
    other = next((name for name in table.columns if name.casefold() in prompt.elsewhere), None)
    if other is None:
        return []
    return [
        f"{table.name}: no column 'prompt' (did you mean '{one_line(other)}'?): raters and judges will not see what the model "
        "was asked; rename that column, delete the study's outputs and import the table again"
    ]


def gone(table: Table, columns: Sequence[str]) -> list[str]:
    """Sentences about names that stand for nothing, such as a rater called nan."""
    sentences = []
    for column in columns:
        words = [cell for cell in table.frame[column] if cell.casefold() in _GONE]
        if words:
            sentences.append(
                f"{table.name}: {column} is '{words[0]}' in {len(words)} rows, which is how programs write what is "
                "missing: it is taken for a name as it stands"
            )
    return sentences


def odd_numbers(table: Table, kind: str) -> list[str]:
    """Sentences about cells of columns that hold numbers, and are none."""
    sentences = []
    for column in COLUMNS[kind]:
        cells = cells_of(table, column.name) if column.holds == "a number" else []
        odd = [index for index, cell in enumerate(cells) if cell and number_of(cell) is None]
        if odd:
            at, first = table.at(odd[0], column.name), one_line(cells[odd[0]])
            sentences.append(f"{at}: '{first}' is not a number, nor are {len(odd) - 1} other cells: they are not used")
    return sentences


def cells_of(table: Table, name: str) -> Sequence[str]:
    """The cells of a column; empty ones where the table lacks it."""
    return list(table.frame[name]) if name in table.columns else [""] * table.rows
