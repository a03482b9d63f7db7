"""Tasks out: each exactly once, whatever breaks on the way. What is in doubt is asked for by id before it is sent."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from judgeaudit.domain.errors import InputError, OutsideError
from judgeaudit.domain.labelling.tasks import Outgoing, Sent

BATCH = 1000
#: characters of a batch: Label Studio takes no request above 250 MB, and a character can be six bytes of JSON
BATCH_TEXT = 30_000_000
#: with the repeated reads between them they last for about 28 seconds, in which a server that restarts is back
ATTEMPTS = 4
#: copies that are looked at before they are deleted; few, so that nobody begins to label one in between
COPIES = 50
Progress = Callable[[int, int], None]


class Outbox(Protocol):
    """The tasks of a round: their ids in order, and the tasks themselves when they are asked for."""

    @property
    def ids(self) -> Sequence[str]: ...
    def tasks(self, ja_ids: Sequence[str]) -> Sequence[Outgoing]: ...


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
    """What a push did: tasks sent now, found to be there already, and surplus copies that were removed.

    `in_doubt` were sent again since the server did not hold them after a request without an answer: should it carry
    that request out later still, they are there twice until the next push.
    """

    sent: int
    there: int
    removed: int
    kept_twice: int
    in_doubt: int = 0


@dataclass(slots=True, kw_only=True)
class Pusher:
    """Sends tasks to one project and notes each batch, through `note`, before the next one leaves."""

    server: Receiver
    project_id: int
    note: Callable[[Sequence[Sent]], None]
    progress: Progress | None = None
    #: tasks that somebody deleted on the server are sent anew, after this was told; without it they are an InputError
    resend: Callable[[Sequence[str]], None] | None = None
    pause: float = 1.0
    _in_doubt: set[str] = field(default_factory=set)

    def push(self, box: Outbox, sent: Mapping[str, Sent]) -> Pushed:
        """Sends what is not in `sent`, and ends only when the server holds every task once.

        Where the server's count and the notes differ, as after a crash between the two, the server is asked which ids
        it holds. An OutsideError leaves everything that was noted in place: the next push goes on from there.
        """
        notes = dict(sent)
        ids = list(box.ids)
        self._reconcile(box, notes)
        pending = [ja_id for ja_id in ids if ja_id not in notes]
        fresh = 0
        for batch in batches(_read(box, pending)):
            fresh += self._send(batch, notes)
            if self.progress:
                self.progress(fresh, len(pending))
        removed, kept = self._without_copies(notes)
        return Pushed(
            sent=fresh, there=len(ids) - fresh, removed=removed, kept_twice=kept, in_doubt=len(self._in_doubt)
        )

    def _reconcile(self, box: Outbox, notes: dict[str, Sent]) -> None:
        """Notes what the server holds and the notes lack; refuses where the notes hold what the server lacks."""
        if self.server.count(self.project_id) == len(notes):
            return
        there = self.server.all_known(self.project_id)
        gone = [ja_id for ja_id in notes if ja_id not in there]
        if gone and self.resend is not None:
            self.resend(gone)
            for ja_id in gone:
                del notes[ja_id]
        elif gone:
            msg = (
                f"project {self.project_id} lacks {len(gone):,} of {len(notes):,} tasks that were sent to it: somebody deleted them there; "
                "fetch what is left with `judgeaudit label pull --full`, or push again with --resend to send them anew"
            )
            raise InputError(msg)
        found = [ja_id for ja_id in box.ids if ja_id not in notes and ja_id in there]
        for start in range(0, len(found), BATCH):
            self._note_found(box.tasks(found[start : start + BATCH]), there, notes)

    def _send(self, batch: Sequence[Outgoing], notes: dict[str, Sent]) -> int:
        """Sends a batch; after an error only what the server does not hold is sent again, a few times."""
        missing = list(batch)
        last: OutsideError | None = None
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(self.pause * attempt)
            try:
                if attempt:
                    missing = self._not_there(missing, notes)
                    self._in_doubt |= {task.ja_id for task in missing}
                ids = self.server.import_tasks(self.project_id, [task.data for task in missing]) if missing else []
            except OutsideError as error:
                last = error
                continue
            if ids is not None and len(ids) == len(missing):
                self._note([_sent(task, number) for task, number in zip(missing, ids, strict=True)], notes)
                return len(batch)
            missing = self._not_there(missing, notes)
            if not missing:
                return len(batch)
        raise last or OutsideError(f"project {self.project_id} took a batch and does not hold all of it; push again")

    def _not_there(self, tasks: Sequence[Outgoing], notes: dict[str, Sent]) -> list[Outgoing]:
        """The tasks that the server does not hold; the others are noted."""
        self._note_found(tasks, self.server.known(self.project_id, [task.ja_id for task in tasks]), notes)
        return [task for task in tasks if task.ja_id not in notes]

    def _note_found(self, tasks: Sequence[Outgoing], there: Mapping[str, list[int]], notes: dict[str, Sent]) -> None:
        found = [_sent(task, min(there[task.ja_id])) for task in tasks if there.get(task.ja_id)]
        self._note(found, notes)

    def _note(self, tasks: Sequence[Sent], notes: dict[str, Sent]) -> None:
        if tasks:
            self.note(tasks)
            notes.update({task.ja_id: task for task in tasks})

    def _without_copies(self, notes: dict[str, Sent]) -> tuple[int, int]:
        """Removes copies of a task, which a request that was thought lost can leave; labelled copies stay.

        Of each task the copy that is noted stays, unless only another one is labelled: then that one is noted.
        """
        if self.server.count(self.project_id) == len(notes):
            return 0, 0
        known = self.server.all_known(self.project_id)
        twins = [ja_id for ja_id, numbers in known.items() if len(numbers) > 1 and ja_id in notes]
        removed = kept = 0
        for start in range(0, len(twins), COPIES):
            gone, stayed = self._settle({ja_id: known[ja_id] for ja_id in twins[start : start + COPIES]}, notes)
            removed, kept = removed + gone, kept + stayed
        return removed, kept

    def _settle(self, twins: Mapping[str, list[int]], notes: dict[str, Sent]) -> tuple[int, int]:
        """How many copies of these tasks were removed, and how many were left since they are labelled as well."""
        free = set(self.server.unlabelled([number for numbers in twins.values() for number in numbers]))
        surplus: list[int] = []
        renoted: list[Sent] = []
        kept = 0
        for ja_id, numbers in twins.items():
            labelled = sorted(set(numbers) - free)
            stays, offered = notes[ja_id].task_id, labelled or sorted(numbers)
            if stays not in offered:
                stays = offered[0]
                renoted.append(replace(notes[ja_id], task_id=stays))
            surplus += [number for number in numbers if number in free and number != stays]
            kept += max(0, len(labelled) - 1)
        self._note(renoted, notes)
        for number in surplus:
            self.server.delete_task(number)
        return len(surplus), kept


def _read(box: Outbox, ja_ids: Sequence[str]) -> Iterator[Outgoing]:
    """These tasks in their order, of which a batch is held at a time."""
    for start in range(0, len(ja_ids), BATCH):
        yield from box.tasks(ja_ids[start : start + BATCH])


def batches(tasks: Iterable[Outgoing]) -> Iterator[list[Outgoing]]:
    """The tasks in their order, in parts that a server takes: so many tasks, and so much text, at most."""
    batch: list[Outgoing] = []
    held = 0
    for task in tasks:
        size = sum(map(len, task.data.values()))
        if batch and (len(batch) == BATCH or held + size > BATCH_TEXT):
            yield batch
            batch, held = [], 0
        batch.append(task)
        held += size
    if batch:
        yield batch


def _sent(task: Outgoing, number: int) -> Sent:
    return Sent(ja_id=task.ja_id, task_id=number, sha256=task.sha256)
