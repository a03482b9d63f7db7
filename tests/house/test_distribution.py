"""What a build makes of this repository: the source distribution, the text for a package index, and the version."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import judgeaudit

if TYPE_CHECKING:
    from hatchling.builders.sdist import SdistBuilder

LINK = re.compile(r"\]\(([^)\s]+)\)")


@pytest.fixture(scope="module")
def sdist(repository: Path, need_real_part: Callable[[object, str], None]) -> SdistBuilder:
    """hatchling, as it would build the source distribution."""
    need_real_part(find_spec("hatchling"), "hatchling is not installed")
    from hatchling.builders.sdist import SdistBuilder

    return SdistBuilder(str(repository))


def tracked(repository: Path) -> set[str]:
    """What git tracks or would track."""
    if shutil.which("git") is None or not (repository / ".git").exists():
        pytest.skip("not a git checkout, so what is tracked is not known")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=repository, capture_output=True, encoding="utf-8", check=True).stdout
    return {name for name in listed.split("\0") if name and (repository / name).is_file()}


def test_the_source_distribution_holds_the_repository(repository: Path, sdist: SdistBuilder) -> None:
    """Every file that git tracks is in it, so all that the tests load, and no other file is."""
    held = {Path(file.distribution_path).as_posix() for file in sdist.recurse_included_files()}
    assert held == tracked(repository)


def test_the_wheel_holds_package_and_templates(repository: Path, sdist: SdistBuilder) -> None:
    """The package, and `annotations/` as `judgeaudit/_annotations/`, where an installation looks for its templates."""
    from hatchling.builders.wheel import WheelBuilder

    held = {Path(file.distribution_path).as_posix() for file in WheelBuilder(str(repository)).recurse_included_files()}
    tops = {name.partition("/")[0] for name in held}
    assert tops == {"judgeaudit"}
    files = {path.relative_to(repository).as_posix() for path in (repository / "judgeaudit").rglob("*.py")}
    assert files <= held
    templates = {path for path in (repository / "annotations" / "templates").rglob("*") if path.is_file()}
    places = {f"judgeaudit/_{path.relative_to(repository).as_posix()}" for path in templates}
    assert places
    assert places <= held


def test_a_package_index_shows_no_broken_link(sdist: SdistBuilder) -> None:
    """The long description holds no relative link or picture: an index has no files beside it."""
    text = sdist.metadata.core.readme
    assert "May this automated judge be trusted" in text
    assert [link for link in LINK.findall(text) if not link.startswith(("https://", "#"))] == []
    assert not re.search(r"<(?:img|a)\s", text)


def test_links_become_names_of_files(repository: Path, sdist: SdistBuilder) -> None:
    """Text and file of a link stay, a picture goes with its caption, and blocks of code are left alone."""
    spec = importlib.util.spec_from_file_location("hatch_build", repository / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    page = "![A\npicture](docs/a.png)\n\n*What it\nshows.*\n\n[how to\nstop](docs/b.md#when), [here](#here), [there](https://example.org/)\n"
    code = "```python\n>>> a[0](docs)\n```\n"
    shown = "how to\nstop (`docs/b.md#when`), [here](#here), [there](https://example.org/)\n"
    assert module.index_page(page + code) == f"{shown}{code}\n{module.NOTE}"


def test_links_of_the_readme_lead_somewhere(repository: Path) -> None:
    """Each relative link of README.md names a file of the repository, which the source distribution holds."""
    links = LINK.findall((repository / "README.md").read_text(encoding="utf-8"))
    files = [link.partition("#")[0] for link in links if not link.startswith(("https://", "#"))]
    assert [file for file in files if not (repository / file).is_file()] == []


def test_the_version_has_one_home(repository: Path, sdist: SdistBuilder) -> None:
    """The build takes the version from the package, and no other file repeats it."""
    assert sdist.metadata.version == judgeaudit.__version__
    for name in ("pyproject.toml", "CITATION.cff", "mkdocs.yml"):
        assert not re.search(r"^version\b", (repository / name).read_text(encoding="utf-8"), re.MULTILINE), name


def test_the_changelog_knows_this_version(repository: Path) -> None:
    """The version has its heading in CHANGELOG.md."""
    heading = rf"^## {re.escape(judgeaudit.__version__)}\b"
    assert re.search(heading, (repository / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
