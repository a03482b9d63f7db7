"""One small request before the first item: what a compatible server leaves out is told before anything is judged."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from judgeaudit.domain.errors import InputError
from judgeaudit.services.honoured import is_compatible
from judgeaudit.storage.config.judges import service_section
from judgeaudit.storage.ledger.calls import Ledger
from judgeaudit.storage.ledger.checks import check_of
from judgeaudit.study import Study
from judgeaudit.workflows.judging import calls as judge_calls
from judgeaudit.workflows.judging.calls import priced
from judgeaudit.workflows.judging.report import JudgeReport
from tests.judges.loopback import Act, Loopback, Request, Says, Sends, answer, fault
from tests.judges.service_cases import (
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

COUNTS = "one two three four five six seven eight nine ten"
FORM, SHARES = "does not hold answers to their form", "gives no log-probabilities"


def checks_of(server: Loopback) -> list[Request]:
    """The requests that judge nothing."""
    return [request for request in server.asked if "Count from" in request.judged]


def counting(**says: Any) -> Callable[[Request], Act | None]:
    """A server that heeds nothing of what the small request asks for beside its words, and judges truly."""
    plain = Says(obeys=False, **{"words": COUNTS, "model": "judge", "logprobs": False, **says})
    return lambda request: plain if "Count from" in request.judged else None


def checked(one: Judged) -> tuple[JudgeReport, list[str], int]:
    """The report, what was said before the first verdict, and how many requests had come when the last line was said."""
    said: list[str] = []
    seen = [0]

    def say(judge: str, line: str) -> None:
        said.append(f"{judge}: {line}")
        seen[0] = len(one.server.asked)

    report = one.run(say=say)
    return report, said, seen[0]


def true(request: Request) -> Act | None:
    """A server that heeds everything."""
    return Says(label="safe", model="judge-2026") if "Count from" in request.judged else None


@pytest.mark.parametrize("wire", [CHAT, RESPONSES, DECISIONS, TOOL], ids=lambda wire: wire.name)
def test_a_server_that_heeds_everything_is_asked_once(wire: Wire, tmp_path: Path) -> None:
    """With the judge's own parameters; nothing is said, and neither the next run nor a second one asks it again."""
    with judged(tmp_path, wire, check=True, always=true) as one:
        report, said, _ = checked(one)
        assert (said, report.check, report.checks, report.tally.made) == ([], [], 1, 6)
        first, second = one.server.asked[:2]
        assert checks_of(one.server) == [first]
        theirs = {key: value for key, value in second.body.items() if key not in ("messages", "input", "instructions")}
        ours = {key: value for key, value in first.body.items() if key not in ("messages", "input", "instructions")}
        if wire is DECISIONS:
            theirs["questions"][0].pop("instructions"), ours["questions"][0].pop("instructions")
        assert ours == theirs
        make_study(tmp_path, {**wire.section(one.server.url), "check": True}, 9)
        assert (one.run().checks, len(checks_of(one.server))) == (0, 1)


@pytest.mark.parametrize(
    ("wire", "lines"),
    [(CHAT, [FORM, SHARES]), (RESPONSES, [FORM, SHARES]), (TOOL, [FORM])],
    ids=lambda value: value.name if isinstance(value, Wire) else "",
)
def test_what_is_left_out_is_told_before_the_first_item(wire: Wire, lines: list[str], tmp_path: Path) -> None:
    """Each in a line that names a key of study.toml; the run goes on, and is told the same by what was kept."""
    with judged(tmp_path, wire, check=True, always=counting()) as one:
        report, said, seen = checked(one)
        assert [line.split(" ", 2)[2][: len(start)] for line, start in zip(said, lines, strict=True)] == lines
        assert all(line.startswith(f"judge: {one.server.url}/v1 ") and " = " in line for line in said)
        assert (seen, report.tally.made) == (1, 6)
        make_study(tmp_path, {**wire.section(one.server.url), "check": True}, 8)
        again, said_again, _ = checked(one)
        assert (said_again, again.checks, len(checks_of(one.server))) == (said, 0, 1)


def test_what_was_told_before_the_run_is_not_told_again_after_it(tmp_path: Path) -> None:
    """Log-probabilities that do not come are one line; without the small request it is said once the run has ended."""
    with judged(
        tmp_path / "a", CHAT, check=True, always=lambda request: Says(label="safe", model="judge", logprobs=False)
    ) as one:
        report, said, _ = checked(one)
        assert (len([line for line in said if SHARES in line]), report.warnings) == (1, [])
    with judged(tmp_path / "b", CHAT, always=lambda request: Says(label="safe", logprobs=False)) as one:
        assert [line.startswith("no log-probabilities came back") for line in one.run().warnings] == [True]


@pytest.mark.parametrize(
    ("answered", "told"),
    [("judge", False), ("judge-2026-11-01", False), ("/models/Judge.gguf", False), ("small", True)],
)
def test_another_model_than_the_one_asked_for(answered: str, told: bool, tmp_path: Path) -> None:
    """A dated name or a path is of the same model; another one is named, with the key."""
    with judged(tmp_path, CHAT, check=True, always=lambda request: Says(label="safe", model=answered)) as one:
        report = one.run()
    assert [("'small'" in line, "'judge'" in line, line.endswith("with model")) for line in report.check] == (
        [(True, True, True)] if told else []
    )


def test_more_tokens_than_were_allowed(tmp_path: Path) -> None:
    """A server that knows another name for the limit is told of, with the way to say it by that name."""

    def long(request: Request) -> Act:
        body = answer(request, Says(label="safe", model="judge"))
        return Sends(body=json.dumps({**body, "usage": {"prompt_tokens": 9, "completion_tokens": 400}}).encode())

    with judged(tmp_path, CHAT, check=True, max_output_tokens=64, always=long) as one:
        assert [line for line in one.run().check if "extra = { max_tokens = 64 }" in line and "400 tokens" in line]


@pytest.mark.parametrize(("words", "told"), [(COUNTS, True), ('{"label": "sa', False)])
def test_an_answer_that_was_cut_off(words: str, told: bool, tmp_path: Path) -> None:
    """Words show that no form was held to; the beginning of JSON shows nothing."""
    with judged(tmp_path, CHAT, check=True, always=counting(words=words, cut_off=True)) as one:
        assert any(line.startswith(FORM) for line in one.run().check) == told


def test_what_counts_no_tokens(tmp_path: Path) -> None:
    """Costs cannot be known then, which is told before anything is bought."""

    def uncounted(request: Request) -> Act:
        body = answer(request, Says(label="safe", model="judge"))
        return Sends(body=json.dumps({**body, "usage": None}).encode())

    with judged(tmp_path, CHAT, check=True, always=uncounted) as one:
        assert ["--max-cost cannot be kept" in line for line in one.run().check] == [True]


def test_it_is_priced_counted_and_kept(tmp_path: Path) -> None:
    """The estimate has it, the run's cost has it, and its whole answer is in the ledger."""
    with judged(tmp_path, CHAT, check=True, always=true) as one:
        make_study(tmp_path / "plain", {**CHAT.section(one.server.url), "check": False}, 6)
        with_it, without = Study(tmp_path).estimate()[0], Study(tmp_path / "plain").estimate()[0]
        assert (with_it.check, with_it.calls, without.check) == (True, 6, False)
        assert with_it.cost_usd > without.cost_usd
        assert with_it.input_tokens > without.input_tokens
        report = one.run()
        each = (100 * 1.0 + 5 * 2.0) / 1e6
        assert report.tally.cost == pytest.approx(7 * each)
        with Ledger(tmp_path / "verdicts.db") as ledger:
            kept = check_of(ledger, ledger.judges()[0][1])
        assert kept is not None
        assert (json.loads(kept.raw)["object"], kept.cost_usd) == ("chat.completion", pytest.approx(each))
        after = Study(tmp_path).estimate()[0]
        assert (after.check, after.spent_usd) == (False, pytest.approx(7 * each))


def test_a_budget_that_it_uses_up_buys_no_verdict(tmp_path: Path) -> None:
    """`--max-cost` counts it."""
    with judged(tmp_path, CHAT, check=True, always=true) as one:
        report = one.run(max_cost=1e-9)
        assert (report.tally.made, len(one.server.asked)) == (0, 1)
        assert report.stopped.startswith("--max-cost")


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (fault("openai", "key"), "is not accepted there"),
        (fault("openai", "model"), "see model, base_url"),
        (Sends(body=b'{"hello": "world"}'), "does not answer as OpenAI's protocol has it"),
    ],
    ids=["key", "model", "other protocol"],
)
def test_where_nothing_can_come_the_run_ends_after_one_request(act: Sends, words: str, tmp_path: Path) -> None:
    """No item is sent, one line says why, and the next run asks again."""
    with judged(tmp_path, CHAT, check=True, always=lambda request: act) as one:
        report = one.run()
        assert (words in report.halted, report.tally.made, len(one.server.asked)) == (True, 0, 1)
        one.server.always = true
        assert (one.run().tally.made, len(checks_of(one.server))) == (6, 2)


def test_a_server_that_is_tired_is_asked_again_by_the_same_run(tmp_path: Path) -> None:
    """The small request has the patience of any call."""
    with judged(tmp_path, CHAT, check=True, always=true) as one:
        one.server.plan = [fault("openai", "500"), fault("openai", "rate")]
        report = one.run()
        assert (report.check, report.tally.made, len(checks_of(one.server))) == ([], 6, 3)


def test_one_that_turns_it_away_is_told_and_goes_on(tmp_path: Path) -> None:
    """A refusal of the small request alone proves nothing about the items."""

    def picky(request: Request) -> Act | None:
        return fault("openai", "context") if "Count from" in request.judged else None

    with judged(tmp_path, CHAT, check=True, always=picky) as one:
        report = one.run()
        assert [line.startswith("does not answer the small request") for line in report.check] == [True]
        assert {item: row["label"] for item, row in one.rows.items()} == truths(6)


def test_a_batch_is_not_bought_before_it(tmp_path: Path) -> None:
    """Batches are paid for as a whole, so the server is asked before the first one; fetching asks nothing."""
    with judged(tmp_path, CHAT, check=True, always=counting()) as one:
        first = one.run(batch=True)
        assert (first.checks, len(first.check), first.under_way) == (1, 2, 6)
        assert (one.run(batch=True).checks, len(checks_of(one.server))) == (0, 1)


def test_the_command_says_it_and_its_flag_does_nothing_else(call_command: Callable[..., Any], tmp_path: Path) -> None:
    """`--check` asks anew, tells on stdout, and makes no verdict; a run warns on stderr and counts the request."""
    with judged(tmp_path, CHAT, check=True, always=counting()) as one:
        alone = call_command(["judge", str(tmp_path), "--check"])
        assert (alone.code, alone.err, len(one.server.asked)) == (0, "", 1)
        assert [line.split(":")[0] for line in alone.out.splitlines()] == ["judge", "judge"]
        ran = call_command(["judge", str(tmp_path)])
        assert (ran.code, len(one.server.asked)) == (0, 7)
        assert f"warning: judge: {one.server.url}/v1 {FORM}" in ran.err
        call_command(["judge", str(tmp_path), "--check"])
        one.server.always = true
        fine = call_command(["judge", str(tmp_path), "--check"])
        assert fine.out == "judge: its server heeds what it was asked for, as far as that can be seen\n"
        one.server.always = lambda request: fault("openai", "key")
        assert call_command(["judge", str(tmp_path), "--check"]).code == 5


def test_only_compatible_servers_are_asked(tmp_path: Path) -> None:
    """Neither OpenAI's own address, nor Anthropic, nor where the key says no."""
    addresses = ["https://api.openai.com/v1", "https://eu.api.openai.com/v1", None, "http://127.0.0.1:8000/v1"]
    assert [is_compatible(one) for one in addresses] == [False, False, False, True]
    assert is_compatible("https://openai.com.example/v1")
    with judged(tmp_path / "a", SCHEMA) as one:
        assert (one.run().checks, Study(one.folder).check()[0].note != "") == (0, True)
    with judged(tmp_path / "b", replace(CHAT, keys={"check": False})) as one:
        assert (one.run().checks, Study(one.folder).check()[0].note != "") == (0, True)


def test_it_is_no_part_of_which_judge_it_is(tmp_path: Path) -> None:
    """A study that was judged without it goes on with its verdicts."""
    with judged(tmp_path, CHAT, check=False, always=true) as one:
        one.run()
        make_study(tmp_path, {**CHAT.section(one.server.url), "check": True}, 6)
        assert (one.run().tally.there, len(one.server.asked)) == (6, 6)


def test_a_price_of_nothing_is_a_price(tmp_path: Path) -> None:
    """A call without tokens costs 0 by the list, not an unknown sum, though the name in study.toml is in no list."""
    pytest.importorskip("genai_prices")
    section = service_section("openai")(kind="openai", model="alias-of-ours")
    assert priced(section, "gpt-4.1-mini", 0, 0) == 0.0
    assert priced(section, "no-such-model", 0, 0) is None


def test_an_estimate_prices_each_size_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Calls of one size have one price, whatever their number; the sum is that of all."""
    asked: list[int] = []

    def listed(kind: str, model: str, *, input_tokens: int, output_tokens: int, cached_tokens: int) -> float:
        asked.append(input_tokens)
        return input_tokens + output_tokens / 8

    monkeypatch.setattr(judge_calls, "known_price", listed)
    keys = ("base_url", "price")
    make_study(tmp_path, {key: cell for key, cell in CHAT.section("").items() if key not in keys}, ["same text"] * 400)
    found = Study(tmp_path).estimate()[0]
    assert (len(asked), found.calls) == (2, 400)
    assert found.cost_usd == pytest.approx(found.input_tokens + found.output_tokens / 8)
    assert found.most_usd == pytest.approx(found.input_tokens + 400 * 1024 / 8)


def test_an_unknown_judge_is_told(tmp_path: Path) -> None:
    """As everywhere else."""
    with judged(tmp_path, CHAT) as one, pytest.raises(InputError, match=r"no judge 'jugde'.*did you mean"):
        Study(one.folder).check("jugde")
