"""A round's plan to a Label Studio: form, project, tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from judgeaudit.domain.errors import InputError
from judgeaudit.domain.labelling.tasks import MAIN, PILOT, PlannedTask, Project, opaque_id
from judgeaudit.workflows.labelling.blind_texts import Outbox
from judgeaudit.workflows.labelling.form import form_of, guidelines_of
from judgeaudit.workflows.labelling.server import checked_project, connected

if TYPE_CHECKING:
    from judgeaudit.labelling.client.client import Door
    from judgeaudit.labelling.sync.push import Pushed
    from judgeaudit.storage.config.schema import StudyConfig
    from judgeaudit.storage.labelling.rounds import RoundFolder

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
    raters: int | None
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
    from judgeaudit.labelling.sync.push import Pusher
    from judgeaudit.storage.config.read import read_study
    from judgeaudit.storage.labelling.rounds import RoundFolder

    config, folder = read_study(study), RoundFolder(study, name)
    if raters is not None and raters < config.labelling.raters_per_item:
        wanted = config.labelling.raters_per_item
        people = "1 person" if wanted == 1 else f"{wanted} people"
        msg = f"--raters {raters}: study.toml wants {people} for each item (labelling.raters_per_item)"
        raise InputError(msg)
    with folder.alone():
        tasks = folder.tasks()
        box = Outbox(study, config, form_of(config), tasks)
        earlier, sent = folder.project(), folder.sent()
        door = connected(study, url=url, token=token, project=earlier)
        if resend:
            _forget_deleted(door, folder)
        everybody = raters or (earlier.raters if earlier else None)
        project, created = _project(door, folder, config, box, restore=restore_form, raters=everybody)
        keep = partial(_keep_labels, study, folder)
        pusher = Pusher(
            server=door,
            project_id=project.project_id,
            note=folder.add_sent,
            progress=progress,
            resend=keep if resend else None,
        )
        done = pusher.push(box, sent)
        fresh = {task.item_id for task in tasks if raters or task.ja_id not in sent}
        _open_to_all(door, folder, project, [task for task in _for_everybody(tasks) if task.item_id in fresh])
    return PushReport(
        url=door.url,
        project_id=project.project_id,
        created=created,
        sent=done.sent,
        there=done.there,
        raters_per_item=project.overlap,
        raters=project.raters,
        warnings=(*_warnings(box.changed(sent), done), *(_again(study, name) if resend and created else ())),
    )


def _keep_labels(study: Path, folder: RoundFolder, ja_ids: Sequence[str]) -> None:
    """Labels that were fetched from tasks which are gone stay: deleting a task is not unsaying what was said of it."""
    from judgeaudit.storage.labelling.book import rows_of

    gone = set(ja_ids)
    sources = {row.get("source", "") for row in rows_of(study, "annotations", appendable=True)}
    folder.keep(sorted(one for one in sources if one.rpartition(":")[0].rpartition(":")[2] in gone))


def _open_to_all(door: Door, folder: RoundFolder, project: Project, tasks: Sequence[PlannedTask]) -> None:
    """Where more people label than one item wants, what tells something of a person is shown to each of them."""
    if project.raters is not None and project.raters > project.overlap:
        numbers = folder.sent()
        door.set_overlap([numbers[task.ja_id].task_id for task in tasks], project.raters)


def _for_everybody(tasks: Sequence[PlannedTask]) -> list[PlannedTask]:
    """Both showings of items that are shown twice, and items with known answers."""
    twice = {task.item_id for task in tasks if task.purpose == "repeat"}
    return [task for task in tasks if task.purpose in ("repeat", "calibration") or task.item_id in twice]


def _project(
    door: Door, folder: RoundFolder, config: StudyConfig, box: Outbox, *, restore: bool, raters: int | None
) -> tuple[Project, bool]:
    """The round's project, made where there is none; one that an interrupted push made is found by its mark."""
    from judgeaudit.labelling.form.xml import form_xml, instruction
    from judgeaudit.storage.labelling.rounds import study_key

    known = folder.project()
    xml, overlap = form_xml(box.form), config.labelling.raters_per_item
    told = instruction(guidelines_of(folder.study, config), box.form)
    mark = opaque_id(study_key(folder.study), "project", folder.name)
    if known is None:
        found = door.find_projects(mark)
        title = TITLES.get(folder.name, SECOND)
        if found:
            number = found[0].project_id
        else:
            _check(box, xml)
            number = door.create_project(title=title, mark=mark, config=xml, instruction=told, overlap=overlap)
        project = Project(
            url=door.url,
            project_id=number,
            title=title,
            mark=mark,
            overlap=overlap,
            raters=raters,
        )
        folder.write_form(found[0].config if found else xml)
        folder.write_project(project)
        if not found:
            return project, True
        known = project
    _bring_up_to_date(door, folder, known, box, xml, told, overlap, restore=restore)
    project = replace(known, url=door.url, overlap=overlap, raters=raters)
    if project != known:
        folder.write_project(project)
    return project, False


def _forget_deleted(door: Door, folder: RoundFolder) -> None:
    """Where somebody deleted the round's project it has none, so that another is made."""
    from judgeaudit.labelling.client.errors import MissingError

    project = folder.project()
    try:
        if project is not None:
            door.project(project.project_id)
    except MissingError:
        folder.forget_project()


def _bring_up_to_date(
    door: Door,
    folder: RoundFolder,
    project: Project,
    box: Outbox,
    xml: str,
    instruction: str,
    overlap: int,
    *,
    restore: bool,
) -> None:
    """What study.toml says now goes to the server, but never over what somebody changed there unless that is wanted."""
    pushed = folder.form()
    state = door.project(project.project_id) if restore else checked_project(door, project, pushed, xml)
    form_changed = state.config != xml if restore else pushed != xml
    if form_changed:
        _check(box, xml)
    door.update_project(
        project.project_id,
        config=xml if form_changed else None,
        instruction=instruction if state.instruction != instruction else None,
        overlap=overlap if state.overlap != overlap else None,
    )
    if form_changed:
        folder.write_form(xml)


def _check(box: Outbox, xml: str) -> None:
    """Refuses a form that Label Studio would refuse, before anything is made on the server."""
    from judgeaudit.labelling.extra import check_form

    for task in box.tasks(box.ids[:1]):
        check_form(xml, task.data)


def _again(study: Path, name: str) -> Iterator[str]:
    """What sending a whole round anew means for who labelled it."""
    from judgeaudit.workflows.labelling.status import progress_of

    whole = progress_of(study, name).whole
    if whole.given:
        yield (
            f"labels fetched before still count, and {whole.complete:,} of {whole.items:,} items had all of theirs; the new "
            "project shows every task to raters once more"
        )


def _warnings(changed: int, done: Pushed) -> list[str]:
    lines = []
    if changed:
        lines.append(f"the texts of {changed:,} tasks have changed since they were sent: raters see the earlier ones")
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
