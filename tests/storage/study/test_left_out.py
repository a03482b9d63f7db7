"""Raters that study.toml leaves out: their labels are in no number, and everybody is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from judgeaudit.domain.errors import InputError
from judgeaudit.storage.study.load import load_study
from judgeaudit.study import Study


def leave_out(study: Path, *names: str, more: str = "") -> Path:
    toml = study / "study.toml"
    text = toml.read_text(encoding="utf-8").replace("[audit]\n", "")
    toml.write_text(f"{text}\n[audit]\nleave_out = {json.dumps(list(names))}\n{more}", encoding="utf-8")
    return study


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A simulated study of 60 items, 3 people and several judges."""
    from judgeaudit.simulation.study import simulate_study

    simulate_study(tmp_path / "study", items=60, seed=1)
    return tmp_path / "study"


@pytest.mark.slow
def test_who_is_left_out_is_in_no_number(study: Path) -> None:
    """An audit that leaves a rater out is the audit of a study that never had the rater."""
    rows = [json.loads(line) for line in (study / "annotations.jsonl").read_text(encoding="utf-8").splitlines()]
    ours = Study(leave_out(study, "person3")).audit(replicates=200, write=False).result
    kept = [row for row in rows if row["rater"] != "person3"]
    (study / "annotations.jsonl").write_text("".join(json.dumps(row) + "\n" for row in kept), encoding="utf-8")
    toml = study / "study.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace('leave_out = ["person3"]', ""), encoding="utf-8")
    theirs = Study(study).audit(replicates=200, write=False).result
    assert ours.findings == theirs.findings and ours.raters == theirs.raters
    assert ours.counts.raters == 2


@pytest.mark.slow
def test_who_is_left_out_is_said(study: Path) -> None:
    """The account, audit.json and the report name the rater and how many annotations it was."""
    audit = Study(leave_out(study, "person3")).audit(replicates=200)
    rows = (study / "annotations.jsonl").read_text(encoding="utf-8").splitlines()
    n = sum(json.loads(row)["rater"] == "person3" for row in rows)
    assert f"{n} annotations left out by audit.leave_out: person3 {n}" in audit.join
    assert audit.result.options["leave_out"] == {"person3": n}
    assert f"person3 ({n} annotations)" in audit.to_markdown()


@pytest.mark.parametrize(
    ("names", "more", "said"),
    [
        (("persn3",), "", "audit.leave_out: 'persn3' is no rater in annotations (did you mean 'person3'?)"),
        (("person1", "person2", "person3"), "", "audit.leave_out names every rater in annotations"),
        (("person1",), 'reference = "person1"\n', "audit.leave_out names 'person1', whose labels are the reference"),
    ],
)
def test_what_cannot_be_left_out_is_refused(study: Path, names: tuple[str, ...], more: str, said: str) -> None:
    """A name that nobody has, everybody, and the reference itself: one line each."""
    with pytest.raises(InputError, match=r"^study\.toml: ") as refusal:
        load_study(leave_out(study, *names, more=more))
    assert said in str(refusal.value) and "\n" not in str(refusal.value)


@pytest.mark.slow
def test_times_of_who_is_left_out_are_no_work(study: Path) -> None:
    """The rater is in no comparison of raters either: nobody is measured against labels that are left out."""
    path = study / "annotations.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    path.write_text("".join(json.dumps({**row, "seconds": "5"}) + "\n" for row in rows), encoding="utf-8")
    audit = Study(leave_out(study, "person3")).audit(replicates=200, write=False)
    assert {one["rater"] for one in audit.result.as_dict().get("raters", [])} == {"person1", "person2"}
