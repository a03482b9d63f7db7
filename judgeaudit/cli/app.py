"""The verbs. Each one's module is imported when it runs; this one imports typer alone."""

from __future__ import annotations

from typing import Annotated, Optional

import typer


def build() -> typer.Typer:
    """The whole command line."""
    from judgeaudit.cli.auditing.audit import audit
    from judgeaudit.cli.auditing.compare import compare
    from judgeaudit.cli.auditing.diff import diff
    from judgeaudit.cli.auditing.gate import filter_command, gate
    from judgeaudit.cli.auditing.plan import plan
    from judgeaudit.cli.auditing.report import report
    from judgeaudit.cli.demo.command import demo
    from judgeaudit.cli.judging.judge import judge
    from judgeaudit.cli.judging.models import models
    from judgeaudit.cli.judging.probe import probe
    from judgeaudit.cli.labelling.label import label
    from judgeaudit.cli.outputs.generate import degrade, generate
    from judgeaudit.cli.outputs.gibberish import gibberish
    from judgeaudit.cli.studies.datasets import datasets
    from judgeaudit.cli.studies.import_kinds import needed_columns
    from judgeaudit.cli.studies.importing import import_command
    from judgeaudit.cli.studies.init import init, schema
    from judgeaudit.cli.studies.simulate import simulate

    app = _without_commands()
    app.command("demo", help="The whole loop on an embedded data set: no key, no network.")(demo)
    app.command("audit", help="Holds judges against people: a study, or one table of labels and verdicts.")(audit)
    app.command("report", help="Writes an audit as HTML and Markdown.")(report)
    app.command("gate", help="Decisions, and an exit code for pipelines.")(gate)
    app.command("filter", help="Keeps only verdicts of judges certified for that question and stratum.")(filter_command)
    app.command("compare", help="Fine-tuned checkpoints at a capability goal, and what the conclusions hang on.")(
        compare
    )
    app.command("diff", help="What changed between two audits: the judge, the labels or the outputs.")(diff)
    app.command("plan", help="How many labels it takes, what the present ones can show, and when to stop.")(plan)
    app.command("init", help="A new study with a commented study.toml.")(init)
    app.command(
        "import",
        help="Brings tables, Label Studio exports and logs of evaluations into a study.",
        epilog=needed_columns(),
    )(import_command)
    app.command(
        "generate", help="Models, and degraded versions of them, answer the study's prompts; resumes where it stopped."
    )(generate)
    app.command("degrade", help="A model made worse on purpose, as a checkpoint.")(degrade)
    app.add_typer(
        label(), name="label", help="People's labels through Label Studio: serve, sample, push, pull, status."
    )
    app.command("judge", help="Runs the study's judges over its outputs; resumes where it stopped.")(judge)
    app.command("probe", help="Runs judges over controlled edits of the outputs, and says what moved them.")(probe)
    app.command("gibberish", help="Which outputs read as no language, before anybody labels.")(gibberish)
    app.command("schema", help="The JSON Schema of study.toml.")(schema)
    app.command("simulate", help="A study with planted people and judges, whose truth is known.")(simulate)
    app.add_typer(datasets(), name="datasets", help="Public data sets with labels by people and verdicts of judges.")
    app.add_typer(models(), name="models", help="Small open models, to try a judge in this process.")
    return app


def _without_commands() -> typer.Typer:
    app = typer.Typer(
        name="judgeaudit",
        help="May this automated judge be trusted, for what, and how sure is that?",
        epilog="Every command shows a traceback with --debug. Exit codes: 0 done or certified, 1 a judge is restricted or "
        "rejected, 2 wrong usage or unusable input, 3 cannot be told, 4 stale, 5 an outside service failed.",
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_version)
    return app


def _version(
    version: Annotated[
        Optional[bool],  # noqa: UP045
        typer.Option(
            "--version", help="Print the version and end.", is_eager=True, callback=lambda on: _say_version(on)
        ),
    ] = None,
) -> None:
    """Eager, so that no command needs to follow."""


def _say_version(asked: bool | None) -> None:
    if asked:
        from judgeaudit import __version__
        from judgeaudit.cli.shared.screen import out

        out(f"judgeaudit {__version__}")
        raise typer.Exit
