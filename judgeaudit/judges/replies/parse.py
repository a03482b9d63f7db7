"""Reading a reply: total, so that every reply is answered, unparsed or refused, and says why."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from judgeaudit.domain.errors import one_line
from judgeaudit.domain.output import Asked
from judgeaudit.domain.question import number_of
from judgeaudit.domain.verdict import Read, Source
from judgeaudit.judges.replies.labels import cut, label_of
from judgeaudit.services.messages import STRUCTURED, Json, Reply, Token
from judgeaudit.text.gibberish.refusals import refuses

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
        return Read(
            status="unparsed",
            reason="truncated",
            error="the reply was cut off before its answer; raise max_output_tokens",
        )
    if not reply.text.strip():
        return Read(status="unparsed", reason="empty", error="the reply is empty")
    if said is None:
        return Read(status="unparsed", reason="malformed", error=missing)
    found = f"{'no number to cut' if how.cut else 'outside the labels'}: {one_line(str(said))!r}"
    return Read(status="unparsed", reason="outside_labels", error=found)


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


# Reading a reply that is no text: words or classes, each with its probability.


def read_words(reply: Reply, asked: Asked, words: Mapping[str, str], threshold: float | None) -> Read:
    """The label with the largest share; the positive one from `threshold` on, where one is given.

    Words that mean the same label count together. A word that means no label of the question and is likelier than any
    label is no answer.
    """
    meant = {word: label_of(word, asked, words) for word, _ in reply.words}
    shares = _of_labels(reply, asked, meant)
    mass = sum(shares.values())
    if shares and mass <= 0:
        return Read(status="unparsed", reason="unexplained", error="no label had any probability")
    if not shares:
        heard = ", ".join(one_line(word) for word, _ in reply.words)
        return _outside(f"{heard}; say with map what they mean")
    best = max(shares, key=lambda label: shares[label])
    stranger = _likeliest_stranger(reply, meant, likelier_than=shares[best])
    if stranger is not None:
        return _outside(f"{one_line(stranger)!r}; say with map what it means")
    if len(shares) < len(asked.labels):
        return Read(status="answered", label=best, label_mass=min(mass, 1.0))
    positive = sum(shares.get(label, 0.0) for label in asked.positive) / mass
    return Read(
        status="answered",
        label=_label(best, positive, asked, threshold),
        probability=min(max(positive, 0.0), 1.0) if asked.positive else None,
        probability_from=_source(reply) if asked.positive else None,
        label_mass=min(mass, 1.0),
    )


def _outside(said: str) -> Read:
    return Read(status="unparsed", reason="outside_labels", error=f"outside the labels: {said}")


def _likeliest_stranger(reply: Reply, meant: Mapping[str, str | None], *, likelier_than: float) -> str | None:
    """The likeliest word without a label, where it is likelier than that; classes of their own do not compete with labels."""
    strangers = {word: share for word, share in reply.words if meant[word] is None}
    if not strangers or reply.words_by == "separate classes":
        return None
    word = max(strangers, key=lambda one: strangers[one])
    return word if strangers[word] > likelier_than else None


def _source(reply: Reply) -> Source:
    return "log-probability" if reply.words_by == "tokens" else "classifier"


def _label(best: str, positive: float, asked: Asked, threshold: float | None) -> str:
    if threshold is None or asked.scale != "binary":
        return best
    other = next(label for label in asked.labels if label not in asked.positive)
    return asked.positive[0] if positive >= threshold else other


def _of_labels(reply: Reply, asked: Asked, meant: Mapping[str, str | None]) -> dict[str, float]:
    """Label -> share. Of classes that do not exclude one another the likeliest one speaks for a label."""
    shares: dict[str, float] = {}
    separate = reply.words_by == "separate classes"
    for word, share in reply.words:
        label = meant[word]
        if label is not None:
            shares[label] = max(shares.get(label, 0.0), share) if separate else shares.get(label, 0.0) + share
    if separate and asked.scale == "binary" and shares:
        return _two_sided(shares, asked)
    return shares


def _two_sided(shares: Mapping[str, float], asked: Asked) -> dict[str, float]:
    """Of a binary question one class is enough: what is not the one label is the other."""
    one = asked.positive[0] if asked.positive[0] in shares else next(iter(shares))
    other = next(label for label in asked.labels if label != one)
    return {one: shares[one], other: 1 - shares[one]}


# Finding a judge's final answer in what it wrote: JSON, a pattern, or a last line that is nothing but a label.


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


# From token log-probabilities to the probability of each label, and how much of the model's probability labels had.


class Shares(NamedTuple):
    """Label -> probability among the labels, which sum to 1, and the mass that they had before."""

    of: Mapping[str, float]
    mass: float


def shares_at(tokens: Sequence[Token], said: str, labels: Sequence[str]) -> Shares | None:
    """Probabilities of the labels at the place where the answer's label begins to differ from the others.

    `said` is the label as it stands in the reply; its last occurrence among the tokens counts. At its first token that
    not all labels share, every likely token votes for the one label that it begins or completes. None where no token
    decides: no log-probabilities, or labels that cannot be told apart by one token.
    """
    place = _place(tokens, said)
    if place is None:
        return None
    first, offset = place
    written = "".join(token.text for token in tokens)
    start = sum(len(token.text) for token in tokens[:first]) + offset
    before = ""
    at = first
    while at < len(tokens):
        token = tokens[at]
        lead = token.text[:offset] if at == first else ""
        options = [label for label in labels if label.casefold().startswith(before.casefold())]
        votes = _votes(token, lead, before, options)
        if len(votes) > 1 or (len(options) == 1 and votes):
            mass = sum(votes.values())
            return (
                Shares({label: votes.get(label, 0.0) / mass for label in labels}, min(mass, 1.0)) if mass > 0 else None
            )
        end = sum(len(one.text) for one in tokens[: at + 1])
        before = written[start:end]
        if len(before) >= len(said):
            return None
        at += 1
    return None


def of_scores(scores: Mapping[str, float], labels: Sequence[str]) -> Shares | None:
    """Probabilities that a service states outright, shared out among the labels."""
    found = {label: scores[label] for label in labels if label in scores and math.isfinite(scores[label])}
    mass = sum(found.values())
    if len(found) < len(labels) or mass <= 0 or min(found.values()) < 0:
        return None
    return Shares({label: value / mass for label, value in found.items()}, min(mass, 1.0))


def _place(tokens: Sequence[Token], said: str) -> tuple[int, int] | None:
    """The token in which the last occurrence of `said` begins, and how many of its characters come before it."""
    start = "".join(token.text for token in tokens).rfind(said) if said else -1
    if start < 0:
        return None
    for number, token in enumerate(tokens):
        if start < len(token.text):
            return number, start
        start -= len(token.text)
    return None


def _votes(token: Token, lead: str, before: str, options: Sequence[str]) -> dict[str, float]:
    """Label -> probability of the tokens that lead to it and to no other one."""
    votes: dict[str, float] = {}
    likely = dict(token.top) or {token.text: token.logprob}
    likely.setdefault(token.text, token.logprob)
    for text, logprob in likely.items():
        said = _continued(text, lead)
        if not said:
            continue
        leads = [label for label in options if _agrees(before + said, label)]
        if len(leads) == 1:
            votes[leads[0]] = votes.get(leads[0], 0.0) + math.exp(min(logprob, 0.0))
    return votes


def _continued(text: str, lead: str) -> str:
    """What a token adds to the label, where the chosen token began with `lead` that belongs to what stands before."""
    if text.startswith(lead):
        return text[len(lead) :]
    return text.lstrip() if not lead.strip() else ""


def _agrees(said: str, label: str) -> bool:
    """Whether what was written so far begins the label, or is the label with what follows it. Case is no difference."""
    said, label = said.casefold(), label.casefold()
    return label.startswith(said) or (said.startswith(label) and not said[len(label) : len(label) + 1].isalnum())
