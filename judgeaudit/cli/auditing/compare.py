"""`judgeaudit compare`: fine-tuned checkpoints at a capability goal, and what their conclusions hang on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from judgeaudit.cli.shared.arguments import Folder, Text

if TYPE_CHECKING:
    from judgeaudit.workflows.checkpoints.comparison_object import Comparison

Number = Optional[float]  # noqa: UP045
File = Optional[Path]  # noqa: UP045


_Goal = Annotated[Number, typer.Option(metavar="X", help="Another goal than study.toml declares.")]
_Reach = Annotated[
    Text, typer.Option(metavar="NAME", help="How the goal is reached: point, lower_bound or interpolated.")
]
_Task = Annotated[Text, typer.Option(metavar="NAME", help="Another task of the capability table.")]
_Baseline = Annotated[Text, typer.Option(metavar="NAME", help="Another method, checkpoint or model as baseline.")]
_Level = Annotated[float, typer.Option(metavar="L", help="Level of the intervals.")]
_Seed = Annotated[int, typer.Option(metavar="S", help="Seed of the resampling.")]
_Draws = Annotated[int, typer.Option(metavar="N", help="How often prompts are resampled together for what flips.")]
_Json = Annotated[Text, typer.Option(metavar="FILE|-", help="Also write the comparison here; - prints it alone.")]
_Html = Annotated[File, typer.Option(metavar="FILE", help="The comparison as a page of its own.")]
_Md = Annotated[File, typer.Option(metavar="FILE", help="The same as Markdown.")]
_All = Annotated[bool, typer.Option("--all", help="Every analysis, on the screen and in the pages.")]


def compare(
    study: Folder = Path(),
    goal: _Goal = None,
    reach: _Reach = None,
    task: _Task = None,
    baseline: _Baseline = None,
    level: _Level = 0.95,
    seed: _Seed = 1,
    draws: _Draws = 400,
    json: _Json = None,
    html: _Html = None,
    md: _Md = None,
    all_: _All = False,
) -> None:
    """Writes compare.json into the study, which `judgeaudit report` shows; not with a goal other than the declared one."""
    from judgeaudit.cli.shared.screen import command_line, note, working
    from judgeaudit.storage.files.overwriting import refuse_clashes, tables_of
    from judgeaudit.study import Study
    from judgeaudit.workflows.checkpoints.comparison_object import COMPARISON
    from judgeaudit.workflows.checkpoints.record import capability_of

    _refuse_files(study, html, md)
    written = {"--json": None if json in (None, "-") else json, "--html": html, "--md": md}
    read = {**tables_of(study), **capability_of(study), "the study's audit.json": study / "audit.json"}
    refuse_clashes({**read, f"the study's {COMPARISON}": study / COMPARISON}, written)
    with working("comparing"):
        made = Study(study).compare(
            goal=goal,
            reach=reach,
            task=task,
            baseline=baseline,
            level=level,
            seed=seed,
            draws=draws,
            command=command_line(),
        )
    _show(made, as_json=json == "-", full=all_)
    if json not in (None, "-"):
        made.to_json(json)
    if html is not None:
        made.to_html(html, full=all_)
    if md is not None:
        made.to_markdown(md, full=all_)
    declared = bool(made.result.goal.get("declared"))
    if not declared and written["--json"] is None:
        note(f"not as declared in study.toml, so {study / COMPARISON} is as it was; --json FILE keeps this comparison")
    for path in (study / COMPARISON if declared else None, *written.values()):
        if path is not None:
            note(f"written: {path}")


def _show(made: Comparison, *, as_json: bool, full: bool) -> None:
    """The comparison on the screen."""
    from judgeaudit.cli.shared.screen import out, width

    if as_json:
        out(made.to_json().rstrip())
        return
    for line in made.join:
        out(line)
    out()
    out(made.to_text(full=full, width=width()).rstrip())


def _refuse_files(study: Path, html: Path | None, md: Path | None) -> None:
    """A study is a folder, and a page is a file."""
    from judgeaudit.domain.errors import InputError

    if study.is_file():
        told = "this is a file, and compare takes the folder of a study"
        msg = f"{study}: {told}; of a table make one with `judgeaudit import`, or call ja.compare_checkpoints(TABLE, …) in Python"
        raise InputError(msg)
    for flag, path in (("--html", html), ("--md", md)):
        if path is not None and str(path) == "-":
            msg = f"{flag} -: a page is written to a file, and only --json prints to the screen; name a file"
            raise InputError(msg)
