"""A study's labelling by people: plan, push, pull, progress, second rounds. `Study(…).label` is one of these."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from judgeaudit.domain.errors import InputError, JudgeAuditError, OutsideError
from judgeaudit.domain.labelling.tasks import checked_round

if TYPE_CHECKING:
    from judgeaudit.workflows.labelling.plan import PlanReport
    from judgeaudit.workflows.labelling.pull import PullReport
    from judgeaudit.workflows.labelling.push import PushReport
    from judgeaudit.workflows.labelling.status import StatusReport

Progress = Callable[[int, int], None]
_DAY = 24 * 60 * 60


class Labelling:
    """The labelling of one study folder. Every method reads what is on disk and leaves what it did there."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    def __repr__(self) -> str:
        return f"Study({str(self.folder)!r}).label"

    def sample(
        self,
        *,
        items: int | None = None,
        precision: float | None = None,
        by: tuple[str, ...] | None = None,
        verdicts: bool = False,
        pilot: int | None = None,
        repeats: float | None = None,
        seed: int = 1,
        write: bool = True,
    ) -> PlanReport:
        """Chooses outputs to label, with known chances; asked for more, it adds to a plan and changes nothing sent."""
        from judgeaudit.storage.config.read import read_study
        from judgeaudit.workflows.labelling.plan import sample_round, wish_of

        wish = wish_of(
            read_study(self.folder),
            items=items,
            precision=precision,
            by=by,
            verdicts=verdicts,
            pilot=pilot,
            repeats=repeats,
            seed=seed,
        )
        return sample_round(self.folder, "main" if pilot is None else "pilot", wish, write=write)

    def push(
        self,
        *,
        round: str = "main",  # noqa: A002 - the word of the command line
        url: str | None = None,
        token: str | None = None,
        resend: bool = False,
        restore_form: bool = False,
        raters: int | None = None,
        progress: Progress | None = None,
    ) -> PushReport:
        """Sends a round's tasks; what the server holds is not sent again."""
        from judgeaudit.workflows.labelling.push import push_round

        return push_round(
            self.folder,
            round,
            url=url,
            token=token,
            resend=resend,
            restore_form=restore_form,
            raters=raters,
            progress=progress,
        )

    def pull(
        self,
        *,
        round: str | None = None,  # noqa: A002
        url: str | None = None,
        token: str | None = None,
        full: bool = False,
        progress: Progress | None = None,
        done: Callable[[PullReport], None] = lambda report: None,
    ) -> list[PullReport]:
        """Fetches labels of one round, or of all that were pushed; `done` is told of each that came in.

        What stops one round, such as a project that somebody deleted, is raised after the others were fetched.
        """
        from judgeaudit.workflows.labelling.pull import pull_round

        names = [round] if round is not None else self.pushed()
        reports: list[PullReport] = []
        stopped: list[JudgeAuditError] = []
        for name in names:
            try:
                reports.append(pull_round(self.folder, name, url=url, token=token, full=full, progress=progress))
                done(reports[-1])
            except OutsideError as error:  # no other round would come through either
                stopped.append(error)
                break
            except JudgeAuditError as error:
                stopped.append(error)
        if stopped:
            raise stopped[0]
        return reports

    def watch(
        self,
        *,
        round: str | None = None,  # noqa: A002
        every: float = 30.0,
        url: str | None = None,
        token: str | None = None,
        tell: Callable[[str], None] = lambda line: None,
    ) -> Iterator[list[PullReport]]:
        """Pulls again and again; a server that is away for a while, or a push at work, is told of and waited for."""
        from judgeaudit.storage.labelling.locks import BusyError

        if not 0 < every <= _DAY:
            msg = f"--every {every:g}: seconds, above 0 and at most {_DAY:,} (a day)"
            raise InputError(msg)
        if round is not None:
            checked_round(round)

        def pulls() -> Iterator[list[PullReport]]:
            trouble = ""
            while True:
                try:
                    reports = self.pull(round=round, url=url, token=token)
                    if trouble:
                        tell("it answers again")
                    trouble = ""
                    yield reports
                except (OutsideError, BusyError) as error:
                    if str(error) != trouble:  # the same thing is told once, however long it lasts
                        tell(f"{error}; trying again every {every:g} s")
                    trouble = str(error)
                time.sleep(every)

        return pulls()

    def status(self, *, round: str = "main") -> StatusReport:  # noqa: A002
        """Progress, agreement so far, what is in dispute and what is missing, from what was pulled."""
        from judgeaudit.workflows.labelling.status import status_of

        return status_of(self.folder, round)

    def dispute(
        self, *, most: int | None = None, judge: str | None = None, controls: float = 0.25, seed: int = 1
    ) -> PlanReport:
        """Plans a second blind round about items on which people, or the judge and the people, disagree."""
        from judgeaudit.workflows.labelling.dispute import plan_dispute

        return plan_dispute(self.folder, most=most, judge=judge, controls=controls, seed=seed)

    def pushed(self) -> list[str]:
        """Rounds that have a project."""
        from judgeaudit.storage.config.read import read_study
        from judgeaudit.storage.labelling.rounds import RoundFolder, rounds_of

        read_study(self.folder)
        names = [name for name in rounds_of(self.folder) if RoundFolder(self.folder, name).project() is not None]
        if not names:
            msg = f"{self.folder}: nothing was pushed yet; plan with `judgeaudit label sample` and send with `judgeaudit label push`"
            raise InputError(msg)
        return names
