"""A study folder with one method for each verb of the command line: the only module that knows every room."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from judgeaudit.domain.errors import InputError
from judgeaudit.domain.policy import Policy
from judgeaudit.workflows.auditing.audit_object import Audit, read_audit, write_reports
from judgeaudit.workflows.auditing.gate import Decisions, changed_since, decide, refuse_stale
from judgeaudit.workflows.auditing.study_audit import audit_study, fingerprint, study_policy

if TYPE_CHECKING:
    from judgeaudit.storage.importing.annotations import ImportReport
    from judgeaudit.workflows.checkpoints.comparison_object import Comparison
    from judgeaudit.workflows.generating.plan import GenerateReport
    from judgeaudit.workflows.judging.calls import Tally
    from judgeaudit.workflows.judging.estimate import Estimated
    from judgeaudit.workflows.judging.report import JudgeReport
    from judgeaudit.workflows.labelling.labelling import Labelling
    from judgeaudit.workflows.probes.run import ProbeReport


class Study:
    """A folder with a study.toml. Methods read what is there, write what they make, and raise InputError otherwise."""

    def __init__(self, folder: str | Path = ".") -> None:
        self.folder = Path(folder)

    def __repr__(self) -> str:
        return f"Study({str(self.folder)!r})"

    @classmethod
    def init(cls, folder: str | Path, *, template: str = "safety") -> Study:
        """A new study with a commented study.toml."""
        from judgeaudit.storage.config.init import init_study

        init_study(folder, template)
        return cls(folder)

    @property
    def label(self) -> Labelling:
        """Its labelling by people: sample, push, pull, status, dispute."""
        from judgeaudit.workflows.labelling.labelling import Labelling

        return Labelling(self.folder)

    def generate(
        self, *names: str, limit: int | None = None, tell: Callable[[GenerateReport], None] | None = None
    ) -> list[GenerateReport]:
        """The models of these names, or all, answer the study's prompts; only outputs that no earlier run made.

        `limit` takes so many outputs of each model; `tell` is given a model's report after every batch. A service that
        cannot be asked any further raises nothing: the report's `halted` says why.
        """
        from judgeaudit.workflows.generating.generate import generate

        return generate(self.folder, names, limit=limit, tell=tell or (lambda report: None))

    def judge(
        self,
        *names: str,
        max_cost: float | None = None,
        limit: int | None = None,
        batch: bool = False,
        wait: bool = False,
        tell: Callable[[str, Tally], None] | None = None,
        say: Callable[[str, str], None] | None = None,
        ended: Callable[[JudgeReport], None] | None = None,
    ) -> list[JudgeReport]:
        """Runs the judges of these names, or all, over the outputs; only calls that no earlier run made.

        `max_cost` in US dollars ends the run once that much is spent; `limit` takes so many items only; `tell` is given
        the judge and its tally after every verdict. With `batch` services get their calls in batches: one run submits, a
        later one fetches; `wait` stays until all have ended. `say` is given what a compatible server does not heed before
        the judge's calls are made; the report's `check` has it, too. `ended` is given each judge's report
        as it ends, whatever becomes of the next. A service that cannot be asked any further raises nothing: `halted` says why.
        """
        from judgeaudit.workflows.judging.batches import Batching
        from judgeaudit.workflows.judging.run import run_judges

        if wait and not batch:
            msg = "--wait is for batches; give --batch, too"
            raise InputError(msg)
        how = Batching(wait=wait) if batch else None
        return run_judges(
            self.folder,
            names,
            max_cost=max_cost,
            limit=limit,
            batch=how,
            tell=tell or _unheard,
            say=say or _unheard,
            ended=ended or _unheard,
        )

    def check(self, *names: str) -> list[JudgeReport]:
        """Asks the compatible servers of these judges, or all, with one small request each what they heed; no verdict is made."""
        from judgeaudit.workflows.judging.run import check_judges

        return check_judges(self.folder, names)

    def drop_batch(self, name: str) -> int:
        """Forgets a batch that the service has no more; how many calls are missing again."""
        from judgeaudit.workflows.judging.batches import drop_batch

        return drop_batch(self.folder, name)

    def reparse(self, *names: str) -> list[JudgeReport]:
        """Reads the stored replies of judges again, as `parse` and `map` say now. No call is made."""
        from judgeaudit.workflows.judging.run import reparse

        return reparse(self.folder, names)

    def export_verdicts(self, path: str | Path, *names: str) -> int:
        """The verdicts of the ledger about judges, questions and outputs as they are, and those of panels, as a table; how many.

        Of these judges, or all.
        """
        from judgeaudit.storage.config.read import read_study
        from judgeaudit.storage.study.verdict_tables import export_verdicts
        from judgeaudit.workflows.judging.refusals import chosen

        asked = chosen(read_study(self.folder), names) if names else ()
        return export_verdicts(self.folder, Path(path), asked)

    def estimate(self, *names: str, batch: bool = False) -> list[Estimated]:
        """What the calls that are still to be made would cost, one by one or in batches."""
        from judgeaudit.workflows.judging.estimate import estimate

        return estimate(self.folder, names, batch=batch)

    def probe(
        self,
        *names: str,
        probes: Sequence[str] = (),
        items: int = 100,
        seed: int = 1,
        max_cost: float | None = None,
        command: str | None = None,
        tell: Callable[[str, Tally], None] | None = None,
        say: Callable[[str, str], None] | None = None,
        ended: Callable[[ProbeReport], None] | None = None,
    ) -> list[ProbeReport]:
        """Runs the judges of these names, or all, over controlled edits of `items` outputs; probes.json has it.

        `probes` are names of edits, all by default. Only calls that no earlier run made are made.
        """
        from judgeaudit.workflows.probes.run import probe_judges

        return probe_judges(
            self.folder,
            names,
            edits=probes,
            items=items,
            seed=seed,
            max_cost=max_cost,
            command=command or "ja.Study(…).probe()",
            tell=tell or _unheard,
            say=say or _unheard,
            ended=ended or _unheard,
        )

    def estimate_probes(
        self, *names: str, probes: Sequence[str] = (), items: int = 100, seed: int = 1
    ) -> list[Estimated]:
        """What the calls of these probes that are still to be made would cost."""
        from judgeaudit.workflows.probes.run import estimate_probes

        return estimate_probes(self.folder, names, edits=probes, items=items, seed=seed)

    @property
    def audit_path(self) -> Path:
        """Where the audit of this study lies."""
        return self.folder / "audit.json"

    def audit(
        self,
        *,
        policy: Policy | str | Path | None = None,
        reference: str | None = None,
        unanswered: str | None = None,
        alt_test_epsilon: float | None = None,
        interval: Any = "auto",
        level: float = 0.95,
        replicates: int = 2000,
        seed: int = 1,
        pairs: bool = False,
        max_risk: float | None = None,
        command: str | None = None,
        write: bool = True,
    ) -> Audit:
        """Every finding and decision of the study; audit.json is replaced whole. Options given here win over study.toml."""
        own = ("self", "policy", "command", "write")
        given = {name: value for name, value in locals().items() if name not in own}
        audit = audit_study(self.folder, given, policy=policy, command=command or "ja.Study(…).audit()")
        if write:
            audit.to_json(self.audit_path)
        return audit

    def compare(
        self,
        *,
        goal: float | None = None,
        reach: str | None = None,
        task: str | None = None,
        baseline: str | None = None,
        level: float = 0.95,
        seed: int = 1,
        draws: int = 400,
        command: str | None = None,
        write: bool = True,
    ) -> Comparison:
        """Its fine-tuned checkpoints at the capability goal of study.toml; compare.json is replaced whole.

        What is given here in place of [compare] is said to be not as declared, and compare.json stays. A StaleError where
        audit.json, which says whom the gate opened on incoherent outputs, is not about the study as it is.
        """
        from judgeaudit.workflows.checkpoints.compare import compare_study

        return compare_study(
            self.folder,
            goal=goal,
            reach=reach,
            task=task,
            baseline=baseline,
            level=level,
            seed=seed,
            draws=draws,
            command=command or "ja.Study(…).compare()",
            write=write,
        )

    def report(self, *, out: str | Path | None = None, full: bool = False) -> list[Path]:
        """reports/report.html and reports/report.md from audit.json; probes.json and compare.json where they are not out of date."""
        from judgeaudit.workflows.checkpoints.record import with_comparison
        from judgeaudit.workflows.probes.record import with_probes

        audit, _ = with_probes(read_audit(self.audit_path), self.folder)
        audit, _ = with_comparison(audit, self.folder)
        return write_reports(audit, Path(out) if out else self.folder / "reports", full=full)

    def gate(self, *, policy: Policy | str | Path | None = None) -> Decisions:
        """The decisions, from audit.json; a StaleError where tables or study.toml changed since it was made."""
        from judgeaudit.storage.config.read import read_study

        audit = read_audit(self.audit_path)
        config = read_study(self.folder)
        refuse_stale(audit, self._tables(), fingerprint(config))
        return decide(audit, study_policy(config, policy))

    def changed_since_audit(self) -> list[str]:
        """Names of the tables, and study.toml, that are not as audit.json read them; empty where it is up to date."""
        from judgeaudit.storage.config.read import read_study

        return changed_since(read_audit(self.audit_path), self._tables(), fingerprint(read_study(self.folder)))

    def import_label_studio(
        self, path: str | Path, *, keep_ground_truth: bool = False, of_plan: bool = False
    ) -> ImportReport:
        """Annotations of a Label Studio export; the same file twice adds nothing.

        Annotations marked as ground truth are left out unless `keep_ground_truth`. `of_plan` refuses a file without any
        task that this study planned.
        """
        from judgeaudit.workflows.importing import import_label_studio

        return import_label_studio(path, self.folder, keep_ground_truth=keep_ground_truth, of_plan=of_plan)

    def import_table(
        self, path: str | Path, *, kind: str = "table", encoding: str = "utf-8", sep: str | None = None
    ) -> ImportReport:
        """Outputs, annotations, verdicts or capability, told by their columns."""
        from judgeaudit.storage.importing.tables import import_table

        return import_table(kind, path, self.folder, encoding=encoding, sep=sep)

    def _tables(self) -> dict[str, str]:
        """The study's tables as they are now: name -> sha256."""
        from judgeaudit.storage.study.load import table_digests

        return table_digests(self.folder)


def _unheard(*_: object) -> None:
    """Takes whatever nobody asked to be told."""
