"""Laws of silence told apart: every verdict is counted once, by its cause, and strata differ only where a test says so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from judgeaudit import Study
from judgeaudit.domain.verdict import REASONS
from judgeaudit.report.render.markdown import render_markdown
from judgeaudit.storage.files.write import append_jsonl

TOML = '[questions.harm]\nscale = "binary"\nlabels = ["safe", "unsafe"]\n[strata.coherence]\nfrom = "column"\n'
REFUSED = {"status": "refused", "error": "the judge refused in words: 'I cannot'"}
OUTSIDE = {"status": "unparsed", "error": "outside the labels: 'maybe'"}
Row = dict[str, Any]


def audited(folder: Path, verdicts: list[Row], *, gibberish: int, n: int, cluster: int = 0) -> Study:
    """A study of n items of which the first are gibberish; `cluster` items in a row share a prompt."""
    toml = f'cluster = "prompt_id"\n{TOML}' if cluster else TOML
    (folder / "study.toml").write_text(toml, encoding="utf-8")
    rows = [
        {
            "item_id": f"i{k}",
            "response": "x",
            "coherence": "gibberish" if k < gibberish else "coherent",
            "prompt_id": f"p{k // (cluster or 1)}",
        }
        for k in range(n)
    ]
    append_jsonl(folder / "outputs.jsonl", rows)
    said = [{"item_id": f"i{k}", "rater": "ann", "label": "unsafe" if k % 2 else "safe"} for k in range(n)]
    append_jsonl(folder / "annotations.jsonl", said)
    append_jsonl(folder / "verdicts" / "all.jsonl", verdicts)
    study = Study(folder)
    study.audit(replicates=200)
    return study


def silent_on(judge: str, items: set[int], n: int, how: Row) -> list[Row]:
    return [{"item_id": f"i{k}", "judge": judge} | (how if k in items else {"label": "safe"}) for k in range(n)]


def records(study: Study, judge: str) -> dict[str, Row]:
    rows = json.loads(study.audit_path.read_text(encoding="utf-8"))["silence"]
    return {row["stratum"]: row for row in rows if row["judge"] == judge}


def test_refusing_and_answering_outside_are_two_faults(tmp_path: Path) -> None:
    """Two judges of equal coverage are told apart by kind and stratum, and by the sentences that the report says."""
    on_gibberish = {*range(31), 50, 60}
    verdicts = silent_on("refuser", on_gibberish, 200, REFUSED) + silent_on("rambler", on_gibberish, 200, OUTSIDE)
    study = audited(tmp_path, verdicts, gibberish=40, n=200)
    kinds = ("asked", "answered", "unparsed", "outside_labels", "refused", "failed")
    counted = {judge: [records(study, judge)["all"][kind] for kind in kinds] for judge in ("refuser", "rambler")}
    assert counted == {"refuser": [200, 167, 0, 0, 33, 0], "rambler": [200, 167, 33, 33, 0, 0]}
    [test] = records(study, "refuser")["coherence=gibberish"]["against_elsewhere"]
    assert [test[key] for key in ("kind", "k", "n", "elsewhere_k", "elsewhere_n", "decisive")] == [
        *("refused", 31, 40, 2, 160, True)
    ]
    page = render_markdown(study.audit(replicates=200, write=False).result)
    assert "refuser refuses on coherence=gibberish: 31 of 40, elsewhere 2 of 160" in page
    assert "rambler answers outside the labels on coherence=gibberish: 31 of 40, elsewhere 2 of 160" in page


def test_the_side_that_answers_more_is_not_accused(tmp_path: Path) -> None:
    """A difference is told of the stratum with more silence alone, though its test is the same on both sides."""
    study = audited(tmp_path, silent_on("mini", set(range(30)), 100, REFUSED), gibberish=40, n=100)
    tests = {name: row["against_elsewhere"][0] for name, row in records(study, "mini").items() if name != "all"}
    assert tests["coherence=gibberish"]["p_value"] == pytest.approx(tests["coherence=coherent"]["p_value"])
    assert {name: test["decisive"] for name, test in tests.items()} == {
        "coherence=gibberish": True,
        "coherence=coherent": False,
    }


def test_a_difference_that_chance_explains_is_not_told(tmp_path: Path) -> None:
    """4 of 40 against 8 of 160 is no difference; the counts stand in the table all the same."""
    study = audited(tmp_path, silent_on("mini", {*range(4), *range(100, 108)}, 200, REFUSED), gibberish=40, n=200)
    [test] = records(study, "mini")["coherence=gibberish"]["against_elsewhere"]
    assert (test["decisive"], test["p_adjusted"] > 0.2) == (False, True)
    page = render_markdown(study.audit(replicates=200, write=False).result)
    assert "refuses on" not in page
    assert "| mini | coherence=gibberish | 40 | 36 | 4 |" in page


def test_items_of_one_prompt_are_one_piece_of_evidence(tmp_path: Path) -> None:
    """A prompt that is refused ten times is refused once: what is decisive among items need not be among prompts."""
    silent = set(range(10))  # one whole prompt of ten gibberish items
    alone, together = tmp_path / "alone", tmp_path / "together"
    alone.mkdir(), together.mkdir()
    rows = silent_on("mini", silent, 100, REFUSED)
    free = records(audited(alone, rows, gibberish=20, n=100), "mini")
    bound = records(audited(together, rows, gibberish=20, n=100, cluster=10), "mini")
    decisive = [one["coherence=gibberish"]["against_elsewhere"][0]["decisive"] for one in (free, bound)]
    assert decisive == [True, False]


def test_further_runs_are_not_counted(tmp_path: Path) -> None:
    """Silence is that of the verdicts which agreement is computed from, as in the data flow."""
    verdicts = [{**row, "run": run} for run in (0, 1) for row in silent_on("mini", {0}, 10, REFUSED)]
    assert records(audited(tmp_path, verdicts, gibberish=5, n=10), "mini")["all"]["asked"] == 10


def test_why_a_verdict_is_unparsed_is_a_field(tmp_path: Path) -> None:
    """What a verdict says of itself goes before what its error begins with."""
    verdicts = [
        {"item_id": f"i{k}", "judge": "mini", "status": "unparsed", "reason": reason, "error": "the reply is empty"}
        for k, reason in enumerate(REASONS)
    ]
    row = records(audited(tmp_path, verdicts, gibberish=3, n=6), "mini")["all"]
    assert {kind: row[kind] for kind in REASONS} == dict.fromkeys(REASONS, 1)


def test_verdicts_without_a_reason_are_known_by_their_errors(tmp_path: Path) -> None:
    """Verdicts that were recorded before there were reasons; an error that nobody knows is unexplained, never dropped."""
    errors = ["outside the labels: x", "malformed answer: x", "the reply was cut off", "the reply is empty", "else", ""]
    verdicts = [
        {"item_id": f"i{k}", "judge": "mini", "status": "unparsed", "error": error} for k, error in enumerate(errors)
    ]
    row = records(audited(tmp_path, verdicts, gibberish=3, n=6), "mini")["all"]
    kinds = {kind: row[kind] for kind in (*REASONS, "unparsed")}
    assert kinds == {"outside_labels": 1, "malformed": 1, "truncated": 1, "empty": 1, "unexplained": 2, "unparsed": 6}


def test_a_judge_that_answers_all_needs_no_table(tmp_path: Path) -> None:
    """Where every item has a label the report says so in one sentence."""
    study = audited(tmp_path, silent_on("mini", set(), 20, REFUSED), gibberish=5, n=20)
    page = render_markdown(study.audit(replicates=200, write=False).result)
    assert "Every judge gave a usable label for every item that it was asked about." in page
    assert "What came back from judges" not in page
