"""Models of services write outputs through the connections of judges."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from judgeaudit.study import Study
from tests.judges.loopback import Act, Refuses, Request, Says, Sends, fault, loopback
from tests.outputs.studies import outputs, study

PROMPTS = [f"say {n}" for n in range(6)]


def served(folder: Path, kind: str, url: str, *keys: str, prompts: list[str] = PROMPTS) -> Path:
    """A study whose one model is behind a server."""
    path = "/v1" if kind == "openai" else ""
    lines = ["[generate.models.far]", f'kind = "{kind}"', 'model = "big"', f'base_url = "{url}{path}"']
    waits = ["attempts = 2", "first_wait = 0.01", "max_new_tokens = 50"]
    return study(folder, "\n".join([*lines, *waits, *keys]) + "\n", prompts=prompts)


def echo(request: Request) -> Act:
    """The prompt in other words."""
    return Says(words=f"You said: {request.judged}", cut_off=request.judged.endswith("5"))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["openai", "anthropic"])
def test_a_service_writes_outputs(kind: str, tmp_path: Path):
    """Each prompt is asked once, as it is; decoding and why a text ended are told; a second run asks nothing."""
    with loopback(echo) as server:
        folder = served(tmp_path / "s", kind, server.url, 'system = "Be short."')
        (report,) = Study(folder).generate()
        assert (report.made, report.finished) == (6, {"stop": 5, "length": 1})
        assert Study(folder).generate()[0].there == 6
        asked = sorted(request.judged for request in server.asked)
        bodies = [request.body for request in server.asked]
    assert asked == PROMPTS
    assert "Be short." in str(bodies[0])
    assert not any("logprobs" in body or "response_format" in body for body in bodies)
    rows = {row["prompt_id"]: row for row in outputs(folder)}
    assert {row["response"] for row in rows.values()} == {f"You said: {text}" for text in PROMPTS}
    assert rows["p5"]["finish_reason"] == "length"
    assert {row["temperature"] for row in rows.values()} == ({0.0} if kind == "openai" else {None})
    assert {row["degradation"] for row in rows.values()} == {"none"}


def test_a_refusal_is_an_output(tmp_path: Path):
    """What a model declines to do is what it wrote, and the reason is told."""
    with loopback(lambda request: Refuses(words="No.")) as server:
        folder = served(tmp_path / "s", "openai", server.url, prompts=["Hi"])
        Study(folder).generate()
    assert [(row["response"], row["finish_reason"]) for row in outputs(folder)] == [("No.", "refused")]


def test_what_failed_is_asked_again(tmp_path: Path, call_command):
    """Exit code 5 and one line where no call can succeed; what came before is there, and the next run makes the rest."""
    bad = [True]

    def some(request: Request) -> Act:
        return fault("openai", "key") if bad[0] and request.number > 1 else echo(request)

    with loopback(some) as server:
        folder = served(tmp_path / "s", "openai", server.url, "max_in_flight = 1")
        ran = call_command(["generate", str(folder)])
        assert ran.code == 5
        assert ran.err.splitlines()[-1].endswith("2 new outputs are saved, the same command goes on")
        assert len(outputs(folder)) == 2
        bad[0] = False
        ran = call_command(["generate", str(folder)])
    assert (ran.code, ran.out.startswith("far: 4 outputs made, 2 there already")) == (0, True)
    assert len(outputs(folder)) == 6


def test_an_answer_that_cannot_be_read_is_no_output(tmp_path: Path):
    """It is counted and told, and asked again the next time."""
    empty = Sends(body=b'{"id": "x"}')
    with loopback(lambda request: empty if request.judged == "say 0" else echo(request)) as server:
        folder = served(tmp_path / "s", "openai", server.url)
        (report,) = Study(folder).generate()
    assert (report.made, report.missing, sum(report.failed.values())) == (5, 1, 1)


def test_a_key_that_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call_command):
    """With the section that needs it."""
    for name in [one for one in os.environ if one.startswith("OPENAI")]:
        monkeypatch.delenv(name)
    folder = study(tmp_path / "s", '[generate.models.far]\nkind = "openai"\nmodel = "big"\n')
    ran = call_command(["generate", str(folder)])
    assert (ran.code, ran.err) == (
        2,
        "judgeaudit: study.toml: generate.models.far: no key; set the environment variable OPENAI_API_KEY, "
        "or name another one with api_key_env\n",
    )
