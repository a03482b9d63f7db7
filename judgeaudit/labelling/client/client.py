"""The one door to a Label Studio server: projects, tasks out, labels in. People's names and e-mails are never asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from judgeaudit.domain.errors import InputError
from judgeaudit.domain.timestamps import moment_of
from judgeaudit.labelling.client.errors import MissingError, StrangePageError, foreign
from judgeaudit.labelling.client.pages import (
    OURS,
    changed_from,
    collect,
    every_project,
    no_project,
    number_of,
    one_of,
    organization,
    page,
    parts,
    stamp_of,
    unexpected,
    walk,
    whole,
)
from judgeaudit.labelling.client.requests import Wire
from judgeaudit.labelling.client.tokens import checked_token, checked_url

#: tasks per request. Addresses stay under 8 kB, which is what web servers take unless told otherwise
_IDS_PER_READ = 250
_TEXTS_PER_READ = 500
_STAMPS_PER_READ = 2000
MOST_TASKS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectState:
    """A project as the server has it now. `mark` is its description, by which it is known again."""

    project_id: int
    title: str
    mark: str
    config: str
    instruction: str
    overlap: int
    tasks: int
    shows_predictions: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """When a task last changed, by the server's clock."""

    task_id: int
    updated_at: str


def connect(url: str, token: str, *, timeout: float = 300) -> Door:
    """A door to the Label Studio at `url`, for a legacy token or a personal access token, or one line why there is none."""
    address = checked_url(url)
    secret, kind = checked_token(token)
    wire = Wire(address, secret, kind, timeout=timeout)
    version = wire.greet()
    if not isinstance(version, dict) or not version.keys() & {"release", "label-studio-os-package"}:
        raise foreign(address)
    try:
        me = wire.read("api/current-user/whoami", "asking whose token this is")
    except (StrangePageError, MissingError):
        raise foreign(address) from None
    if not isinstance(me, dict) or not isinstance(me.get("id"), int):
        raise foreign(address)
    return Door(wire)


class Door:
    """One server seen by one person. Reads are repeated when the connection breaks; writes never are."""

    def __init__(self, wire: Wire) -> None:
        self.url = wire.url
        self._wire = wire

    def __repr__(self) -> str:
        return f"Door({self.url!r})"

    def server(self) -> str:
        """What tells this server's people from another's, whatever its address is."""
        return organization(self._wire)

    # projects

    def create_project(self, *, title: str, mark: str, config: str, instruction: str, overlap: int) -> int:
        """The number of a new project that shows no predictions and hands each task to `overlap` people.

        A skipped task goes to somebody else and never back to who skipped it; the skip takes no place of the overlap.
        """
        settings = {
            "title": title,
            "description": mark,
            "label_config": config,
            "expert_instruction": instruction,
            "show_instruction": True,
            "show_skip_button": True,
            "skip_queue": "REQUEUE_FOR_OTHERS",
            "sampling": "Sequential sampling",
            "maximum_annotations": overlap,
            "enable_empty_annotation": False,
            "show_collab_predictions": False,
            "evaluate_predictions_automatically": False,
            "reveal_preannotations_interactively": False,
        }
        doing = f"creating the project {title!r}"
        made = self._wire.write("POST", "api/projects/", doing, json=settings)
        if not isinstance(made, dict) or not number_of(made):
            raise unexpected(self._wire, doing)
        return number_of(made)

    def find_projects(self, mark: str) -> list[ProjectState]:
        """The projects whose description holds `mark` as a word, oldest first."""
        word = re.compile(rf"(?<!\S){re.escape(mark)}(?!\S)")
        found = [number_of(row) for row in every_project(self._wire) if word.search(str(row.get("description") or ""))]
        return [self.project(number) for number in sorted(set(found))]

    def project(self, project_id: int) -> ProjectState:
        """The project as it stands; one that is gone is an InputError."""
        doing = f"reading project {project_id}"
        missing = no_project(self.url, project_id)
        row = self._wire.read(f"api/projects/{project_id}/", doing, missing=missing)
        if not isinstance(row, dict) or not number_of(row):
            raise unexpected(self._wire, doing)
        return ProjectState(
            project_id=number_of(row),
            title=str(row.get("title") or ""),
            mark=str(row.get("description") or ""),
            config=str(row.get("label_config") or ""),
            instruction=str(row.get("expert_instruction") or ""),
            overlap=whole(row.get("maximum_annotations")),
            tasks=whole(row.get("task_number")),
            shows_predictions=row.get("show_collab_predictions") is True,
        )

    def update_project(
        self, project_id: int, *, config: str | None = None, instruction: str | None = None, overlap: int | None = None
    ) -> None:
        """Changes what is given. A new overlap replaces those that single tasks were given by `set_overlap`."""
        given = {"label_config": config, "expert_instruction": instruction, "maximum_annotations": overlap}
        changes = {name: value for name, value in given.items() if value is not None}
        if changes:
            missing = no_project(self.url, project_id)
            doing = f"changing project {project_id}"
            self._wire.write("PATCH", f"api/projects/{project_id}/", doing, json=changes, missing=missing)

    # tasks out

    def import_tasks(self, project_id: int, data: Sequence[Mapping[str, str]]) -> list[int] | None:
        """Sends up to 1,000 tasks in one request; their numbers in order, if the server tells them.

        A batch is stored whole or not at all. An OutsideError leaves open which: only `known` can tell.
        """
        if len(data) > MOST_TASKS:
            msg = f"{len(data):,} tasks in one request; at most {MOST_TASKS:,} are sent at once"
            raise InputError(msg)
        if not data:
            return []
        doing = f"sending {_counted(data)} to project {project_id}"
        with self._said_in_words(project_id):
            answer = self._wire.write(
                "POST",
                f"api/projects/{project_id}/import",
                doing,
                json=[dict(texts) for texts in data],
                params={"return_task_ids": "true"},
            )
        numbers = answer.get("task_ids") if isinstance(answer, dict) else None
        if not isinstance(numbers, list) or not all(isinstance(number, int) for number in numbers):
            return None
        return numbers if len(numbers) == len(data) else None

    def count(self, project_id: int) -> int:
        """How many tasks with an id of ours the project holds."""
        _, total = page(self._wire, project_id, include="id", filters=[OURS], order="tasks:id", size=1)
        return total

    def known(self, project_id: int, ja_ids: Sequence[str]) -> dict[str, list[int]]:
        """Which of these ids the project holds, each with the numbers of its tasks."""
        found: dict[str, list[int]] = {}
        for part in parts(list(dict.fromkeys(ja_ids)), _IDS_PER_READ):
            filters = [one_of("ja_id", part)]
            for rows, _ in walk(self._wire, project_id, include="id,data", filters=filters, size=_TEXTS_PER_READ):
                collect(rows, found)
        return {ja_id: found[ja_id] for ja_id in ja_ids if ja_id in found}

    def all_known(self, project_id: int) -> dict[str, list[int]]:
        """Every id that the project holds, with the numbers of its tasks. Tasks without an id of ours are left out."""
        found: dict[str, list[int]] = {}
        for rows, _ in walk(self._wire, project_id, include="id,data", filters=[OURS], size=_TEXTS_PER_READ):
            collect(rows, found)
        return found

    def unlabelled(self, task_ids: Sequence[int]) -> list[int]:
        """Those of these tasks that exist and that nobody has labelled, skipped or begun.

        Looked up in the export: lists of annotations leave the skips out, and the server's counters may have missed some.
        """
        projects: dict[int, list[int]] = {}
        for number in task_ids:
            with suppress(MissingError):
                task = self._wire.read(f"api/tasks/{number}/", f"reading task {number}")
                if isinstance(task, dict):
                    projects.setdefault(whole(task.get("project")), []).append(number)
        held = [task for project_id, numbers in projects.items() for task in self.tasks(project_id, numbers)]
        free = {number_of(task) for task in held if task.get("annotations") == [] and task.get("drafts") == []}
        return [number for number in task_ids if number in free]

    def delete_task(self, task_id: int) -> None:
        """Deletes a task with all that people said about it; one that is gone already is no error."""
        with suppress(MissingError):
            self._wire.write("DELETE", f"api/tasks/{task_id}/", f"deleting task {task_id}")

    def set_overlap(self, task_ids: Iterable[int], overlap: int) -> None:
        """Lets that many people label these tasks, whatever the project's overlap is. One request each."""
        for number in task_ids:
            doing = f"changing task {number}"
            task = self._wire.write("PATCH", f"api/tasks/{number}/", doing, json={"overlap": overlap})
            if not isinstance(task, dict):
                raise unexpected(self._wire, doing)
            # the server does not reckon anew whether the task is done, and hands out no task that is
            done = len(_people(task.get("annotations"))) >= overlap
            if task.get("is_labeled") is not done:
                self._wire.write("PATCH", f"api/tasks/{number}/", doing, json={"is_labeled": done})

    # labels in

    def changed_since(self, project_id: int, mark: str | None) -> list[Stamp]:
        """Tasks that changed at `mark` or later, oldest change first; all tasks where there is no mark.

        No stamp is later than the newest one when the list began: a task that changes while the list is read could
        otherwise push the next mark past a change that was not in the list yet.
        """
        filters = [] if mark is None else [changed_from(mark)]
        include = "id,updated_at"
        newest, _ = page(self._wire, project_id, include=include, filters=filters, order="-tasks:updated_at", size=1)
        if not newest:
            return []
        end = stamp_of(newest[0])
        rows = (
            row
            for part, _ in walk(self._wire, project_id, include=include, filters=filters, size=_STAMPS_PER_READ)
            for row in part
        )
        stamps = [Stamp(task_id=number_of(row), updated_at=min(stamp_of(row), end, key=moment_of)) for row in rows]
        return sorted(stamps, key=lambda stamp: (moment_of(stamp.updated_at), stamp.task_id))

    def tasks(self, project_id: int, task_ids: Sequence[int]) -> list[dict[str, object]]:
        """These tasks with everybody's annotations and drafts, as the JSON export has them; those that are gone are left out.

        The export is the only list that holds the drafts of all people, and is twice as fast as the list of tasks.
        """
        wanted = list(dict.fromkeys(task_ids))
        found: dict[int, dict[str, object]] = {}
        for part in parts(wanted, _IDS_PER_READ):
            found.update(self._exported(project_id, part))
        return [found[number] for number in wanted if number in found]

    def _exported(self, project_id: int, numbers: Sequence[int]) -> dict[int, dict[str, object]]:
        doing = f"fetching {_counted(numbers)} of project {project_id}"
        params = {"exportType": "JSON", "download_all_tasks": "true", "ids[]": [str(number) for number in numbers]}
        with self._said_in_words(project_id):
            rows = self._wire.read(f"api/projects/{project_id}/export", doing, params=params)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise unexpected(self._wire, doing)
        return {number_of(row): row for row in rows}

    @contextmanager
    def _said_in_words(self, project_id: int) -> Iterator[None]:
        """Import and export answer a page of HTML where the project is gone; reading the project says so in JSON."""
        try:
            yield
        except StrangePageError:
            self.project(project_id)
            raise


def _counted(tasks: Sequence[object]) -> str:
    return f"{len(tasks):,} task{'' if len(tasks) == 1 else 's'}"


def _people(annotations: object) -> set[object]:
    """Who has labelled: skips take no place."""
    rows = annotations if isinstance(annotations, list) else []
    return {row.get("completed_by") for row in rows if isinstance(row, dict) and row.get("was_cancelled") is not True}
