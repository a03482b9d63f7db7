"""`judgeaudit plan`: labels for a wanted width or power, what the present ones can show, and when to stop."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from judgeaudit.cli.shared.arguments import Text
from judgeaudit.domain.option import listed

if TYPE_CHECKING:
    from judgeaudit.workflows.planning.plan import Plan

Many = Optional[list[str]]  # noqa: UP045
Number = Optional[float]  # noqa: UP045
Judged = Annotated[Number, typer.Option(metavar="N", help="Items that are judged (default: many more than labelled).")]
DesignEffect = Annotated[
    float, typer.Option("--design-effect", metavar="D", help="How many items are worth one where prompts repeat.")
]
Strata = Annotated[
    Many, typer.Option(metavar="NAME=ITEMS:SHARE", help="A stratum and its share of positives. May be repeated.")
]
Labels = Annotated[
    Optional[int],  # noqa: UP045
    typer.Option(metavar="N", help="So many labels are shared out between the strata."),
]
Sequential = Annotated[
    bool, typer.Option("--sequential", help="Bounds that hold however often one looks at the labels.")
]


def plan(
    source: Annotated[
        Path | None,
        typer.Argument(metavar="[STUDY|AUDIT.json]", help="What its labels can show, and how many more it takes."),
    ] = None,
    statistic: Annotated[
        Many, typer.Option(metavar="NAME,NAME", help="A rate, a coefficient of agreement, or a corrected rate.")
    ] = None,
    floor: Annotated[Number, typer.Option(metavar="X", help="The one-sided lower bound shall be at least X.")] = None,
    ceiling: Annotated[Number, typer.Option(metavar="X", help="The one-sided upper bound shall be at most X.")] = None,
    expect: Annotated[Number, typer.Option(metavar="X", help="The value that is expected.")] = None,
    width: Annotated[
        Number, typer.Option(metavar="W", help="Instead of a line: the interval shall be no wider than W.")
    ] = None,
    prevalence: Annotated[Number, typer.Option(metavar="P", help="Share of positive items.")] = None,
    shares: Annotated[Text, typer.Option(metavar="P,P,P", help="Of more than two labels: the share of each.")] = None,
    sensitivity: Annotated[Number, typer.Option(metavar="X", help="The judge's, for corrected rates.")] = None,
    specificity: Annotated[Number, typer.Option(metavar="X", help="The judge's, for corrected rates.")] = None,
    judged: Judged = None,
    power: Annotated[float, typer.Option(metavar="P", help="Chance that the bound passes.")] = 0.8,
    level: Annotated[float, typer.Option(metavar="L", help="Level of bounds and intervals.")] = 0.95,
    design_effect: DesignEffect = 1.0,
    stratum: Strata = None,
    labels: Labels = None,
    sequential: Sequential = False,
    seen: Annotated[Text, typer.Option(metavar="K/N", help="Of N labels K count: certified, futile, or go on.")] = None,
    policy: Annotated[Text, typer.Option(metavar="FILE", help="What is required of the audit (TOML).")] = None,
    json: Annotated[Text, typer.Option(metavar="FILE|-", help="Write the plan as JSON; - prints it alone.")] = None,
) -> None:
    """Says how many labels it takes; changes nothing."""
    asked = {name: value for name, value in locals().items() if name not in ("source", "json")}
    asked |= {"statistic": listed(statistic or []), "shares": _numbers(shares), "stratum": stratum or []}
    write_json(_made(source, asked), json)


def write_json(made: Any, json: str | None) -> None:
    """Lines for people, JSON to a file beside them, or alone on stdout."""
    from judgeaudit.cli.shared.screen import note, out

    if json is None or json != "-":
        for line in made.lines:
            out(line)
    if json is None:
        return
    import json as json_module

    text = json_module.dumps(made.to_dict(), indent=1, allow_nan=False)
    if json == "-":
        out(text)
        return
    from judgeaudit.storage.files.write import write_atomic

    write_atomic(json, text + "\n")
    note(f"written: {json}")


def _made(source: Path | None, asked: dict[str, Any]) -> Plan:
    """The plan; of a study by the policy that stands in it now, as the gate decides, and refused where it is stale."""
    from judgeaudit.workflows.planning.plan import plan as make_plan
    from judgeaudit.workflows.planning.plan import plan_present

    made = make_plan(source, **asked)
    if source is None or not (source / "study.toml").exists():
        return made
    from judgeaudit.study import Study
    from judgeaudit.workflows.auditing.audit_object import read_audit

    study = Study(source)
    decisions = study.gate(policy=asked["policy"])
    return plan_present(read_audit(study.audit_path).result, decisions, sequential=asked["sequential"])


def _numbers(text: str | None) -> list[float]:
    from judgeaudit.domain.errors import InputError, one_line

    try:
        return [float(part) for part in text.split(",")] if text else []
    except ValueError:
        msg = f"--shares {one_line(text or '')!r} is no list of numbers, as 0.7,0.2,0.1"
        raise InputError(msg) from None
