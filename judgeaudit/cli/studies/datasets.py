"""`judgeaudit datasets`: public data sets, listed and fetched."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from judgeaudit.cli.shared.arguments import Text


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
