"""A round's plan to a Label Studio: form, project, tasks. What raters get to see is made here, and nothing else is sent."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.labelling import MAIN, PILOT, Outgoing, PlannedTask, Project, Sent, opaque_id
from judgeaudit.facade.label_form import form_of
from judgeaudit.facade.label_server import checked_project, connected

if TYPE_CHECKING:
    from judgeaudit.labelling.door import Door
    from judgeaudit.labelling.form import Form
    from judgeaudit.labelling.push import Pushed
    from judgeaudit.storage.rounds import RoundFolder
    from judgeaudit.storage.study_schema import StudyConfig

Progress = Callable[[int, int], None]
#: what raters see as the project's name; it says nothing of models, benchmarks or judges
TITLES = {MAIN: "Model answers", PILOT: "Model answers: trial"}
SECOND = "Model answers: second round"


@dataclass(frozen=True, slots=True, kw_only=True)
class PushReport:
    """Where a round stands after a push: tasks sent now, and those that were there already."""

    url: str
    project_id: int
    created: bool
    sent: int
    there: int
    raters_per_item: int
    warnings: tuple[str, ...]


def push_round(
    study: Path,
    name: str,
    *,
    url: str | None = None,
    token: str | None = None,
    resend: bool = False,
    restore_form: bool = False,
    raters: int | None = None,
    progress: Progress | None = None,
) -> PushReport:
    """Sends what the server does not hold yet; pushing again, after a crash too, sends nothing twice.

    `raters` is how many people label in all. Where they are more than label one item, items that are shown twice and
    items with known answers go to each of them, since a repeat tells something only where the same person sees both.
    """
    from judgeaudit.labelling.form import form_xml
    from judgeaudit.labelling.push import Pusher
    from judgeaudit.storage.rounds import RoundFolder
    from judgeaudit.storage.study_config import read_study

    config, folder = read_study(study), RoundFolder(study, name)
    if raters is not None and raters < config.labelling.raters_per_item:
        msg = f"--raters {raters}: study.toml wants {config.labelling.raters_per_item} people for each item (labelling.raters_per_item)"
        raise InputError(msg)
    tasks = folder.tasks()
    form = form_of(config)
    outgoing, form = outgoing_tasks(study, config, form, tasks)
    with folder.alone():
        door = connected(study, url=url, token=token, project=folder.project())
        if resend:
            _forget_deleted(door, folder)
        project, created = _project(door, folder, config, form_xml(form), restore=restore_form)
        sent = folder.sent()
        pusher = Pusher(
            server=door, project_id=project.project_id, note=folder.add_sent, progress=progress, resend=resend
        )
        done = pusher.push(outgoing, sent)
        if raters is not None and raters > project.overlap:
            numbers = folder.sent()
            door.set_overlap([numbers[task.ja_id].task_id for task in _for_everybody(tasks)], raters)
    return PushReport(
        url=door.url,
        project_id=project.project_id,
        created=created,
        sent=done.sent,
        there=done.there,
        raters_per_item=project.overlap,
        warnings=tuple(_warnings(outgoing, sent, done)),
    )


def outgoing_tasks(
    study: Path, config: StudyConfig, form: Form, tasks: Sequence[PlannedTask]
) -> tuple[list[Outgoing], Form]:
    """Every planned task with the texts that raters see; and the form without a box for prompts where there are none."""
    from judgeaudit.labelling.form_page import dialogue_text
    from judgeaudit.labelling.texts import shown_text

    texts = {**_output_texts(study), **_known_texts(study, config, tasks)}
    missing = [task.item_id for task in tasks if _key(task) not in texts]
    if missing:
        msg = f"{len(missing)} planned items are not among the outputs any more, '{one_line(missing[0])}' first; put them back"
        raise InputError(msg)
    rows = [texts[_key(task)] for task in tasks]
    _refuse_one_sided(form, rows)
    prompts = [row.get("prompt") or dialogue_text(row.get("messages", "")) for row in rows]
    has_prompt = any(prompts)
    dialogues = any(row.get("messages") and not row.get("prompt") for row in rows)
    outgoing = []
    for task, row, prompt in zip(tasks, rows, prompts, strict=True):
        data = {"ja_id": task.ja_id, "response": shown_text(row.get("response", ""))}
        if has_prompt:
            data["prompt"] = shown_text(prompt)
        if form.pairwise:
            data["response_b"] = shown_text(row.get("response_b", ""))
            if task.swapped:
                data["response"], data["response_b"] = data["response_b"], data["response"]
        outgoing.append(Outgoing(ja_id=task.ja_id, data=data))
    return outgoing, replace(form, has_prompt=has_prompt, messages=dialogues)


def _refuse_one_sided(form: Form, rows: Sequence[Mapping[str, str]]) -> None:
    if form.pairwise and any("response_b" not in row for row in rows):
        msg = (
            "a pairwise question needs two answers for each item, and there is no column response_b; "
            "add it to the outputs, and to the table of known items if there is one"
        )
        raise InputError(msg)


def _for_everybody(tasks: Sequence[PlannedTask]) -> list[PlannedTask]:
    """Both showings of items that are shown twice, and items with known answers."""
    twice = {task.item_id for task in tasks if task.purpose == "repeat"}
    return [task for task in tasks if task.purpose in ("repeat", "calibration") or task.item_id in twice]


def _key(task: PlannedTask) -> tuple[str, str]:
    return ("known" if task.purpose == "calibration" else "output"), task.item_id


def _output_texts(study: Path) -> dict[tuple[str, str], Mapping[str, str]]:
    from judgeaudit.storage.study_tables import outputs_of

    frame = outputs_of(study).frame
    return {("output", row["item_id"]): row for row in _records(frame)}


def _known_texts(
    study: Path, config: StudyConfig, tasks: Sequence[PlannedTask]
) -> dict[tuple[str, str], Mapping[str, str]]:
    from judgeaudit.storage.tables import read_table

    if not any(task.purpose == "calibration" for task in tasks):
        return {}
    if config.labelling.calibration is None:
        msg = "study.toml: the plan holds calibration items and [labelling] names no calibration table any more; put it back"
        raise InputError(msg)
    frame = read_table(study / config.labelling.calibration).frame
    return {("known", row["item_id"]): row for row in _records(frame)}


def _records(frame: object) -> list[dict[str, str]]:
    import pandas as pd

    assert isinstance(frame, pd.DataFrame)
    wanted = [name for name in ("item_id", "prompt", "messages", "response", "response_b") if name in frame.columns]
    return [dict(zip(wanted, row, strict=True)) for row in zip(*(frame[name] for name in wanted), strict=True)]


def _project(door: Door, folder: RoundFolder, config: StudyConfig, xml: str, *, restore: bool) -> tuple[Project, bool]:
    """The round's project, made where there is none; one that an interrupted push made is found by its mark."""
    from judgeaudit.storage.rounds import study_key

    known = folder.project()
    digest = hashlib.sha256(xml.encode()).hexdigest()
    overlap, instruction = config.labelling.raters_per_item, _instruction(folder.study, config)
    mark = opaque_id(study_key(folder.study), "project", folder.name)
    if known is None:
        found = door.find_projects(mark)
        number = (
            found[0].project_id
            if found
            else door.create_project(
                title=TITLES.get(folder.name, SECOND), mark=mark, config=xml, instruction=instruction, overlap=overlap
            )
        )
        project = Project(
            url=door.url,
            project_id=number,
            title=TITLES.get(folder.name, SECOND),
            mark=mark,
            overlap=overlap,
            form_sha256=digest,
        )
        folder.write_form(found[0].config if found else xml)
        folder.write_project(project)
        if not found:
            return project, True
        known = project
    _bring_up_to_date(door, folder, known, xml, instruction, overlap, restore=restore)
    project = replace(known, url=door.url, overlap=overlap, form_sha256=digest)
    if project != known:
        folder.write_project(project)
    return project, False


def _forget_deleted(door: Door, folder: RoundFolder) -> None:
    """Where somebody deleted the round's project it has none, so that another is made."""
    from judgeaudit.labelling.door_errors import MissingError

    project = folder.project()
    try:
        if project is not None:
            door.project(project.project_id)
    except MissingError:
        folder.forget_project()


def _bring_up_to_date(
    door: Door, folder: RoundFolder, project: Project, xml: str, instruction: str, overlap: int, *, restore: bool
) -> None:
    """What study.toml says now goes to the server, but never over what somebody changed there unless that is wanted."""
    pushed = folder.form()
    state = door.project(project.project_id) if restore else checked_project(door, project, pushed, xml)
    form_changed = state.config != xml if restore else pushed != xml
    door.update_project(
        project.project_id,
        config=xml if form_changed else None,
        instruction=instruction if state.instruction != instruction else None,
        overlap=overlap if state.overlap != overlap else None,
    )
    if form_changed:
        folder.write_form(xml)


def _instruction(study: Path, config: StudyConfig) -> str:
    """The guidelines of the questions, in their order, each once."""
    from judgeaudit.labelling.form_page import instruction

    names = dict.fromkeys(one.guideline for one in config.questions.values() if one.guideline)
    texts = []
    for name in names:
        try:
            texts.append((study / name).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError):
            msg = f"{one_line(str(study / name))}: cannot be read as UTF-8; write the guideline there, or take it out of study.toml"
            raise InputError(msg) from None
    return instruction(texts)


def _warnings(outgoing: Sequence[Outgoing], sent: Mapping[str, Sent], done: Pushed) -> list[str]:
    lines = []
    other = [task for task in outgoing if task.ja_id in sent and sent[task.ja_id].sha256 != task.sha256]
    if other:
        lines.append(
            f"the texts of {len(other):,} tasks have changed since they were sent: raters see the earlier ones"
        )
    if done.removed:
        lines.append(f"{done.removed:,} copies of tasks were on the server, left by requests that seemed lost: removed")
    if done.kept_twice:
        lines.append(
            f"{done.kept_twice:,} copies of tasks on the server have labels as well: they are kept, the last label counts"
        )
    if done.in_doubt:
        lines.append(
            f"{done.in_doubt:,} tasks were sent again after a request without an answer; should the server still carry that out, "
            "push once more, which removes the copies"
        )
    return lines
