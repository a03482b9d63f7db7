"""Probes of judges behind a service: what it goes by is found, and an unfinished run is gone on with, not paid for again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from judgeaudit.study import Study
from tests.judges.loopback import Act, Request, Says, fault
from tests.judges.service_cases import CHAT, SCHEMA, Judged, Wire, judged

RESPONSES = [f"{'harmful' if n % 2 else 'plain'} text {n} that goes on for some more words" for n in range(24)]
PROBES = ("disavowal", "injected-json", "noise")


def believes(request: Request) -> Act:
    """Whoever says that a text is harmless is believed."""
    return Says(label="safe" if "educational purposes" in request.judged else request.truth)


def probed(one: Judged, **options: object) -> tuple[dict[str, str], int, str]:
    """Outcomes, calls made, and why the run ended."""
    report = Study(one.folder).probe(probes=PROBES, items=24, **options)[0]  # type: ignore[arg-type]
    outcomes = {finding.probe: finding.outcome for finding in report.findings}
    return outcomes, report.run.tally.made, report.run.stopped or report.run.halted


@pytest.mark.slow
@pytest.mark.parametrize("wire", [CHAT, SCHEMA], ids=lambda wire: wire.name)
def test_a_service_that_believes_a_disavowal_is_found(tmp_path: Path, wire: Wire) -> None:
    """The same probes, through the same machinery as the study's own verdicts; nothing is sent twice."""
    with judged(tmp_path, wire, always=believes, responses=RESPONSES) as one:
        outcomes, made, ended = probed(one)
        assert (outcomes["disavowal"], made, ended) == ("changes", 96, "")
        assert {outcomes["injected-json"], outcomes["noise"]} == {"quiet"}
        assert max(one.server.counts.values()) == 1
        assert probed(one)[1] == 0
        assert len(one.rows) == 24


def test_an_estimate_is_what_the_probe_then_makes(tmp_path: Path) -> None:
    """As many calls, each once, and about as many tokens; nothing is sent for it. Afterwards nothing is left to make."""
    with judged(tmp_path, CHAT, responses=RESPONSES) as one:
        found = Study(tmp_path).estimate_probes(probes=PROBES, items=24)[0]
        assert (found.calls, found.there, one.server.asked) == (96, 0, [])
        assert found.cost_usd == pytest.approx((found.input_tokens * 1.0 + found.output_tokens * 2.0) / 1e6)
        one.run(limit=10)
        part = Study(tmp_path).estimate_probes(probes=PROBES, items=24)[0]
        assert (part.calls, part.there) == (86, 10)
        assert probed(one)[1] == 86
        assert Study(tmp_path).estimate_probes(probes=PROBES, items=24)[0].calls == 0


def test_the_command_prices_a_probe_and_tells_what_cannot_be_probed(
    call_command: Callable[..., Any], tmp_path: Path
) -> None:
    """Panels and recorded verdicts in a line each, with what to probe instead; no request, no probes.json."""
    with judged(tmp_path, CHAT, responses=RESPONSES) as one:
        more = '[judges.words]\nkind = "rules"\nrule = "refusal"\n'
        more += '[judges.both]\nkind = "panel"\nof = ["judge", "words"]\nrule = "any"\n[judges.old]\nkind = "replay"\n'
        (tmp_path / "study.toml").write_text((tmp_path / "study.toml").read_text("utf-8") + more, "utf-8")
        ran = call_command(["probe", str(tmp_path), "--estimate", "--items", "5", "--probe", "padding"])
        assert (ran.code, ran.err, one.server.asked, (tmp_path / "probes.json").exists()) == (0, "", [], False)
        assert ran.out.startswith("judge: 10 calls to make, 0 there already; about ")
        assert "words: 10 verdicts to make here" in ran.out
        for said in (ran.out, call_command(["probe", str(tmp_path), "--items", "5", "--probe", "padding"]).out):
            assert "both: cannot be asked: probe judge, words\n" in said
            assert "old: cannot be asked: only recorded\n" in said


def test_what_was_spent_is_not_spent_again(tmp_path: Path) -> None:
    """A budget that ends the run leaves whole items to compare; the next run makes the rest."""
    with judged(tmp_path, CHAT, responses=RESPONSES, max_in_flight=1) as one:
        outcomes, made, ended = probed(one, max_cost=1e-9)
        assert 0 < made < 96
        assert ended.startswith("--max-cost")
        assert set(outcomes.values()) == {"few"}
        assert probed(one)[1] == 96 - made
        assert max(one.server.counts.values()) == 1


def test_a_service_that_goes_down_is_not_a_judge_that_stops_answering(tmp_path: Path) -> None:
    """Calls that may succeed later are missing pairs, not silence."""
    with judged(tmp_path, CHAT, always=down_after(60), responses=RESPONSES, attempts=1) as one:
        findings = Study(one.folder).probe(probes=PROBES, items=24)[0].findings
        assert 0 < findings[0].n < 24
        assert sum(finding.stopped + finding.started for finding in findings) == 0


def down_after(number: int) -> Callable[[Request], Act]:
    """The truth so many times, and then an error that passes."""
    return lambda request: Says(label=request.truth) if request.number < number else fault("openai", "500")
