"""`judgeaudit plan`: what it says, as data and in words, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import judgeaudit as ja

CELLS = {("1", "1"): 42, ("1", "0"): 4, ("0", "0"): 40, ("0", "1"): 5}


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """91 items: sensitivity 42 of 46 passes 0.8, specificity 40 of 45 does not yet."""
    rows = [{"h1": label, "h2": label, "j": verdict} for (label, verdict), count in CELLS.items() for _ in range(count)]
    table = pd.DataFrame(rows, dtype=object).assign(item_id=[f"i{n}" for n in range(len(rows))])
    made = ja.audit_table(table, human=["h1", "h2"], judges=["j"], labels=["0", "1"], replicates=200)
    path = tmp_path_factory.mktemp("plan") / "audit.json"
    made.to_json(path)
    return path


def test_a_rate_in_words(call_command: Callable[..., Any]) -> None:
    """Items of the class, and labels that hold so many."""
    ran = call_command(
        ["plan", "--statistic", "sensitivity", "--floor", "0.8", "--expect", "0.9", "--prevalence", "0.1"]
    )
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "sensitivity: 88 positive items for a one-sided 95% lower bound of at least 0.8 with a chance of 80%, if it is 0.9 "
        "(Clopper-Pearson)\n  880 labels drawn at random hold about so many\n"
    )


@pytest.mark.parametrize(
    ("arguments", "labels"),
    [
        ("--statistic sensitivity --floor 0.8 --expect 0.9 --prevalence 0.1 --design-effect 1.5", 1320),
        ("--statistic specificity --floor 0.9 --expect 0.95 --prevalence 0.5", 358),
        ("--statistic false_positive_rate --ceiling 0.2 --expect 0.1 --prevalence 0.5", 176),
        ("--statistic accuracy --width 0.1", 402),
        ("--statistic sensitivity,specificity --floor 0.8 --expect 0.9 --prevalence 0.1", 880),
        ("--statistic cohen_kappa --floor 0.6 --expect 0.8 --prevalence 0.2", 168),
        ("--statistic krippendorff_alpha --floor 0.667 --expect 0.8 --prevalence 0.05", 1108),
        ("--statistic precision --floor 0.8 --expect 0.9 --prevalence 0.5 --sensitivity 0.9 --specificity 0.9", 176),
        ("--statistic prevalence_ppi_pp --width 0.05 --prevalence 0.1 --sensitivity 0.9 --specificity 0.95", 246),
        ("--stratum a=8000:0.1 --stratum b=2000:0.3 --labels 400", 400),
    ],
)
def test_labels_in_all(call_command: Callable[..., Any], arguments: str, labels: int) -> None:
    """The command and `ja.plan` plan the same: the flags are the arguments."""
    ran = call_command(["plan", *arguments.split(), "--json", "-"])
    told = json.loads(ran.out)
    plain: dict[str, Any] = {}
    words = iter(arguments.split())
    for flag, word in zip(words, words, strict=True):
        name = flag.removeprefix("--").replace("-", "_")
        if name == "statistic":
            plain[name] = word.split(",")
        elif name == "stratum":
            plain[name] = [*plain.get(name, []), word]
        else:
            plain[name] = int(word) if name == "labels" else float(word)
    made = ja.plan(**plain)
    assert made.labels == labels
    assert told == made.to_dict()
    assert repr(made).splitlines() == told["lines"]


def test_a_calibration_set_is_split_between_classes(call_command: Callable[..., Any]) -> None:
    """Labels from elsewhere: few of positive, many of negative items."""
    words = "--statistic prevalence_rogan_gladen --width 0.05 --prevalence 0.1 --sensitivity 0.9 --specificity 0.95"
    (size,) = json.loads(call_command(["plan", *words.split(), "--json", "-"]).out)["sizes"]
    assert sum(size["split"].values()) == size["labels"]
    assert size["split"]["negative"] > 4 * size["split"]["positive"]


def test_each_stratum_for_itself(call_command: Callable[..., Any]) -> None:
    """88 positive items in each; where there are not so many it is said."""
    words = "--statistic sensitivity --floor 0.8 --expect 0.9 --stratum a=8000:0.1 --stratum b=200:0.3"
    ran = call_command(["plan", *words.split()])
    assert ran.out.splitlines() == [
        "stratum       items    labels",
        "a             8,000       880",
        "b               200   too few",
        "too few items to be decided even if all are labelled: b",
    ]


def test_items_are_a_sample_of_many_more(call_command: Callable[..., Any]) -> None:
    """As audits take them: labels of all items leave an interval, of the width that the binomial has."""
    ran = call_command(["plan", "--stratum", "a=100:0.3", "--stratum", "b=100:0.3", "--labels", "200", "--json", "-"])
    record = json.loads(ran.out)["strata"]
    assert record["width"] == pytest.approx(2 * 1.959964 * (0.3 * 0.7 / 200) ** 0.5, rel=1e-6)


@pytest.mark.parametrize(
    ("labels", "line"),
    [("30", "--labels 30 is too few for 20 of each stratum"), ("500", "--labels 500 is more than there are items")],
)
def test_another_number_of_labels_than_was_asked_for_is_said(
    call_command: Callable[..., Any], labels: str, line: str
) -> None:
    """Whatever the strata ask for or hold."""
    out = call_command(["plan", "--stratum", "a=100:0.3", "--stratum", "b=100:0.5", "--labels", labels]).out
    assert line in out.splitlines()


def test_what_is_approximated_says_so(call_command: Callable[..., Any]) -> None:
    """Beyond 200,000 items the number is the normal distribution's, below it is counted."""
    words = ["plan", "--statistic", "accuracy", "--floor", "0.5", "--expect"]
    assert call_command([*words, "0.501"]).out.endswith("(normal approximation)\n")
    assert call_command([*words, "0.52"]).out.startswith("accuracy: 3,916 items")


@pytest.mark.parametrize(
    ("arguments", "first"),
    [
        ("45/50 --floor 0.8", "go on: 45 of 50, 0.738 at least at one-sided 95%, at least 0.8 is wanted"),
        ("150/160 --floor 0.8", "certified: 150 of 160, 0.865 at least at one-sided 95%, at least 0.8 is wanted"),
        ("20/50 --floor 0.8", "futile: 20 of 50, 0.613 at most at one-sided 95%, at least 0.8 is wanted"),
        ("2/160 --ceiling 0.1", "certified: 2 of 160, 0.054 at most at one-sided 95%, at most 0.1 is wanted"),
        ("20/50", "20 of 50: between 0.201 and 0.625 at 95%, however often one has looked"),
    ],
)
def test_when_to_stop(call_command: Callable[..., Any], arguments: str, first: str) -> None:
    """Certified, futile or go on; and always that labels must come in random order."""
    ran = call_command(["plan", "--seen", *arguments.split()])
    lines = ran.out.splitlines()
    assert lines[0] == first
    assert "random order" in lines[-1]


def test_what_the_present_labels_can_show(call_command: Callable[..., Any], audit: Path) -> None:
    """Of an audit: what is open, how many labels settle it, as the gate says, and what as many as now would show."""
    ran = call_command(["plan", str(audit)])
    assert ran.code == 0
    (decision,) = ja.read_audit(audit).decisions
    (line,) = [r for r in decision.requirements if r.met is None]
    assert line.labels_missing is not None
    assert ran.out.splitlines() == [
        "j · label: undetermined",
        "  specificity is 0.89 (40 of 45; lower bound 0.78), at least 0.8 is required",
        f"    about {round(line.labels_missing, -1)} more labelled items of this kind settle it with 80% chance",
        "    with as many labels as now a judge passes with 80% chance if its true value is at least 0.931",
    ]


def test_the_present_labels_at_any_time(call_command: Callable[..., Any], audit: Path) -> None:
    """Rates get the bounds of a sequence, which are wider than those of the gate; what is no rate says so."""
    ran = call_command(["plan", str(audit), "--sequential", "--json", "-"])
    (decision,) = json.loads(ran.out)["decisions"]
    told = {line["statistic"]: line for line in decision["requirements"] if line["subject"] == "j"}
    assert told["sensitivity"]["met"] is True
    assert told["sensitivity"]["sequence"]["state"] == "go on"
    assert told["sensitivity"]["sequence"]["low"] < told["sensitivity"]["bound"]
    assert told["cohen_kappa"]["sequence"]["state"] is None


@pytest.mark.parametrize("statistic", ["total_variation", "alpha_with_judge_delta", "leave_one_out_delta"])
def test_items_of_what_is_held_against_people(statistic: str) -> None:
    """A requirement on a statistic that needs no reference still rests on a number of items."""
    rows = [{"item_id": f"i{n}", **dict.fromkeys(("g", "h", "k"), f"{n % 2}"), "j": f"{n % 2}"} for n in range(60)]
    table = pd.DataFrame(rows, dtype=object)
    table.loc[:8, "j"], table.loc[20:26, "h"] = "1", "0"
    made = ja.audit_table(table, human=["g", "h", "k"], judges=["j"], labels=["0", "1"], replicates=200)
    line = {"at_most": 0.15} if statistic == "total_variation" else {"at_least": -0.03}
    policy = ja.Policy(require=(ja.Require(statistic=statistic, **line),))
    from judgeaudit.workflows.auditing.gate import decide
    from judgeaudit.workflows.planning.plan import plan_present

    records = plan_present(made.result, decide(made, policy), sequential=True).records["decisions"]
    (found,) = [one for record in records for one in record["requirements"] if one["statistic"] == statistic]
    assert found["n_items"] == 60


def test_clusters_have_no_sequence(tmp_path: Path, call_command: Callable[..., Any]) -> None:
    """Items of one prompt do not come one by one."""
    rows = [{"item_id": f"i{n}", "h": f"{n % 2}", "g": f"{n % 2}", "j": f"{n % 2}", "p": n // 3} for n in range(90)]
    made = ja.audit_table(pd.DataFrame(rows), human=["h", "g"], judges=["j"], labels=["0", "1"], cluster="p")
    made.to_json(tmp_path / "audit.json")
    (decision,) = ja.plan(tmp_path / "audit.json", sequential=True).records["decisions"]
    assert {line["sequence"]["state"] for line in decision["requirements"]} == {None}


@pytest.mark.slow
def test_a_study_is_planned_by_its_own_policy(study: Path, call_command: Callable[..., Any]) -> None:
    """`plan STUDY` says of each decision of the gate what is open; a study that changed is stale, as for the gate."""
    ran = call_command(["plan", str(study)])
    assert ran.code == 0
    gate = call_command(["gate", str(study)])
    heads = [line for line in ran.out.splitlines() if not line.startswith(" ")]
    assert heads == [line.removesuffix(" (not required)") for line in gate.out.splitlines() if not line.startswith(" ")]
    with (study / "study.toml").open("a", encoding="utf-8") as file:
        file.write('\n[use]\npurpose = "rate"\n')
    assert call_command(["plan", str(study)]).code in (2, 4)


def test_a_plan_is_written_whole(call_command: Callable[..., Any], tmp_path: Path) -> None:
    """`--json FILE` writes beside the lines."""
    ran = call_command(["plan", "--statistic", "accuracy", "--width", "0.1", "--json", "plan.json"], cwd=tmp_path)
    assert ran.err == "written: plan.json\n"
    assert json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))["lines"] == ran.out.splitlines()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("", "nothing to plan: name a --statistic"),
        ("--statistic sensitivty --floor 0.8", "no plan for 'sensitivty' (did you mean 'sensitivity'?)"),
        ("--statistic sensitivity", "nothing to plan for: give --floor or --ceiling"),
        ("--statistic sensitivity --floor 0.8", "--expect is missing"),
        ("--statistic sensitivity --floor 0.8 --expect 0.7", "--expect 0.7 is not above --floor 0.8"),
        ("--statistic false_positive_rate --ceiling 0.1 --expect 0.2", "--expect 0.2 is not below --ceiling 0.1"),
        ("--statistic accuracy --floor 0.8 --ceiling 0.9", "--floor and --ceiling are two plans"),
        ("--statistic accuracy --floor 0.8 --width 0.1", "--width and --floor are two plans"),
        ("--statistic accuracy --width 0", "--width 0 leaves nothing to plan"),
        ("--statistic accuracy --width 1.5", "--width 1.5 is not between 0 and 1"),
        ("--statistic accuracy --floor 8 --expect 9", "--floor 8 is not between 0 and 1"),
        ("--statistic accuracy --width 0.1 --level 95", "--level 95 is not between 0.5 and 1"),
        ("--statistic accuracy --width 0.1 --design-effect 0.5", "--design-effect 0.5 is below 1"),
        ("--statistic cohen_kappa --width 0.1", "--expect is missing"),
        ("--statistic cohen_kappa --ceiling 0.5 --expect 0.4", "--ceiling is for rates of error"),
        ("--statistic cohen_kappa --width 0.1 --expect 0.8 --shares 0.5,0.6", "--shares are the shares of all labels"),
        ("--statistic cohen_kappa --width 0.1 --expect 0.8 --shares a,b", "--shares 'a,b' is no list of numbers"),
        ("--statistic precision --width 0.1", "--prevalence is missing"),
        ("--statistic prevalence_ppi_pp --width 0.1 --prevalence 0.1", "--sensitivity is missing"),
        (
            "--statistic prevalence_rogan_gladen --width 0.1 --prevalence 0.1 --sensitivity 0.5 --specificity 0.5",
            "sensitivity + specificity − 1 is 0.00",
        ),
        ("--stratum a=100", "--stratum 'a=100' is not NAME=ITEMS:SHARE"),
        ("--stratum a=10:0.1 --stratum a=20:0.2 --labels 5", "--stratum 'a' is given twice"),
        ("--stratum a=10:0.1", "strata need --labels"),
        ("--stratum a=10:0.1 --statistic cohen_kappa --floor 0.6 --expect 0.8", "--stratum with --floor"),
        ("--seen 5", "--seen '5' is not K/N"),
        ("--seen 6/5", "--seen '6/5' is not K/N"),
        ("--seen 5/6 --floor 0.8 --design-effect 2", "--seen counts items that stand each for itself"),
        ("--seen 5/6 --design-effect 2", "--seen counts items that stand each for itself"),
        ("--seen 45/50 --floor 0.8 --statistic cohen_kappa", "--statistic has no use in a plan with --seen"),
        (
            "--statistic sensitivity --floor 0.8 --expect 0.9 --labels 300",
            "--labels has no use in a plan of sensitivity",
        ),
        (
            "--statistic accuracy --floor 0.8 --expect 0.9 --prevalence 0.1",
            "--prevalence has no use in a plan of accuracy",
        ),
        ("--statistic accuracy --width 0.1 --power 0.9", "--power has no use in a plan of accuracy with --width"),
        ("--statistic accuracy --width 0.1 --sequential", "--sequential has no use in a plan of accuracy with --width"),
        ("--stratum a=100:0.1 --labels 50 --width 0.1", "--width has no use in a plan of strata with --labels"),
        ("--stratum a=100:0.1 --labels 50 --judged 9", "--judged has no use in a plan of strata with --labels"),
        ("--stratum a=100:0.1 --width 0.01", "no number of labels of 100 items gives an interval no wider than 0.01"),
        ("--statistic cohen_kappa --floor 0.6 --expect 1", "--expect 1: at 1 cohen_kappa has no spread to plan by"),
        (
            "--statistic precision --floor 0.6 --expect 0.9 --prevalence 0.1 --sensitivity 0.9 --specificity 0.95",
            "--prevalence, --sensitivity and --specificity make precision 0.667, and --expect says 0.9: give --expect 0.667",
        ),
        (
            "--statistic negative_predictive_value --floor 0.6 --expect 0.8 --prevalence 0.1 --sensitivity 0.9 --specificity 0.95",
            "--prevalence, --sensitivity and --specificity make negative_predictive_value 0.988, and --expect says 0.8",
        ),
        ("no-such.json", "no-such.json: no such audit"),
    ],
)
def test_what_cannot_be_planned_is_said_in_one_line(
    refused: Callable[..., str], tmp_path: Path, arguments: str, told: str
) -> None:
    """Exit 2, one line, what and how to mend it."""
    assert refused(["plan", *arguments.split()], cwd=tmp_path).startswith(told)


@pytest.mark.parametrize("flag", ["--statistic accuracy", "--floor 0.9", "--level 0.9", "--seen 4/5", "--judged 100"])
def test_an_audit_is_not_planned_twice(refused: Callable[..., str], audit: Path, flag: str) -> None:
    """Beside an audit what is required is what its policy says: flags that would have no effect are refused."""
    line = refused(["plan", str(audit), *flag.split()], cwd=audit.parent)
    assert (
        line == f"an audit says by itself what is required and how many labels there are: leave {flag.split()[0]} out"
    )


def test_a_policy_needs_an_audit(refused: Callable[..., str], tmp_path: Path) -> None:
    """And is not passed over in silence."""
    line = refused(["plan", "--statistic", "accuracy", "--width", "0.1", "--policy", "p.toml"], cwd=tmp_path)
    assert line.startswith("--policy is for the requirements of an audit")
