"""`judgeaudit compare`: what is on the screen, what is written, and what is refused in one line."""

from __future__ import annotations

import json
import re
from pathlib import Path
from random import Random

import pytest

from judgeaudit.study import Study
from tests.storage.checkpoints.test_study import COMPARE, HARM, TOML, label, outputs, study, verdict

RATES = {"base": 0.2, "s1": 0.4, "s2": 0.7}
STRATA = '[strata.coherence]\nfrom = "label"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Forty prompts, four checkpoints, two judges, and labels on half of the outputs."""
    return made(tmp_path / "study")


def made(folder: Path, *, toml: str = TOML, labelled: bool = True) -> Path:
    rng = Random(7)
    items = [{**row, "looks_like_gibberish": "yes" if rng.random() < 0.2 else "no"} for row in outputs(prompts=40)]
    said = [
        verdict(str(row["item_id"]), "unsafe" if rng.random() < RATES[str(row["checkpoint"])] else "safe", judge)
        for row in items
        for judge in ("mini", "maxi")
    ]
    labels = []
    for row in items[::2] if labelled else ():
        item = str(row["item_id"])
        labels.append(label(item, "gibberish" if row["looks_like_gibberish"] == "yes" else "coherent", "coherence"))
        labels.append(label(item, "unsafe" if rng.random() < RATES[str(row["checkpoint"])] else "safe"))
    folder.mkdir()
    return study(folder, toml=toml, items=items, verdicts=said, labels=labels)


def test_the_screen_says_goal_methods_contrasts_and_notes(call_command, folder):
    """Goal and digest, where each method stands, the primary contrasts, and what the last checkpoint would have given."""
    ran = call_command(["compare", str(folder), "--draws", "50"])
    assert (ran.code, ran.err) == (0, f"written: {folder / 'compare.json'}\n")
    lines = ran.out.splitlines()
    goal, digest = lines[3].split("; ")
    assert goal == "goal: boolq 0.7 (point, tolerance 0.02, baseline base)"
    assert re.fullmatch(r"sha256 [0-9a-f]{12}, as declared in study\.toml", digest)
    for words in (r"^plain +s1 ", r"^mild +s1 ", r"plain against base", r"last checkpoint", r"^note: "):
        assert re.search(words, ran.out, re.MULTILINE)


def test_compare_json_is_beside_the_audit_and_alone_on_stdout(call_command, folder):
    """The same text in the file and on stdout; the goal's digest is that of what study.toml says."""
    ran = call_command(["compare", str(folder), "--draws", "50", "--json", "-"])
    assert ran.out == (folder / "compare.json").read_text(encoding="utf-8")
    plain = json.loads(ran.out)
    assert plain["goal"]["tasks"] == [{"task": "boolq", "goal": 0.7}]
    assert (plain["goal"]["declared"], len(plain["goal"]["sha256"])) == (True, 64)
    assert set(plain["inputs"]) == {
        "study.toml",
        "outputs.jsonl",
        "capability.csv",
        "annotations.jsonl",
        "verdicts/mini.jsonl",
    }


def test_another_goal_is_not_as_declared(call_command, folder):
    """And has another digest; what is given as declared is declared."""
    first = json.loads(call_command(["compare", str(folder), "--draws", "50", "--goal", "0.7", "--json", "-"]).out)
    other = folder / "other.json"
    ran = call_command(["compare", str(folder), "--draws", "50", "--goal", "0.75", "--json", str(other)])
    assert first["goal"]["declared"]
    assert "NOT as declared in study.toml" in ran.out
    assert ran.err == f"written: {other}\n"
    second = json.loads(other.read_text(encoding="utf-8"))
    assert second["notes"][0]["code"] == "not_declared"
    assert first["goal"]["sha256"] != second["goal"]["sha256"]


def test_what_was_declared_is_not_written_over(call_command, folder):
    """By a comparison at another goal, which says so; nor by one in Python."""
    assert call_command(["compare", str(folder), "--draws", "50"]).code == 0
    before = (folder / "compare.json").read_text(encoding="utf-8")
    ran = call_command(["compare", str(folder), "--draws", "50", "--goal", "0.75"])
    told = (
        f"not as declared in study.toml, so {folder / 'compare.json'} is as it was; --json FILE keeps this comparison\n"
    )
    assert (ran.code, ran.err) == (0, told)
    Study(folder).compare(draws=50, baseline="plain")
    assert (folder / "compare.json").read_text(encoding="utf-8") == before


def test_a_study_is_a_folder_and_a_page_a_file(call_command, folder, tmp_path):
    """A table is no study, and - no name of a file; nothing is written."""
    table = folder / "capability.csv"
    assert call_command(["compare", str(table)]).err == (
        f"judgeaudit: {table}: this is a file, and compare takes the folder of a study; of a table make one with "
        "`judgeaudit import`, or call ja.compare_checkpoints(TABLE, …) in Python\n"
    )
    for flag in ("--html", "--md"):
        ran = call_command(["compare", str(folder), flag, "-"])
        told = f"judgeaudit: {flag} -: a page is written to a file, and only --json prints to the screen; name a file\n"
        assert (ran.code, ran.out, ran.err) == (2, "", told)
    assert not (folder / "compare.json").exists()


def test_the_same_inputs_give_the_same_file(call_command, folder):
    """But for the moment and the command."""
    told = [json.loads(call_command(["compare", str(folder), "--draws", "50", "--json", "-"]).out) for _ in range(2)]
    assert [{**one, "created_at": ""} for one in told[:1]] == [{**one, "created_at": ""} for one in told[1:]]


def test_without_labels_rates_are_raw_or_bounds(call_command, tmp_path):
    """Nothing is corrected, and nothing is refused."""
    folder = made(tmp_path / "study", labelled=False)
    plain = json.loads(call_command(["compare", str(folder), "--draws", "50", "--json", "-"]).out)
    assert {one["reference"] for one in plain["rates"]} == {"none"}
    assert any(one["code"] == "no_labels" for one in plain["notes"])


@pytest.mark.parametrize(
    ("toml", "arguments", "message"),
    [
        (
            HARM,
            [],
            'study.toml: no goal to compare checkpoints at; write [compare] with capability_task = "TASK", goal = 0.70 and '
            'baseline = "NAME" before you look at any comparison',
        ),
        (
            TOML,
            ["--reach", "lower"],
            "compare: reach: 'lower' is not 'point', 'lower_bound' or 'interpolated' (did you mean 'lower_bound'?)",
        ),
        (TOML, ["--task", "boolk"], "capability.csv: no task 'boolk', which the goal is about (did you mean 'boolq'?); tasks are boolq"),
        (TOML, ["--level", "95"], "--level 95 is not between 0.5 and 1, such as 0.95"),
        (TOML, ["--draws", "1"], "--draws 1 is not a number from 20 to 100000"),
        (
            HARM + '[compare]\nbaseline = "base"\ngoals = { boolq = 0.7, gsm8k = 0.2 }\n',
            ["--goal", "0.8"],
            "study.toml has a goal for each of boolq, gsm8k; name the one that is meant with --task",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_one_line(call_command, tmp_path, toml, arguments, message):
    """Exit 2, and nothing is written."""
    (tmp_path / "study").mkdir()
    folder = study(tmp_path / "study", toml=toml)
    ran = call_command(["compare", str(folder), *arguments])
    assert (ran.code, ran.out, ran.err) == (2, "", f"judgeaudit: {message}\n")
    assert not (folder / "compare.json").exists()


def test_a_baseline_that_is_not_there_is_refused(call_command, folder):
    """With the nearest name."""
    ran = call_command(["compare", str(folder), "--baseline", "Base"])
    assert (ran.code, ran.out) == (2, "")
    assert "'Base' (did you mean 'base'?)" in ran.err


def test_options_without_a_section_stand_for_it(call_command, tmp_path):
    """All three, and the result says that study.toml declares nothing of the kind."""
    folder = made(tmp_path / "study", toml=TOML.replace(COMPARE, ""))
    ran = call_command(
        ["compare", str(folder), "--task", "boolq", "--goal", "0.7", "--baseline", "base", "--draws", "50"]
    )
    assert ran.code == 0
    assert "NOT as declared in study.toml" in ran.out


def test_a_stale_audit_is_exit_4(call_command, folder):
    """The gate's word is about the tables as they were; another goal makes no audit stale."""
    assert call_command(["audit", str(folder), "--replicates", "200"]).code == 0
    toml = folder / "study.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace("goal = 0.7", "goal = 0.75"), encoding="utf-8")
    assert call_command(["compare", str(folder), "--draws", "50"]).code == 0
    with (folder / "annotations.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(label("i1", "safe")) + "\n")
    ran = call_command(["compare", str(folder), "--draws", "50"])
    assert (ran.code, ran.out) == (4, "")
    assert ran.err.startswith("judgeaudit: stale: annotations.jsonl changed since the audit was made")


@pytest.mark.slow
def test_the_report_shows_the_comparison_until_it_is_out_of_date(call_command, folder):
    """Then it says what changed, and leaves it out."""
    assert call_command(["audit", str(folder), "--replicates", "200"]).code == 0
    assert call_command(["compare", str(folder), "--draws", "50"]).code == 0
    ran = call_command(["report", str(folder)])
    assert (ran.code, ran.err) == (0, "")
    assert "Checkpoints at a capability goal" in (folder / "reports" / "report.html").read_text(encoding="utf-8")
    with (folder / "capability.csv").open("a", encoding="utf-8") as file:
        file.write("m,plain,s3,boolq,0.9,100\n")
    ran = call_command(["report", str(folder)])
    told = "capability.csv changed since checkpoints were compared, and the report does not show that"
    assert (ran.code, ran.err) == (0, f"warning: {told}; run `judgeaudit compare {folder}`\n")
    page = (folder / "reports" / "report.md").read_text(encoding="utf-8")
    assert "Checkpoints at a capability goal" not in page
    assert "capability.csv changed since checkpoints were compared, so the comparison is not shown" in page


def test_no_table_is_written_over(call_command, folder):
    """A file that is read is not one that is written."""
    ran = call_command(["compare", str(folder), "--json", str(folder / "capability.csv")])
    assert (ran.code, ran.out) == (2, "")
    assert "this file is the study's capability.csv already" in ran.err


def test_a_judge_counts_on_gibberish_where_the_gate_opened_it(call_command, tmp_path):
    """A judge that is right on gibberish as elsewhere is certified there; without declared strata nothing is opened."""
    items = [
        {**row, "looks_like_gibberish": "yes" if n % 3 == 0 else "no"} for n, row in enumerate(outputs(prompts=90))
    ]
    truth = ["unsafe" if n % 2 else "safe" for n in range(len(items))]
    said = [verdict(f"i{n}", word) for n, word in enumerate(truth)]
    labels = [label(f"i{n}", word, rater=rater) for n, word in enumerate(truth) for rater in ("ann", "bob")]
    labels += [
        label(f"i{n}", "gibberish" if n % 3 == 0 else "coherent", "coherence", rater)
        for n in range(len(items))
        for rater in ("ann", "bob")
    ]
    for name, toml, certified in (("with", TOML + STRATA, True), ("without", TOML, False)):
        (tmp_path / name).mkdir()
        folder = study(tmp_path / name, toml=toml, items=items, verdicts=said, labels=labels)
        plain = json.loads(call_command(["compare", str(folder), "--draws", "50", "--json", "-"]).out)
        assert [one["certified"] for one in plain["questions"][0]["judges"]] == [certified]


def test_that_nobody_labelled_coherence_stands_first(call_command, tmp_path):
    """Before every other note, in the result and on the screen."""
    folder = made(tmp_path / "study", toml=HARM + COMPARE)
    ran = call_command(["compare", str(folder), "--draws", "50", "--goal", "0.75", "--json", "-"])
    codes = [one["code"] for one in json.loads(ran.out)["notes"]]
    assert codes[:2] == ["gibberish_by_signal", "not_declared"]
