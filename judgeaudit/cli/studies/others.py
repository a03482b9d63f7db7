"""The other verbs: gate, filter, init, schema, demo, datasets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

if TYPE_CHECKING:
    from judgeaudit.domain.results.audit import Decision
    from judgeaudit.workflows.auditing.gate import Decisions

Text = Optional[str]  # noqa: UP045 - typer reads it
Folder = Annotated[Path, typer.Argument(metavar="[STUDY]", help="The study's folder; the current one by default.")]
Source = Annotated[Path, typer.Argument(metavar="STUDY|AUDIT.json", help="A study's folder, or an audit.json.")]


def gate(
    source: Source = Path(),
    policy: Annotated[Text, typer.Option(metavar="FILE", help="Decide by this policy (TOML).")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the decisions as JSON alone.")] = False,
) -> None:
    """Ends with 0 when every required judge is certified, 1 when one is restricted or rejected, else 3."""
    from judgeaudit.cli.shared.screen import note, out
    from judgeaudit.gate.words.policy_warnings import lines_of

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


def decision_line(d: Decision) -> str:
    """What was decided of one judge and question."""
    return f"{d.judge or 'people'} · {d.question}: {d.decision}{'' if d.required else ' (not required)'}"


def _decisions(source: Path, policy: str | None) -> Decisions:
    from judgeaudit.study import Study
    from judgeaudit.workflows.auditing.audit_object import read_audit
    from judgeaudit.workflows.auditing.gate import decide, decisions_of, read_policy

    if source.is_dir():
        return Study(source).gate(policy=policy)
    audit = read_audit(source)
    return decide(audit, read_policy(policy)) if policy is not None else decisions_of(audit)


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


def _decisions_of(audit: Path, policy: str | None) -> Decisions:
    return _decisions(audit / "audit.json" if audit.is_dir() else audit, policy)


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the study shall live.")],
    template: Annotated[str, typer.Option(metavar="NAME", help="safety, refusal, quality or pairwise.")] = "safety",
) -> None:
    """Writes study.toml and its guidelines; never over a study that is there."""
    from judgeaudit.cli.shared.screen import out
    from judgeaudit.storage.config.init import init_study

    for path in init_study(folder, template):
        out(str(path))


def schema() -> None:
    """For editors: `judgeaudit schema > study.schema.json`."""
    import json

    from judgeaudit.cli.shared.screen import out
    from judgeaudit.storage.config.read import json_schema

    out(json.dumps(json_schema(), indent=1))


def demo(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the demo study and its report go.")] = Path(
        "demo-report"
    ),
    label_: Annotated[
        bool, typer.Option("--label", help="Label forty of its outputs yourself, blind, on a Label Studio of your own.")
    ] = False,
) -> None:
    """Real outputs of a small model, and of versions of it made worse: judged, audited and reported."""
    if label_:
        from judgeaudit.cli.studies.demo_label import label_demo

        label_demo(out)
    else:
        from judgeaudit.cli.studies.demo import run_demo

        run_demo(out)


def datasets() -> typer.Typer:
    """`datasets list` and `datasets get`."""
    app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, add_completion=False)
    app.command("list", help="What there is.")(_list_datasets)
    app.command("get", help="Fetch one, checked against its known hash.")(_get_dataset)
    return app


def _list_datasets() -> None:
    from judgeaudit.cli.shared.screen import out
    from judgeaudit.datasets.registry import list_datasets

    for one in list_datasets():
        out(f"{one.name}: {one.title}")
        out(f"  {one.home}")
        out(f"  licence {one.licence}; {one.rows:,} rows; sha256 {one.sha256}")
        out(f"  {one.command}")


def _get_dataset(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name from `judgeaudit datasets list`.")],
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="Where labels.csv goes (default: NAME).")
    ] = None,
    base_url: Annotated[Text, typer.Option(metavar="URL", help="A mirror that serves NAME/labels.csv.")] = None,
) -> None:
    from judgeaudit.cli.shared.screen import note, out, working
    from judgeaudit.datasets.fetch import get_dataset
    from judgeaudit.datasets.registry import find_dataset

    dataset = find_dataset(name)
    note(dataset.notice)
    with working(f"fetching {name}"):
        got = get_dataset(name, folder or Path(name), base_url=base_url)
    out(f"{got.table} {'fetched from ' + got.source if got.downloaded else 'was there already, and is the right one'}")
    out(f"in its folder: {dataset.command}")
