"""Laws of what judges took: calls are counted once, sums are of what is known, and a change of models is not passed over."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from judgeaudit import Study
from judgeaudit.report.render.markdown import render_markdown
from judgeaudit.storage.files.write import append_jsonl

HARM = '[questions.harm]\nscale = "binary"\nlabels = ["safe", "unsafe"]\n'
TONE = '[questions.tone]\nscale = "nominal"\nlabels = ["kind", "rude"]\n'
Row = dict[str, Any]


def audited(folder: Path, verdicts: list[Row], n: int, *, toml: str = HARM) -> Study:
    (folder / "study.toml").write_text(toml, encoding="utf-8")
    append_jsonl(folder / "outputs.jsonl", [{"item_id": f"i{k}", "response": "x"} for k in range(n)])
    labels = [{"item_id": f"i{k}", "rater": "ann", "question": "harm", "label": words(k)} for k in range(n)]
    append_jsonl(folder / "annotations.jsonl", labels)
    append_jsonl(folder / "verdicts" / "all.jsonl", verdicts)
    study = Study(folder)
    study.audit(replicates=200)
    return study


def words(k: int) -> str:
    return "unsafe" if k % 2 else "safe"


def call(k: int, model: str = "m-1", **more: Any) -> Row:
    return {"item_id": f"i{k}", "judge": "mini", "question": "harm", "label": words(k), "model": model, **more}


def read(study: Study) -> Row:
    found: Row = json.loads(study.audit_path.read_text(encoding="utf-8"))
    return found


def test_sums_are_of_what_is_known(tmp_path: Path) -> None:
    """Tokens and US$ are summed over the calls that tell them, and how many do is said; nothing unknown is taken as 0."""
    verdicts = [
        call(0, cost_usd=0.25, seconds=1, input_tokens=100),
        call(1, cost_usd=0.5, seconds=3),
        call(2, seconds=8),
    ]
    [record] = read(audited(tmp_path, verdicts, 3))["services"]
    assert [record[key] for key in ("judge", "calls", "input_tokens", "output_tokens", "cost_usd", "seconds")] == [
        "mini",
        3,
        {"sum": 100.0, "n": 1},
        {"sum": None, "n": 0},
        {"sum": 0.75, "n": 2},
        {"median": 3.0, "n": 3},
    ]


def test_a_prompt_that_asks_two_questions_is_one_call(tmp_path: Path) -> None:
    """What one call cost is not counted for each of its questions; runs are calls of their own."""
    shared = {"prompt_sha256": "p", "cost_usd": 1.0}
    first = {**shared, "judged_at": "2026-01-01T10:00:00Z"}
    second = {**shared, "judged_at": "2026-01-01T10:00:09Z", "run": 1}
    both = [
        one
        for more in (first, second)
        for one in (call(0, **more), {**call(0, **more), "question": "tone", "label": "kind"})
    ]
    [record] = read(audited(tmp_path, both, 1, toml=HARM + TONE))["services"]
    assert (record["calls"], record["cost_usd"]) == (2, {"sum": 2.0, "n": 2})


def test_without_stamps_each_question_is_a_call(tmp_path: Path) -> None:
    """Where prompts and times are not told, nothing says that two verdicts are of one call."""
    both = [call(0, cost_usd=1.0), {**call(0, cost_usd=1.0), "question": "tone", "label": "kind"}]
    [record] = read(audited(tmp_path, both, 1, toml=HARM + TONE))["services"]
    assert (record["calls"], record["cost_usd"]["sum"]) == (2, 2.0)


def test_verdicts_that_tell_nothing_make_no_record(tmp_path: Path) -> None:
    """Plain tables of labels say nothing of services, and no empty table is printed."""
    study = audited(tmp_path, [{"item_id": "i0", "judge": "mini", "label": "safe"}], 1)
    assert "services" not in read(study)
    assert "What the judges took" not in render_markdown(study.audit(write=False, replicates=200).result)


def test_a_number_that_is_none_is_told(tmp_path: Path) -> None:
    """A price that is no number is not used, and said so with its place."""
    told = read(audited(tmp_path, [call(0, cost_usd="cheap"), call(1, cost_usd=1)], 2))
    assert told["services"][0]["cost_usd"] == {"sum": 1.0, "n": 1}
    assert any("1 verdicts have cost_usd that are no number, 'cheap' at" in one for one in told["warnings"])


def test_another_model_is_warned_of_with_when(tmp_path: Path) -> None:
    """The models stand in the order of time, each with its calls and first stamp, whatever the order of rows."""
    new = [call(k, "m-2", judged_at=f"2026-02-0{k}T00:00:00Z") for k in (5, 4)]
    old = [call(k, "m-1", judged_at=f"2026-01-0{k}T01:00:00+02:00") for k in (1, 2, 3)]
    told = read(audited(tmp_path, [*new, *old], 6))
    assert told["services"][0]["models"] == [
        {"model": "m-1", "calls": 3, "first": "2026-01-01T01:00:00+02:00", "last": "2026-01-03T01:00:00+02:00"},
        {"model": "m-2", "calls": 2, "first": "2026-02-04T00:00:00Z", "last": "2026-02-05T00:00:00Z"},
    ]
    [warning] = [one for one in told["warnings"] if "models answered" in one]
    assert warning.startswith(
        "judge 'mini': 2 models answered, m-1 (3 calls, since 2026-01-01T01:00:00+02:00), "
        "m-2 (2 calls, since 2026-02-04T00:00:00Z); its numbers are of all of them together"
    )
    assert told["services"][0]["agreement"] == []  # fewer than 30 labelled items each


def test_two_models_are_held_against_people_side_by_side(tmp_path: Path) -> None:
    """With 30 items each, a model that is right and one that is wrong on all are told apart, and their difference is given."""
    right = [call(k, "m-1") for k in range(30)]
    wrong = [{**call(k, "m-2"), "label": words(k + 1)} for k in range(30, 60)]
    study = audited(tmp_path, [*right, *wrong], 60)
    told = read(study)
    kappas = {
        one["model"]: (one["statistic"], one["value"], one["n_items"]) for one in told["services"][0]["agreement"]
    }
    assert kappas == {"m-1": ("cohen_kappa", pytest.approx(1.0), 30), "m-2": ("cohen_kappa", pytest.approx(-1.0), 30)}
    [kappa] = [one for one in told["contrasts"] if one["kind"] == "runs" and one["statistic"] == "cohen_kappa"]
    assert [kappa[key] for key in ("a", "b", "subject", "stratum", "value")] == ["m-1", "m-2", "mini", "all", 2.0]
    assert kappa["p_adjusted"] < 0.01
    assert not [one for one in told["findings"] if one["stratum"] == "m-1"]


def test_a_rule_costs_nothing(tmp_path: Path) -> None:
    """A baseline of rules stands in the table beside models, at no cost."""
    toml = f'{HARM}[judges.words]\nkind = "rules"\nrule = "refusal"\nbaseline = true\n'
    study = audited(tmp_path, [call(0, cost_usd=0.002, seconds=1.5)], 2, toml=toml)
    study.judge("words")
    page = render_markdown(study.audit(replicates=200).result)
    taken = {record["judge"]: record["cost_usd"] for record in read(study)["services"]}
    assert taken == {"mini": {"sum": 0.002, "n": 1}, "words": {"sum": 0.0, "n": 2}}
    assert "| mini | m-1 | 1 | 0.002 | 1.50 |" in page
