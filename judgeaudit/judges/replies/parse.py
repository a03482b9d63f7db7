"""Reading a reply: total, so that every reply is answered, unparsed or refused, and says why."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from judgeaudit.domain.errors import one_line
from judgeaudit.domain.output import Asked
from judgeaudit.domain.question import number_of
from judgeaudit.domain.verdict import Source
from judgeaudit.judges.replies.answers import at_path, by_pattern, last_line
from judgeaudit.judges.replies.labels import cut, label_of
from judgeaudit.judges.replies.probabilities import Shares, of_scores, shares_at
from judgeaudit.judges.replies.reading import Read
from judgeaudit.judges.replies.reply import Reply
from judgeaudit.judges.replies.scored import read_words
from judgeaudit.text.gibberish.refusals import refuses

STRUCTURED = "label"
STATED = "confidence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsing:
    """How one question's answer is found in a reply.

    path         where it stands in the reply's JSON; `label` in the answer that the rubric asks for
    pattern      or the regular expression that catches it
    cut          what a score must meet to mean the positive label, such as ">= 4"
    words        what a judge says -> the label that it means
    probability  where the reply's JSON states the probability of the positive label
    confidence   where the reply's JSON states how sure the judge is, from 0 to 1 or to 100
    own          whether path or pattern is a user's own, so that nothing else may be taken for the answer
    threshold    of a binary question: from which probability of the positive label on it is the answer
    """

    path: str | None = STRUCTURED
    pattern: re.Pattern[str] | None = None
    cut: str | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    probability: str | None = None
    confidence: str | None = STATED
    own: bool = False
    threshold: float | None = None


def read_reply(reply: Reply, asked: Asked, how: Parsing) -> Read:
    """The label in a reply, or why there is none. A truncated reply counts where its answer is whole."""
    found = read_words(reply, asked, how.words, how.threshold) if reply.words else _read_text(reply, asked, how)
    if not reply.left_out:
        return found
    note = f"too long: {reply.left_out:,} characters were left out of the middle"
    return replace(found, error=note if found.error is None else f"{found.error}; {note}")


def _read_text(reply: Reply, asked: Asked, how: Parsing) -> Read:
    if reply.ending == "refused":
        return Read(status="refused", error=_why("the service ended with a refusal", reply.note))
    said, missing = _said(reply, how)
    label = None
    if said is not None:
        label = cut(said, how.cut, asked) if how.cut else label_of(said, asked, how.words)
    if label is None or _may_go_on(reply, str(said), asked, how):
        return _without(reply, said, missing, how)
    probability, source, mass = _probability(reply, str(said), label, asked, how)
    return Read(
        status="answered",
        label=label,
        probability=probability,
        probability_from=source,
        label_mass=mass,
        confidence=_stated(reply.text, how.confidence),
    )


def _said(reply: Reply, how: Parsing) -> tuple[object, str]:
    """The judge's own word for its answer, or None and what was looked for in vain."""
    if how.pattern is not None:
        found = by_pattern(reply.text, how.pattern)
        return found, f"no match of {how.pattern.pattern!r}"
    there, value = at_path(reply.text, how.path or STRUCTURED)
    if there:
        return value, f"nothing that is a label at {how.path!r}"
    if how.own:
        return None, f"no JSON with {how.path!r}"
    return last_line(reply.text) or None, "no answer at its end"


def _may_go_on(reply: Reply, said: str, asked: Asked, how: Parsing) -> bool:
    """Whether the reply was cut off in a word that might have become another answer, as `1` might have become `10`."""
    if reply.ending != "truncated" or not reply.text.rstrip().endswith(said):
        return False
    if how.cut or not asked.labels:
        return True
    longer = (word.casefold() for word in (*asked.labels, *how.words) if len(word) > len(said))
    return any(word.startswith(said.casefold()) for word in longer)


def _without(reply: Reply, said: object, missing: str, how: Parsing) -> Read:
    """No label: a refusal in words, an answer cut off, one outside the labels, or none at all."""
    if refuses(reply.text):
        return Read(status="refused", error=_why("the judge refused in words", reply.text))
    if reply.ending == "truncated":
        return Read(status="unparsed", error="the reply was cut off before its answer; raise max_output_tokens")
    if not reply.text.strip():
        return Read(status="unparsed", error="the reply is empty")
    if said is None:
        return Read(status="unparsed", error=missing)
    kind = "no number to cut" if how.cut else "outside the labels"
    return Read(status="unparsed", error=f"{kind}: {one_line(str(said))!r}")


def _probability(
    reply: Reply, said: str, label: str, asked: Asked, how: Parsing
) -> tuple[float | None, Source | None, float | None]:
    """P(positive), what it is made of, and the label mass. Nothing where the question has no positive labels."""
    if not asked.positive:
        return None, None, None
    if how.probability is not None:
        stated = _share(at_path(reply.text, how.probability)[1], percent=False)
        return (None, None, None) if stated is None else (stated, "stated", None)
    found, source = _shares(reply, said, label, asked, how)
    if found is None:
        return None, None, None
    positive = sum(found.of[one] for one in asked.positive)
    return min(max(positive, 0.0), 1.0), source, found.mass


def _shares(reply: Reply, said: str, label: str, asked: Asked, how: Parsing) -> tuple[Shares | None, Source]:
    if reply.scores:
        return of_scores(dict(reply.scores), asked.labels), "log-probability"
    if not reply.tokens or how.cut:
        return None, "log-probability"
    spelled = {label: label for label in asked.labels} | _spellings(said, label, asked, how)
    shares = shares_at(reply.tokens, spelled[label], list(spelled.values()))
    if shares is None:
        return None, "log-probability"
    return Shares({one: shares.of[word] for one, word in spelled.items()}, shares.mass), "log-probability"


def _spellings(said: str, label: str, asked: Asked, how: Parsing) -> dict[str, str]:
    """Label -> the judge's own word for it, so that its tokens are looked for as the judge writes them."""
    words = {meant: word for word, meant in reversed(list(how.words.items())) if meant in asked.labels}
    if label in words or said != label:
        return {**words, label: said}
    return {}


def _stated(text: str, path: str | None) -> float | None:
    return None if path is None else _share(at_path(text, path)[1], percent=True)


def _share(value: object, *, percent: bool) -> float | None:
    """A number from 0 to 1; above 1 and up to 100 it is read as per cent, where that is meant."""
    if isinstance(value, bool):
        return None
    number = float(value) if isinstance(value, int | float) else number_of(value) if isinstance(value, str) else None
    if number is None or not 0 <= number <= (100 if percent else 1):
        return None
    return number / 100 if number > 1 else number


def _why(what: str, words: str) -> str:
    return f"{what}: {one_line(words.strip(), limit=160)}" if words.strip() else what
