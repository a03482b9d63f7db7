"""What evaluation programs logged, whichever program it was: runs of a checkpoint with scores of tasks and texts of samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from judgeaudit.domain.errors import InputError, nearest, one_line

What = Literal["capability", "outputs", "both"]
WHATS: tuple[What, ...] = ("capability", "outputs", "both")


@dataclass(frozen=True, slots=True, kw_only=True)
class EvalOptions:
    """What a person says that the logs do not say, or say otherwise.

    what              None: scores that a program computed are capability, generated texts of all other tasks are outputs
    capability_tasks  None: told as above; else these tasks and no others are capability, and their texts no outputs
    metric            the metric that is the score of a task, instead of its main one
    """

    model: str = ""
    checkpoint: str = ""
    method: str = ""
    step: str = ""
    benchmark: str = ""
    what: What | None = None
    capability_tasks: tuple[str, ...] | None = None
    metric: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Which checkpoint a run says that it evaluated; "" for what it does not say."""

    model: str = ""
    method: str = ""
    checkpoint: str = ""
    step: str = ""

    @property
    def identity(self) -> tuple[str, ...]:
        """What tells one checkpoint from another; how long it was trained is no part of that."""
        return self.model, self.method, self.checkpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How well a task went, over `n` items. `computed` is whether a program can tell what is right, without a judge.

    others  names of what else might have been taken; `doubt` a sentence about the score, where there is one
    """

    task: str
    score: float
    n: float | None
    metric: str
    computed: bool = True
    others: tuple[str, ...] = ()
    doubt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One generated text. `sample` names what was asked within its task, `repeat` counts its answers from 1."""

    task: str
    sample: str
    response: str
    repeat: int = 1
    prompt: str = ""
    messages: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvalRun:
    """One checkpoint evaluated once. `stamp` sorts runs by time; `doubts` are sentences for the person who imports it.

    explicit  whether a person named this very file of texts, so that they are wanted whatever the task's score is
    """

    source: str
    named: Named
    stamp: str = ""
    scores: tuple[Score, ...] = ()
    texts: tuple[Text, ...] = ()
    doubts: tuple[str, ...] = ()
    explicit: bool = False


def options_of(
    *,
    what: str = "",
    capability_tasks: str = "",
    model: str = "",
    checkpoint: str = "",
    method: str = "",
    step: str = "",
    benchmark: str = "",
    metric: str = "",
) -> EvalOptions:
    """Options as a person writes them; tasks are parted by commas."""
    if what and what not in WHATS:
        msg = f"--what '{one_line(what)}'{nearest(what, list(WHATS))}: it is {', '.join(WHATS)}"
        raise InputError(msg)
    tasks = tuple(task.strip() for task in capability_tasks.split(",") if task.strip())
    return EvalOptions(
        model=model.strip(),
        checkpoint=checkpoint.strip(),
        method=method.strip(),
        step=step.strip(),
        benchmark=benchmark.strip(),
        metric=metric.strip(),
        what=next((one for one in WHATS if one == what), None),
        capability_tasks=tasks or None,
    )
