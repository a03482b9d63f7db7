"""An audit as a user holds it: findings as a table, pages, and the JSON that everything else reads."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from judgeaudit.domain.results.audit import AuditResult, Contrast, Decision, Finding, PolicyRecord
from judgeaudit.domain.results.people import ReferenceRule
from judgeaudit.domain.results.plain import plain_of
from judgeaudit.domain.results.questions import Disagreement
from judgeaudit.workflows.auditing.result_file import read_result

if TYPE_CHECKING:
    import pandas as pd


class Audit:
    """The result of one audit. Nothing in it changes; writing it elsewhere never alters it."""

    def __init__(
        self,
        result: AuditResult,
        *,
        join: Sequence[str] = (),
        disagreements: Callable[[], list[Disagreement]] | None = None,
    ) -> None:
        self.result = result
        #: how the tables were joined, said before any number
        self.join = tuple(join)
        self._all_disagreements = disagreements

    @cached_property
    def disagreements(self) -> list[dict[str, Any]]:
        """Every item that a judge and the reference see differently; audit.json keeps the first fifty of each judge."""
        return [plain_of(one) for one in self.all_disagreements()]

    def all_disagreements(self) -> list[Disagreement]:
        """The same as records."""
        return self.result.disagreements if self._all_disagreements is None else self._all_disagreements()

    @property
    def findings(self) -> pd.DataFrame:
        """One row per finding, columns as in audit.json: a value with its interval, or a reason in `undefined`."""
        return _frame(Finding, self.result.findings)

    @property
    def contrasts(self) -> pd.DataFrame:
        """One row per difference between strata, judges or runs."""
        return _frame(Contrast, self.result.contrasts)

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """The decisions under the policy that the audit was made with."""
        return tuple(self.result.decisions)

    @property
    def confusions(self) -> dict[tuple[str, str, str], pd.DataFrame]:
        """(question, judge, stratum) -> counts of reference labels (rows) by verdicts, the last column "no answer"."""
        import pandas as pd

        def names(labels: list[str]) -> pd.Index:
            index: pd.Index = pd.Index(series(labels))
            return index

        return {
            (c.question, c.judge, c.stratum): pd.DataFrame(
                c.counts, index=names(c.labels), columns=names([*c.labels, "no answer"])
            )
            for c in self.result.confusions
            if c.counts
        }

    def to_json(self, path: str | Path | None = None) -> str:
        """audit.json as text, and written whole to `path` where one is given."""
        return written(one_record_a_line(self.result.as_dict()), path)

    def to_html(self, path: str | Path | None = None, *, full: bool = False) -> str:
        """The report as one self-contained page; `full` shows every statistic."""
        from judgeaudit.report.render.html import render_html

        return written(render_html(self.result, full=full), path)

    def to_markdown(self, path: str | Path | None = None, *, full: bool = False) -> str:
        """The same report as Markdown."""
        from judgeaudit.report.render.markdown import render_markdown

        return written(render_markdown(self.result, full=full), path)

    def to_text(self, *, full: bool = False, width: int = 100) -> str:
        """The summary that the command line shows."""
        from judgeaudit.report.render.terminal_audit import render_text

        return render_text(self.result, full=full, width=width)

    def with_decisions(self, decisions: Sequence[Decision], policy: PolicyRecord) -> Audit:
        """The same audit under another policy; what other references would decide is not known under it."""
        result = replace(self.result, decisions=list(decisions), policy=policy, reference_rules=[])
        return Audit(result, join=self.join, disagreements=self.all_disagreements)

    def with_reference_rules(self, rules: list[ReferenceRule]) -> Audit:
        """The same audit with what would be decided if the reference were made by other rules."""
        result = replace(self.result, reference_rules=rules)
        return Audit(result, join=self.join, disagreements=self.all_disagreements)

    def __repr__(self) -> str:
        return self.to_text()

    def _repr_html_(self) -> str:
        from judgeaudit.report.render.html import head_html

        return head_html(self.result)


def read_audit(path: str | Path) -> Audit:
    """An audit.json read back; a folder means the audit.json in it."""
    result = read_result(
        AuditResult, path, name="audit.json", article="an", noun="audit", verb="audit", key="findings", check=_unfit
    )
    return Audit(result, join=result.options.get("join", ()))


def _unfit(result: AuditResult) -> str:
    """What types alone do not tell: options that are read again, and parts that contradict each other."""
    from judgeaudit.domain.results.consistency import KnownOptions, contradiction
    from judgeaudit.storage.files.records import UnfitError, record_from

    try:
        record_from(KnownOptions, result.options)
    except UnfitError as error:
        return str(error.inside("options"))
    return contradiction(result)


def write_reports(audit: Audit, folder: Path, *, full: bool = False) -> list[Path]:
    """report.html and report.md in a folder."""
    paths = [folder / "report.html", folder / "report.md"]
    audit.to_html(paths[0], full=full)
    audit.to_markdown(paths[1], full=full)
    return paths


def one_record_a_line(plain: dict[str, Any]) -> str:
    """JSON with a line for each record: it is read by eye and compared by line, and is half as long as when indented."""

    def text(value: Any) -> str:
        return json.dumps(value, ensure_ascii=True, allow_nan=False)

    def entry(value: Any) -> str:
        if isinstance(value, list) and value:
            return "[\n" + ",\n".join(text(one) for one in value) + "\n]"
        return text(value)

    return "{\n" + ",\n".join(f"{text(key)}: {entry(value)}" for key, value in plain.items()) + "\n}\n"


def _frame(kind: type[Finding] | type[Contrast], records: Sequence[Finding] | Sequence[Contrast]) -> pd.DataFrame:
    """A column per field, also where there is no record."""
    import pandas as pd

    return pd.DataFrame({field.name: series([getattr(one, field.name) for one in records]) for field in fields(kind)})


def series(values: list[Any]) -> pd.Series:
    """Cells as pandas types them; as plain objects where its texts cannot hold them (lone surrogates)."""
    import pandas as pd

    try:
        return pd.Series(values)
    except UnicodeEncodeError:
        return pd.Series(values, dtype=object)


def written(text: str, path: str | Path | None) -> str:
    """The text, which is in the file, too, where one is named."""
    if path is not None:
        from judgeaudit.storage.files.write import write_atomic

        write_atomic(path, text)
    return text
