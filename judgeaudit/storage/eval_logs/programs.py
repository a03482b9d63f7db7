"""The evaluation programs whose logs can be read, a line each, and which of them wrote a log."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from judgeaudit.domain.errors import InputError
from judgeaudit.storage.eval_logs.common.json_files import first_of, head_of
from judgeaudit.storage.eval_logs.common.records import EvalRun
from judgeaudit.storage.eval_logs.inspect.logs import holds_inspect, is_log, read_inspect
from judgeaudit.storage.eval_logs.inspect.zip_archive import is_archive
from judgeaudit.storage.eval_logs.lm_eval.logs import holds_lm_eval, is_results, read_lm_eval
from judgeaudit.storage.eval_logs.lm_eval.samples import is_sample
from judgeaudit.storage.files.write import shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """read: the runs that a log, or a folder of logs, holds. holds: whether a folder has logs of this program."""

    read: Callable[..., list[EvalRun]]
    holds: Callable[[Path], bool]


#: by the name that `judgeaudit import` takes
PROGRAMS = {
    "lm-eval": Program(read=read_lm_eval, holds=holds_lm_eval),
    "inspect": Program(read=read_inspect, holds=holds_inspect),
}
_BOM = b"\xef\xbb\xbf"


def kind_of_log(path: Path) -> str | None:
    """`lm-eval` or `inspect`; None for a file that neither wrote."""
    head = head_of(path).removeprefix(_BOM).lstrip()
    if is_archive(head):
        return "inspect" if path.suffix == ".eval" or _members(path) else None
    if path.suffix == ".eval":
        return "inspect"
    if not head.startswith(b"{") and not (head.startswith(b"[") and b'"doc_id"' in head):
        return None  # a list is read whole, so only one that begins as samples do
    first = first_of(path)
    if is_results(first) or is_sample(first):
        return "lm-eval"
    return "inspect" if is_log(first) else None


def kind_of_folder(folder: Path) -> str | None:
    """The program whose logs a folder holds; None where it holds none, an InputError where it holds those of both."""
    found = [kind for kind, program in PROGRAMS.items() if program.holds(folder)]
    if len(found) > 1:
        msg = (
            f"{shown(folder)}: logs of lm-eval and of inspect lie in this folder; say which, as in `judgeaudit import lm-eval "
            f"{shown(folder)}`"
        )
        raise InputError(msg)
    return found[0] if found else None


def _members(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False
    return "header.json" in names or any(name.startswith("_journal/") for name in names)
