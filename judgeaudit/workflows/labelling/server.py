"""Which Label Studio a study talks to, and whether the project there is the one that a round was pushed to."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from judgeaudit.domain.errors import InputError, OutsideError
from judgeaudit.domain.labelling.tasks import Project

if TYPE_CHECKING:
    from judgeaudit.labelling.client.client import Door, ProjectState

URL, TOKEN = "LABEL_STUDIO_URL", "LABEL_STUDIO_API_KEY"


def connected(study: Path, *, url: str | None, token: str | None, project: Project | None = None) -> Door:
    """A connection to the server that is given, or run by `label serve` for this study, or named in the environment."""
    from judgeaudit.labelling.client.client import connect
    from judgeaudit.storage.labelling.servers import served_here, server_of

    own_url, own_token = server_of(study) or (None, None)
    address, known_token = url or own_url or os.environ.get(URL), token or os.environ.get(TOKEN)
    if not address and not known_token and served_here(study):
        msg = f"the Label Studio of this study does not run; start it with `judgeaudit label serve {study}`"
        raise OutsideError(msg)
    if address is None:
        raise _no_address(study, project)
    secret = token or (own_token if own_url == address.rstrip("/") else None) or known_token
    if secret is None:
        msg = f"no token for {address}: put one into {TOKEN}, or give --token (Account & Settings in Label Studio shows it)"
        raise InputError(msg)
    return connect(address, secret)


def _no_address(study: Path, project: Project | None) -> InputError:
    """A study may come from somebody else: no token goes to an address that only a file of it names."""
    known = (
        f"this round is at {project.url} as far as the study knows: say so" if project else "give the address of yours"
    )
    return InputError(
        f"no Label Studio to talk to: start one with `judgeaudit label serve {study}`, "
        f"or {known} with --url or {URL}, and its token in {TOKEN}"
    )


def own_project(door: Door, project: Project) -> ProjectState:
    """The project as it is on the server; an InputError where that number is another one there."""
    state = door.project(project.project_id)
    if state.mark != project.mark:
        msg = (
            f"project {project.project_id} at {door.url} is not the one that this round was pushed to; "
            "give the address of the server that holds it with --url"
        )
        raise InputError(msg)
    return state


def checked_project(door: Door, project: Project, *forms: str) -> ProjectState:
    """The same; an InputError where its form is none of these, too."""
    state = own_project(door, project)
    if not any(same_form(state.config, form) for form in forms):
        msg = (
            f"the form of project {project.project_id} at {door.url} was changed there by hand; "
            "`judgeaudit label push --restore-form` puts the study's form back"
        )
        raise InputError(msg)
    return state


def same_form(one: str, other: str) -> bool:
    """Whether two forms differ in nothing but the spaces between their tags, which say nothing."""
    return _squeezed(one) == _squeezed(other)


def _squeezed(xml: str) -> str:
    return "".join(line.strip() for line in xml.splitlines())
