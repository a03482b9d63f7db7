"""`label serve`: a Label Studio server for a study, on this machine, for as long as the command runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

if TYPE_CHECKING:
    from judgeaudit.labelling.server.server import Server

Whole = Optional[int]  # noqa: UP045 - typer reads it


def serve(
    study: Annotated[
        Path, typer.Argument(metavar="[STUDY]", help="The study's folder; the current one by default.")
    ] = Path(),
    raters: Annotated[
        int, typer.Option(help="How many people can sign in; more than last time adds the new ones.")
    ] = 3,
    data: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where labels and accounts are kept (default: STUDY/labelling/server)."),
    ] = None,
    port: Annotated[Whole, typer.Option(help="Port (default: that of last time, else a free one).")] = None,
    prepare: Annotated[bool, typer.Option("--prepare", help="Only install Label Studio in the cache.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object once the server is ready.")] = False,
) -> None:
    """Runs until Ctrl-C; labels and accounts are kept. Installs Label Studio in the user's cache the first time."""
    from judgeaudit.cli.shared.screen import note, out
    from judgeaudit.labelling.server.server import prepare as prepare_cache
    from judgeaudit.labelling.server.server import serve_until_stopped

    if prepare:
        out(str(prepare_cache(note)))
        return
    home = _study_folder(study, data)
    serve_until_stopped(
        data or study / "labelling" / "server",
        raters=raters,
        port=port,
        study=home,
        tell=note,
        ready=_say_json if json else lambda server: _say(server, home),
    )


def _study_folder(study: Path, data: Path | None) -> Path | None:
    """The study's folder; None where there is no study, which only a folder of data makes good."""
    from judgeaudit.domain.errors import InputError, one_line
    from judgeaudit.storage.config.read import STUDY_FILE

    if (study / STUDY_FILE).is_file():
        return study
    if data is not None and study == Path():
        return None
    where = one_line(str(study / STUDY_FILE), limit=200)
    msg = f"{where}: no such file; `judgeaudit init {one_line(str(study), limit=200)}` makes a study, or name a folder with --data"
    raise InputError(msg)


def _say_json(server: Server) -> None:
    import json
    from dataclasses import asdict

    from judgeaudit.cli.shared.screen import flush, out

    out(json.dumps(asdict(server), default=str))
    flush()


def _say(server: Server, study: Path | None) -> None:
    from shlex import quote

    from judgeaudit.cli.shared.screen import flush, out
    from judgeaudit.labelling.server.server import VERSION

    out(f"Label Studio {VERSION} is ready at {server.url} (this machine only)")
    out(f"  {'':9}{'e-mail':24}{'password':16}token")
    names = ("admin", *(f"rater-{rater.number}" for rater in server.raters))
    for name, person in zip(names, (server.admin, *server.raters), strict=True):
        out(f"  {name:9}{person.email:24}{person.password:16}{person.token}")
    if server.personal_token:
        out(f"  personal access token of the admin: {server.personal_token}")
    out(f"labels and accounts are kept in {server.data}")
    if study is not None:
        where = "" if study == Path() else f" {quote(str(study))}"
        out(f"next, in another terminal: judgeaudit label sample{where}, then judgeaudit label push{where}")
    out("Ctrl-C stops the server")
    flush()
