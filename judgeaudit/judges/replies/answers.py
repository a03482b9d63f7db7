"""Finding a judge's final answer in what it wrote: JSON, a pattern, or a last line that is nothing but a label."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from judgeaudit.judges.replies.reply import Json

_FENCE = re.compile(r"```[\w-]*\n?|```")
_LEAD = re.compile(r"(?i)^\W*(?:the |my )?(?:final )?(?:answer|label|verdict|rating|score|judge?ment)\W*(?:is)?\W+")
#: where a model thinks aloud in tags, the answer comes after them
_THOUGHT = re.compile(r"(?s)^\s*<(think|thinking|reasoning)>.*?</\1>")
_NOTHING = object()
#: a final answer stands near the end; what is not read cannot be slow
_READ = 50_000
_DEEP = 1000
#: nor is a model slow to read that fell into opening brackets without end
_OPENINGS = 2000


def final_answer(text: str) -> str:
    """The end of a reply, without what a model thought aloud before it."""
    return _THOUGHT.sub("", text, count=1)[-_READ:]


def at_path(text: str, path: str) -> tuple[bool, Json]:
    """Whether the last JSON object of the text that has the path holds something there, and what.

    A path is keys and list places with dots: `verdict.label`, `answers.0.score`.

    >>> at_path('I think {"label": "a"} but no: ```json\\n{"label": "b"}\\n```', "label")
    (True, 'b')
    >>> at_path("no object", "label")
    (False, None)
    """
    found = [value for whole in objects(final_answer(text)) if (value := _inside(whole, path)) is not _NOTHING]
    return (True, found[-1]) if found else (False, None)  # type: ignore[return-value]


def objects(text: str) -> Iterator[Json]:
    """Every outermost JSON object or list that stands in a text, in order."""
    decoder = json.JSONDecoder(strict=False)
    openings = [found.start() for found in re.finditer(r"[\[{]", text)]
    place = openings[-_OPENINGS] if len(openings) > _OPENINGS else 0
    while (start := _next_start(text, place)) >= 0:
        try:
            value, end = decoder.raw_decode(text, start)
        except ValueError:
            place = start + 1
            continue
        except RecursionError:  # nobody answers so deep inside; the next bracket would be as deep
            place = start + _DEEP
            continue
        yield value
        place = end


def by_pattern(text: str, pattern: re.Pattern[str]) -> str | None:
    """What the last match of the pattern caught: its group `label`, else its first group, else all of it."""
    matches = list(pattern.finditer(final_answer(text)))
    if not matches:
        return None
    last = matches[-1]
    if "label" in pattern.groupindex:
        return last["label"]
    return last[1] if pattern.groups else last[0]


def last_line(text: str) -> str:
    """The last line that says anything, without `Answer:` before it and emphasis around it.

    >>> last_line("It is rude.\\n\\n**Answer:** unsafe\\n")
    'unsafe'
    """
    lines = [line.strip() for line in _FENCE.sub("\n", final_answer(text)).splitlines() if line.strip()]
    if not lines:
        return ""
    return _LEAD.sub("", lines[-1]).strip().strip("*_`\"' ")


def _next_start(text: str, place: int) -> int:
    found = [at for sign in "{[" if (at := text.find(sign, place)) >= 0]
    return min(found, default=-1)


def _inside(value: Json, path: str) -> object:
    here: object = value
    for step in path.split("."):
        if isinstance(here, dict) and step in here:
            here = here[step]
        elif isinstance(here, list) and step.lstrip("-").isdigit() and -len(here) <= int(step) < len(here):
            here = here[int(step)]
        else:
            return _NOTHING
    return here
