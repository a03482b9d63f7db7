"""`judgeaudit probe`: runs judges over controlled edits of the outputs, and says what moved them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from judgeaudit.cli.judging.judge import Estimate, Judges, MaxCost
from judgeaudit.cli.shared.arguments import Folder

if TYPE_CHECKING:
    from judgeaudit.domain.results.probes import ProbeFinding
    from judgeaudit.workflows.judging.estimate import Estimated
    from judgeaudit.workflows.judging.report import JudgeReport
    from judgeaudit.workflows.probes.run import ProbeReport


_Probes = Annotated[
    Optional[list[str]],  # noqa: UP045
    typer.Option("--probe", metavar="NAME,…", help="Only these edits; by default all but the degradations."),
]
_Items = Annotated[int, typer.Option("--items", metavar="N", min=1, help="How many outputs, drawn at random.")]
_Seed = Annotated[int, typer.Option("--seed", metavar="S", help="Of the draw and of the edits.")]
_Json = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--json", metavar="FILE", help="Write what was found there too; - prints it alone."),
]


def probe(
    study: Folder = Path(),
    name: Judges = None,
    probes: _Probes = None,
    items: _Items = 100,
    seed: _Seed = 1,
    estimate: Estimate = False,
    max_cost: MaxCost = None,
    json: _Json = None,
) -> None:
    """Every edit should leave a fair judge where it was, or make it see that no sense is left. Ends with 0 whatever was found."""
    from judgeaudit.cli.judging.judge import exit_as, halts_told, refuse_without_effect, say_run, warned
    from judgeaudit.cli.judging.progress import progress
    from judgeaudit.cli.shared.screen import command_line, out
    from judgeaudit.services.runner import keep_retries_to_themselves
    from judgeaudit.study import Study

    keep_retries_to_themselves()
    wanted = [part.strip() for one in probes or () for part in one.split(",") if part.strip()]
    if estimate:
        given = {"--max-cost": max_cost is not None, "--json": json is not None, "--estimate": True}
        refuse_without_effect([flag for flag, is_given in given.items() if is_given], {"--estimate": ()})
        _say_estimate(Study(study).estimate_probes(*(name or ()), probes=wanted, items=items, seed=seed))
        return
    runs: list[JudgeReport] = []
    with halts_told(runs), progress() as shown:

        def ended(report: ProbeReport) -> None:
            shown.end(report.judge)
            for line in lines_of(report) if json != "-" else ():
                out(line)
            runs.append(report.run)
            say_run(report.run, alone=json == "-")

        reports = Study(study).probe(
            *(name or ()),
            probes=wanted,
            items=items,
            seed=seed,
            max_cost=max_cost,
            command=command_line(),
            tell=shown.tell,
            say=warned,
            ended=ended,
        )
    if json is not None:
        _write(json, reports)
    exit_as(runs)


def _say_estimate(found: list[Estimated]) -> None:
    from judgeaudit.cli.judging.judge import lines_of_estimate
    from judgeaudit.cli.shared.screen import out

    for line in lines_of_estimate(found):
        out(line)


def lines_of(report: ProbeReport) -> Iterator[str]:
    """The table of one judge, question by question, and a sentence for each probe."""
    from judgeaudit.domain.errors import one_line

    for question, found in groupby(report.findings, key=lambda one: one.question):
        yield f"{one_line(report.judge)} · {one_line(question)}: {report.items:,} outputs"
        yield f"  {'probe':<14} {'pairs':>6} {'changed':>8} {'shift':>7}  {'95 % interval':<18} {'p':>7}"
        for one in found:
            yield f"{'!' if one.defect else ' '} {_numbers(one)}"
            yield f"      {one_line(one.sentence, limit=300)}"
        yield ""


def _numbers(one: ProbeFinding) -> str:
    shift = "–" if one.value is None else f"{one.value:+.2f}"
    interval = "" if one.low is None or one.high is None else f"[{one.low:+.2f}, {one.high:+.2f}]"
    p = "–" if one.p_adjusted is None else "<0.001" if one.p_adjusted < 0.001 else f"{one.p_adjusted:.3f}"
    return f"{one.probe:<14} {one.n:>6,} {one.changed:>8,} {shift:>7}  {interval:<18} {p:>7}"


def _write(path: str, reports: list[ProbeReport]) -> None:
    """The findings as JSON, a row each."""
    import json as json_module
    from dataclasses import asdict

    from judgeaudit.cli.shared.screen import out
    from judgeaudit.storage.files.write import write_atomic

    rows = [asdict(one) for report in reports for one in report.findings]
    text = json_module.dumps({"schema": 1, "findings": rows}, indent=1, allow_nan=False)
    if path == "-":
        out(text)
    else:
        write_atomic(path, text + "\n")
