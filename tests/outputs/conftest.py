"""Tiny models for tests of what models write; a cache of their own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.judges import tiny_models as tiny


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    """Models this small are quickest on one thread, and threads that wait disturb whatever else is tested."""
    os.environ.update({"OMP_WAIT_POLICY": "PASSIVE", "OMP_NUM_THREADS": "1"})


@pytest.fixture(scope="session")
def llama(tmp_path_factory: pytest.TempPathFactory, need_torch: None) -> str:
    """The folder of a tiny model that writes."""
    return tiny.causal(tmp_path_factory.mktemp("llama"))


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache."""
    monkeypatch.setenv("JUDGEAUDIT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "judgeaudit"
