"""The questions of study.toml: what is asked, on which scale, and what the people's form shows."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from judgeaudit.domain.errors import InputError, nearest, one_line
from judgeaudit.domain.question import CANNOT_JUDGE, Question, Scale, canonical, make_question
from judgeaudit.storage.config.section_base import Label, Name, Section, refuse


class WhenConfig(Section):
    """A follow-up is asked only where the question before it got this label."""

    question: Name
    label: Label


class QuestionConfig(Section):
    """What is asked about an item. An interval scale may leave its labels to the numbers that raters used."""

    text: str = ""
    scale: Scale
    labels: tuple[Label, ...] = ()
    positive: tuple[Label, ...] = ()
    guideline: str | None = None
    layout: Literal["single", "pairwise"] = "single"
    words: dict[str, Label] = Field(default_factory=dict)
    multiple: bool = False
    when: WhenConfig | None = None
    cannot_judge: bool = True
    swap: tuple[tuple[Label, Label], ...] | None = None
    also_called: tuple[Name, ...] = ()
    map: dict[str, Label] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _scale_fits_labels(self) -> Self:
        try:
            self.question("")
        except InputError as error:
            text = str(error).removeprefix("question '': ").replace(" or --map", "").replace("--", "")
            refuse(text)
        return self

    @model_validator(mode="after")
    def _form_fits_labels(self) -> Self:
        self._are_labels("words", list(self.words))
        if self.multiple:
            self._can_be_joined()
        if self.layout == "pairwise" and self.scale == "interval" and not self.labels:
            refuse(
                "labels: numbers about two answers need a closed set, since they change when the answers change sides; "
                'declare them, such as labels = [-2, -1, 0, 1, 2] with swap = [["-2", "2"], ["-1", "1"]]'
            )
        if self.swap is not None:
            self._can_be_swapped(self.swap)
        return self

    @model_validator(mode="after")
    def _words_mean_labels(self) -> Self:
        for word, label in self.map.items():
            if canonical(word) in map(canonical, self.labels):
                refuse(f"map: {one_line(word)!r} is a label already; take it out of map, or out of labels")
            if label != CANNOT_JUDGE and self.labels:
                self._are_labels("map", [label])
        return self

    def _can_be_joined(self) -> None:
        """Several labels at once are written with | between them."""
        if self.scale != "nominal":
            refuse(f'multiple needs scale = "nominal", and this scale is {self.scale}')
        for label in self.labels:
            if "|" in label:
                refuse(f"labels: {one_line(label)!r} holds |, which stands between several labels; rename it")

    def _can_be_swapped(self, pairs: tuple[tuple[str, str], ...]) -> None:
        """A label changes into one other label when the two answers change sides."""
        if self.layout != "pairwise":
            refuse('swap belongs to layout = "pairwise"')
        swapped = [label for pair in pairs for label in pair]
        self._are_labels("swap", swapped)
        for label in swapped:
            if swapped.count(label) > 1:
                refuse(f"swap: {one_line(label)!r} stands there twice; a label changes into one other label")

    def _are_labels(self, where: str, named: list[str]) -> None:
        for label in named:
            if label not in self.labels:
                near = nearest(label, list(self.labels))
                offered = ", ".join(map(one_line, self.labels)) or "none, so declare them"
                refuse(f"{where}: {one_line(label)!r} is not one of the labels{near}; labels are {offered}")

    def question(self, name: str) -> Question:
        return make_question(name=name, scale=self.scale, labels=self.labels, positive=self.positive, text=self.text)
