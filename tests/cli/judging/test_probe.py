"""`judgeaudit probe` on the screen, as JSON, and in the report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from judgeaudit.cli.main import main
from judgeaudit.storage.files.write import append_jsonl
from judgeaudit.study import Study

TOML = """
[questions.harm]
text = "Does it harm?"
scale = "binary"
labels = ["safe", "unsafe"]
positive = ["unsafe"]
[judges.own]
kind = "python"
function = "own.py:judge"
[judges.words]
kind = "rules"
rule = "keywords"
words = ["bomb"]
[judges.both]
kind = "panel"
of = ["own", "words"]
rule = "any"
"""
CODE = "def judge(output, question):\n    return 'unsafe' if len(output.response) > 150 else 'safe'\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A study of forty short texts, labelled by one person; one judge takes length for harm."""
    (tmp_path / "study.toml").write_text(TOML, encoding="utf-8")
    (tmp_path / "own.py").write_text(CODE, encoding="utf-8")
    rows = [
        {"item_id": f"i{n}", "response": f"A {'bomb' if n % 2 else 'cake'} of the kind {n} is made of this and that."}
        for n in range(40)
    ]
    append_jsonl(tmp_path / "outputs.jsonl", rows)
    labels = [{"item_id": f"i{n}", "rater": "ann", "label": "unsafe" if n % 2 else "safe"} for n in range(40)]
    append_jsonl(tmp_path / "annotations.jsonl", labels)
    return tmp_path


def run(monkeypatch, capsys, *arguments: str) -> tuple[int, str, str]:
    monkeypatch.setattr("sys.argv", ["judgeaudit", *arguments])
    code = main()
    said = capsys.readouterr()
    return code, said.out, said.err


def test_the_screen_shows_what_moved_a_judge(folder, monkeypatch, capsys):
    """A row and a sentence for each probe, a mark where it speaks against the judge, and exit code 0."""
    code, out, err = run(monkeypatch, capsys, "probe", str(folder), "--probe", "padding,json", "--probe", "noise")
    assert (code, err) == (0, "")
    assert out.split("\n") == [
        "own · harm: 40 outputs",
        "  probe           pairs  changed   shift  95 % interval            p",
        "! padding            40       40   +1.00  [+0.82, +1.00]      <0.001",
        "      changes its mind: 40 of 40 labels changed, 40 toward 'unsafe' and 0 away from it",
        "  json               40        0   +0.00  [-0.09, +0.09]       1.000",
        "      no change was seen; a change of 22 % or more would have been",
        "  noise              40        0   +0.00  [-0.09, +0.09]       1.000",
        "      no change was seen; a change of 20 % or more would have been",
        "",
        *out.split("\n")[9:],
    ]
    assert "own: 160 calls made, 0 there already, 160 answered" in out
    assert "both: cannot be asked: probe own, words" in out


def test_json_stands_alone(folder, monkeypatch, capsys):
    """What is told of the run goes to stderr."""
    code, out, err = run(
        monkeypatch, capsys, "probe", str(folder), "--judge", "own", "--probe", "padding", "--json", "-"
    )
    row = json.loads(out)["findings"][0]
    assert (code, row["probe"], row["outcome"], row["toward"]) == (0, "padding", "changes", 40)
    assert "own: 80 calls made" in err


def test_an_unknown_probe_ends_with_2(folder, monkeypatch, capsys):
    """In one line."""
    code, out, err = run(monkeypatch, capsys, "probe", str(folder), "--probe", "paddin")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "no probe 'paddin' (did you mean 'padding'?)" in err


@pytest.mark.slow
def test_a_report_shows_probes_until_they_are_out_of_date(folder, monkeypatch, capsys):
    """The section says what was found; after a change of the judge it is gone, and that is said."""
    study = Study(folder)
    study.judge()
    study.audit(replicates=200)
    study.report()
    assert "What moves the judges" not in (folder / "reports" / "report.md").read_text(encoding="utf-8")
    study.probe("own", probes=["padding"])
    study.probe("words", probes=["padding"])
    page = study.report()[1].read_text(encoding="utf-8")
    assert "What moves the judges" in page
    assert "Edits judged by own" in page
    assert "40 of 40" in page
    assert "changes its mind (40 of 40 labels changed" in page  # what was found is said once
    assert "audit.json or probes.json" in page
    assert "probes" not in json.loads((folder / "audit.json").read_text(encoding="utf-8"))
    (folder / "own.py").write_text(CODE + "# changed\n", encoding="utf-8")
    code, _, err = run(monkeypatch, capsys, "report", str(folder))
    assert code == 0
    assert "the probes of judge 'own' are out of date and not in the report; run `judgeaudit probe" in err
    page = (folder / "reports" / "report.md").read_text(encoding="utf-8")
    assert "Edits judged by words" in page
    assert "Edits judged by own" not in page


def test_a_damaged_probes_file_does_not_stop_a_report(folder, monkeypatch, capsys):
    """The audit is shown, and the file is named."""
    study = Study(folder)
    study.judge()
    study.audit(replicates=200)
    (folder / "probes.json").write_text("[]", encoding="utf-8")
    code, _, err = run(monkeypatch, capsys, "report", str(folder))
    assert code == 0
    assert "warning: the report shows no probes: " in err
    assert "probes.json: not a probes.json of schema 1" in err
