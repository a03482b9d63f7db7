"""The commands of a study folder, from `init` and `import` to `gate` and its exit codes."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

Call = Callable[..., Any]
TEMPLATES = ["pairwise", "quality", "refusal", "safety"]
NEVER = '[[require]]\nstatistic = "coverage"\nat_most = 0.0\n'
ALWAYS = 'label_source = "any"\n[[require]]\nstatistic = "coverage"\nat_least = 0.01\nstrata = ["all"]\n'


@pytest.mark.slow
def test_what_simulate_says_can_be_run(call_command: Call, tmp_path: Path) -> None:
    """The two commands that simulate prints audit what it wrote, as a study and as one table."""
    made = call_command(["simulate", "--out", "s", "--items", "60"], cwd=tmp_path)
    assert made.code == 0
    commands = [line.partition(": judgeaudit ")[2].split() for line in made.out.splitlines() if ": judgeaudit " in line]
    assert len(commands) == 2
    assert call_command([*commands[0], "--replicates", "200"], cwd=tmp_path).code == 0
    assert call_command([*commands[1], "--replicates", "200"], cwd=tmp_path / "s").code == 0


def test_a_planted_world_is_a_study(call_command: Call, tmp_path: Path) -> None:
    """`simulate --world` writes the study of the world that it names, and `--help` names every world that there is."""
    from judgeaudit.simulation.worlds.catalogue import WORLDS

    asked = ["simulate", "--world", "equal-at-goal", "--out", "w", "--prompts", "30"]
    made = call_command(asked, cwd=tmp_path)
    assert (made.code, made.out) == (
        0,
        "SIMULATED world equal-at-goal in w: 480 outputs of 16 checkpoints, 20 of each labelled by 3 planted people, 4 planted judges\n"
        "the truth: w/truth.json\ncompare its methods: judgeaudit compare w\n",
    )
    assert json.loads((tmp_path / "w/truth.json").read_text(encoding="utf-8"))["world"] == "equal-at-goal"
    shown = "".join(call_command(["simulate", "--help"]).out.split())
    assert [name for name in WORLDS if name not in shown] == []


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_new_study(call_command: Call, tmp_path: Path, template: str) -> None:
    """Every template fits the schema that `judgeaudit schema` prints; before there are data every command says what lacks."""
    assert call_command(["init", "s", "--template", template], cwd=tmp_path).code == 0
    schema = json.loads(call_command(["schema"]).out)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(tomllib.loads((tmp_path / "s/study.toml").read_text(encoding="utf-8")), schema)
    for command in ("gate", "report"):
        ran = call_command([command, "s"], cwd=tmp_path)
        assert (ran.code, ran.err) == (
            2,
            "judgeaudit: s/audit.json: no such audit; make it with `judgeaudit audit`\n",
        )
    ran = call_command(["audit", "s"], cwd=tmp_path)
    expected = "judgeaudit: s: no outputs; bring them in with `judgeaudit import outputs FILE s`\n"
    assert (ran.code, ran.err) == (2, expected)


def test_from_tables_to_a_decision(call_command: Call, tmp_path: Path) -> None:
    """init, import, audit, gate and report, in the study's own folder, where STUDY need not be named."""
    study = tmp_path / "s"
    call_command(["init", "s", "--template", "refusal"], cwd=tmp_path)
    labels = ["complies", "refuses"]
    outputs = [{"item_id": f"i{n}", "prompt_id": f"p{n}", "response": f"text {n}"} for n in range(80)]
    (tmp_path / "o.jsonl").write_text("".join(json.dumps(row) + "\n" for row in outputs), encoding="utf-8")
    people = [f"i{n},{who},{q},{label}" for n in range(80) for who in "ab" for q, label in answers(n, labels)]
    (tmp_path / "a.csv").write_text("item_id,rater,question,label\n" + "\n".join(people), encoding="utf-8")
    verdicts = [f"i{n},gpt,refusal,answered,{labels[n % 2]}" for n in range(80)]
    (tmp_path / "v.csv").write_text("item_id,judge,question,status,label\n" + "\n".join(verdicts), encoding="utf-8")
    shown = [call_command(["import", f"../{name}"], cwd=study).out for name in ("o.jsonl", "a.csv", "v.csv")]
    assert shown == ["outputs: 80 rows added\n", "annotations: 320 rows added\n", "verdicts: 80 rows added\n"]
    again = call_command(["import", "verdicts", "../v.csv", "."], cwd=study)
    assert again.out == "verdicts: 0 rows added, 80 there already\n"
    assert call_command(["audit", "--replicates", "200"], cwd=study).code == 0
    assert call_command(["report"], cwd=study).out == "reports/report.html\nreports/report.md\n"
    gate = call_command(["gate"], cwd=study)
    assert (gate.code, gate.err) == (0, "")
    assert "gpt · refusal: certified\n" in gate.out


def answers(number: int, labels: list[str]) -> list[tuple[str, str]]:
    return [("refusal", labels[number % 2]), ("coherence", "coherent" if number % 3 else "partly")]


def test_a_label_studio_export_by_hand(call_command: Call, tmp_path: Path) -> None:
    """Tasks with annotations become outputs and labels; the same file twice adds nothing."""

    def task(number: int) -> dict[str, object]:
        result = [{"from_name": "harm", "to_name": "r", "type": "choices", "value": {"choices": ["safe"]}}]
        stamp = "2026-05-01T10:00:00Z"
        one = {"id": number, "completed_by": 7, "result": result, "was_cancelled": False, "ground_truth": False}
        one |= {"created_at": stamp, "updated_at": stamp}
        return {"id": number, "data": {"item_id": f"i{number}", "response": "text"}, "annotations": [one]}

    call_command(["init", "s"], cwd=tmp_path)
    (tmp_path / "e.json").write_text(json.dumps([task(n) for n in range(3)]), encoding="utf-8")
    first = call_command(["import", "label-studio", "e.json", "s"], cwd=tmp_path)
    assert (first.code, first.out.splitlines()[1:]) == (0, ["outputs: 3 rows added", "annotations: 3 rows added"])
    again = call_command(["import", "e.json", "s"], cwd=tmp_path)
    expected = ["outputs: 0 rows added, 3 there already", "annotations: 0 rows added, 3 there already"]
    assert again.out.splitlines()[1:] == expected


def test_real_exports_of_label_studio(call_command: Call, shared_data: Path, tmp_path: Path) -> None:
    """Each format of one project brings in the same raters' labels, and no annotation of it is lost on the way."""
    folder = shared_data / "labelstudio_export"
    if not folder.is_dir():
        pytest.skip("no real exports of Label Studio beside this checkout")
    said = []
    for name in ("export_JSON_MIN.json", "export_CSV.csv", "export_TSV.tsv"):
        call_command(["init", name], cwd=tmp_path)
        ran = call_command(["import", "label-studio", str(folder / name), name], cwd=tmp_path)
        assert (ran.code, ran.out.splitlines()[1]) == (0, "outputs: 30 rows added")
        lines = (tmp_path / name / "annotations.jsonl").read_text(encoding="utf-8").splitlines()
        rows = [json.loads(line) for line in lines]
        said.append(sorted((row["item_id"], row["rater"], row["question"], row["label"]) for row in rows))
    assert said[0] == said[1] == said[2]


@pytest.mark.slow
def test_the_gate_ends_with_what_was_decided(call_command: Call, study: Path) -> None:
    """0 all required judges certified, 1 one is restricted or rejected, 3 it cannot be told; audit ends with 0 anyway."""
    cannot = ALWAYS.replace("coverage", "accuracy").replace("0.01", "0.97").replace("[[", 'judges = ["careful"]\n[[')
    for text, code in ((ALWAYS, 0), (NEVER, 1), (cannot, 3)):
        (study / "p.toml").write_text(text, encoding="utf-8")
        for source in ("study", "study/audit.json"):
            assert call_command(["gate", source, "--policy", "study/p.toml"], cwd=study.parent).code == code, source
        audit = ["audit", "study", "--policy", "study/p.toml", "--replicates", "200", "--json", "other.json"]
        assert call_command(audit, cwd=study.parent).code == 0
        assert call_command(["gate", "other.json"], cwd=study.parent).code == code


def test_the_gate_in_json(call_command: Call, study: Path) -> None:
    """`gate --json` prints the decisions, and nothing else, on stdout."""
    ran = call_command(["gate", "study", "--json"], cwd=study.parent)
    decisions = json.loads(ran.out)
    assert {row["question"] for row in decisions} == {"harm", "coherence"}
    kept = json.loads((study / "audit.json").read_text(encoding="utf-8"))["decisions"]
    assert [(row["judge"], row["decision"]) for row in decisions] == [(row["judge"], row["decision"]) for row in kept]


def test_a_comment_in_study_toml_is_not_stale(call_command: Call, study: Path) -> None:
    """What study.toml says counts, not how it is written."""
    before = call_command(["gate", "study"], cwd=study.parent)
    toml = study / "study.toml"
    toml.write_text("# a remark\n\n" + toml.read_text(encoding="utf-8"), encoding="utf-8")
    assert call_command(["gate", "study"], cwd=study.parent) == before


@pytest.mark.slow
@pytest.mark.parametrize("change", ["annotation", "verdict", "new judge", "outputs", "policy", "question"])
def test_what_changed_since_the_audit_is_stale(call_command: Call, study: Path, change: str) -> None:
    """4 and the name of what changed: labels, verdicts, outputs, or what study.toml says. A new audit mends it."""
    toml = study / "study.toml"
    files = {"annotation": "annotations.jsonl", "verdict": "verdicts/careful.jsonl", "outputs": "outputs.jsonl"}
    if change in files:
        lines = (study / files[change]).read_text(encoding="utf-8").splitlines()
        extra = {**json.loads(lines[0]), "note": "seen again"}
        if change == "outputs":
            extra["item_id"] = "new"
        added = lines if change == "verdict" else [*lines, json.dumps(extra)]
        text = "\n".join(added[1:] if change == "verdict" else added) + "\n"
        (study / files[change]).write_text(text, encoding="utf-8")
        named = files[change]
    elif change == "new judge":
        copied = (study / "verdicts/careful.jsonl").read_text(encoding="utf-8").replace('"careful"', '"other"')
        (study / "verdicts/other.jsonl").write_text(copied, encoding="utf-8")
        named = "verdicts/other.jsonl (new)"
    else:
        text = toml.read_text(encoding="utf-8")
        changed = (
            text.replace("[policy]", "[policy]\nlevel = 0.9")
            if change == "policy"
            else text.replace("harm?", "any harm?")
        )
        assert changed != text
        toml.write_text(changed, encoding="utf-8")
        named = "study.toml"
    stale = call_command(["gate", "study"], cwd=study.parent)
    expected = f"judgeaudit: stale: {named} changed since the audit was made; run `judgeaudit audit` again\n"
    assert (stale.code, stale.out, stale.err) == (4, "", expected)
    assert call_command(["audit", "study", "--replicates", "200"], cwd=study.parent).code == 0
    assert call_command(["gate", "study"], cwd=study.parent).code in (0, 1, 3)


@pytest.mark.slow
def test_a_report_of_a_stale_audit_says_so(call_command: Call, study: Path) -> None:
    """The report of what was audited is written anyway; what changed since then is named on stderr. A lone audit.json cannot know."""
    assert call_command(["report", "study"], cwd=study.parent).err == ""
    with (study / "annotations.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"item_id": "sim-00001", "rater": "late", "question": "harm", "label": "safe"}\n')
    ran = call_command(["report", "study"], cwd=study.parent)
    told = "annotations.jsonl changed since the audit was made; run `judgeaudit audit study`, then report again"
    assert (ran.code, ran.err) == (0, f"warning: this report is out of date: {told}\n")
    assert call_command(["report", "study/audit.json"], cwd=study.parent).err == ""
    (study / "study.toml").write_text("schema = 1", encoding="utf-8")
    broken = call_command(["report", "study"], cwd=study.parent)
    assert broken.code == 0 and broken.err.startswith("warning: the study cannot be read now")


@pytest.mark.slow
def test_an_audit_of_a_study_is_the_same_again(call_command: Call, study: Path) -> None:
    """audit.json of the same study differs in created_at and command only."""
    first = json.loads((study / "audit.json").read_text(encoding="utf-8"))
    call_command(["audit", "study", "--replicates", "200"], cwd=study.parent)
    second = json.loads((study / "audit.json").read_text(encoding="utf-8"))
    assert {key for key in first if first[key] != second[key]} <= {"created_at", "command"}


@pytest.mark.slow
def test_a_report_goes_where_it_is_told(call_command: Call, study: Path) -> None:
    """report/ beside the audit, or the folder of --out; from a study or from an audit.json."""
    for source in ("study", "study/audit.json"):
        ran = call_command(["report", source], cwd=study.parent)
        assert ran.out == "study/reports/report.html\nstudy/reports/report.md\n"
    ran = call_command(["report", "study", "--out", "there", "--all"], cwd=study.parent)
    assert ran.out == "there/report.html\nthere/report.md\n"
    full, plain = ((study.parent / f / "report.md").stat().st_size for f in ("there", "study/reports"))
    assert full > plain


def test_the_data_sets_are_listed(call_command: Call) -> None:
    """Each data set has a name, a home, a licence, a hash, and the command that audits it."""
    lines = call_command(["datasets", "list"]).out.splitlines()
    assert len(lines) % 4 == 0
    assert {line.split(":")[0] for line in lines[::4]} == {"jailbreakbench-judges", "pandalm", "xstest"}
    assert all(line.startswith("  judgeaudit audit labels.csv ") for line in lines[3::4])
    assert all("licence" in line and "sha256" in line for line in lines[2::4])


def test_version(call_command: Call) -> None:
    """`--version` needs no command."""
    from judgeaudit import __version__

    assert call_command(["--version"]).out == f"judgeaudit {__version__}\n"
