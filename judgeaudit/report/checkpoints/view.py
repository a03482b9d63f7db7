"""A comparison of checkpoints, indexed for picking. Nothing here makes a number; it only finds the ones in compare.json."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from judgeaudit.domain.checkpoints import NO_REFERENCE
from judgeaudit.report.checkpoints.size_limits import FULL, ROOMS, Room
from judgeaudit.report.content.view import part, texts

Plain = Mapping[str, Any]
#: what makes a specification, in the order in which it is told
CHOICES = ("benchmark", "judge", "reference", "treatment", "anchor")
POSITIVE = "positive_rate"
#: rates that are not the share of a question's positive side
INCOHERENT, UNANSWERED = "incoherence_rate", "unanswered_rate"
OTHER_RATES = (INCOHERENT, UNANSWERED)
_Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison with its rates, anchors and specifications found by name."""

    plain: Plain
    full: bool
    room: Room
    rates: Mapping[_Key, Plain]
    anchors: Mapping[_Key, Plain]
    contrasts: Mapping[_Key, Plain]
    places: Mapping[_Key, int]

    @property
    def questions(self) -> list[Plain]:
        return rows(self.plain, "questions")

    @property
    def methods(self) -> list[str]:
        """Methods in the order of the anchors, which begin with the baseline; without anchors in that of the checkpoints."""
        told = rows(self.plain, "anchors") or rows(self.plain, "checkpoints")
        return list(dict.fromkeys(str(one.get("method", "")) for one in told))

    @property
    def baseline(self) -> str:
        return str(self.plain.get("baseline", ""))

    def checkpoints(self, method: str) -> list[Plain]:
        """The checkpoints of a method, in their order; a baseline may be named by a checkpoint or a model."""
        told = rows(self.plain, "checkpoints")
        for key in ("method", "checkpoint", "model"):
            mine = [one for one in told if str(one.get(key, "")) == method]
            if mine:
                return mine
        return []

    def anchor(self, rule: str, method: str) -> Plain:
        return self.anchors.get((rule, method), {})

    def rate(self, question: str, method: str, checkpoint: str, statistic: str, **spec: str) -> Plain | None:
        """The rate of a checkpoint on its method's path."""
        return self.rates.get(_rate_key((question, method, "", checkpoint), statistic, spec))

    def anchored(self, question: str, method: str, rule: str, statistic: str, **spec: str) -> Plain | None:
        """The rate of a method at its anchor, else that of the one checkpoint which stands there."""
        found = self.rates.get(_rate_key((question, method, rule, ""), statistic, spec))
        parts = self.stands(method, rule)
        if found is None and len(parts) == 1:
            return self.rate(question, method, parts[0][0], statistic, **spec)
        return found

    def stands(self, method: str, rule: str) -> list[tuple[str, float]]:
        """The checkpoints that stand for a method, each with its weight."""
        return [
            (str(one.get("checkpoint", "")), float(one.get("weight") or 0.0))
            for one in rows(self.anchor(rule, method), "parts")
        ]

    def contrast(self, question: str, a: str, b: str, **spec: str) -> Plain | None:
        """A contrast under a specification: as it was told in full, else as the multiverse holds it."""
        found = self.contrasts.get((question, a, b, *(spec[one] for one in CHOICES)))
        if found is not None:
            return found
        place = self.places.get((question, *(spec[one] for one in CHOICES)))
        many = self.multiverse(question, a, b)
        if place is None or many is None or place >= len(many.get("value") or ()):
            return None
        return {key: many[key][place] for key in ("value", "low", "high", "conclusion")} | dict(spec)

    def multiverse(self, question: str, a: str, b: str) -> Plain | None:
        mine = (one for one in rows(self.plain, "multiverse") if one.get("question") == question)
        return next((one for one in mine if (one.get("a"), one.get("b")) == (a, b)), None)

    def primary(self, question: str) -> list[Plain]:
        """The contrasts that were declared to stand first."""
        return [one for one in rows(self.plain, "contrasts") if one.get("question") == question and one.get("primary")]

    def specifications(self, question: str) -> list[Plain]:
        return list(part(self.plain, "specifications").get(question) or ())

    def options(self, question: str, choice: str) -> list[str]:
        """The options of a choice as declared, else as the specifications, else as the rates have them."""
        about = next((one for one in self.questions if one.get("name") == question), {})
        told = judges_of(about) if choice == "judge" else texts(about, f"{choice}s")
        if told:
            return list(told)
        made = self.specifications(question) or [
            one for one in rows(self.plain, "rates") if one.get("question") == question
        ]
        return list(dict.fromkeys(str(one[choice]) for one in made if one.get(choice)))


def compared_of(plain: Plain, *, full: bool = False) -> Compared:
    """The comparison with its index."""
    rates: dict[_Key, Plain] = {}
    for one in rows(plain, "rates"):
        question, method, anchor, checkpoint = (
            str(one.get(key) or "") for key in ("question", "method", "anchor", "checkpoint")
        )
        spec = {key: str(one.get(key) or "") for key in CHOICES}
        where = (question, method, anchor, "" if anchor else checkpoint)
        rates.setdefault(_rate_key(where, str(one.get("statistic", "")), spec), one)
    return Compared(
        plain=plain,
        full=full,
        room=FULL if full else ROOMS[0],
        rates=rates,
        anchors={(str(one.get("rule")), str(one.get("method"))): one for one in rows(plain, "anchors")},
        contrasts={
            tuple(str(one.get(key, "")) for key in ("question", "a", "b", *CHOICES)): one
            for one in rows(plain, "contrasts")
            if one.get("statistic") not in OTHER_RATES
        },
        places={
            (str(question), *(str(one.get(key, "")) for key in CHOICES)): at
            for question, specs in part(plain, "specifications").items()
            for at, one in enumerate(specs)
        },
    )


def _rate_key(where: tuple[str, str, str, str], statistic: str, spec: Mapping[str, str]) -> _Key:
    """Question, method, anchor, checkpoint; how it was made. A rate that stands on no treatment is found under any."""
    treatment = "" if statistic in OTHER_RATES else spec.get("treatment", "")
    return *where, spec.get("benchmark", ""), spec.get("judge", ""), spec.get("reference", ""), treatment, statistic


def rows(plain: Plain, key: str) -> list[Plain]:
    """The records under a key; none where it is absent."""
    return [one for one in plain.get(key) or () if isinstance(one, Mapping)]


def first_of(question: Plain) -> dict[str, str]:
    """The specification that was declared to stand first."""
    told = part(question, "primary")
    return {key: str(told.get(key) or "") for key in CHOICES}


def raw_of(compared: Compared, question: Plain) -> dict[str, str]:
    """The practice that is held against it: the last checkpoint, the judge believed, gibberish not looked at."""
    name, first = str(question.get("name", "")), first_of(question)
    treatments, anchors = compared.options(name, "treatment"), compared.options(name, "anchor")
    treatment = "as_judged" if "as_judged" in treatments else first["treatment"]
    anchor = "last" if "last" in anchors else first["anchor"]
    return first | {"reference": NO_REFERENCE, "treatment": treatment, "anchor": anchor}


def judges_of(question: Plain) -> list[str]:
    return [str(one.get("judge", "")) for one in rows(question, "judges")]


def rules_of(question: Plain) -> list[str]:
    """Reference rules without the judge alone."""
    return [one for one in texts(question, "references") if one != NO_REFERENCE]


def beside(first: Mapping[str, str], **other: str) -> dict[str, str]:
    """A specification with some choices changed."""
    return {**first, **other}


def in_order(names: Iterable[str], *, front: Sequence[str]) -> list[str]:
    """The names, those in front first."""
    listed = list(names)
    return [one for one in front if one in listed] + [one for one in listed if one not in front]
