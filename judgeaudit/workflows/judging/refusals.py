"""What no call mends is told before the first call of any judge: names, files and prices that are not there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from judgeaudit.domain.errors import InputError, nearest, one_line
from judgeaudit.storage.config.judges import ReplayConfig, ServiceConfig
from judgeaudit.storage.files.study_files import LEDGER
from judgeaudit.storage.files.write import shown
from judgeaudit.storage.ledger.calls import Ledger
from judgeaudit.storage.study.raters import rater_names
from judgeaudit.workflows.judging.build import Judging, judging
from judgeaudit.workflows.judging.calls import Wanted, priced
from judgeaudit.workflows.judging.connect import refuse_missing_packages

if TYPE_CHECKING:
    from judgeaudit.storage.config.schema import StudyConfig


def chosen(config: StudyConfig, names: Sequence[str]) -> list[str]:
    """The judges that were asked for, or all of the study."""
    if not config.judges:
        msg = "study.toml: no judge is declared; add a section such as [judges.refusal-words] with kind and questions"
        raise InputError(msg)
    for name in names:
        if name not in config.judges:
            offered = ", ".join(map(one_line, config.judges))
            msg = f"study.toml: no judge {one_line(name)!r}{nearest(name, list(config.judges))}; declared are {offered}"
            raise InputError(msg)
    return list(names) or list(config.judges)


def ready(config: StudyConfig, folder: Path, names: Sequence[str], columns: Sequence[str]) -> list[Judging]:
    """The judges of these names, or all, each as it will be run, in their order."""
    asked = chosen(config, names)
    raters = rater_names(folder)
    for name in asked:
        if name in raters:
            msg = f"study.toml: judges.{one_line(name)}: a rater in annotations has this name; rename the judge"
            raise InputError(msg)
        _refuse_missing_table(config, folder, name)
    return [judging(config, folder, name, columns) for name in dict.fromkeys(asked)]


def _refuse_missing_table(config: StudyConfig, folder: Path, name: str) -> None:
    section = config.judges[name]
    if isinstance(section, ReplayConfig) and section.file is not None and not (folder / section.file).is_file():
        msg = f"study.toml: judges.{one_line(name)}.file: there is no file {shown(folder / section.file)}; bring it, or correct the name"
        raise InputError(msg)


def refuse_unpriced(
    folder: Path, judges: Iterable[Judging], missing: Callable[[Judging, Ledger | None], Iterator[Wanted]]
) -> None:
    """A limit of US dollars cannot be kept where a judge lacks calls and nobody knows what they cost."""
    for judge in judges:
        if isinstance(judge.section, ServiceConfig):
            _refuse_unpriced(folder, judge, judge.section, missing)


def _refuse_unpriced(
    folder: Path, judge: Judging, section: ServiceConfig, missing: Callable[[Judging, Ledger | None], Iterator[Wanted]]
) -> None:
    refuse_missing_packages(section.provider, f"judges.{one_line(judge.name)}")
    if priced(section, section.model or "", 1, 1) is not None:
        return
    with Ledger(folder / LEDGER) if (folder / LEDGER).is_file() else nullcontext() as ledger:
        if next(missing(judge, ledger), None) is None:
            return
    at = "" if section.base_url is None else f" at {one_line(section.base_url)}"
    msg = (
        f"study.toml: judges.{one_line(judge.name)}: no price is known of {one_line(section.model or '')!r}{at}, so --max-cost "
        "cannot be kept; give it, as in price = { input = 0.1, output = 0.4 } (US$ a million tokens)"
    )
    raise InputError(msg)
