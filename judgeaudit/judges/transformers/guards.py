"""Guard models as data: what each family is shown, where its verdict stands, and what its words mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from judgeaudit.domain.errors import InputError, nearest, one_line
from judgeaudit.domain.output import Asked, Order, Output, Turn
from judgeaudit.services.messages import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """How a family of guard models is asked.

    told_by   parts of a checkpoint's name that tell the family, in small letters without signs between
    words     what its verdict may be -> whether that word means the positive labels; None where it means neither plainly
    lead      what the answer begins with before the verdict, so that the verdict is the next token
    policy    the variable of its chat template that takes the question's text and guideline
    own       whether its prompt is no chat template of the checkpoint's but a text of the model's card, which `prompt` names
    writes    whether something stands before its verdict that only it can say, so that its answer has to be written out
    pattern   the regular expression that finds the verdict in what it writes
    """

    told_by: tuple[str, ...]
    words: Mapping[str, bool | None] = field(default_factory=dict)
    lead: str = ""
    policy: str = ""
    own: bool = False
    writes: bool = False
    pattern: str = ""


_YES_NO = {"Yes": True, "No": False}
FAMILIES = {
    "llama-guard": Family(told_by=("llamaguard",), words={"unsafe": True, "safe": False}, lead="\n\n"),
    "shieldgemma": Family(told_by=("shieldgemma",), words=_YES_NO, policy="guideline"),
    "qwen3guard": Family(
        told_by=("qwen3guardgen", "qwen3guard"),
        words={"Unsafe": True, "Safe": False, "Controversial": None},
        lead="Safety: ",
    ),
    "wildguard": Family(
        told_by=("wildguard",),
        words={"yes": True, "no": False},
        own=True,
        writes=True,  # two other verdicts come first, and a forced one would sway the third
        pattern=r"(?i)harmful response:\s*(yes|no)\b",
    ),
    "harmbench": Family(told_by=("harmbench",), words={"yes": True, "no": False}, own=True),
    "gpt-oss-safeguard": Family(told_by=("gptosssafeguard",), writes=True),
}


def family_of(model: str, named: str | None, *, where: str) -> Family | None:
    """The family that is named, or that a checkpoint's name tells; None where it tells none."""
    if named is not None:
        if named not in FAMILIES:
            offered = ", ".join(FAMILIES)
            msg = f"{where}.family: no family {one_line(named)!r}{nearest(named, list(FAMILIES))}; there are {offered}"
            raise InputError(msg)
        return FAMILIES[named]
    plain = "".join(sign for sign in model.casefold() if sign.isalnum())
    return next((one for one in FAMILIES.values() if any(part in plain for part in one.told_by)), None)


def meanings(family: Family, asked: Asked) -> dict[str, str]:
    """The family's words -> labels of a binary question; a judge's `map` may say otherwise."""
    if asked.scale != "binary" or len(asked.positive) != 1:
        return {}
    other = next(label for label in asked.labels if label not in asked.positive)
    meant = {word: harmful for word, harmful in family.words.items() if harmful is not None}
    return {word: asked.positive[0] if harmful else other for word, harmful in meant.items()}


def policy_of(asked: Asked) -> str:
    """What a guard that takes a policy is told."""
    return "\n\n".join(part for part in (asked.text, asked.guideline.strip()) if part)


@dataclass(frozen=True, slots=True)
class Dialogue:
    """The judged dialogue itself as the messages, its response last: for models that need no instruction."""

    def request(self, output: Output, asked: Asked, order: Order = "ab") -> Request:  # noqa: ARG002 - the model knows its question
        """The messages of one output; in order ba the two responses of a comparison change sides."""
        turns: Sequence[Turn] = output.turns or ((Turn(role="user", content=output.prompt),) if output.prompt else ())
        response = output.response if order == "ab" else output.response_b or ""
        return Request(turns=(*turns, Turn(role="assistant", content=response)))
