"""Scripts here import libraries that are not in this environment: only what is a test is collected."""

from __future__ import annotations

from pathlib import Path

collect_ignore = [
    path.name for path in Path(__file__).parent.glob("*.py") if not path.name.startswith(("test_", "conftest"))
]
