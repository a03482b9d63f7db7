"""What the extra `labelstudio` brings: its packages, imported where they are needed, and the SDK's check of a form.

`httpx` sends the requests (`client/requests.py`). Label Studio's SDK checks forms, by the rules of the server. Without the
extra, whatever needs a package says in one line what to install.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType

from judgeaudit.domain.errors import InputError, one_line

HTTP = "httpx"
FORMS = "label_studio_sdk.label_interface"
_LONGEST = 240


def need(module: str) -> ModuleType:
    """Import a module of the extra `labelstudio`.

    Parameters
    ----------
    module
        Its dotted name: `HTTP` or `FORMS`.

    Returns
    -------
    ModuleType
        The module. Warnings that its import gives are dropped: the user can do nothing about them.

    Raises
    ------
    InputError
        Where the package is not installed, with the command that installs it.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return import_module(module)
    except ImportError:
        package = module.partition(".")[0].replace("_", "-")
        checkout = " (in a checkout: .venv/bin/pip install -e '.[labelstudio]')" if _in_checkout() else ""
        msg = f"Label Studio needs the package {package}: pip install 'judgeaudit-toolkit[labelstudio]'{checkout}"
        raise InputError(msg) from None


def check_form(xml: str, data: Mapping[str, str]) -> None:
    """Check a labelling configuration and a task with Label Studio's SDK, before anything is sent.

    Parameters
    ----------
    xml
        The labelling configuration.
    data
        The texts of one task, by name.

    Raises
    ------
    InputError
        Where a server would refuse the form, where the task lacks a text that the form shows, or where the SDK is not
        installed.
    """
    sdk = need(FORMS)
    try:
        interface = sdk.LabelInterface(xml)
        interface.validate()
    except Exception as error:  # noqa: BLE001 - the SDK documents no narrower one for a form that it refuses
        msg = (
            f"Label Studio does not take the form of this study: {one_line(str(error), limit=_LONGEST)}; "
            "change the question or label that this names in study.toml"
        )
        raise InputError(msg) from None
    if not interface.validate_task({"data": dict(data)}):
        shown = ", ".join(sorted(one.value_name for one in interface.objects if one.value_is_variable))
        msg = f"the form of this study shows {shown}, and its tasks hold {', '.join(sorted(data))} alone"
        raise InputError(msg)


def _in_checkout() -> bool:
    return (Path(__file__).parents[2] / "pyproject.toml").is_file()
