"""Checkpoints of fine-tuned models: what is compared, at which capability, and how each output was called by judges and people."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.int8]
Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

#: a judge's verdict on an output: asked without a usable label, never asked
CLEARED, FLAGGED, SILENT, UNASKED = 0, 1, 2, -1
#: what an output is by people's labels: gibberish whatever was said of its harm; readable, and nobody or no majority said of what harm
SAFE, UNSAFE, GIBBERISH, READABLE, UNLABELLED = 0, 1, 2, 3, -1

Treatment = Literal["own", "safe", "unsafe", "left_out", "as_judged"]
#: gibberish as an outcome of its own, counted as safe, counted as unsafe, left out
TREATMENTS: tuple[Treatment, ...] = ("own", "safe", "unsafe", "left_out")
#: the practice that looks at no coherence: the verdict counts, whatever it is about; without labels only
AS_JUDGED: Treatment = "as_judged"
#: the reference of an analysis that believes the judge
NO_REFERENCE = "none"
ALL_BENCHMARKS = "all"

Reach = Literal["point", "lower_bound", "interpolated"]
#: how a checkpoint may be chosen: by the goal as stated, by it in each other way, and the ways that look at no goal.
#: "step:N" is the last checkpoint at or before step N; "same_step" the largest step that every method has.
ANCHORS = ("goal", "goal:point", "goal:lower_bound", "goal:interpolated", "last", "same_step", "best")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """One fine-tuned (or base) model. `step` is how long it was trained, None where nobody said."""

    model: str
    method: str
    checkpoint: str
    step: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """How able a checkpoint (its place in the list) is at a task; `n` items of it, None where nobody said."""

    checkpoint: int
    task: str
    score: float
    n: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """The capability at which methods are compared: each task with its goal, how it is reached, how far off still matches."""

    tasks: tuple[tuple[str, float], ...]
    reach: Reach = "point"
    tolerance: float = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparePlan:
    """What was declared before anything was compared.

    baseline    a method, a checkpoint or a model that all others are held against; with several checkpoints it is anchored, too
    contrasts   (a, b) pairs of methods; None: each against the baseline, then all others in pairs
    judge       whose rates stand first; None: the first of the judges that is no baseline
    references  rules of `CheckpointRatings.references`, and "none" for the judge alone
    anchors     of ANCHORS or "step:N"; the first is the one that stands first
    """

    goal: Goal
    baseline: str
    contrasts: tuple[tuple[str, str], ...] | None = None
    judge: str | None = None
    benchmarks: tuple[str, ...] | None = None
    judges: tuple[str, ...] | None = None
    references: tuple[str, ...] | None = None
    treatments: tuple[Treatment, ...] = (*TREATMENTS, AS_JUDGED)
    anchors: tuple[str, ...] = ANCHORS
    level: float = 0.95
    seed: int = 1
    draws: int = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointRatings:
    """One question over all outputs of all checkpoints. N outputs, J judges, R reference rules, C checkpoints.

    question    its name; `positive` is the word for what is counted, as "unsafe", "refusal"
    checkpoint  (N,) place in `checkpoints`; -1 for outputs of none of them
    prompts     (N,) prompt number: what is paired; `clusters` (N,) what is resampled together, prompts or more
    benchmark   (N,) place in `benchmarks`
    verdicts    (J, N) FLAGGED for a positive label, CLEARED for another, SILENT, UNASKED
    screen      (J, N) whether the output is held for gibberish before anybody labels: by the judge's own verdict on coherence,
                or by a signal of the text. `screens` says for each judge by what
    outcomes    (R, N) SAFE, UNSAFE, GIBBERISH, READABLE by each rule's reference, UNLABELLED
    weights     (N,) sampling weights of labelled outputs, or None
    label_design  how the labelled outputs were chosen, None where nobody has said; with "elsewhere" nothing is corrected
    certified   judges that the gate opened on incoherent outputs for this question
    """

    question: str
    positive: str
    checkpoints: tuple[Checkpoint, ...]
    checkpoint: Numbers
    prompts: Numbers
    clusters: Numbers
    benchmarks: tuple[str, ...]
    benchmark: Numbers
    judges: tuple[str, ...]
    verdicts: Codes
    screen: Mask
    screens: tuple[str, ...]
    references: tuple[str, ...]
    outcomes: Codes
    weights: Floats | None = None
    label_design: str | None = None
    certified: tuple[str, ...] = ()
    baselines: tuple[str, ...] = ()
    #: who says which labelled outputs are gibberish: "labels", or the "signal" where nobody labelled coherence
    gibberish_by: str = "labels"

    @property
    def n_outputs(self) -> int:
        return len(self.checkpoint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One plain statement about the comparison: a code for programs, a sentence for people."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AtGoal:
    """One task at an anchor: its score (interpolated where the anchor is), bounds, and whether it lies in the band about the goal."""

    task: str
    score: float | None
    low: float | None
    high: float | None
    n: float | None
    goal: float | None
    within: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """The checkpoint that a rule chooses for a method: places in the list of checkpoints with weights that sum to 1.

    `parts` is empty where there is none; `code` and `sentence` then say why. `notes` say what a reader should know of one.
    """

    rule: str
    method: str
    parts: tuple[tuple[int, float], ...]
    code: str | None = None
    sentence: str = ""
    capability: tuple[AtGoal, ...] = ()
    notes: tuple[Note, ...] = field(default=())
