"""A round of labelling on disk: STUDY/labelling/ROUND holds its plan, what was sent, where, and how far it was fetched."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.labelling.tasks import MAIN, PURPOSES, PlannedTask, Project, Sent, checked_round, is_round
from judgeaudit.storage.files.write import append_jsonl, cannot_read, cannot_write, mend_jsonl, shown, write_atomic
from judgeaudit.storage.labelling.locks import FOLDER, alone_to_annotate, labelling_folder, locked
from judgeaudit.storage.labelling.tally import Tally

KEY = "key"
TASKS = "tasks.jsonl"
KEPT = "kept.jsonl"
_KEY_BYTES = 32


def rounds_of(study: Path) -> tuple[str, ...]:
    """The rounds that have a plan, main first. Folders of other names, such as copies, are none."""
    folder = study / FOLDER
    names = [path.parent.name for path in folder.glob(f"*/{TASKS}")] if folder.is_dir() else []
    return tuple(sorted(filter(is_round, names), key=lambda name: (name != MAIN, name)))


def study_key(study: Path) -> bytes:
    """The secret that opaque ids are made with; made once, readable by its owner alone, and never sent anywhere.

    One that is lost is not made anew where tasks are known by it: the same items would get other ids.
    """
    file = study / FOLDER / KEY
    if not file.exists():
        if rounds_of(study):
            msg = f"{shown(file)}: gone, and the tasks of this study are known by it; put it back from a copy"
            raise InputError(msg)
        try:
            labelling_folder(study)
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w") as stream:
                stream.write(secrets.token_hex(_KEY_BYTES) + "\n")
        except FileExistsError:
            pass
        except OSError as error:
            raise cannot_write(file, error) from error
    try:
        key = bytes.fromhex(file.read_text(encoding="ascii").strip())
    except OSError as error:
        raise cannot_read(file, error) from error
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        msg = f"{shown(file)}: not the key of a labelling plan; put it back from a copy"
        raise InputError(msg)
    return key


class RoundFolder:
    """One round's files. Each is replaced whole, or appended to; what was sent is on disk before more is sent."""

    def __init__(self, study: Path, name: str) -> None:
        self.study, self.name = study, checked_round(name)
        self.path = study / FOLDER / name

    @property
    def planned(self) -> bool:
        return (self.path / TASKS).is_file()

    def write_plan(self, tasks: Sequence[PlannedTask], about: Mapping[str, object]) -> None:
        """The plan, whole: its tasks in order, and how it was drawn."""
        lines = [json.dumps({**asdict(task), "known": dict(task.known)}) + "\n" for task in tasks]
        write_atomic(self.path / "plan.json", json.dumps(about, indent=1) + "\n")
        write_atomic(self.path / TASKS, "".join(lines))

    def about(self) -> dict[str, object]:
        """How the plan was drawn: seed, items per stratum, what the strata held, and what was asked for."""
        return self._object("plan.json")

    def tasks(self) -> list[PlannedTask]:
        """The planned tasks in their order."""
        file = self.path / TASKS
        if not file.is_file():
            verb = "sample" if self.name in ("main", "pilot") else "dispute"
            others = [name for name in rounds_of(self.study) if name != self.name]
            there = f"; there is one for {', '.join(others)}: name it with --round" if others else ""
            msg = f"{shown(self.study)}: no plan for round {self.name}; make one with `judgeaudit label {verb} {shown(self.study)}`{there}"
            raise InputError(msg)
        return [_task(row, file, number) for number, row in enumerate(_rows(file), 1)]

    def project(self) -> Project | None:
        """The project that the round was pushed to, if it was."""
        if not (self.path / "project.json").is_file():
            return None
        try:
            return Project(**self._object("project.json"))  # type: ignore[arg-type]
        except TypeError:
            broken = self._broken("project.json")
            raise broken from None

    def write_project(self, project: Project) -> None:
        write_atomic(self.path / "project.json", json.dumps(asdict(project), indent=1) + "\n")

    def forget_project(self) -> None:
        """The round is in no project and nothing was fetched from one; what was sent before stays noted."""
        try:
            for name in ("pulled.json", "project.json"):
                (self.path / name).unlink(missing_ok=True)
        except OSError as error:
            raise cannot_write(self.path, error) from error

    def write_form(self, xml: str) -> None:
        """The form as the raters see it, for whoever wants to check it."""
        write_atomic(self.path / "form.xml", xml)

    def form(self) -> str:
        """The form as it was last pushed; "" before that."""
        file = self.path / "form.xml"
        try:
            return file.read_text(encoding="utf-8") if file.is_file() else ""
        except OSError as error:
            raise cannot_read(file, error) from error

    def sent(self) -> dict[str, Sent]:
        """What the server is known to hold, by opaque id."""
        file = self.path / "sent.jsonl"
        rows = _rows(file) if file.is_file() else []
        try:
            return {str(row["ja_id"]): Sent(**row) for row in rows}  # type: ignore[arg-type]
        except (TypeError, KeyError):
            broken = self._broken("sent.jsonl")
            raise broken from None

    def kept(self) -> set[str]:
        """Annotations whose task somebody deleted on the server: nobody took back what they say."""
        file = self.path / KEPT
        return {str(row.get("source")) for row in _rows(file)} if file.is_file() else set()

    def keep(self, sources: Iterable[str]) -> None:
        """On disk when this returns."""
        mend_jsonl(self.path / KEPT)
        append_jsonl(self.path / KEPT, [{"source": source} for source in sources])

    def add_sent(self, tasks: Iterable[Sent]) -> None:
        """On disk when this returns; a line that a crash cut off does not stay in the middle of the file."""
        mend_jsonl(self.path / "sent.jsonl")
        append_jsonl(self.path / "sent.jsonl", [asdict(task) for task in tasks])

    def mark(self) -> str | None:
        """Up to when, by the server's clock, everything was fetched."""
        return str(self._object("pulled.json")["mark"]) if (self.path / "pulled.json").is_file() else None

    def tally(self) -> Tally:
        """The rows of this round that annotations.jsonl held when the last part of a pull was done; none where nobody counted."""
        there = self._object("pulled.json") if (self.path / "pulled.json").is_file() else {}
        rows, digest = there.get("rows"), there.get("digest")
        return Tally(rows, digest if isinstance(digest, int) else None) if isinstance(rows, int) else Tally()

    def write_mark(self, mark: str, tally: Tally) -> None:
        """`tally` is of those rows of this round in annotations.jsonl that need no second look."""
        write_atomic(self.path / "pulled.json", json.dumps({"mark": mark, **tally._asdict()}) + "\n")

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One push or pull at a time for one round; a second one is told so."""
        labelling_folder(self.study)
        with locked(self.path / ".lock", f"round {self.name} of {shown(self.study)}: another push or pull"):
            yield

    @contextmanager
    def alone_to_pull(self) -> Iterator[None]:
        """One pull at a time for the whole study, since all rounds share one file of annotations."""
        with self.alone(), alone_to_annotate(self.study):
            yield

    def _object(self, name: str) -> dict[str, object]:
        try:
            content: object = json.loads((self.path / name).read_text(encoding="utf-8"))
        except OSError as error:
            raise cannot_read(self.path / name, error) from error
        except ValueError:
            raise self._broken(name) from None
        if not isinstance(content, dict):
            raise self._broken(name)
        return content

    def _broken(self, name: str) -> InputError:
        return InputError(f"{shown(self.path / name)}: not as it was written; restore it from a copy")


def _rows(file: Path) -> Iterator[dict[str, object]]:
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise cannot_read(file, error) from error
    for number, line in enumerate(text.splitlines(), 1):
        try:
            row: object = json.loads(line)
        except ValueError:
            row = None
        if not isinstance(row, dict):
            if (
                number == text.count("\n") + 1
            ):  # a last line without its end was never finished, so nothing relied on it
                continue
            msg = f"{shown(file)} row {number}: not as it was written; restore it from a copy"
            raise InputError(msg)
        yield row


def _task(row: dict[str, object], file: Path, number: int) -> PlannedTask:
    known, earlier = row.pop("known", {}), row.pop("earlier", [])
    try:
        task = PlannedTask(
            **row,  # type: ignore[arg-type]
            known=tuple(dict(known).items()) if isinstance(known, dict) else (),
            earlier=tuple(earlier) if isinstance(earlier, list) else (),
        )
    except TypeError:
        task = None
    if task is None or task.purpose not in PURPOSES or not isinstance(task.item_id, str):
        msg = f"{shown(file)} row {number}: not a planned task ({one_line(str(row))}); restore the file from a copy"
        raise InputError(msg)
    return task
