"""The verbs, a line each. The module of one is imported when it is asked for; this one imports typer alone."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated, Any, NamedTuple, Optional

import typer

_HELP = "May this automated judge be trusted, for what, and how sure is that?"
_EPILOG = (
    "Every command shows a traceback with --debug. Exit codes: 0 done or certified, 1 a judge is restricted or "
    "rejected, 2 wrong usage or unusable input, 3 cannot be told, 4 stale, 5 an outside service failed."
)


class Verb(NamedTuple):
    """Where the command is (`group`: what makes a group of commands), its help, and where the end of its own help is made."""

    home: str
    help: str
    group: bool = False
    epilog: str = ""


VERBS = {
    "demo": Verb("demo.command:demo", "The whole loop on an embedded data set: no key, no network."),
    "audit": Verb("auditing.audit:audit", "Holds judges against people: a study, or one table of labels and verdicts."),
    "report": Verb("auditing.report:report", "Writes an audit as HTML and Markdown."),
    "gate": Verb("auditing.gate:gate", "Decisions, and an exit code for pipelines."),
    "filter": Verb(
        "auditing.gate:filter_command", "Keeps only verdicts of judges certified for that question and stratum."
    ),
    "compare": Verb(
        "auditing.compare:compare", "Fine-tuned checkpoints at a capability goal, and what the conclusions hang on."
    ),
    "diff": Verb("auditing.diff:diff", "What changed between two audits: the judge, the labels or the outputs."),
    "plan": Verb("auditing.plan:plan", "How many labels it takes, what the present ones can show, and when to stop."),
    "init": Verb("studies.init:init", "A new study with a commented study.toml."),
    "import": Verb(
        "studies.importing:import_command",
        "Brings tables, Label Studio exports and logs of evaluations into a study.",
        epilog="studies.import_kinds:needed_columns",
    ),
    "generate": Verb(
        "outputs.generate:generate",
        "Models, and degraded versions of them, answer the study's prompts; resumes where it stopped.",
    ),
    "degrade": Verb("outputs.generate:degrade", "A model made worse on purpose, as a checkpoint."),
    "label": Verb(
        "labelling.label:label", "People's labels through Label Studio: serve, sample, push, pull, status.", group=True
    ),
    "judge": Verb("judging.judge:judge", "Runs the study's judges over its outputs; resumes where it stopped."),
    "probe": Verb("judging.probe:probe", "Runs judges over controlled edits of the outputs, and says what moved them."),
    "gibberish": Verb("outputs.gibberish:gibberish", "Which outputs read as no language, before anybody labels."),
    "schema": Verb("studies.init:schema", "The JSON Schema of study.toml, or of audit.json."),
    "simulate": Verb("studies.simulate:simulate", "A study with planted people and judges, whose truth is known."),
    "datasets": Verb(
        "studies.datasets:datasets", "Public data sets with labels by people and verdicts of judges.", group=True
    ),
    "models": Verb("judging.models:models", "Small open models, to try a judge in this process.", group=True),
}


def build(asked: str | None = None) -> typer.Typer:
    """The whole command line; with `asked`, of the other verbs no more than their names and help."""
    app = typer.Typer(
        name="judgeaudit",
        help=_HELP,
        epilog=_EPILOG,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_version)
    for name, verb in VERBS.items():
        whole = asked in (None, name)
        if verb.group:
            app.add_typer(_found(verb.home)() if whole else typer.Typer(), name=name, help=verb.help)
        else:
            epilog = _found(verb.epilog)() if verb.epilog and whole else None
            app.command(name, help=verb.help, epilog=epilog)(_found(verb.home) if whole else _not_asked)
    return app


def _found(home: str) -> Any:
    module, name = home.split(":")
    return getattr(import_module(f"judgeaudit.cli.{module}"), name)


def _not_asked() -> None:
    """Stands for a verb that was not asked for."""


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
