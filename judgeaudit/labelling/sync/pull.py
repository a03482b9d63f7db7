"""Labels in: what changed on the server since the last time, in parts that are each on disk before the next is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from judgeaudit.domain.timestamps import moment_of

PART = 500
#: a change is stamped before it is committed, so each pull asks again for the last of what the one before saw
OVERLAP = timedelta(minutes=2)


class Stamped(Protocol):
    """A task's number, and when it last changed by the server's clock."""

    @property
    def task_id(self) -> int: ...
    @property
    def updated_at(self) -> str: ...


class Source(Protocol):
    """What a pull needs of a server: see `door.Door`."""

    def changed_since(self, project_id: int, mark: str | None) -> Sequence[Stamped]: ...
    def tasks(self, project_id: int, task_ids: Sequence[int]) -> list[dict[str, object]]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """What a pull asked for: tasks that changed, and those of the notes that the server does not hold any more."""

    changed: int
    gone: tuple[int, ...]
    mark: str | None


def pull(
    server: Source,
    project_id: int,
    *,
    mark: str | None,
    held: Mapping[int, str],
    keep: Callable[[list[object], str], None],
    copies: Mapping[int, Sequence[int]] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Pulled:
    """Hands every changed task to `keep`, oldest change first, with the mark up to which all is then fetched.

    `held` maps the numbers of tasks that were sent to their ids; `copies`, those of tasks that the server holds more than
    once to the numbers of all copies, which are handed over together: who labelled one has not unsaid it because another
    one changed. A task that changes while it is fetched is fetched again the next time, since marks are never later than
    what was asked for. Without a mark everything is fetched, and tasks that are missing on the server are told.
    """
    twins = copies or {}
    stamps = list(server.changed_since(project_id, earlier(mark)))
    gone = sorted(set(held) - {stamp.task_id for stamp in stamps}) if mark is None else []
    for start in range(0, len(stamps), PART):
        part = stamps[start : start + PART]
        wanted = [number for stamp in part for number in twins.get(stamp.task_id, (stamp.task_id,))]
        tasks = server.tasks(project_id, list(dict.fromkeys(wanted)))
        mark = part[-1].updated_at
        keep(list(tasks), mark)
        if progress:
            progress(start + len(part), len(stamps))
    return Pulled(changed=len(stamps), gone=tuple(gone), mark=mark)


def earlier(mark: str | None) -> str | None:
    """A mark with the overlap taken off, as the server's filter wants stamps to be written.

    >>> earlier("2026-11-23T21:28:31.839390Z")
    '2026-11-23T21:26:31.839390Z'
    """
    return mark and (moment_of(mark) - OVERLAP).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
