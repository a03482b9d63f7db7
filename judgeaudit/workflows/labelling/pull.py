"""Labels of a round from its Label Studio into annotations.jsonl, each exactly once, under pseudonyms."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from judgeaudit.domain.errors import InputError
from judgeaudit.workflows.labelling.form import form_of
from judgeaudit.workflows.labelling.server import connected, own_project, same_form

if TYPE_CHECKING:
    from judgeaudit.labelling.client.client import ProjectState
    from judgeaudit.labelling.exports.records import ImportedAnnotation
    from judgeaudit.storage.config.schema import StudyConfig
    from judgeaudit.storage.labelling.book import AnnotationBook
    from judgeaudit.storage.labelling.rounds import RoundFolder

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PullReport:
    """What a pull brought: rows that are new, annotations that were taken back, and what became of the others."""

    round: str
    changed: int
    added: int
    retracted: int
    counts: dict[str, int]
    warnings: tuple[str, ...]


def pull_round(
    study: Path,
    name: str,
    *,
    url: str | None = None,
    token: str | None = None,
    full: bool = False,
    progress: Progress | None = None,
) -> PullReport:
    """Fetches what changed since the last pull; `full` looks at every task again. Interrupted, it goes on where it was."""
    from judgeaudit.labelling.sync.pull import pull
    from judgeaudit.storage.config.read import read_study
    from judgeaudit.storage.labelling.book import AnnotationBook
    from judgeaudit.storage.labelling.rounds import RoundFolder
    from judgeaudit.storage.labelling.servers import server_number

    config, folder = read_study(study), RoundFolder(study, name)
    project = folder.project()
    if project is None:
        msg = f"round {name} was not pushed yet; send it with `judgeaudit label push {study} --round {name}`"
        raise InputError(msg)
    with folder.alone_to_pull():
        door = connected(study, url=url, token=token, project=project)
        state = own_project(door, project)
        sent = folder.sent()
        number = server_number(study, door.server())
        keeper = _Keeper(config=config, folder=folder, book=AnnotationBook(study), server=number)
        surplus = state.tasks - len(sent)
        done = pull(
            door,
            project.project_id,
            mark=None if full or keeper.rows_gone else folder.mark(),
            held={task.task_id: task.ja_id for task in sent.values()},
            keep=keeper.keep,
            copies=_copies(door.all_known(project.project_id)) if surplus > 0 else None,
            progress=progress,
        )
        keeper.finish(done.mark)
    missing = len(done.gone) or len(sent) - state.tasks
    warnings = [
        *keeper.warnings,
        *_about_project(study, state, folder.form(), missing=missing, surplus=surplus),
    ]
    return PullReport(
        round=name,
        changed=done.changed,
        added=keeper.added,
        retracted=keeper.retracted,
        counts={key: count for key, count in keeper.counts.items() if count},
        warnings=tuple(warnings),
    )


def _about_project(study: Path, state: ProjectState, form: str, *, missing: int, surplus: int) -> Iterator[str]:
    """What somebody did to the project on the server; `missing` of the tasks that were sent, and tasks beyond them."""
    if not same_form(state.config, form):
        yield "the form was changed on the server by hand: answers it does not share with study.toml are reported, not used"
    if state.shows_predictions:
        yield "the project shows predictions to raters, so later labels are not blind; switch that off in its settings"
    if missing > 0:
        yield f"{missing:,} tasks that were sent are not on the server any more; labels fetched earlier are kept"
    if surplus > 0:
        yield (
            f"project {state.project_id} holds {surplus:,} tasks more than were sent to it: a push that broke off "
            f"left them, which `judgeaudit label push {study}` clears up, or somebody added them there"
        )


def _copies(known: Mapping[str, Sequence[int]]) -> dict[int, Sequence[int]]:
    """Number of a task that the server holds more than once -> the numbers of all its copies."""
    return {number: numbers for numbers in known.values() if len(numbers) > 1 for number in numbers}


class _Keeper:
    """Writes one part of a pull after the other: rows first, then the mark up to which all is on disk."""

    def __init__(self, *, config: StudyConfig, folder: RoundFolder, book: AnnotationBook, server: int) -> None:
        from judgeaudit.storage.labelling.replay import showing_of
        from judgeaudit.storage.labelling.tally import Tally
        from judgeaudit.storage.study.label_words import several, understood

        self.folder, self.book, self.config = folder, book, config
        self.declared, self.several = understood(config), several(config)
        self.known = {task.ja_id: task for task in folder.tasks()}
        self.form = form_of(config)
        # people and annotations are numbers of their server
        self.source, self.whose = (
            ("label-studio", "") if server == 1 else (f"label-studio-{server}", f"server-{server}-")
        )
        self.kept = folder.kept()
        self.pulled, there = folder.tally(), book.of_round(folder.name)
        fetched = Tally().plus(there[: self.pulled.rows])
        self.there = fetched.plus(there[self.pulled.rows :])
        self.rows_gone = not self.pulled.agrees(fetched)
        self.lost = max(0, self.pulled.rows - len(there))
        #: showings whose rows may lack what a pull that broke off would have added to them
        self.unsettled = {showing_of(row) for row in (there if self.rows_gone else there[self.pulled.rows :])}
        self.counts: Counter[str] = Counter()
        self.rows: list[dict[str, str]] = []
        self._said: dict[str, str] = {}
        self.added = self.retracted = self.differing = self.strange = 0

    def keep(self, tasks: list[object], mark: str) -> None:
        from judgeaudit.labelling.exports.read import read_tasks_batch
        from judgeaudit.labelling.form.xml import shown_words, unswapper
        from judgeaudit.storage.labelling.replay import showing_of

        mine = [task for task in tasks if _opaque_id(task) in self.known]
        self.strange += len(tasks) - len(mine)
        export = read_tasks_batch(
            mine,
            questions=self.declared,
            known=self.known,
            unswap=unswapper(self.form),
            words=shown_words(self.form),
            round_name=self.folder.name,
            source=self.source,
            several=self.several,
        )
        rows = [self._row(one) for one in export.annotations]
        before = len(self.book.rows)
        added = self.book.add(rows, unsettled=self.unsettled)
        self.added, self.differing = self.added + added.rows, self.differing + added.differing
        present = {row["source"] for row in rows} | self.kept
        self.retracted += self.book.retract(export.looked_at, present=present, stamp=mark)
        self.there = self.there.plus(self.book.of_round(self.folder.name, after=before))
        self.unsettled -= {showing_of(row) for row in rows}
        self.folder.write_mark(mark, self.pulled if self.unsettled else self.there)
        self.counts.update(export.counts)
        self.rows += rows
        for warning in export.warnings:  # a pull in many parts says one thing once
            self._said.setdefault(re.sub(r"\d+", "0", warning), warning)

    def finish(self, mark: str | None) -> None:
        """All was looked at; what is unsettled still is of tasks that are gone."""
        if mark and self.unsettled:
            self.folder.write_mark(mark, self.there)

    def _row(self, annotation: ImportedAnnotation) -> dict[str, str]:
        row = annotation.as_row(label_source=self.config.label_source)
        return {**row, "rater": self.whose + row["rater"]}

    @property
    def warnings(self) -> list[str]:
        """What to look at, over all parts."""
        from judgeaudit.storage.importing.annotations import undeclared

        lines = [*self._gone(), *self._said.values(), *undeclared(self.config, self.rows)]
        if self.differing:
            lines.append(
                f"{self.differing:,} answers stand in annotations.jsonl otherwise than on the server, corrected there by hand: "
                "the file stays; remove its rows to have the server's"
            )
        if self.strange:
            lines.append(
                f"{self.strange:,} tasks of the project are not of this plan, somebody added them there: left out"
            )
        return lines

    def _gone(self) -> Iterator[str]:
        name = self.folder.name
        if self.rows_gone:
            yield (
                f"{self.lost:,} rows of round {name} that were fetched before are not in annotations.jsonl any more"
                if self.lost
                else f"the rows of round {name} in annotations.jsonl are not all as the last pull left them"
            ) + ": every task was looked at again, and what the server has is back"


def _opaque_id(task: object) -> str:
    data = task.get("data") if isinstance(task, dict) else None
    return str(data.get("ja_id")) if isinstance(data, dict) else ""
