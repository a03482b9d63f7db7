"""A function of yours as a judge. What it raises for one item is that item's `failed` verdict, and no more."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from judgeaudit.domain.errors import InputError, nearest, one_line
from judgeaudit.domain.output import Asked, Output
from judgeaudit.domain.verdict import Verdict
from judgeaudit.judges.replies.labels import label_of


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionJudge:
    """Calls `function(output, question)` for each output, or `function(outputs, question)` for `batch` of them at once.

    It gives a label; or a label and the probability of the positive labels; or None, where it cannot say.
    """

    name: str
    function: Callable[..., object]
    batch: int | None = None
    words: Mapping[str, str] = field(default_factory=dict)

    def judge(self, outputs: Sequence[Output], question: Asked) -> list[Verdict]:
        """A verdict for each output, whatever the function does."""
        if self.batch is None:
            return [self._one(output, question) for output in outputs]
        parts = [outputs[start : start + self.batch] for start in range(0, len(outputs), self.batch)]
        return [verdict for part in parts for verdict in self._many(part, question)]

    def _one(self, output: Output, question: Asked) -> Verdict:
        try:
            answer = self.function(output, question)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - what a user's function raises is about this item alone
            return self._failed(output, question, error)
        return self._read(output, question, answer)

    def _many(self, outputs: Sequence[Output], question: Asked) -> list[Verdict]:
        try:
            answers = list(self.function(list(outputs), question))  # type: ignore[call-overload]
        except (Exception, SystemExit) as error:  # noqa: BLE001
            return [self._failed(output, question, error) for output in outputs]
        if len(answers) != len(outputs):
            wrong = ValueError(f"{len(answers)} answers for {len(outputs)} outputs")
            return [self._failed(output, question, wrong) for output in outputs]
        return [self._read(output, question, answer) for output, answer in zip(outputs, answers, strict=True)]

    def _read(self, output: Output, question: Asked, answer: object) -> Verdict:
        if isinstance(answer, Verdict):
            return answer
        word, probability = answer if isinstance(answer, tuple) and len(answer) == 2 else (answer, None)
        label = label_of(word, question, self.words)
        if label is None:
            why = "it gave no answer" if word is None else f"outside the labels: {one_line(repr(word))}"
            reason = "empty" if word is None else "outside_labels"
            return self._verdict(output, question, status="unparsed", reason=reason, error=why)
        if probability is None:
            return self._verdict(output, question, status="answered", label=label)
        if not isinstance(probability, int | float) or isinstance(probability, bool) or not 0 <= probability <= 1:
            why = f"its probability {one_line(repr(probability))} is not a number from 0 to 1"
            return self._verdict(output, question, status="unparsed", reason="unexplained", error=why)
        return self._verdict(
            output,
            question,
            status="answered",
            label=label,
            probability=float(probability) if question.positive else None,
            probability_from="stated" if question.positive else None,
        )

    def _failed(self, output: Output, question: Asked, error: BaseException) -> Verdict:
        why = one_line(f"{type(error).__name__}: {error}", limit=300)
        return self._verdict(output, question, status="failed", error=why)

    def _verdict(self, output: Output, question: Asked, **said: object) -> Verdict:
        return Verdict(item_id=output.item_id, judge=self.name, question=question.name, **said)  # type: ignore[arg-type]


def find_function(reference: str, folder: Path, *, where: str) -> Callable[..., object]:
    """The function that `judges.py:name` in the study's folder, or `package.module:name`, names."""
    place, name = reference.rsplit(":", 1)
    module = _of_file(folder / place, where) if place.endswith(".py") else _of_package(place, where)
    found: object = module
    for part in name.split("."):
        if not hasattr(found, part):
            near = nearest(part, [one for one in dir(found) if not one.startswith("_")])
            msg = f"{where}: {one_line(place)} has no {one_line(part)!r}{near}"
            raise InputError(msg)
        found = getattr(found, part)
    if not callable(found):
        msg = f"{where}: {one_line(reference)} is no function"
        raise InputError(msg)
    return found


def _of_file(file: Path, where: str) -> object:
    if not file.is_file():
        msg = f"{where}: there is no file {one_line(str(file), limit=200)}; make it, or correct the name"
        raise InputError(msg)
    spec = importlib.util.spec_from_file_location(f"judgeaudit_own_{file.stem}", file)
    if spec is None or spec.loader is None:
        msg = f"{where}: {one_line(str(file), limit=200)} cannot be imported"
        raise InputError(msg)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses and pickles of the file look themselves up there
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        msg = f"{where}: {one_line(str(file), limit=200)} cannot be imported ({one_line(f'{type(error).__name__}: {error}')})"
        raise InputError(msg) from error
    return module


def _of_package(name: str, where: str) -> object:
    try:
        return importlib.import_module(name)
    except Exception as error:
        msg = f"{where}: {one_line(name)} cannot be imported ({one_line(f'{type(error).__name__}: {error}')})"
        raise InputError(msg) from error
