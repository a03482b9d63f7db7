"""Batches: the same judges, the same verdicts, at another time; nothing is bought twice and nothing that came is lost."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from judgeaudit.domain.errors import InputError
from judgeaudit.study import Study
from tests.judges.loopback import MODEL, Act, Refuses, Request, Says, Sends, fault, says_the_truth
from tests.judges.loopback_batches import Never
from tests.judges.service_cases import (
    ANTHROPIC_TOOL,
    CHAT,
    DECISIONS,
    RESPONSES,
    SCHEMA,
    TOOL,
    Judged,
    Wire,
    judged,
    make_study,
    truths,
)

pytestmark = pytest.mark.slow

BATCHING = (CHAT, RESPONSES, TOOL, SCHEMA, ANTHROPIC_TOOL)
every_wire = pytest.mark.parametrize("wire", BATCHING, ids=lambda wire: wire.name)
both = pytest.mark.parametrize("wire", [CHAT, SCHEMA], ids=lambda wire: wire.name)


def about(text: str, *acts: Act) -> Callable[[Request], Act]:
    """Those acts for the item with this text, one for each time it is asked; the truth after them and for all others."""
    left = list(acts)
    return lambda request: left.pop(0) if left and f"{text}\n" in request.judged else says_the_truth(request)


def labels(study: Judged) -> dict[str, Any]:
    return {item: row["label"] for item, row in study.rows.items()}


# ---------------------------------------------------------------------------------------------- submit, come back, merge


@every_wire
def test_a_batch_gives_the_verdicts_of_single_calls(wire: Wire, tmp_path: Path) -> None:
    """Every cell but the time is the same, whatever order results come in; the next run, of either kind, asks nothing."""
    with judged(tmp_path / "single", wire) as one:
        one.run()
        single = one.rows
    with judged(tmp_path / "batch", wire) as study:
        first = study.run(batch=True)
        assert (first.tally.made, first.under_way, first.missing) == (0, 6, 0)
        assert sum(first.submitted.values()) == 6
        second = study.run(batch=True)
        assert (second.tally.made, second.tally.there, second.under_way, second.missing) == (6, 0, 0, 0)
        assert (second.halted, second.warnings, second.submitted) == ("", [], {})
        assert (study.run().tally.there, study.run(batch=True).tally.there) == (6, 6)
        assert set(study.server.counts.values()) == {1}
        rows = study.rows
    assert {item: row["label"] for item, row in rows.items()} == truths(6)
    timed = ("seconds", "judged_at")
    plain = [
        {item: {key: cell for key, cell in row.items() if key not in timed} for item, row in one.items()}
        for one in (rows, single)
    ]
    assert plain[0] == plain[1]
    assert rows["i1"]["seconds"] is None
    assert rows["i1"]["model"] == MODEL


@both
def test_what_is_under_way_is_not_bought_again(wire: Wire, tmp_path: Path) -> None:
    """Neither by coming back too early nor by a run without batches; how far they are is said."""
    with judged(tmp_path, wire) as study:
        study.server.batches.hold = True
        study.run(batch=True)
        early = study.run(batch=True)
        assert (early.under_way, early.submitted, early.missing) == (6, {}, 0)
        assert list(early.standings.values()) == ["in_progress, 0 of 6 calls done"]
        single = study.run()
        assert (single.tally.made, single.under_way) == (0, 6)
        study.server.batches.release()
        assert study.run(batch=True).tally.made == 6
        assert labels(study) == truths(6)
        assert len(study.server.asked) == 6


@both
def test_parts_are_as_small_as_wanted(wire: Wire, tmp_path: Path) -> None:
    """`batch_size` bounds each batch, and is no part of which judge it is."""
    with judged(tmp_path, wire, responses=7, batch_size=3) as study:
        first = study.run(batch=True)
        assert list(first.submitted.values()) == [3, 3, 1]
        make_study(tmp_path, {**wire.section(study.server.url), "batch_size": 5}, 7)
        assert study.run(batch=True).tally.made == 7
        assert labels(study) == truths(7)
        assert len(study.server.asked) == 7


@both
def test_parts_hold_no_more_bytes_than_the_service_takes(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The provider's limit in bytes ends a part, too."""
    from judgeaudit.services.anthropic import AnthropicBatches
    from judgeaudit.services.batching import Limits
    from judgeaudit.services.openai import OpenAIBatches

    for kind in (OpenAIBatches, AnthropicBatches):
        monkeypatch.setattr(kind.__init__, "__kwdefaults__", {"limits": Limits(requests=100, bytes=4000)})
    with judged(tmp_path, wire, responses=8) as study:
        sizes = list(study.run(batch=True).submitted.values())
        assert sum(sizes) == 8
        assert len(sizes) > 1
        study.run(batch=True)
        assert labels(study) == truths(8)


@both
def test_waiting_is_one_run(wire: Wire, tmp_path: Path) -> None:
    """With `wait` the run ends when every batch has."""
    with judged(tmp_path, wire) as study:
        looks = iter(range(10))

        def end_at_third(step: str) -> None:
            if step == "standing" and next(looks) == 2:
                study.server.batches.release()

        study.server.batches.hold = True
        study.server.batches.before = end_at_third
        report = study.run(batch=True, wait=True)
        assert (report.tally.made, report.under_way, report.halted) == (6, 0, "")
        assert labels(study) == truths(6)
        assert len(study.server.asked) == 6


def test_a_limit_counts_items_that_lack_a_verdict(tmp_path: Path) -> None:
    """Coming back fetches the first items and buys no further ones; the run after that takes the next."""
    with judged(tmp_path, CHAT) as study:
        assert sum(study.run(batch=True, limit=2).submitted.values()) == 2
        assert study.run(batch=True, limit=2).submitted == {}
        assert sum(study.run(batch=True, limit=2).submitted.values()) == 2
        assert labels(study) == truths(2)


def test_texts_that_changed_meanwhile(tmp_path: Path) -> None:
    """What was asked is kept as it was asked; the changed text is asked anew."""
    with judged(tmp_path, CHAT, responses=["plain one", "plain two"]) as study:
        study.run(batch=True)
        make_study(tmp_path, CHAT.section(study.server.url), ["plain one", "harmful two"])
        report = study.run(batch=True)
        assert (report.tally.made, sum(report.submitted.values())) == (2, 1)
        study.run(batch=True)
        assert labels(study) == {"i0": "safe", "i1": "unsafe"}
        assert len(study.server.asked) == 3


def test_a_judge_that_changed_meanwhile(tmp_path: Path) -> None:
    """Its batch is told, and fetched once the judge is as it was; none of its results counts for the changed one."""
    with judged(tmp_path, CHAT) as study:
        name = next(iter(study.run(batch=True).submitted))
        make_study(tmp_path, {**CHAT.section(study.server.url), "seed": 7}, 6)
        changed = study.run(batch=True)
        assert (changed.tally.made, sum(changed.submitted.values())) == (0, 6)
        assert [name in warning for warning in changed.warnings] == [True]
        make_study(tmp_path, CHAT.section(study.server.url), 6)
        assert study.run(batch=True).tally.made == 6


@both
def test_any_text_goes_through_a_batch(wire: Wire, tmp_path: Path) -> None:
    """Half characters, NUL, line separators, in what is judged and in what is said."""
    texts = ["harmful \ud83d half", "plain \x00 zero", "harmful \u2028 line", "plain \x85 next", ""]
    words = 'half \ud83d and \x00 \u2028 \x0c\n{"label": "unsafe"}'
    with judged(
        tmp_path, wire, responses=texts, always=about("harmful \u2028 line", Says(words=words, obeys=False))
    ) as study:
        study.server.batches.mangle = lambda lines: [
            json.dumps(one, ensure_ascii=False).encode("utf-8", "replace") for one in lines
        ]
        study.run(batch=True)
        assert study.run(batch=True).tally.made == 5
        rows = study.rows
    assert [rows[f"i{n}"]["label"] for n in range(4)] == ["unsafe", "safe", "unsafe", "safe"]
    assert rows["i2"]["reply"] == words.replace("\ud83d", "?")


# -------------------------------------------------------------------------------------------------- what went wrong there


@both
@pytest.mark.parametrize("why", ["expired", "cancelled"])
def test_what_was_never_asked_is_submitted_again(wire: Wire, why: str, tmp_path: Path) -> None:
    """The run that fetches the others submits it."""
    with judged(tmp_path, wire, always=about("harmful text 1", Never(why=why))) as study:
        study.run(batch=True)
        report = study.run(batch=True)
        assert (report.tally.made, sum(report.submitted.values())) == (5, 1)
        assert [why in remark for remark in report.remarks if "asked again" in remark] == [True]
        assert study.run(batch=True).tally.made == 1
        assert labels(study) == truths(6)


@pytest.mark.parametrize("state", ["expired", "cancelled"])
def test_a_batch_that_ended_early_without_a_word_on_some_calls(state: str, tmp_path: Path) -> None:
    """What has no line in either file is asked again."""
    with judged(tmp_path, CHAT) as study:
        study.server.batches.state = state
        study.server.batches.mangle = lambda lines: list(lines[:2])
        study.run(batch=True)
        study.server.batches.state = "completed"
        report = study.run(batch=True)
        assert (report.tally.made, sum(report.submitted.values())) == (2, 4)


@both
def test_errors_inside_are_those_of_single_calls(wire: Wire, tmp_path: Path) -> None:
    """Too long is that item's `failed`; what may pass is asked again; a refusal is a status."""
    acts = {
        "plain text 0": [fault(wire.family, "context")],
        "harmful text 1": [fault(wire.family, "500")],
        "plain text 2": [Refuses()],
    }

    def always(request: Request) -> Act:
        left = next((acts[text] for text in acts if f"{text}\n" in request.judged), None)
        return left.pop(0) if left else says_the_truth(request)

    with judged(tmp_path, wire, always=always) as study:
        study.run(batch=True)
        report = study.run(batch=True)
        assert (report.halted, sum(report.submitted.values())) == ("", 1)
        assert study.run(batch=True).tally.made == 1
        rows = study.rows
    assert {item: row["status"] for item, row in rows.items() if row["status"] != "answered"} == {
        "i0": "failed",
        "i2": "refused",
    }
    assert "tokens" in rows["i0"]["error"]
    assert rows["i1"]["label"] == "unsafe"


@both
def test_an_error_that_is_every_calls_ends_the_run(
    wire: Wire, call_command: Callable[..., Any], tmp_path: Path
) -> None:
    """An unknown model: one line, exit code 5, no verdict, and nothing is submitted again in that run."""
    with judged(tmp_path, wire, always=lambda request: fault(wire.family, "model")) as study:
        study.run(batch=True)
        ran = call_command(["judge", str(tmp_path), "--batch"])
        assert (ran.code, len(ran.err.splitlines()), "see model, base_url" in ran.err) == (5, 1, True)
        assert (len(study.server.batches.made), len(study.server.asked)) == (1, 6)


@both
def test_results_that_belong_to_nothing(wire: Wire, tmp_path: Path) -> None:
    """Without a custom id, with an unknown one, no JSON, or a second time: counted, told, left aside."""

    def mangle(lines: list[dict[str, Any]]) -> list[Any]:
        if not lines:
            return []
        other = {**lines[1], "custom_id": "who"}
        nameless = {key: value for key, value in lines[1].items() if key != "custom_id"}
        return [*lines, lines[0], other, nameless, b"<html>", b"[]"]

    with judged(tmp_path, wire) as study:
        study.server.batches.mangle = mangle
        study.run(batch=True)
        report = study.run(batch=True)
        assert labels(study) == truths(6)
    told = " ".join(report.warnings)
    assert "3 results have no custom id" in told
    assert "1 results have an unknown custom id" in told
    assert "1 results are a second result of one call" in told
    assert (report.tally.made, report.submitted) == (6, {})


@both
def test_results_that_lack_are_told_and_not_bought_at_once(wire: Wire, tmp_path: Path) -> None:
    """A service that says it has done a call and gives no result is not asked again behind one's back."""
    with judged(tmp_path, wire) as study:
        study.server.batches.mangle = lambda lines: list(lines[1:])
        study.run(batch=True)
        report = study.run(batch=True)
        assert (report.tally.made, report.submitted, report.missing) == (5, {}, 1)
        assert [text for text in report.warnings if "1 calls have no result there" in text] != []
        study.server.batches.mangle = list
        study.run(batch=True)
        study.run(batch=True)
        assert labels(study) == truths(6)


def test_lines_that_do_not_pass_the_check_of_the_file(tmp_path: Path) -> None:
    """The items that the service names have failed; the others go into the next batch."""
    with judged(tmp_path, CHAT) as study:
        study.server.batches.state = "failed"
        study.server.batches.errors = [{"code": "invalid_request", "line": 2, "message": "Bad line.", "param": None}]
        study.run(batch=True)
        study.server.batches.state, study.server.batches.errors = "completed", []
        report = study.run(batch=True)
        assert (report.tally.statuses, sum(report.submitted.values())) == ({"failed": 1}, 5)
        study.run(batch=True)
        rows = study.rows
    assert (rows["i1"]["status"], "Bad line." in rows["i1"]["error"]) == ("failed", True)
    assert {rows[item]["status"] for item in rows if item != "i1"} == {"answered"}


def test_a_file_that_is_not_taken_at_all(call_command: Callable[..., Any], tmp_path: Path) -> None:
    """One line with the service's words; the next run submits again."""
    with judged(tmp_path, CHAT) as study:
        study.server.batches.state = "failed"
        study.server.batches.errors = [{"code": "token_limit_exceeded", "line": None, "message": "Enqueued limit."}]
        study.run(batch=True)
        ran = call_command(["judge", str(tmp_path), "--batch"])
        assert (ran.code, len(ran.err.splitlines()), "Enqueued limit." in ran.err) == (5, 1, True)
        assert len(study.server.batches.made) == 1
        study.server.batches.state, study.server.batches.errors = "completed", []
        study.run(batch=True)
        study.run(batch=True)
        assert labels(study) == truths(6)


@both
@pytest.mark.parametrize("name", ["key", "quota", "model"])
def test_a_submission_that_is_refused(wire: Wire, name: str, call_command: Callable[..., Any], tmp_path: Path) -> None:
    """One line, exit code 5; nothing is taken for under way, and with the mend the same command submits."""
    step = "upload" if wire.family == "openai" else "create"
    with judged(tmp_path, wire) as study:
        study.server.batches.faults[step] = [fault(wire.family, name)]
        ran = call_command(["judge", str(tmp_path), "--batch"])
        assert (ran.code, len(ran.err.splitlines())) == (5, 1)
        report = study.run(batch=True)
        assert (sum(report.submitted.values()), study.server.batches.steps.count("list")) == (6, 0)


@both
@pytest.mark.parametrize("name", ["rate", "500", "529"])
@pytest.mark.parametrize("step", ["create", "standing", "results"])
def test_a_fault_that_passes_is_lived_with(wire: Wire, name: str, step: str, tmp_path: Path) -> None:
    """Wherever it comes: the same run tries again, and no call is bought twice."""
    with judged(tmp_path, wire) as study:
        study.server.batches.faults[step] = [fault(wire.family, name)]
        first = study.run(batch=True)
        assert (first.halted, first.under_way) == ("", 6)
        assert study.run(batch=True).tally.made == 6
        assert labels(study) == truths(6)
        assert len(study.server.asked) == 6


@both
def test_results_that_are_cut_off_are_fetched_again(wire: Wire, tmp_path: Path) -> None:
    """Those that had come are not counted twice."""
    with judged(tmp_path, wire) as study:
        study.run(batch=True)
        whole = study.server.batches._results(
            f"{'out-' if wire.family == 'openai' else ''}{study.server.batches.made[0].name}",
            wire.family == "anthropic",
            b"",
        )
        study.server.batches.faults["results"] = [Sends(body=whole, part=0.6)]
        report = study.run(batch=True)
        assert (report.tally.made, report.tally.statuses, report.halted) == (6, {"answered": 6}, "")
        assert labels(study) == truths(6)


@both
def test_a_batch_that_is_gone(wire: Wire, call_command: Callable[..., Any], tmp_path: Path) -> None:
    """It may be another key's, so nothing is bought again until a person says so."""
    with judged(tmp_path, wire) as study:
        first = study.run(batch=True)
        study.server.batches.faults["standing"] = [fault(wire.family, "model")]
        ran = call_command(["judge", str(tmp_path), "--batch"])
        assert (ran.code, "--drop-batch" in ran.err, len(study.server.asked)) == (5, True, 6)
        assert call_command(["judge", str(tmp_path), "--drop-batch", "who"]).code == 2
        gone = call_command(["judge", str(tmp_path), "--drop-batch", next(iter(first.submitted))])
        assert (gone.code, gone.out) == (0, "6 calls are missing again\n")
        assert sum(study.run(batch=True).submitted.values()) == 6


# ------------------------------------------------------------------------------------------------------------ at the edge


def test_decisions_take_no_batches(call_command: Callable[..., Any], tmp_path: Path) -> None:
    """One line before anything is sent, of an estimate, too."""
    with judged(tmp_path, DECISIONS) as study:
        for flags in (["--batch"], ["--batch", "--estimate"]):
            ran = call_command(["judge", str(tmp_path), *flags])
            assert (ran.code, len(ran.err.splitlines())) == (2, 1)
            assert 'api = "decisions" takes no batches' in ran.err
        assert (study.server.asked, study.server.batches.steps) == ([], [])


@pytest.mark.parametrize("flags", [["--batch", "--max-cost", "1"], ["--wait"]])
def test_flags_that_cannot_be_kept_are_refused(
    flags: list[str], call_command: Callable[..., Any], tmp_path: Path
) -> None:
    """One line, and nothing is sent."""
    with judged(tmp_path, CHAT) as study:
        ran = call_command(["judge", str(tmp_path), *flags])
        assert (ran.code, len(ran.err.splitlines()), study.server.batches.steps) == (2, 1, [])


def test_what_is_told(call_command: Callable[..., Any], tmp_path: Path) -> None:
    """What was submitted, how it stands, and how to come back; then what came."""
    with judged(tmp_path, CHAT) as study:
        first = call_command(["judge", str(tmp_path), "--batch"])
        second = call_command(["judge", str(tmp_path), "--batch"])
        name = study.server.batches.made[0].name
    assert (first.code, first.err, second.code, second.err) == (0, "", 0, "")
    assert first.out.splitlines() == [
        "judge: 0 calls made, 0 there already, 6 under way in batches",
        "  6 calls submitted in 1 batches",
        f"  batch {name}: submitted just now, 6 calls",
        "  to fetch them: the same command; a batch may take a day",
    ]
    assert second.out.splitlines()[0].startswith("judge: 6 calls made, 0 there already, 6 answered, US$ ")
    assert "its section's own price is taken in full" in second.out


def test_the_listed_price_is_halved(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A batch costs half of what the price list says; an estimate says so beforehand."""
    from judgeaudit.workflows.judging import calls as judge_calls

    monkeypatch.setattr(judge_calls, "known_price", lambda kind, model, **tokens: 2.0)
    section = {**CHAT.section(""), "price": None, "base_url": None}
    make_study(tmp_path, {key: value for key, value in section.items() if value is not None}, 3)
    whole, half = Study(tmp_path).estimate()[0], Study(tmp_path).estimate(batch=True)[0]
    assert (whole.cost_usd, half.cost_usd, whole.halved, half.halved) == (6.0, 3.0, None, True)


def test_an_estimate_leaves_out_what_is_under_way(tmp_path: Path) -> None:
    """It is bought already."""
    with judged(tmp_path, CHAT) as study:
        study.run(batch=True, limit=4)
        found = Study(tmp_path).estimate(batch=True)[0]
    assert (found.calls, found.under_way, found.halved) == (2, 4, False)


def test_judges_of_other_kinds_run_as_always(tmp_path: Path) -> None:
    """A word list needs no batch."""
    with judged(tmp_path, CHAT) as study:
        rule = '\n[judges.words]\nkind = "rules"\nrule = "keywords"\nwords = ["harmful"]\n'
        (tmp_path / "study.toml").write_text((tmp_path / "study.toml").read_text("utf-8") + rule, "utf-8")
        reports = Study(tmp_path).judge(batch=True)
        assert [(one.tally.made, one.under_way) for one in reports] == [(0, 6), (6, 0)]
        assert len(study.server.asked) == 6


def test_a_ledger_from_before_there_were_batches(tmp_path: Path) -> None:
    """It is read as it is, and gets its tables when it is written to; its verdicts stay."""
    with judged(tmp_path, CHAT) as study:
        study.run(limit=2)
        with sqlite3.connect(tmp_path / "verdicts.db") as db:
            db.executescript("DROP TABLE batches; DROP TABLE batch_calls; PRAGMA user_version = 1;")
        db.close()
        assert Study(tmp_path).estimate()[0].there == 2
        assert sum(study.run(batch=True).submitted.values()) == 4
        study.run(batch=True)
        assert labels(study) == truths(6)


def test_a_variable_for_the_key_is_no_part_of_which_judge_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Verdicts stay where the key comes from another variable."""
    monkeypatch.setenv("OTHER_KEY", "sk")
    with judged(tmp_path, CHAT) as study:
        study.run()
        make_study(tmp_path, {**CHAT.section(study.server.url), "api_key_env": "OTHER_KEY"}, 6)
        assert study.run().tally.made == 0


def test_wait_without_batches_is_refused(tmp_path: Path) -> None:
    """In Python, too."""
    with judged(tmp_path, CHAT), pytest.raises(InputError, match="--wait is for batches"):
        Study(tmp_path).judge(wait=True)
