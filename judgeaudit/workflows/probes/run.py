"""Probing a study's judges: their verdicts on edited outputs are made, compared, and written to probes.json."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from judgeaudit.audit.probes import probe_findings
from judgeaudit.domain.errors import InputError, nearest, one_line
from judgeaudit.domain.results.probes import JudgeProbes, ProbeFinding
from judgeaudit.storage.files.study_files import LEDGER
from judgeaudit.storage.ledger.calls import Ledger
from judgeaudit.text.edits.catalogue import EDITS, Edit, drawn
from judgeaudit.workflows.judging.calls import Tally, Wanted
from judgeaudit.workflows.judging.estimate import Estimated, estimated
from judgeaudit.workflows.judging.kinds import kind_of
from judgeaudit.workflows.judging.refusals import ready, refuse_unpriced
from judgeaudit.workflows.judging.report import JudgeReport, Tell, told
from judgeaudit.workflows.judging.run import left_of, run_calls, study_outputs
from judgeaudit.workflows.judging.server_check import Say
from judgeaudit.workflows.probes.calls import Probe, missing_of
from judgeaudit.workflows.probes.pairs import read_pairs
from judgeaudit.workflows.probes.record import PROBES, inputs_of, keep_record, read_records

if TYPE_CHECKING:
    from judgeaudit.storage.config.schema import StudyConfig
    from judgeaudit.storage.files.rows_by_id import RowsById

ITEMS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeReport:
    """What probing one judge came to: the run, and what was found in it."""

    run: JudgeReport
    findings: tuple[ProbeFinding, ...] = ()
    items: int = 0

    @property
    def judge(self) -> str:
        return self.run.judge


def probe_judges(
    folder: Path,
    names: Sequence[str] = (),
    *,
    edits: Sequence[str] = (),
    items: int = ITEMS,
    seed: int = 1,
    max_cost: float | None = None,
    command: str = "ja.Study(…).probe()",
    tell: Tell = lambda name, tally: None,
    say: Say = lambda name, line: None,
    ended: Callable[[ProbeReport], None] = lambda report: None,
) -> list[ProbeReport]:
    """Probes the judges one after another, and keeps what was found in probes.json, beside that of other judges.

    `ended` is given the report of each before the next one's turn. An unfinished run is compared as far as it came: its items are whole.
    """
    from judgeaudit.storage.config.read import read_study

    config, outputs = read_study(folder), study_outputs(folder)
    read_records(folder / PROBES)  # a file that cannot be kept to is told before anything is paid
    reports: list[ProbeReport] = []
    probes = _probes(config, folder, outputs, names, edits=edits, items=items, seed=seed)
    if max_cost is not None:
        by = {probe.judge.name: probe for probe in probes}
        asked = (probe.judge for probe in probes)
        refuse_unpriced(folder, asked, lambda judge, ledger: missing_of(by[judge.name], outputs, ledger, Tally()))
    for probe in probes:
        judge = probe.judge
        run = JudgeReport(judge=judge.name)
        reports.append(ProbeReport(run=run))
        run.note = kind_of(judge.section).unprobed(judge.section)
        if run.note:
            ended(reports[-1])
            continue
        with told(run, lambda run: ended(reports[-1])):
            findings = _run(folder, probe, outputs, run, left_of(max_cost, [one.run for one in reports]), tell, say)
            reports[-1] = ProbeReport(run=run, findings=findings, items=len(probe.items))
            new = _record(folder, config, probe, reports[-1], command)
            keep_record(folder, config, new, edits=[one.name for one in probe.edits])
        if run.stopped:
            break
    return reports


def estimate_probes(
    folder: Path, names: Sequence[str] = (), *, edits: Sequence[str] = (), items: int = ITEMS, seed: int = 1
) -> list[Estimated]:
    """What the calls of the same probes that are still to be made would cost; nothing is sent."""
    from judgeaudit.storage.config.read import read_study

    config, outputs = read_study(folder), study_outputs(folder)
    found = []
    for probe in _probes(config, folder, outputs, names, edits=edits, items=items, seed=seed):

        def missing(ledger: Ledger | None, tally: Tally, probe: Probe = probe) -> Iterator[Wanted]:
            return missing_of(probe, outputs, ledger, tally)

        found.append(
            replace(
                estimated(folder, probe.judge, missing), note=kind_of(probe.judge.section).unprobed(probe.judge.section)
            )
        )
    return found


def _probes(
    config: StudyConfig,
    folder: Path,
    outputs: RowsById,
    names: Sequence[str],
    *,
    edits: Sequence[str],
    items: int,
    seed: int,
) -> list[Probe]:
    """What each judge is probed with: the same outputs for all."""
    chosen_edits, draw = _edits(edits), tuple(draw_items(config, outputs, items, seed=seed))
    cluster = config.cluster if config.cluster in outputs.columns else None
    judges = ready(config, folder, names, outputs.columns)
    return [Probe(judge=judge, items=draw, edits=chosen_edits, seed=seed, cluster=cluster) for judge in judges]


def draw_items(config: StudyConfig, outputs: RowsById, items: int, *, seed: int) -> list[str]:
    """The items at random, those of one cluster last, since they tell less than those of another."""
    order = drawn(outputs.ids, len(outputs.ids), seed=seed)
    if config.cluster is None or config.cluster not in outputs.columns:
        return order[:items]
    seen: dict[str, int] = {}
    ranks = []
    for row in outputs.rows(order):
        cluster = row[config.cluster]
        seen[cluster] = seen.get(cluster, -1) + 1
        ranks.append(seen[cluster])
    return [item for _, item in sorted(zip(ranks, order, strict=True), key=lambda pair: pair[0])][:items]


def _run(
    folder: Path, probe: Probe, outputs: RowsById, run: JudgeReport, left: float | None, tell: Tell, say: Say
) -> tuple[ProbeFinding, ...]:
    def missing(ledger: Ledger, tally: Tally) -> Iterator[Wanted]:
        return missing_of(probe, outputs, ledger, tally)

    run_calls(folder, probe.judge, missing, run, max_cost=left, tell=tell, say=say)
    with Ledger(folder / LEDGER) as ledger:
        return tuple(probe_findings(read_pairs(probe, outputs, ledger)))


def _record(folder: Path, config: StudyConfig, probe: Probe, report: ProbeReport, command: str) -> JudgeProbes:
    return JudgeProbes(
        judge=report.judge,
        seed=probe.seed,
        items=report.items,
        missing=report.run.missing,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        command=command,
        inputs=inputs_of(config, folder, report.judge),
        findings=report.findings,
    )


def _edits(names: Sequence[str]) -> tuple[Edit, ...]:
    for name in names:
        if name not in EDITS:
            msg = f"no probe {one_line(name)!r}{nearest(name, list(EDITS))}; probes are {', '.join(EDITS)}"
            raise InputError(msg)
    return tuple(edit for edit in EDITS.values() if (edit.name in names if names else not edit.named_only))
