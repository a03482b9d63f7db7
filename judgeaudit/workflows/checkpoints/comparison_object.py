"""A comparison of checkpoints as a user holds it: tables, pages, and compare.json."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from judgeaudit.domain.errors import one_line
from judgeaudit.domain.results.comparison import (
    ComparisonResult,
    MethodContrast,
    Rate,
    Specification,
)
from judgeaudit.workflows.auditing.audit_object import one_record_a_line, series, written
from judgeaudit.workflows.auditing.result_file import read_result

if TYPE_CHECKING:
    import pandas as pd

COMPARISON = "compare.json"


class Comparison:
    """The result of one comparison. Nothing in it changes; writing it elsewhere never alters it."""

    def __init__(self, result: ComparisonResult, *, join: Sequence[str] = ()) -> None:
        self.result = result
        #: how the tables were joined, said before any number
        self.join = tuple(join)

    @property
    def rates(self) -> pd.DataFrame:
        """One row per rate of a checkpoint, with its interval, its bounds or the reason why there is none."""
        return _frame([one.name for one in fields(Rate)], [asdict(one) for one in self.result.rates])

    @property
    def contrasts(self) -> pd.DataFrame:
        """One row per difference between two methods in one analysis; `primary` marks those that were declared to stand first."""
        return _frame([one.name for one in fields(MethodContrast)], [asdict(one) for one in self.result.contrasts])

    @property
    def anchors(self) -> pd.DataFrame:
        """One row per rule and method: the checkpoints it stands on with their weights, or why there is none."""
        rows = [{**one, "parts": _parts(one), "notes": _sentences(one)} for one in self.result.anchors]
        return _frame(["rule", "method", "parts", "code", "sentence", "capability", "notes"], rows)

    @property
    def specifications(self) -> pd.DataFrame:
        """One row per way through all choices and contrast: value, interval and what is concluded."""
        rows = []
        for one in self.result.multiverse:
            for number, specification in enumerate(self.result.specifications.get(one.question, [])):
                told = {key: getattr(one, key)[number] for key in ("value", "low", "high", "conclusion")}
                rows.append({"question": one.question, "a": one.a, "b": one.b, **asdict(specification), **told})
        names = [one.name for one in fields(Specification)]
        return _frame(["question", "a", "b", *names, "value", "low", "high", "conclusion"], rows)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know, the most important first."""
        return tuple(str(one["sentence"]) for one in self.result.notes)

    def to_json(self, path: str | Path | None = None) -> str:
        """compare.json as text, and written whole to `path` where one is given."""
        return written(one_record_a_line(self.result.as_dict()), path)

    def to_html(self, path: str | Path | None = None, *, full: bool = False) -> str:
        """The comparison as one self-contained page; `full` shows every analysis."""
        from judgeaudit.report.checkpoints.section import comparison_document
        from judgeaudit.report.render.html import html_of

        return written(html_of(comparison_document(plain_of(self.result), full=full)), path)

    def to_markdown(self, path: str | Path | None = None, *, full: bool = False) -> str:
        """The same page as Markdown."""
        from judgeaudit.report.checkpoints.section import comparison_document
        from judgeaudit.report.render.markdown import markdown_of

        return written(markdown_of(comparison_document(plain_of(self.result), full=full)), path)

    def to_text(self, *, full: bool = False, width: int = 100) -> str:
        """What the command line shows: the goal and its digest, then what is concluded."""
        from judgeaudit.report.checkpoints.terminal import screen_text

        return f"{self.goal_line}\n\n{screen_text(plain_of(self.result), all_rows=full, width=width)}"

    @property
    def goal_line(self) -> str:
        """The goal as it stood when compared, the digest of it, and whether study.toml says the same."""
        goal = self.result.goal
        tasks = ", ".join(f"{one_line(one['task'])} {one['goal']:g}" for one in goal["tasks"])
        how = f"{goal['reach'].replace('_', ' ')}, tolerance {goal['tolerance']:g}, baseline {one_line(self.result.baseline)}"
        declared = "" if "declared" not in goal else f", {'' if goal['declared'] else 'NOT '}as declared in study.toml"
        return f"goal: {tasks} ({how}); sha256 {goal['sha256'][:12]}{declared}"

    def __repr__(self) -> str:
        return self.to_text()

    def _repr_html_(self) -> str:
        return self.to_html()


def plain_of(result: ComparisonResult) -> dict[str, Any]:
    """The comparison as JSON holds it, for pages."""
    plain: dict[str, Any] = json.loads(json.dumps(result.as_dict(), allow_nan=False))
    return plain


def read_comparison(path: str | Path) -> Comparison:
    """A compare.json read back; a folder means the compare.json in it."""
    result = read_result(
        ComparisonResult, path, name=COMPARISON, article="a", noun="comparison", verb="compare", key="multiverse"
    )
    return Comparison(result, join=result.options.get("join", ()))


def _parts(anchor: dict[str, Any]) -> str:
    """`s300`, or `s200 0.25, s300 0.75` where two stand for a method together."""
    parts = anchor["parts"]
    if len(parts) == 1:
        return str(parts[0]["checkpoint"])
    return ", ".join(f"{one['checkpoint']} {one['weight']:.2f}" for one in parts)


def _sentences(anchor: dict[str, Any]) -> str:
    return " ".join(str(one["sentence"]) for one in anchor.get("notes", []))


def _frame(columns: Sequence[str], rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """A column per name, also where there is no row."""
    import pandas as pd

    return pd.DataFrame({name: series([row.get(name) for row in rows]) for name in columns})
