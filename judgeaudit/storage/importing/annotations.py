"""Labels and tables into a study: what is there already is not doubled, what differs is not lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.question import canonical
from judgeaudit.storage.files.json_cells import cell_of
from judgeaudit.storage.files.study_files import find_table
from judgeaudit.storage.files.write import append_jsonl, shown
from judgeaudit.storage.labelling.book import AnnotationBook, Row, rows_of
from judgeaudit.storage.study.label_words import also_called, understood

if TYPE_CHECKING:
    from judgeaudit.storage.config.schema import StudyConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did: rows that are new and rows that were there, by table; sentences; what to look at."""

    added: dict[str, int]
    known: dict[str, int]
    lines: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def add_annotations(
    folder: Path,
    config: StudyConfig,
    *,
    annotations: Sequence[Row],
    outputs: Sequence[Mapping[str, object]],
    book: AnnotationBook | None = None,
) -> ImportReport:
    """Appends what the study does not hold yet, such that for every rater, item and question the latest stamp wins.

    Labels about an item that has another text in the study than where they were given are left out. An answer that a
    later state of the same annotation (`source`) no longer gives is withdrawn. Adding the same twice adds nothing.
    """
    book = book or AnnotationBook(folder)
    there = rows_of(folder, "outputs")
    texts = compare_texts(there, outputs)
    _refuse_unaddable(folder, texts.fresh)
    kept = [row for row in annotations if row["item_id"] not in texts.other]
    if texts.fresh:
        append_jsonl(folder / "outputs.jsonl", texts.fresh)
    added = book.add(kept)
    return ImportReport(
        added={"outputs": len(texts.fresh), "annotations": added.rows},
        known={"outputs": len(outputs) - len(texts.fresh), "annotations": added.known},
        warnings=(
            *texts.told(len(annotations) - len(kept)),
            *_corrected(added.differing),
            *_without_cluster(config, [*there, *texts.fresh]),
            *undeclared(config, kept),
        ),
    )


def undeclared(config: StudyConfig, annotations: Sequence[Mapping[str, str]]) -> list[str]:
    """Sentences about questions and labels that study.toml does not know, so that an audit could not use them."""
    asked = Counter(question for row in annotations if (question := row.get("question", "")))
    known = understood(config)
    questions = {question: count for question, count in asked.items() if question not in known}
    if questions and len(questions) == len(asked):
        return _none_declared(config, questions)
    sentences = [
        f"{count} annotations answer question '{one_line(question)}', which study.toml does not declare: they are imported "
        "and no audit uses them; declare it, or name it in also_called of the question that it is"
        for question, count in sorted(questions.items())
    ]
    return sentences + [
        f"question '{one_line(question)}' has no label '{one_line(label)}' in study.toml, which {count} annotations give: "
        "declare it, or say in the question's map what it means, or no audit can be made"
        for (question, label), count in sorted(_other_labels(config, annotations).items())
    ]


def _other_labels(config: StudyConfig, annotations: Sequence[Mapping[str, str]]) -> Counter[tuple[str, str]]:
    """Question of the study and label -> how many annotations give this label, which study.toml does not know."""
    named = also_called(config)
    words = {name: {canonical(one) for one in labels} for name, labels in understood(config).items()}
    found: Counter[tuple[str, str]] = Counter()
    for row in annotations:
        question, label = row.get("question", ""), row.get("label", "")
        if label and words.get(question):
            name = named.get(question, question)
            several = label.split("|") if config.questions[name].multiple else [label]
            found[name, label] += any(canonical(one) not in words[question] for one in several)
    return +found


def _none_declared(config: StudyConfig, questions: Mapping[str, int]) -> list[str]:
    """What to say where labels and study.toml have no question in common."""
    found, first = (
        ", ".join(f"'{one_line(name)}'" for name in sorted(questions)),
        one_line(next(iter(config.questions))),
    )
    return [
        f"no question of these {sum(questions.values())} annotations is declared in study.toml, which asks "
        f"{', '.join(map(one_line, config.questions))}; found: {found}. They are imported and no audit uses them; say which "
        f'is which there, as also_called = ["{one_line(min(questions))}"] under [questions.{first}], with map for labels of '
        "other names"
    ]


def _corrected(differing: int) -> list[str]:
    if not differing:
        return []
    return [
        f"{differing:,} answers stand in annotations.jsonl otherwise than in this export, corrected there by hand: the file "
        "stays; remove its rows to have the export's"
    ]


def _without_cluster(config: StudyConfig, rows: Sequence[Mapping[str, object]]) -> list[str]:
    """A sentence where study.toml names a cluster that outputs lack, which an audit would refuse."""
    lacking = sum(row.get(config.cluster or "") in (None, "") for row in rows)
    if not lacking or not config.cluster:
        return []
    return [
        f"{lacking} of {len(rows)} outputs have no '{one_line(config.cluster)}', which study.toml names as cluster: no "
        "audit can be made until the column is filled in outputs.jsonl, or cluster is taken out of study.toml"
    ]


def _refuse_unaddable(folder: Path, fresh: Sequence[Mapping[str, object]]) -> None:
    file = find_table(folder, "outputs")
    if fresh and file is not None and file.suffix != ".jsonl":
        missing = f"{len(fresh)} items are not in it"
        msg = f"{shown(file)}: {missing}, and rows are added to outputs.jsonl only; convert this table to it first"
        raise InputError(msg)


# Whether the texts that people labelled elsewhere are the study's texts: a label belongs to what its rater read.


_SHOWN = ("response", "response_b", "prompt", "messages")
#: columns of data that nobody reads as the text; others may be, where no text is called response
_ABOUT = frozenset({"item_id", "ja_id", "id", "prompt_id", "benchmark", "model", "checkpoint", "method", "degradation"})
_NAMED = 5
Output = Mapping[str, object]


class Texts(NamedTuple):
    """Items that the study does not hold; those that it holds with another text, and in which column; those untold.

    untold  items that the study holds and whose text the labels do not show under its name
    """

    fresh: list[Output]
    other: dict[str, str]
    untold: tuple[str, ...]

    def told(self, rows: int) -> Iterator[str]:
        """What to look at; `rows` is how many rows of annotations were left out."""
        if self.other:
            first, column = next(iter(self.other.items()))
            yield (
                f"{len(self.other)} items have another text than in the study ({_listed(list(self.other))}; '{one_line(first)}' "
                f"differs in {column}): the study's stay, and {rows} rows of labels that were given to the others are left out"
            )
        if self.untold:
            yield (
                f"{len(self.untold)} items of the study came without a text called response ({_listed(self.untold)}): whether "
                "people read the study's texts cannot be told"
            )


def compare_texts(there: Sequence[Mapping[str, str]], outputs: Sequence[Output]) -> Texts:
    """How outputs that come with labels stand to those of the study."""
    held = {row.get("item_id", ""): row for row in there}
    fresh = [output for output in outputs if output["item_id"] not in held]
    known = {item: output for output in outputs if (item := str(output["item_id"])) in held}
    other = {item: column for item, output in known.items() if (column := _differing(held[item], output))}
    untold = [item for item, output in known.items() if item not in other and not _shows(held[item], output)]
    return Texts(fresh, other, tuple(untold))


def _differing(held: Mapping[str, str], output: Output) -> str:
    """The first column of text that both have, with different texts. A study may leave prompts out, and not responses."""
    named = held.get("response") and output.get("response")
    for column in _SHOWN if named else (*_SHOWN, *sorted(output.keys() - _ABOUT - set(_SHOWN))):
        mine, theirs = held.get(column, ""), cell_of(output.get(column))
        if theirs and theirs != mine and (mine or column == "response"):
            return column
    return ""


def _shows(held: Mapping[str, str], output: Output) -> bool:
    response = held.get("response", "")
    return bool(output.get("response")) or not response or response in map(cell_of, output.values())


def _listed(items: Sequence[str]) -> str:
    more = len(items) - _NAMED
    return ", ".join(f"'{one_line(item, limit=40)}'" for item in items[:_NAMED]) + (
        f" and {more} more" if more > 0 else ""
    )
