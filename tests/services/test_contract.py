"""One contract for every service: what a judge makes of right answers, refusals, nonsense, and each way a service fails."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from judgeaudit.domain.errors import InputError
from judgeaudit.storage.ledger.calls import Ledger
from judgeaudit.study import Study
from tests.judges.loopback import MASS, MODEL, SHARE, Act, Refuses, Request, Says, Sends, cut, fault, says_the_truth
from tests.judges.service_cases import (
    CHAT,
    DECISIONS,
    RESPONSES,
    SCHEMA,
    TOOL,
    WIRES,
    WRITING,
    Wire,
    judged,
    make_study,
    truths,
)

pytestmark = pytest.mark.slow

REFUSAL = "I'm sorry, but I can't help with that."
HTML = Sends(body=b"<html><h1>Welcome to our gateway</h1></html>", content_type="text/html")
STRANGE = Sends(body=b'{"choices": [], "message": "Welcome to our gateway"}')
every_service = pytest.mark.parametrize("wire", WIRES, ids=lambda wire: wire.name)
every_writer = pytest.mark.parametrize("wire", WRITING, ids=lambda wire: wire.name)


def about(text: str, act: Act) -> Callable[[Request], Act]:
    """That act for the item with this text, the truth for all others."""
    return lambda request: act if f"{text}\n" in request.judged else says_the_truth(request)


def attempts_of(folder: Path) -> list[int]:
    """How many attempts each call took, the most first."""
    with Ledger(folder / "verdicts.db") as ledger:
        prints = [fingerprint for _, fingerprint, _, _ in ledger.judges()]
        return sorted((call.attempts or 0 for one in prints for call in ledger.calls(one)), reverse=True)


# ------------------------------------------------------------------------------------------------------ what is said


@every_service
def test_right_answers_are_verdicts(wire: Wire, tmp_path: Path) -> None:
    """Each item has its label, with the model, the tokens and the price of its call; nothing is asked twice."""
    with judged(tmp_path, wire) as study:
        report = study.run()
        assert {item: row["label"] for item, row in study.rows.items()} == truths(6)
        assert set(study.server.counts.values()) == {1}
        again = study.run()
    assert (report.tally.made, report.halted, report.warnings) == (6, "", [])
    assert (again.tally.made, again.tally.there, len(study.server.asked)) == (0, 6, 6)
    row = study.rows["i1"]
    assert (row["status"], row["model"], row["input_tokens"], row["error"]) == ("answered", MODEL, 100, None)
    assert row["cost_usd"] == pytest.approx((100 + 2 * row["output_tokens"]) / 1_000_000)


@every_service
def test_probabilities_are_read_where_a_service_gives_them(wire: Wire, tmp_path: Path) -> None:
    """P(unsafe) among the labels, and how much of the model's probability labels had; elsewhere there is none."""
    with judged(tmp_path, wire, responses=2) as study:
        study.run()
        safe, unsafe = study.rows["i0"], study.rows["i1"]
    if not wire.probabilities:
        assert (unsafe["probability"], unsafe["probability_from"], unsafe["label_mass"]) == (None, None, None)
        return
    assert (safe["probability"], unsafe["probability"]) == (pytest.approx(1 - SHARE), pytest.approx(SHARE))
    assert unsafe["label_mass"] == pytest.approx(1.0 if wire is DECISIONS else MASS)
    assert unsafe["probability_from"] == "log-probability"


@every_service
def test_a_refusal_is_a_status_with_its_reason(wire: Wire, tmp_path: Path) -> None:
    """Whatever field a service has for it; it is no label, it is not asked again, and the other items go on."""
    with judged(tmp_path, wire, always=about("harmful text 1", Refuses())) as study:
        study.run()
        study.run()
        rows = study.rows
    assert (rows["i1"]["status"], rows["i1"]["label"], rows["i1"]["probability"]) == ("refused", None, None)
    assert {rows[item]["status"] for item in rows if item != "i1"} == {"answered"}
    assert len(study.server.asked) == 6
    said = {"anthropic": "general_harms: I will not label this.", "openai": "I will not label this."}
    assert ("declined" if wire is DECISIONS else said[wire.family]) in rows["i1"]["error"]


@every_writer
def test_a_refusal_in_words_is_no_label(wire: Wire, tmp_path: Path) -> None:
    """A model that says sorry where a label was wanted has refused."""
    with judged(tmp_path, wire, always=about("plain text 2", Says(words=REFUSAL, obeys=False))) as study:
        study.run()
        row = study.rows["i2"]
    assert (row["status"], row["label"], row["reply"]) == ("refused", None, REFUSAL)
    assert "refused in words" in row["error"]


@every_service
def test_an_answer_outside_the_labels_is_unparsed(wire: Wire, tmp_path: Path) -> None:
    """It is kept as it was said, and taken for no label."""
    with judged(tmp_path, wire, always=about("plain text 2", Says(label="maybe"))) as study:
        study.run()
        row = study.rows["i2"]
    assert (row["status"], row["label"], row["probability"]) == ("unparsed", None, None)
    assert row["error"] == "outside the labels: 'maybe'"


@every_writer
@pytest.mark.parametrize(
    ("act", "why"),
    [
        (Says(words="I think it is fine.", obeys=False), "outside the labels: 'I think it is fine.'"),
        (
            Says(words='{"label": "uns', obeys=False, cut_off=True),
            "was cut off before its answer; raise max_output_tok",
        ),
        (Says(words="", obeys=False), "the reply is empty"),
    ],
    ids=["no JSON", "truncated", "empty"],
)
def test_an_answer_that_is_none_says_why(wire: Wire, act: Says, why: str, tmp_path: Path) -> None:
    """Words without a label, an answer cut off by its limit, no answer at all: unparsed, with the reason, made once."""
    with judged(tmp_path, wire, always=about("harmful text 1", act)) as study:
        study.run()
        study.run()
        row = study.rows["i1"]
    assert (row["status"], row["label"]) == ("unparsed", None)
    assert why in row["error"]
    assert len(study.server.asked) == 6


def test_arguments_of_a_tool_may_be_broken(tmp_path: Path) -> None:
    """Arguments that are no JSON are unparsed, as any other words are."""
    with judged(tmp_path, TOOL, always=about("harmful text 1", Says(words='{"label": "uns'))) as study:
        study.run()
        row = study.rows["i1"]
    assert (row["status"], row["reply"]) == ("unparsed", '{"label": "uns')


@every_writer
def test_a_service_that_ignores_what_it_was_asked_for(wire: Wire, tmp_path: Path) -> None:
    """No structured answer and no log-probabilities: the label is read in the words, and missing probabilities are said."""

    def chatty(request: Request) -> Act:
        return Says(words=f"Thinking of it:\n**Answer: {request.truth}**", obeys=False)

    with judged(tmp_path, wire, always=chatty) as study:
        report = study.run()
        assert {item: row["label"] for item, row in study.rows.items()} == truths(6)
        assert {row["probability"] for row in study.rows.values()} == {None}
    expected = ["no log-probabilities came back"] if wire.probabilities else []
    assert [warning.partition(",")[0] for warning in report.warnings] == expected


@every_service
def test_a_model_that_changes_is_said(wire: Wire, tmp_path: Path) -> None:
    """Every verdict knows which model gave it; a run that two models answered ends with a warning, resumed or not."""

    def changing(request: Request) -> Act:
        return Says(label=request.truth, model="judge-old" if request.number < 3 else "judge-new")

    with judged(tmp_path, wire, always=changing) as study:
        first = study.run(limit=3)
        report = study.run()
        rows = study.rows.values()
    assert first.warnings == []
    assert sorted(row["model"] for row in rows) == ["judge-new"] * 3 + ["judge-old"] * 3
    assert ["judge-new (3), judge-old (3)" in warning for warning in report.warnings] == [True]


@every_service
def test_any_text_reaches_the_service(wire: Wire, tmp_path: Path) -> None:
    """Half a character, a NUL and a mark of ours are judged as every other text is."""
    texts = ["harmful \ud83d half", "plain \x00 zero", "harmful <<<END 0>>> mark", "plain ␛{D83D} sign", ""]
    with judged(tmp_path, wire, responses=texts) as study:
        report = study.run()
        rows = study.rows
        sent = " ".join(request.judged for request in study.server.asked)
    assert (report.halted, {row["status"] for row in rows.values()}) == ("", {"answered"})
    assert [rows[f"i{n}"]["label"] for n in range(4)] == ["unsafe", "safe", "unsafe", "safe"]
    assert "\x00" in sent
    assert "half" in sent


@every_writer
def test_any_reply_is_kept_as_it_came(wire: Wire, tmp_path: Path) -> None:
    """Half a character and a NUL in what a model says are no reason to lose it."""
    words = 'half \ud83d and \x00\n{"label": "unsafe"}'
    with judged(tmp_path, wire, always=about("harmful text 1", Says(words=words, obeys=False))) as study:
        report = study.run()
        row = study.rows["i1"]
    assert (report.halted, row["label"], row["reply"]) == ("", "unsafe", words)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([{"type": "text", "text": '{"label": '}, {"type": "text", "text": '"unsafe"}'}], ("answered", "unsafe")),
        ([{"type": "thinking", "thinking": "safe"}, {"type": "text", "text": "unsafe"}], ("answered", "unsafe")),
        ([{"type": "reasoning", "text": "safe"}, {"type": "output_text", "text": "unsafe"}], ("answered", "unsafe")),
        ([{"type": "refusal", "refusal": "I will not."}], ("refused", None)),
        ([], ("unparsed", None)),
    ],
    ids=["two parts", "thinking", "reasoning", "refusal", "none"],
)
def test_a_message_in_parts_is_read_as_its_text(
    parts: list[dict[str, str]], expected: tuple[str, str | None], tmp_path: Path
) -> None:
    """Some servers send the content of a chat message as a list; only what is its text may hold the label."""
    message = {"role": "assistant", "content": parts}
    body = json.dumps({"id": "x", "model": MODEL, "choices": [{"message": message, "finish_reason": "stop"}]}).encode()
    with judged(tmp_path, CHAT, responses=1, always=lambda request: Sends(body=body)) as study:
        study.run()
        row = study.rows["i0"]
    assert (row["status"], row["label"]) == expected


# --------------------------------------------------------------------------------------------- what passes by itself


def passing(wire: Wire) -> dict[str, Sends]:
    """What a service may send that another attempt mends."""
    whole = Sends(body=json.dumps({"id": "x" * 200}).encode())
    faults = {name: fault(wire.family, name) for name in ("rate", "500", "503", "529")}
    return {**faults, "html": HTML, "strange": STRANGE, "cut off": cut(whole, 0.5), "dropped": cut(whole, 0.0)}


@every_service
@pytest.mark.parametrize("name", ["rate", "500", "503", "529", "html", "strange", "cut off", "dropped"])
def test_a_fault_that_passes_is_tried_again(wire: Wire, name: str, tmp_path: Path) -> None:
    """The verdicts are those of a run without it, and one call took two attempts."""
    with judged(tmp_path, wire, max_in_flight=1) as study:
        study.server.plan = [Says(label="safe"), passing(wire)[name]]
        report = study.run()
        assert {item: row["label"] for item, row in study.rows.items()} == truths(6)
    assert (report.tally.made, report.halted, report.warnings) == (6, "", [])
    assert attempts_of(tmp_path) == [2, 1, 1, 1, 1, 1]
    assert len(study.server.asked) == 7


@every_service
def test_a_service_says_how_long_it_wants_to_be_left_alone(wire: Wire, tmp_path: Path) -> None:
    """Retry-After is waited for, in seconds or in milliseconds, and then the run goes on."""
    for header, seconds in ({"retry_after_ms": "300"}, 0.3), ({"retry_after": "1"}, 1.0):
        folder = tmp_path / next(iter(header))
        with judged(folder, wire, responses=2, max_in_flight=1) as study:
            study.server.plan = [fault(wire.family, "rate", **header)]
            report = study.run()
            first, second = study.server.times[:2]
        assert seconds <= second - first < seconds + 3
        assert report.tally.statuses == {"answered": 2}


@every_service
@pytest.mark.parametrize("clock", [0, 7200], ids=["same clock", "its clock is ahead"])
def test_a_moment_from_which_on_a_service_may_be_asked(wire: Wire, clock: int, tmp_path: Path) -> None:
    """Retry-After may be a date; it is one by the service's own clock, which need not be ours."""
    now = time.time() + clock
    headers = {"retry_after": formatdate(now + 2, usegmt=True), "date": formatdate(now, usegmt=True)}
    with judged(tmp_path, wire, responses=2, max_in_flight=1) as study:
        study.server.plan = [fault(wire.family, "rate", **headers)]
        report = study.run()
        first, second = study.server.times[:2]
    assert second - first >= 0.9
    assert report.tally.statuses == {"answered": 2}


@every_service
def test_a_service_that_is_in_trouble_is_asked_for_less_at_once(wire: Wire, tmp_path: Path) -> None:
    """One refusal for haste, and fewer calls are in flight for a while."""

    def slow(request: Request) -> Act:
        return fault(wire.family, "rate") if request.number == 7 else Says(label=request.truth, seconds=0.1)

    with judged(tmp_path, wire, responses=24, max_in_flight=8, always=slow) as study:
        study.run()
        assert {item: row["label"] for item, row in study.rows.items()} == truths(24)
        assert max(study.server.at_once[:8]) == 8
        assert max(study.server.at_once[8:18]) < 8


@every_service
def test_a_time_out_is_tried_again(wire: Wire, tmp_path: Path) -> None:
    """An answer that takes longer than `timeout` is not waited for."""
    with judged(tmp_path, wire, responses=2, max_in_flight=1, timeout=0.5) as study:
        study.server.plan = [Says(label="safe", seconds=1.5)]
        started = time.monotonic()
        report = study.run()
        assert time.monotonic() - started < 1.5
        assert {item: row["label"] for item, row in study.rows.items()} == truths(2)
    assert (report.tally.made, attempts_of(tmp_path)) == (2, [2, 1])


@every_service
def test_a_reply_that_never_ends_is_given_up(wire: Wire, tmp_path: Path) -> None:
    """`timeout` is for the whole answer: one that comes a byte at a time does not hold the run up."""
    with judged(tmp_path, wire, responses=2, max_in_flight=1, timeout=0.8) as study:
        study.server.plan = [Sends(body=b" " * 40, drip=0.1)]
        started = time.monotonic()
        report = study.run()
        assert time.monotonic() - started < 3
    assert (report.tally.statuses, attempts_of(tmp_path)) == ({"answered": 2}, [2, 1])


@pytest.mark.parametrize("wire", [CHAT, RESPONSES], ids=lambda wire: wire.name)
@pytest.mark.parametrize(
    "error",
    [
        {"code": 502, "message": "Provider returned error"},
        {"code": "server_error", "message": "The model had an error."},
        {"code": 429, "message": "slow down"},
    ],
    ids=lambda error: str(error["code"]),
)
def test_an_error_under_a_good_status_is_an_error(wire: Wire, error: dict[str, object], tmp_path: Path) -> None:
    """Gateways answer 200 with an error inside, and a response may have failed: no verdict is made of that."""
    body = {"id": "x", "status": "failed", "error": error, "output": []}
    with judged(tmp_path, wire, max_in_flight=1) as study:
        study.server.plan = [Sends(body=json.dumps(body).encode())]
        report = study.run()
        assert {item: row["label"] for item, row in study.rows.items()} == truths(6)
    assert (report.halted, attempts_of(tmp_path)) == ("", [2, 1, 1, 1, 1, 1])


def test_a_key_that_is_refused_under_a_good_status(tmp_path: Path) -> None:
    """It stops the run, as it does under its own status."""
    error = {"error": {"code": 401, "message": "No auth credentials found"}}
    with judged(tmp_path, CHAT) as study:
        study.server.always = lambda request: Sends(body=json.dumps(error).encode())
        report = study.run()
    assert "is not accepted there: set the right one" in report.halted
    assert report.tally.made == 0


@every_service
def test_a_service_that_is_not_there(wire: Wire, tmp_path: Path) -> None:
    """Each call is tried as often as `attempts` says, then the run ends with the reason; nothing counts as answered."""
    with judged(tmp_path, wire, max_in_flight=1) as study:
        study.server.close()
        report = study.run()
    assert report.halted.startswith("3 calls in a row failed after all their attempts")
    assert "cannot be reached" in report.halted
    assert report.tally.statuses == {"failed": 3}


@pytest.mark.parametrize("wire", [CHAT, SCHEMA], ids=lambda wire: wire.name)
def test_what_is_no_answer_in_a_batch_is_asked_again(wire: Wire, tmp_path: Path) -> None:
    """As if it had come by itself."""
    with judged(tmp_path, wire, always=about("harmful text 1", STRANGE)) as study:
        study.run(batch=True)
        report = study.run(batch=True)
        assert (report.tally.statuses, report.under_way) == ({"answered": 5}, 1)
        assert any("1 calls are asked again (failed: " in remark for remark in report.remarks)


@every_service
@pytest.mark.parametrize("broken", [HTML, STRANGE], ids=["html", "strange"])
def test_a_service_that_stays_broken_is_given_up_and_asked_again_next_time(
    wire: Wire, broken: Sends, tmp_path: Path
) -> None:
    """After three calls in a row that failed in every attempt; the next run makes them, and the rest."""
    with judged(tmp_path, wire, max_in_flight=1) as study:
        study.server.plan = [Says(label="safe"), *[broken] * 9]
        report = study.run()
        assert report.halted.startswith("3 calls in a row failed after all their attempts")
        assert "Welcome to our gateway" in report.halted
        assert (report.tally.statuses, report.missing) == ({"answered": 1, "failed": 3}, 2)
        assert study.run().tally.statuses == {"answered": 5}
        assert {item: row["label"] for item, row in study.rows.items()} == truths(6)


def test_a_retry_is_no_line_on_the_screen(run_command: Callable[..., Any], tmp_path: Path) -> None:
    """What mended itself is not told."""
    with judged(tmp_path, CHAT) as study:
        study.server.plan = [fault("openai", "500")]
        ran = run_command(["judge", str(tmp_path)])
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("judge: 6 calls made, 0 there already, 6 answered")


# ------------------------------------------------------------------------------------------------ what no wait mends


HALTS = {"quota": "budget", "key": "is not accepted there", "model": "see model, base_url", "unsupported": "study.toml"}


@every_service
@pytest.mark.parametrize("name", list(HALTS))
def test_what_no_attempt_can_mend_stops_the_run(
    wire: Wire, name: str, call_command: Callable[..., Any], tmp_path: Path
) -> None:
    """One line says what and how to mend it, the exit code is 5, and what was there before goes on being there."""
    with judged(tmp_path, wire, responses=30) as study:
        assert study.run(limit=5).tally.made == 5
        study.server.always = lambda request: fault(wire.family, name)
        ran = call_command(["judge", str(tmp_path)])
        assert len(study.server.asked) <= 5 + 4
        assert (ran.code, len(ran.err.splitlines())) == (5, 1)
        assert HALTS[name] in ran.err
        assert "0 new verdicts are saved, the same command goes on" in ran.err
        assert len(study.rows) == 5
        study.server.always = says_the_truth
        assert study.run().tally.made == 25
        assert {item: row["label"] for item, row in study.rows.items()} == truths(30)


@pytest.mark.parametrize(
    ("wire", "said", "key"),
    [
        (CHAT, ("unsupported_value", "temperature", "'temperature' does not support 0."), "temperature"),
        (CHAT, ("unsupported_parameter", "max_completion_tokens", "Unsupported parameter"), "max_output_tokens"),
        (CHAT, (None, "logprobs", "You are not allowed to request logprobs from this model."), "logprobs"),
        (CHAT, (None, None, "Unrecognized request argument supplied: seed"), "seed"),
        (CHAT, (None, "response_format", "Invalid parameter: 'response_format' is not supported"), "structured"),
        (RESPONSES, ("unsupported_parameter", "reasoning.effort", "Unsupported parameter"), "reasoning_effort"),
    ],
    ids=lambda value: value[1] or value[2] if isinstance(value, tuple) else "",
)
def test_a_parameter_that_a_model_does_not_take_is_named(
    wire: Wire, said: tuple[str | None, str | None, str], key: str, tmp_path: Path
) -> None:
    """By the key of study.toml that stands for it, whatever the service calls it."""
    code, param, message = said
    error = {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}}
    with judged(tmp_path, wire) as study:
        study.server.always = lambda request: Sends(body=json.dumps(error).encode(), status=400)
        report = study.run()
    assert f"change or leave out {key} in the judge's section of study.toml" in report.halted
    assert report.tally.made == 0


@pytest.mark.parametrize(
    ("message", "key"),
    [
        ("temperature: Extra inputs are not permitted", "temperature"),
        ("output_config.format: structured outputs are not supported on this model", "structured"),
        ("This model does not support the effort parameter.", "effort"),
        ("adaptive thinking is not supported on this model", "thinking"),
    ],
)
def test_a_parameter_that_anthropic_does_not_take_is_named(message: str, key: str, tmp_path: Path) -> None:
    """The service has no code for it, so its words must do."""
    error = {"type": "error", "error": {"type": "invalid_request_error", "message": message}}
    with judged(tmp_path, WIRES[4]) as study:
        study.server.always = lambda request: Sends(body=json.dumps(error).encode(), status=400)
        report = study.run()
    assert f"change or leave out {key} in the judge's section of study.toml" in report.halted


def test_no_credit_at_anthropic_stops_the_run(tmp_path: Path) -> None:
    """It is told as an invalid request, which no item can mend."""
    said = "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing."
    error = {"type": "error", "error": {"type": "invalid_request_error", "message": said}}
    with judged(tmp_path, WIRES[4]) as study:
        study.server.always = lambda request: Sends(body=json.dumps(error).encode(), status=400)
        report = study.run()
    assert "the budget is used up" in report.halted
    assert report.tally.made == 0


@every_service
def test_a_service_that_moved_stops_the_run(wire: Wire, tmp_path: Path) -> None:
    """A redirect that leads nowhere says that base_url is wrong, and is no verdict."""
    with judged(tmp_path, wire) as study:
        study.server.always = lambda request: Sends(body=b"moved", status=304)
        report = study.run()
    assert (report.tally.made, "see model, base_url" in report.halted) == (0, True)


@every_service
def test_a_key_that_cannot_be_sent(
    wire: Wire, call_command: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A key with quotes of a word processor around it is told before anything is sent, and is not shown."""
    monkeypatch.setenv(f"{wire.family.upper()}_API_KEY", "“sk-secret”")
    with judged(tmp_path, wire) as study:
        ran = call_command(["judge", str(tmp_path)])
        assert (ran.code, len(ran.err.splitlines()), study.server.asked) == (2, 1, [])
    assert f"{wire.family.upper()}_API_KEY" in ran.err
    assert "secret" not in ran.err


@every_service
def test_an_address_from_the_environment_is_no_part_of_a_study(
    wire: Wire, call_command: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Verdicts must not be another server's because of a variable: its address belongs into study.toml."""
    with judged(tmp_path, wire) as study:
        section = wire.section(study.server.url)
        monkeypatch.setenv(f"{wire.family.upper()}_BASE_URL", str(section.pop("base_url")))
        monkeypatch.setenv(f"{wire.family.upper()}_API_KEY", "sk")
        make_study(tmp_path, section, 2)
        ran = call_command(["judge", str(tmp_path)])
        assert (ran.code, len(ran.err.splitlines()), study.server.asked) == (2, 1, [])
    assert f"{wire.family.upper()}_BASE_URL is set" in ran.err


def test_an_address_needs_its_scheme(call_command: Callable[..., Any], tmp_path: Path) -> None:
    """`localhost:8000` is told when study.toml is read."""
    make_study(tmp_path, {**CHAT.section(""), "base_url": "localhost:8000/v1"}, 2)
    ran = call_command(["judge", str(tmp_path)])
    assert (ran.code, "base_url" in ran.err, "http://" in ran.err) == (2, True, True)


@every_service
def test_a_text_that_is_too_long_fails_alone(wire: Wire, tmp_path: Path) -> None:
    """The other items go on; the service would say the same again, so it is not asked again."""
    with judged(tmp_path, wire, always=about("harmful text 1", fault(wire.family, "context"))) as study:
        report = study.run()
        study.run()
        rows = study.rows
    assert (report.halted, len(study.server.asked)) == ("", 6)
    assert (rows["i1"]["status"], rows["i1"]["label"]) == ("failed", None)
    assert "tokens" in rows["i1"]["error"]
    assert {rows[item]["status"] for item in rows if item != "i1"} == {"answered"}


def test_a_stop_ends_attempts_that_begin_to_fail_after_it(tmp_path: Path) -> None:
    """A run that is over does not go on sending calls again: what failed then is left to the next run."""
    with judged(tmp_path, CHAT, attempts=6, first_wait=0.3, max_in_flight=2) as study:
        study.server.plan = [Says(label="safe"), *[Sends(body=b"", status=500, seconds=0.5)] * 6]
        report = Study(tmp_path).judge(max_cost=1e-9)[0]
        assert report.stopped.startswith("--max-cost")
        assert len(study.server.asked) <= 2


def test_a_limit_that_cannot_be_kept_is_refused_before_the_first_call(tmp_path: Path) -> None:
    """Without a price nobody knows when it is reached: nothing is sent, by no judge and for no probe, and one line says so."""
    with judged(tmp_path, CHAT, check=True) as study:
        priced = (tmp_path / "study.toml").read_text("utf-8")
        unpriced = re.sub(r"price = .*\n", "", priced)
        (tmp_path / "study.toml").write_text(
            f"{unpriced}{priced[priced.index('[judges') :].replace('judge]', 'first]')}"
        )
        told = re.escape("study.toml: judges.judge: no price is known of 'judge' at ") + ".*price = { input = "
        for asked in (Study(tmp_path).judge, Study(tmp_path).probe):
            with pytest.raises(InputError, match=told):
                asked(max_cost=1.0)
        assert study.server.asked == []
        assert [one.tally.made for one in Study(tmp_path).judge()] == [6, 6]
        assert [one.tally.there for one in Study(tmp_path).judge(max_cost=1.0)] == [6, 6]
