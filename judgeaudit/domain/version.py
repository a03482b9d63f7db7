"""The version of this package. This file is its only home: the build reads it (`[tool.hatch.version]` in pyproject.toml)."""

VERSION = "0.1.0"
