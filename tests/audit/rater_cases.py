"""Simulated raters at work: careful ones who read, and others who click."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from judgeaudit.domain.question import Question, make_question
from judgeaudit.domain.rater_work import Work

HARM = make_question(name="harm", scale="binary", labels=("safe", "unsafe"))


@dataclass(kw_only=True)
class Crew:
    """n items, of which `base` gives the shares of labels; each careful rater gets `skill` of them right."""

    question: Question = HARM
    n: int = 60
    raters: int = 3
    base: tuple[float, ...] = (0.6, 0.4)
    skill: float = 0.92
    pace: float = 20.0
    repeats: int = 4
    calibration: int = 4
    sorted_items: bool = False
    #: rater -> how that one clicks: "random" or a label's number as text, and then "slow" or nothing
    clicks: dict[int, str] = field(default_factory=dict)

    def work(self, seed: int) -> Work:
        """All of them at work, in the order in which they answer."""
        rng = np.random.default_rng(seed)
        total = self.n + self.calibration
        truth = rng.choice(len(self.base), total, p=self.base)
        length = np.round(np.exp(rng.normal(6.5, 0.7, total)))
        if self.sorted_items:
            truth[: self.n] = np.sort(truth[: self.n])
        columns: dict[str, list[np.ndarray]] = {}
        for a in range(self.raters):
            for name, values in self._one(a, rng, truth, length).items():
                columns.setdefault(name, []).append(values)
        joined = {name: np.concatenate(parts) for name, parts in columns.items()}
        order = np.argsort(joined["moment"], kind="stable")
        nobody = np.zeros(self.raters, np.int64)
        return Work(
            question=self.question,
            raters=tuple(f"rater-{a + 1}" for a in range(self.raters)),
            n_items=total,
            skipped=nobody,
            elsewhere=nobody,
            **{name: values[order] for name, values in joined.items()},
        )

    def _one(self, a: int, rng: np.random.Generator, truth: np.ndarray, length: np.ndarray) -> dict[str, np.ndarray]:
        total, k, style = len(truth), len(self.base), self.clicks.get(a, "")
        shown = np.arange(total) if self.sorted_items else rng.permutation(total)
        again = rng.choice(shown[shown < self.n], self.repeats, replace=False)
        item = np.concatenate([shown, again])
        right = rng.random(len(item)) < self.skill
        wrong = (truth[item] + rng.integers(1, k, len(item))) % k
        label = np.where(right, truth[item], wrong)
        if style.startswith("random"):
            label = rng.integers(0, k, len(item))
        elif style:
            label = np.full(len(item), int(style.split()[0]))
        speed = rng.lognormal(np.log(self.pace), 0.3)
        seconds = 3.0 + length[item] / speed * rng.lognormal(0.0, 0.5, len(item))
        if style and "slow" not in style:
            seconds = rng.lognormal(np.log(1.8), 0.4, len(item))
        repeat = np.arange(len(item)) >= total
        known = item >= self.n
        return {
            "rater": np.full(len(item), a),
            "item": item,
            "unit": item,
            "label": label.astype(np.int32),
            "seconds": seconds,
            "moment": 1.7e9 + 1000.0 * a + np.cumsum(seconds),
            "repeat": repeat,
            "calibration": known,
            "known": np.where(known, truth[item], -1).astype(np.int32),
            "length": length[item],
        }
