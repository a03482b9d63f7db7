"""`demo --label`: forty of the embedded outputs on a Label Studio of one's own, blind, for the first person to label them."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from judgeaudit.cli.demo.run import fresh, mark, refuse_foreign

if TYPE_CHECKING:
    from judgeaudit.labelling.server.server import Server
    from judgeaudit.workflows.labelling.push import PushReport

#: of the outputs that look like gibberish by their signal, and of the others; of the seeds from 1 on this is the first whose forty
#: hold three or more of each of the nine versions of the model
EACH, SEED = 20, 9


def label_demo(out: Path) -> None:
    """Runs until Ctrl-C. Labels are kept: the same command goes on with them, and no demo replaces them."""
    from judgeaudit.cli.shared.screen import note
    from judgeaudit.labelling.extra import FORMS, HTTP, need
    from judgeaudit.labelling.server.server import serve_until_stopped

    for package in (HTTP, FORMS):  # what is missing is said before anything is made
        need(package)
    study = out / "labels"
    prepare(out, study)
    serve_until_stopped(
        study / "labelling" / "server",
        raters=1,
        port=None,
        study=study,
        tell=note,
        ready=lambda server: _say(study, server, push(study, server)),
    )


def prepare(out: Path, study: Path) -> None:
    """The study and its plan, where they are not there yet."""
    from judgeaudit.storage.study.embedded import embedded_to_label
    from judgeaudit.study import Study

    refuse_foreign(out, study)
    if study.exists():
        return
    with fresh(study) as making:
        embedded_to_label(making)
        Study(making).label.sample(items=EACH, seed=SEED)
        mark(out)


def push(study: Path, server: Server) -> PushReport:
    """The planned outputs, as tasks that hold texts alone."""
    from judgeaudit.study import Study

    return Study(study).label.push(url=server.url, token=server.admin.token)


def _say(study: Path, server: Server, pushed: PushReport) -> None:
    from judgeaudit.cli.shared.screen import flush, out, program

    you, where, tasks = server.raters[0], quote(str(study)), pushed.sent + pushed.there
    out(f"{tasks} outputs wait for a first person to label them, on this machine alone. Nothing there tells what wrote")
    out("them, what any judge says of them, or how they were labelled before.")
    out(f"  open      {pushed.url}/projects/{pushed.project_id}/data?labeling=1")
    out(f"  sign in   {you.email}")
    out(f"  password  {you.password}")
    out("while this runs, in another terminal, as often as you like (your labels count as those of people):")
    for verb in ("label pull", "label status", "audit", "report"):
        out(f"  {program()} {verb} {where}")
    out(f"Ctrl-C stops the server; labels and accounts are kept in {study}")
    flush()
