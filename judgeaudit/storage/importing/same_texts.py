"""Whether the texts that people labelled elsewhere are the study's texts: a label belongs to what its rater read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from judgeaudit.domain.errors import one_line
from judgeaudit.storage.files.json_cells import cell_of

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
