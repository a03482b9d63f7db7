"""What raters get to see of each planned task. Nothing but what is made here is sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.labelling.tasks import Outgoing, PlannedTask, Sent

if TYPE_CHECKING:
    from judgeaudit.labelling.form.xml import Form
    from judgeaudit.storage.config.schema import StudyConfig
    from judgeaudit.storage.files.rows_by_id import RowsById

Row = Mapping[str, str]
_COLUMNS = ("item_id", "prompt", "messages", "response", "response_b")
PART = 1000


class Outbox:
    """The planned tasks with their texts, which are read from disk when they are asked for.

    `form` is the study's form, without a box for prompts where no task has one.
    """

    def __init__(self, study: Path, config: StudyConfig, form: Form, tasks: Sequence[PlannedTask]) -> None:
        self._tasks = {task.ja_id: task for task in tasks}
        self._outputs = _outputs(study)
        self._known = _known(study, config, tasks)
        missing = [task.item_id for task in tasks if task.item_id not in self._rows_of(task)]
        if missing:
            msg = f"{len(missing)} planned items are not among the outputs any more, '{one_line(missing[0])}' first; put them back"
            raise InputError(msg)
        self.form = self._fitted(form)

    @property
    def ids(self) -> list[str]:
        """Opaque ids in the order of the plan."""
        return list(self._tasks)

    def tasks(self, ja_ids: Sequence[str]) -> list[Outgoing]:
        """These tasks as the server gets them: opaque id, prompt if there are any, response, for pairs the other one."""
        planned = [self._tasks[ja_id] for ja_id in ja_ids]
        return [self._outgoing(task, row) for task, row in zip(planned, self._read(planned), strict=True)]

    def changed(self, sent: Mapping[str, Sent]) -> int:
        """How many tasks were sent with other texts than they have now."""
        there = [ja_id for ja_id in self._tasks if ja_id in sent]
        return sum(task.sha256 != sent[task.ja_id].sha256 for part in parts(there) for task in self.tasks(part))

    def _outgoing(self, task: PlannedTask, row: Row) -> Outgoing:
        from judgeaudit.labelling.texts import shown_text

        data = {"ja_id": task.ja_id, "response": shown_text(row.get("response", ""))}
        if self.form.has_prompt:
            data["prompt"] = shown_text(_prompt(row))
        if self.form.pairwise:
            data["response_b"] = shown_text(row["response_b"])
            if task.swapped:
                data["response"], data["response_b"] = data["response_b"], data["response"]
        return Outgoing(ja_id=task.ja_id, data=data)

    def _fitted(self, form: Form) -> Form:
        has_prompt = dialogues = False
        for part in parts(self.ids):
            for row in self._read([self._tasks[ja_id] for ja_id in part]):
                if form.pairwise and "response_b" not in row:
                    msg = (
                        "a pairwise question needs two answers for each item, and there is no column response_b; "
                        "add it to the outputs, and to the table of known items if there is one"
                    )
                    raise InputError(msg)
                has_prompt = has_prompt or bool(_prompt(row))
                dialogues = dialogues or bool(row.get("messages") and not row.get("prompt"))
            if has_prompt and dialogues and not form.pairwise:
                break
        return replace(form, has_prompt=has_prompt, messages=dialogues)

    def _rows_of(self, task: PlannedTask) -> RowsById | Mapping[str, Row]:
        return self._known if task.purpose == "calibration" else self._outputs

    def _read(self, tasks: Sequence[PlannedTask]) -> Iterator[Row]:
        """Rows in the order of the tasks."""
        items = [task.item_id for task in tasks if task.purpose != "calibration"]
        outputs = iter(self._outputs.rows(items))
        for task in tasks:
            yield self._known[task.item_id] if task.purpose == "calibration" else next(outputs)


def parts(ja_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """The ids in their order, as many at a time as a server takes."""
    for start in range(0, len(ja_ids), PART):
        yield ja_ids[start : start + PART]


def _prompt(row: Row) -> str:
    from judgeaudit.labelling.form.instructions import dialogue_text

    try:
        return row.get("prompt") or dialogue_text(row.get("messages", ""))
    except InputError as error:
        msg = f"item '{one_line(row['item_id'])}': {error}"
        raise InputError(msg) from None


def _outputs(study: Path) -> RowsById:
    from judgeaudit.storage.files.rows_by_id import RowsById
    from judgeaudit.storage.files.study_files import find_table
    from judgeaudit.storage.study.outputs import outputs_of

    file = find_table(study, "outputs")
    return RowsById(file, _COLUMNS, needed=("item_id", "response"), whole=lambda: outputs_of(study))


def _known(study: Path, config: StudyConfig, tasks: Iterable[PlannedTask]) -> dict[str, Row]:
    """Items with known answers, where the plan holds some."""
    from judgeaudit.storage.files.read import read_table

    if not any(task.purpose == "calibration" for task in tasks):
        return {}
    if config.labelling.calibration is None:
        msg = "study.toml: the plan holds calibration items and [labelling] names no calibration table any more; put it back"
        raise InputError(msg)
    frame = read_table(study / config.labelling.calibration).frame
    there = [name for name in _COLUMNS if name in frame.columns]
    return {row[0]: dict(zip(there, row, strict=True)) for row in zip(*(frame[name] for name in there), strict=True)}
