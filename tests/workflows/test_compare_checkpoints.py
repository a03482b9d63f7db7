"""`ja.compare_checkpoints` and `Study.compare`: a table says what a study of the same rows says."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
import pytest

import judgeaudit as ja
from judgeaudit.storage.checkpoints.loaded import plan_of
from judgeaudit.storage.config.compare import CompareConfig
from judgeaudit.storage.files.write import append_jsonl, write_table
from judgeaudit.workflows.checkpoints.compare import goal_record

TOML = """
[questions.harm]
scale = "binary"
labels = ["safe", "unsafe"]
[questions.coherence]
scale = "ordinal"
labels = ["gibberish", "coherent"]
[audit]
label_design = "random"
[compare]
capability_task = "boolq"
goal = 0.7
baseline = "base"
"""
#: method, checkpoint, capability, share of unsafe outputs
CHECKPOINTS = (
    ("base", "base", 0.72, 0.1),
    ("plain", "s1", 0.6, 0.3),
    ("plain", "s2", 0.71, 0.5),
    ("plain", "s3", 0.8, 0.7),
    ("mild", "s1", 0.7, 0.2),
)
GOAL: dict[str, Any] = {"capability_task": "boolq", "goal": 0.7, "baseline": "base", "draws": 50}


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """Sixty prompts on two benchmarks answered at five checkpoints; half of the rows labelled by two people."""
    rng, rows = Random(3), []
    for method, checkpoint, _, harm in CHECKPOINTS:
        for prompt in range(60):
            truth, odd = rng.random() < harm, rng.random() < 0.15
            told = {
                "model": "m",
                "method": method,
                "checkpoint": checkpoint,
                "prompt_id": f"p{prompt}",
                "benchmark": "ab"[prompt % 2],
            }
            wrong = rng.random() < 0.1
            row = {
                "item_id": f"i{len(rows)}",
                **told,
                "odd": "yes" if odd else "no",
                "mini": "unsafe" if truth != wrong else "safe",
            }
            labelled = rng.random() < 0.5
            for person in ("ann", "bob"):
                row[person] = ("unsafe" if truth else "safe") if labelled else ""
                row[f"{person}_c"] = ("gibberish" if odd else "coherent") if labelled else ""
            rows.append(row)
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def capability() -> pd.DataFrame:
    rows = [
        {"model": "m", "method": a, "checkpoint": b, "task": "boolq", "score": c, "n": 200}
        for a, b, c, _ in CHECKPOINTS
    ]
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def compared(frame: pd.DataFrame, capability: pd.DataFrame) -> ja.Comparison:
    return of_table(frame, capability)


def of_table(frame: pd.DataFrame, capability: Any, **options: Any) -> ja.Comparison:
    given: dict[str, Any] = {
        "human": ["ann", "bob"],
        "judges": "mini",
        "labels": ["safe", "unsafe"],
        "positive": "unsafe",
        "question": "harm",
        "coherence": ["ann_c", "bob_c"],
        "gibberish": "odd",
        "label_design": "random",
    }
    return ja.compare_checkpoints(frame, capability=capability, **{**given, **GOAL, **options})


def refused(frame: pd.DataFrame, capability: Any, **options: Any) -> str:
    with pytest.raises(ja.InputError) as caught:
        of_table(frame, capability, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_study_of_the_same_rows_says_the_same(
    tmp_path: Path, frame: pd.DataFrame, capability: pd.DataFrame, compared: ja.Comparison
):
    """Every rate, contrast and analysis, whichever way the rows came."""
    (tmp_path / "study.toml").write_text(
        TOML.replace('baseline = "base"', 'baseline = "base"\nsignal = "odd"'), encoding="utf-8"
    )
    rows = frame.to_dict("records")
    columns = ("item_id", "model", "method", "checkpoint", "prompt_id", "benchmark", "odd")
    append_jsonl(
        tmp_path / "outputs.jsonl", [{"response": "x", **{name: row[name] for name in columns}} for row in rows]
    )
    append_jsonl(
        tmp_path / "verdicts" / "mini.jsonl",
        [{"item_id": row["item_id"], "judge": "mini", "question": "harm", "label": row["mini"]} for row in rows],
    )
    said = [
        {"item_id": row["item_id"], "rater": rater, "question": question, "label": row[f"{rater}{suffix}"]}
        for row in rows
        for rater in ("ann", "bob")
        for question, suffix in (("harm", ""), ("coherence", "_c"))
        if row[rater]
    ]
    append_jsonl(tmp_path / "annotations.jsonl", said)
    write_table(tmp_path / "capability.csv", list(capability.columns), capability.to_numpy().tolist())
    study = ja.Study(tmp_path).compare(draws=50)
    for part in (
        "checkpoints",
        "anchors",
        "rates",
        "contrasts",
        "specifications",
        "multiverse",
        "rank_agreement",
        "goal",
    ):
        mine, other = getattr(study.result, part), getattr(compared.result, part)
        assert mine == ({**other, "declared": True} if part == "goal" else other)
    assert ja.compare_checkpoints(tmp_path, draws=50).result.multiverse == study.result.multiverse
    assert ja.read_comparison(tmp_path).to_json() == study.to_json()


def test_tables_have_a_row_for_each_record(compared: ja.Comparison):
    """Rates, contrasts, anchors, and each way through the choices for each contrast."""
    result = compared.result
    assert (len(compared.rates), len(compared.contrasts), len(compared.anchors)) == tuple(
        map(len, (result.rates, result.contrasts, result.anchors))
    )
    ways = len(result.specifications["harm"])
    assert len(compared.specifications) == ways * len(result.multiverse)
    primary = compared.specifications.query("primary").set_index(["a", "b"])["value"]
    contrasts = compared.contrasts.query("primary").set_index(["a", "b"])["value"]
    assert primary.round(5).to_dict() == contrasts.round(5).to_dict()


def test_a_path_is_a_frame(tmp_path: Path, frame: pd.DataFrame, capability: pd.DataFrame, compared: ja.Comparison):
    """Of the outputs and of capability."""
    frame.to_csv(tmp_path / "rows.csv", index=False)
    capability.to_csv(tmp_path / "capability.csv", index=False)
    of_files = of_table(tmp_path / "rows.csv", str(tmp_path / "capability.csv"))  # type: ignore[arg-type]
    assert of_files.result.multiverse == compared.result.multiverse
    assert list(of_files.result.inputs) == ["rows.csv", "capability.csv"]


def test_a_table_without_people_is_compared_by_verdicts(frame: pd.DataFrame, capability: pd.DataFrame):
    """There is no reference but none."""
    made = of_table(frame, capability, human=(), coherence=(), label_design=None)
    assert set(made.rates["reference"]) == {"none"}


def test_empty_cells_of_gibberish_are_told(frame: pd.DataFrame, capability: pd.DataFrame):
    """Nobody knows of these outputs, and they count as no gibberish."""
    holes = frame.assign(odd=["" if n < 3 else cell for n, cell in enumerate(frame["odd"])])
    made = of_table(holes, capability)
    assert "table: column 'odd' is empty in 3 of 300 rows: they count as no gibberish" in made.notes


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"baseline": "Base"}, "compare.baseline: no method, checkpoint or model 'Base' (did you mean 'base'?)"),
        ({"baseline": None}, "compare_checkpoints: baseline: is missing"),
        ({"contrasts": []}, "compare_checkpoints: contrasts: names no pair; name some, or leave it out for all pairs"),
        (
            {"contrasts": [("base", "plain", "mild")]},
            "compare_checkpoints: contrasts: ['base', 'plain', 'mild'] is no pair",
        ),
        ({"goal": "70%"}, "compare_checkpoints: goal: '70%' is no number; write 0.7"),
        (
            {"incoherent": ["gibberish", "coherent"]},
            "table: incoherent= names all labels (coherent, gibberish), and every",
        ),
        (
            {"treatments": "as_judged"},
            "compare_checkpoints: treatments: as_judged is the practice that others are held",
        ),
        ({"judges": ()}, "table: no judges; name the columns of verdicts with judges="),
        ({"judges": "minni"}, "table: no column 'minni' for --judge (did you mean 'mini'?)"),
        ({"gibberish": "od"}, "table: no column 'od' for gibberish (did you mean 'odd'?)"),
        ({"incoherent": "giberish"}, "table: coherence: no label 'giberish' (did you mean 'gibberish'?); labels are"),
        (
            {"treatments": ["ow"]},
            "compare_checkpoints: treatments: 'ow' is not one of own, safe, unsafe, left_out, as_judged",
        ),
        ({"references": ["eve"]}, "table: references: 'eve' is neither none, majority, each, dawid-skene nor a rater"),
        ({"capability": None}, "compare_checkpoints needs capability=, a table of model, checkpoint, task and score"),
        ({"label_source": "robots"}, "no label source 'robots'; they are people, models, construction, simulation"),
        ({"level": 95}, "--level 95 is not between 0.5 and 1, such as 0.95"),
    ],
)
def test_what_cannot_be_used_is_one_line(
    frame: pd.DataFrame, capability: pd.DataFrame, options: dict[str, Any], message: str
):
    """With the nearest name where there is one."""
    assert refused(frame, **{"capability": capability, **options}).startswith(message)


@pytest.mark.parametrize(
    ("option", "value"), [("human", ["ann"]), ("capability", pd.DataFrame({"score": [0.7]})), ("sep", ";")]
)
def test_a_study_says_itself_what_a_table_is_told(tmp_path: Path, option: str, value: Any):
    """Options of tables are refused for a folder, whatever they hold."""
    with pytest.raises(ja.InputError) as caught:
        ja.compare_checkpoints(tmp_path, **{option: value})
    assert str(caught.value) == f"compare_checkpoints: {option}= is for a table; a study says it in study.toml"


def test_the_digest_is_of_the_goal_alone():
    """Tasks, how they are reached, tolerance and baseline change it; contrasts and benchmarks do not."""
    first = CompareConfig(capability_task="boolq", goal=0.7, baseline="base")
    same = [first.model_copy(update={"contrasts": (("a", "b"),)}), CompareConfig(goals={"boolq": 0.7}, baseline="base")]
    others = [
        first.model_copy(update=change)
        for change in (
            {"goal": 0.71},
            {"reach": "lower_bound"},
            {"tolerance": 0.01},
            {"baseline": "b"},
            {"capability_task": "x"},
        )
    ]
    digest = goal_record(plan_of(first))["sha256"]
    assert [goal_record(plan_of(one))["sha256"] == digest for one in (*same, *others)] == [True] * 2 + [False] * 5


@pytest.mark.slow
def test_pages_and_screen_speak_of_every_method(compared: ja.Comparison, tmp_path: Path):
    """HTML, Markdown, the terminal and a notebook; what is written is what is returned."""
    shown = [
        compared.to_html(tmp_path / "c.html"),
        compared.to_markdown(tmp_path / "c.md"),
        repr(compared),
        compared._repr_html_(),
    ]
    assert [[method in text for method in ("base", "plain", "mild")] for text in shown] == [[True] * 3] * 4
    assert [(tmp_path / name).read_text(encoding="utf-8") for name in ("c.html", "c.md")] == shown[:2]
    assert shown[2].startswith("goal: boolq 0.7 (point, tolerance 0.02, baseline base); sha256 ")


@pytest.mark.parametrize("text", ["{", "[]", '{"schema": 1}', '{"schema": 1, "multiverse": [], "rates": 3}'])
def test_what_is_no_comparison_is_refused(tmp_path: Path, text: str):
    """In one line that says how to make one."""
    (tmp_path / "compare.json").write_text(text, encoding="utf-8")
    with pytest.raises(ja.InputError, match="judgeaudit compare") as caught:
        ja.read_comparison(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_comparison_is_json_of_finite_numbers(compared: ja.Comparison):
    """nan has no place in it; what has no value is null."""
    assert json.loads(compared.to_json(), parse_constant=pytest.fail) == json.loads(compared.to_json())
