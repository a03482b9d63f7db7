"""Tasks out: each exactly once, whatever breaks on the way. What is in doubt is asked for by id before it is sent."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from judgeaudit.domain.errors import InputError, OutsideError
from judgeaudit.domain.labelling import Outgoing, Sent

BATCH = 1000
ATTEMPTS = 4
Progress = Callable[[int, int], None]


class Receiver(Protocol):
    """What a push needs of a server: see `door.Door`."""

    def import_tasks(self, project_id: int, data: Sequence[Mapping[str, str]]) -> list[int] | None: ...
    def known(self, project_id: int, ja_ids: Sequence[str]) -> dict[str, list[int]]: ...
    def all_known(self, project_id: int) -> dict[str, list[int]]: ...
    def count(self, project_id: int) -> int: ...
    def unlabelled(self, task_ids: Sequence[int]) -> list[int]: ...
    def delete_task(self, task_id: int) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What a push did: tasks sent now, found to be there already, and surplus copies that were removed."""

    sent: int
    there: int
    removed: int
    kept_twice: int


@dataclass(slots=True, kw_only=True)
class Pusher:
    """Sends tasks to one project and notes each batch, through `note`, before the next one leaves."""

    server: Receiver
    project_id: int
    note: Callable[[Sequence[Sent]], None]
    progress: Progress | None = None
    #: tasks that somebody deleted on the server are sent anew; without it they are an InputError
    resend: bool = False
    pause: float = 1.0

    def push(self, tasks: Sequence[Outgoing], sent: Mapping[str, Sent]) -> Pushed:
        """Sends what is not in `sent`, and ends only when the server holds every task once.

        Where the server's count and the notes differ, as after a crash between the two, the server is asked which ids
        it holds. An OutsideError leaves everything that was noted in place: the next push goes on from there.
        """
        notes = dict(sent)
        wanted = {task.ja_id: task for task in tasks}
        self._reconcile(wanted, notes)
        pending = [task for task in wanted.values() if task.ja_id not in notes]
        fresh = 0
        for start in range(0, len(pending), BATCH):
            batch = pending[start : start + BATCH]
            fresh += self._send(batch, notes)
            if self.progress:
                self.progress(min(start + BATCH, len(pending)), len(pending))
        removed, kept = self._without_copies(len(notes))
        return Pushed(sent=fresh, there=len(wanted) - fresh, removed=removed, kept_twice=kept)

    def _reconcile(self, wanted: Mapping[str, Outgoing], notes: dict[str, Sent]) -> None:
        """Notes what the server holds and the notes lack; refuses where the notes hold what the server lacks."""
        if self.server.count(self.project_id) == len(notes):
            return
        there = self.server.all_known(self.project_id)
        gone = [ja_id for ja_id in notes if ja_id not in there]
        if gone and self.resend:
            for ja_id in gone:
                del notes[ja_id]
        elif gone:
            msg = (
                f"project {self.project_id} lacks {len(gone):,} of {len(notes):,} tasks that were sent to it: somebody deleted them there; "
                "fetch what is left with `judgeaudit label pull --full`, or push again with --resend to send them anew"
            )
            raise InputError(msg)
        self._note_found([task for task in wanted.values() if task.ja_id not in notes], there, notes)

    def _send(self, batch: Sequence[Outgoing], notes: dict[str, Sent]) -> int:
        """Sends a batch; after an error only what the server does not hold is sent again, a few times."""
        missing = list(batch)
        last: OutsideError | None = None
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(self.pause * attempt)
            try:
                if attempt:
                    there = self.server.known(self.project_id, [task.ja_id for task in missing])
                    self._note_found(missing, there, notes)
                    missing = [task for task in missing if task.ja_id not in notes]
                    if not missing:
                        break
                ids = self.server.import_tasks(self.project_id, [task.data for task in missing])
            except OutsideError as error:
                last = error
                continue
            if ids is None or len(ids) != len(missing):
                there = self.server.known(self.project_id, [task.ja_id for task in missing])
                self._note_found(missing, there, notes)
            else:
                self._note([_sent(task, number) for task, number in zip(missing, ids, strict=True)], notes)
            missing = [task for task in missing if task.ja_id not in notes]
            if not missing:
                break
        if missing:
            raise last or OutsideError(
                f"project {self.project_id} took a batch and does not hold all of it; push again"
            )
        return len(batch)

    def _note_found(self, tasks: Sequence[Outgoing], there: Mapping[str, list[int]], notes: dict[str, Sent]) -> None:
        found = [_sent(task, min(there[task.ja_id])) for task in tasks if there.get(task.ja_id)]
        self._note(found, notes)

    def _note(self, tasks: Sequence[Sent], notes: dict[str, Sent]) -> None:
        if tasks:
            self.note(tasks)
            notes.update({task.ja_id: task for task in tasks})

    def _without_copies(self, expected: int) -> tuple[int, int]:
        """Removes later copies of a task, which a request that was thought lost can leave; labelled copies stay."""
        if self.server.count(self.project_id) == expected:
            return 0, 0
        surplus = [
            number for numbers in self.server.all_known(self.project_id).values() for number in sorted(numbers)[1:]
        ]
        free = self.server.unlabelled(surplus)
        for number in free:
            self.server.delete_task(number)
        return len(free), len(surplus) - len(free)


def _sent(task: Outgoing, number: int) -> Sent:
    return Sent(ja_id=task.ja_id, task_id=number, sha256=task.sha256)
