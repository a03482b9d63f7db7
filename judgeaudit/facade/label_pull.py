"""Labels of a round from its Label Studio into annotations.jsonl, each exactly once, under pseudonyms."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from judgeaudit.domain.errors import InputError
from judgeaudit.facade.label_form import form_of
from judgeaudit.facade.label_server import connected

if TYPE_CHECKING:
    from judgeaudit.storage.rounds import RoundFolder
    from judgeaudit.storage.study_schema import StudyConfig

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
    from judgeaudit.labelling.pull import pull
    from judgeaudit.storage.annotation_book import AnnotationBook
    from judgeaudit.storage.rounds import RoundFolder
    from judgeaudit.storage.study_config import read_study

    config, folder = read_study(study), RoundFolder(study, name)
    project = folder.project()
    if project is None:
        msg = f"round {name} was not pushed yet; send it with `judgeaudit label push {study} --round {name}`"
        raise InputError(msg)
    with folder.alone_to_pull():
        door = connected(study, url=url, token=token, project=project)
        state = door.project(project.project_id)
        if state.mark != project.mark:
            msg = f"project {project.project_id} at {door.url} is not the one that round {name} was pushed to; give its address with --url"
            raise InputError(msg)
        sent = folder.sent()
        keeper = _Keeper(config=config, folder=folder, book=AnnotationBook(study))
        done = pull(
            door,
            project.project_id,
            mark=None if full else folder.mark(),
            held={task.task_id: task.ja_id for task in sent.values()},
            keep=keeper.keep,
            progress=progress,
        )
    warnings = keeper.warnings
    if state.config.strip() != folder.form().strip():
        warnings.append(
            "the form was changed on the server by hand: answers it does not share with study.toml are reported, not used"
        )
    if state.shows_predictions:
        warnings.append(
            "the project shows predictions to raters, so later labels are not blind; switch that off in its settings"
        )
    if done.gone:
        warnings.append(
            f"{len(done.gone):,} tasks that were sent are not on the server any more; labels fetched earlier are kept"
        )
    if state.tasks > len(sent):
        warnings.append(
            f"project {project.project_id} holds {state.tasks - len(sent):,} tasks more than were sent to it: a push that broke off "
            f"left them, which `judgeaudit label push {study}` clears up, or somebody added them there"
        )
    return PullReport(
        round=name,
        changed=done.changed,
        added=keeper.added,
        retracted=keeper.retracted,
        counts={key: count for key, count in keeper.counts.items() if count},
        warnings=tuple(warnings),
    )


class _Keeper:
    """Writes one part of a pull after the other: rows first, then the mark up to which all is on disk."""

    def __init__(self, *, config: StudyConfig, folder: RoundFolder, book: object) -> None:
        from judgeaudit.storage.annotation_book import AnnotationBook
        from judgeaudit.storage.people_words import understood

        assert isinstance(book, AnnotationBook)
        self.folder, self.book, self.config = folder, book, config
        self.declared = understood(config)
        self.known = {task.ja_id: task for task in folder.tasks()}
        self.form = form_of(config)
        # labels of a task that was deleted and sent anew are not on the server any more, and nobody took them back
        self.again = folder.sent_again()
        self.counts: Counter[str] = Counter()
        self.rows: list[dict[str, str]] = []
        self._said: dict[str, str] = {}
        self.added = self.retracted = 0

    def keep(self, tasks: list[object], mark: str) -> None:
        from judgeaudit.labelling.exports import read_tasks_batch
        from judgeaudit.labelling.form import unswapper

        export = read_tasks_batch(
            tasks, questions=self.declared, known=self.known, unswap=unswapper(self.form), round_name=self.folder.name
        )
        rows = [annotation.as_row() for annotation in export.annotations]
        self.added += self.book.add(rows).rows
        looked_at = {one for one in export.looked_at if one.rpartition(":")[2] not in self.again}
        self.retracted += self.book.retract(looked_at, present={row["source"] for row in rows}, stamp=mark)
        self.folder.write_mark(mark)
        self.counts.update(export.counts)
        self.rows += rows
        for warning in export.warnings:  # a pull in many parts says one thing once
            self._said.setdefault(re.sub(r"\d+", "0", warning), warning)

    @property
    def warnings(self) -> list[str]:
        """What to look at, over all parts."""
        from judgeaudit.storage.study_import import undeclared

        return [*self._said.values(), *undeclared(self.config, self.rows)]
