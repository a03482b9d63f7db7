"""Reading a reply that is no text: words or classes, each with its probability."""

from __future__ import annotations

from collections.abc import Mapping

from judgeaudit.domain.errors import one_line
from judgeaudit.domain.output import Asked
from judgeaudit.domain.verdict import Source
from judgeaudit.judges.replies.labels import label_of
from judgeaudit.judges.replies.reading import Read
from judgeaudit.judges.replies.reply import Reply


def read_words(reply: Reply, asked: Asked, words: Mapping[str, str], threshold: float | None) -> Read:
    """The label with the largest share; the positive one from `threshold` on, where one is given.

    Words that mean the same label count together. A word that means no label of the question and is likelier than any
    label is no answer.
    """
    meant = {word: label_of(word, asked, words) for word, _ in reply.words}
    strangers = {word: share for word, share in reply.words if meant[word] is None}
    shares = _of_labels(reply, asked, meant)
    mass = sum(shares.values())
    if shares and mass <= 0:
        return Read(status="unparsed", error="no label had any probability")
    if not shares:
        heard = ", ".join(one_line(word) for word, _ in reply.words)
        return Read(status="unparsed", error=f"outside the labels: {heard}; say with map what they mean")
    best = max(shares, key=lambda label: shares[label])
    if strangers and reply.words_by != "separate classes" and max(strangers.values()) > shares[best]:
        word = max(strangers, key=lambda one: strangers[one])
        return Read(status="unparsed", error=f"outside the labels: {one_line(word)!r}; say with map what it means")
    whole = len(shares) == len(asked.labels)
    positive = sum(shares.get(label, 0.0) for label in asked.positive) / mass
    return Read(
        status="answered",
        label=_label(best, positive, asked, threshold) if whole else best,
        probability=min(max(positive, 0.0), 1.0) if asked.positive and whole else None,
        probability_from=_source(reply) if asked.positive and whole else None,
        label_mass=min(mass, 1.0),
    )


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
