"""How hatchling describes the package: README.md as the page of a package index can show it.

A reader of the repository follows the relative links of README.md. A package index shows the same text without the files
beside it, where each of these links would lead nowhere. `index_page` names the file instead; docs/decisions.md says why.
"""

from __future__ import annotations

import re
from pathlib import Path

from hatchling.metadata.plugin.interface import MetadataHookInterface

#: a block of code (kept as it is), a picture that stands alone with its caption, or a link
PARTS = re.compile(
    r"(?P<code>^```.*?^```$)"
    r"|(?P<picture>^!\[[^\]]*\]\((?!https?:)[^)]*\)\n\n(?P<caption>\*[^*]+\*\n\n)?)"
    r"|\[(?P<text>[^\]]*)\]\((?!https?:|#)(?P<file>[^)\s]+)\)",
    re.MULTILINE | re.DOTALL,
)
NOTE = "The files named in parentheses are in the source distribution of this package.\n"


def index_page(readme: str) -> str:
    """README.md without what only works beside its files: links become names of files, pictures go with their captions."""
    return PARTS.sub(_shown, readme) + "\n" + NOTE


def _shown(part: re.Match[str]) -> str:
    if part["code"]:
        return part["code"]
    return f"{part['text']} (`{part['file']}`)" if part["file"] else ""


class Readme(MetadataHookInterface):
    """Gives the project its long description."""

    def update(self, metadata: dict[str, object]) -> None:
        """Called by hatchling once for each build."""
        text = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": index_page(text)}
