"""A public data set as a label table on this disk, checked against its known hash."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from judgeaudit.datasets.conversions import convert
from judgeaudit.datasets.download import Opener, download, require_safe
from judgeaudit.datasets.registry import Dataset, find_dataset
from judgeaudit.domain.errors import InputError

MIRROR_VARIABLE = "JUDGEAUDIT_DATASETS_URL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A label table whose hash is the registered one. `downloaded` is False where it was already there."""

    table: Path
    notice: Path
    source: str
    downloaded: bool


def get_dataset(name: str, folder: str | Path, *, base_url: str | None = None, opener: Opener | None = None) -> Fetched:
    """Fetches a data set to `folder`/labels.csv, with its licence beside it.

    From a mirror (`base_url`, else the environment's JUDGEAUDIT_DATASETS_URL), which serves NAME/labels.csv, the table
    must have the registered hash, or nothing is kept. From upstream the table is converted here; if its hash is another
    one, it is kept as labels.unverified.csv and an InputError says so. A table of other content is never overwritten.
    The whole way from the upstream files has not been run (see `conversions`); the hash decides.
    """
    dataset = find_dataset(name)
    mirror = base_url if base_url is not None else os.environ.get(MIRROR_VARIABLE, "")
    source = f"{mirror.rstrip('/')}/{name}/labels.csv" if mirror else dataset.home
    if mirror:
        require_safe(source)
    target = Path(folder) / "labels.csv"
    notice = target.with_name("labels.csv.licence.txt")
    try:
        have = _sha256(target.read_bytes()) if target.exists() else None
        if have is None:
            target.parent.mkdir(parents=True, exist_ok=True)
            table = _from_mirror(dataset, source, opener) if mirror else _from_upstream(dataset, target, opener)
            _write(target, table)
        if have in (None, dataset.sha256):
            _write(notice, dataset.notice.encode("utf-8"))
    except OSError as error:
        msg = f"{error.filename or target}: cannot be read or written ({error.strerror}); name another folder"
        raise InputError(msg) from error
    if have not in (None, dataset.sha256):
        msg = f"{target} is already there and is not the table of {name}; move it away or name another folder"
        raise InputError(msg)
    return Fetched(table=target, notice=notice, source=source, downloaded=have is None)


def _from_mirror(dataset: Dataset, url: str, opener: Opener | None) -> bytes:
    table = _read(url, opener)
    if _sha256(table) != dataset.sha256:
        msg = (
            f"{url}: sha256 {_sha256(table)[:12]}… is not the {dataset.sha256[:12]}… of {dataset.name}; "
            f"nothing was kept, ask whoever runs the mirror"
        )
        raise InputError(msg)
    return table


def _from_upstream(dataset: Dataset, target: Path, opener: Opener | None) -> bytes:
    table = convert(dataset.name, [_read(url, opener) for url in dataset.upstream])
    if _sha256(table) != dataset.sha256:
        kept = target.with_name(f"{target.stem}.unverified{target.suffix}")
        _write(kept, table)
        msg = (
            f"{kept}: upstream of {dataset.name} changed or its conversion differs (sha256 {_sha256(table)[:12]}…, "
            f"known {dataset.sha256[:12]}…); check the table by hand before you use it"
        )
        raise InputError(msg)
    return table


def _read(url: str, opener: Opener | None) -> bytes:
    """A downloaded file as bytes. What was downloaded never outlives the call, since it may hold harmful texts."""
    with tempfile.TemporaryDirectory(prefix="judgeaudit-") as folder:
        part = Path(folder) / "part"
        download(url, part, opener=opener)
        return part.read_bytes()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _write(path: Path, data: bytes) -> None:
    """Writes a file whole or not at all."""
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(data)
    partial.replace(path)
