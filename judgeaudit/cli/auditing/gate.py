"""`judgeaudit gate` and `judgeaudit filter`: decisions for pipelines, and verdicts that pass them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from judgeaudit.cli.shared.arguments import Text

if TYPE_CHECKING:
    from judgeaudit.domain.results.audit import Decision
    from judgeaudit.workflows.auditing.gate import Decisions

Source = Annotated[Path, typer.Argument(metavar="STUDY|AUDIT.json", help="A study's folder, or an audit.json.")]


def gate(
    source: Source = Path(),
    policy: Annotated[Text, typer.Option(metavar="FILE", help="Decide by this policy (TOML).")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the decisions as JSON alone.")] = False,
) -> None:
    """Ends with 0 when every required judge is certified, 1 when one is restricted or rejected, else 3."""
    from judgeaudit.cli.shared.screen import note, out
    from judgeaudit.gate.words.decision_lines import lines_of

    decisions = _decisions(source, policy)
    if json:
        import json as json_module
        from dataclasses import asdict

        out(json_module.dumps([asdict(d) for d in decisions], indent=1, allow_nan=False))
        for warning in decisions.warnings:
            note(f"warning: {warning}")
    else:
        for d in decisions:
            out(decision_line(d))
            for line in lines_of(d):
                out(f"  {line}")
        for warning in decisions.warnings:
            out(f"warning: {warning}")
    raise typer.Exit(decisions.exit_code)


def filter_command(
    verdicts: Annotated[Path, typer.Argument(metavar="VERDICTS", help="A table of verdicts.")],
    audit: Annotated[Path, typer.Option(metavar="AUDIT.json", help="The audit that says which judges are certified.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="OUT", help="Where the kept verdicts go.")],
    outputs: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Outputs, for strata that the verdicts do not hold.")
    ] = None,
    policy: Annotated[Text, typer.Option(metavar="FILE", help="Decide by this policy first.")] = None,
    max_risk: Annotated[
        Optional[float],  # noqa: UP045
        typer.Option(metavar="R", help="Drop verdicts too unsure for this share of errors (audit --max-risk)."),
    ] = None,
    recalibrate: Annotated[
        bool, typer.Option("--recalibrate", help="Put recalibrated probabilities in; probability_raw keeps the old.")
    ] = False,
) -> None:
    """Says how many verdicts were kept, and why the others were dropped."""
    from judgeaudit.cli.shared.screen import note
    from judgeaudit.workflows.auditing.filter_file import sieve

    decisions = _decisions_of(audit, policy)
    kept, total, reasons = sieve(
        verdicts, decisions, output, outputs, max_risk=max_risk, recalibrate=recalibrate, tell=note
    )
    note(f"kept {kept:,} of {total:,} verdicts in {output}")
    for reason, count in sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0])):
        note(f"dropped {count:,}: {reason}")


def decision_line(d: Decision) -> str:
    """What was decided of one judge and question."""
    return f"{d.judge or 'people'} · {d.question}: {d.decision}{'' if d.required else ' (not required)'}"


def _decisions_of(audit: Path, policy: str | None) -> Decisions:
    return _decisions(audit / "audit.json" if audit.is_dir() else audit, policy)


def _decisions(source: Path, policy: str | None) -> Decisions:
    from judgeaudit.study import Study
    from judgeaudit.workflows.auditing.audit_object import read_audit
    from judgeaudit.workflows.auditing.gate import decide, decisions_of, read_policy

    if source.is_dir():
        return Study(source).gate(policy=policy)
    audit = read_audit(source)
    return decide(audit, read_policy(policy)) if policy is not None else decisions_of(audit)
