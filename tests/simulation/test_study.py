"""A simulated study is a whole study: files that agree with each other, and a truth that can be found again."""

from __future__ import annotations

import csv
import json
import tomllib
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import beta

from judgeaudit.domain.errors import InputError
from judgeaudit.simulation.plan import COHERENCE
from judgeaudit.simulation.study import SimulatedStudy, simulate_study


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> SimulatedStudy:
    return simulate_study(tmp_path_factory.mktemp("study") / "simulated")


@pytest.fixture(scope="module")
def wide(study) -> list[dict[str, str]]:
    return read_wide(study.folder)


def read_wide(folder: Path) -> list[dict[str, str]]:
    with (folder / "labels.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def read_lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_the_same_arguments_give_the_same_bytes(tmp_path):
    """Two runs with one seed agree byte for byte; another seed does not."""
    first, again, other = (
        simulate_study(tmp_path / name, items=90, prompts=30, seed=seed)
        for name, seed in (("a", 4), ("b", 4), ("c", 5))
    )
    for left, right in zip(first.files, again.files, strict=True):
        assert left.read_bytes() == right.read_bytes()
    assert first.table.read_bytes() != other.table.read_bytes()


def test_the_wide_table_says_what_the_tables_say(study, wide):
    """Every cell of labels.csv is the label, or the nothing, of the study's own tables."""
    rows = {row["item_id"]: row for row in wide}
    given = {(row["item_id"], row["rater"]) for row in read_lines(study.folder / "annotations.jsonl")}
    for row in read_lines(study.folder / "annotations.jsonl"):
        if row["question"] == "harm":
            assert rows[row["item_id"]][row["rater"]] == row["label"]
    empty = [(key, person) for key, row in rows.items() for person in study.people if not row[person]]
    assert any(key not in given for key in empty)
    for judge in study.judges:
        for row in read_lines(study.folder / "verdicts" / f"{judge}.jsonl"):
            assert rows[row["item_id"]][judge] == row["label"]
            assert (row["status"] == "answered") == bool(row["label"])
            if "probability" in row:
                cell = rows[row["item_id"]][f"{judge}_probability"]
                assert cell == ("" if row["probability"] is None else repr(row["probability"]))


def test_nothing_is_taken_for_another_nothing(study):
    """Skips and cannot-judge are rows without label and with a status; a person not asked has no row."""
    rows = read_lines(study.folder / "annotations.jsonl")
    assert {row["status"] for row in rows} == {"labelled", "skipped", "cannot_judge"}
    assert all((row["status"] == "labelled") == bool(row["label"]) for row in rows)
    assert all(row["question"] == "harm" for row in rows if row["status"] == "cannot_judge")
    asked = {(row["item_id"], row["rater"]) for row in rows}
    assert len(asked) < study.items * len(study.people)
    assert {row["label_source"] for row in rows} == {"simulation"}


def test_nobody_can_take_it_for_real(study):
    """Name, models, replies and label source say that it is simulated, and no rater is called human."""
    config = tomllib.loads((study.folder / "study.toml").read_text(encoding="utf-8"))
    assert config["name"].startswith("SIMULATED")
    assert config["label_source"] == "simulation"
    outputs = read_lines(study.folder / "outputs.jsonl")
    assert all(str(row["model"]).startswith("simulated-") for row in outputs)
    for judge in study.judges:
        replies = read_lines(study.folder / "verdicts" / f"{judge}.jsonl")
        assert all(str(row["reply"]).startswith("SIMULATED") for row in replies)
    assert not any("human" in name for name in (*study.people, *study.judges))
    assert "--label-source simulation" in study.command


def test_the_study_declares_what_it_holds(study):
    """study.toml names every judge, the baseline, the strata, the cluster and both questions."""
    config = tomllib.loads((study.folder / "study.toml").read_text(encoding="utf-8"))
    assert tuple(config["judges"]) == study.judges
    assert [name for name, judge in config["judges"].items() if judge.get("baseline")] == ["keyword-baseline"]
    assert config["strata"] == {"coherence": {"from": "label"}, "benchmark": {"from": "column"}}
    assert config["cluster"] == "prompt_id"
    assert config["use"] == {"purpose": "filter"}
    assert config["questions"]["harm"]["labels"] == ["safe", "unsafe"]
    assert tuple(config["questions"]["coherence"]["labels"]) == COHERENCE


def test_the_study_reader_accepts_it(study):
    """study.toml is a study of this program: its reader finds the judges, the baseline and the label source."""
    from judgeaudit.storage.config.read import read_study

    config = read_study(study.folder)
    assert tuple(config.judges) == study.judges
    assert config.label_source == "simulation"
    assert [name for name, judge in config.judges.items() if judge.baseline] == ["keyword-baseline"]


@pytest.mark.parametrize("items", [30, 61, 240])
def test_a_small_study_needs_no_other_argument(tmp_path, items):
    """Without a number of prompts there is one for every six items, and at least ten."""
    study = simulate_study(tmp_path / "study", items=items)
    rows = read_wide(study.folder)
    assert len(rows) == items
    assert len({row["prompt_id"] for row in rows}) == max(10, items // 6)


def test_every_prompt_has_its_own_wording(study):
    """One prompt_id, one text, one benchmark; no two prompts share a text."""
    outputs = read_lines(study.folder / "outputs.jsonl")
    seen = {(row["prompt_id"], row["prompt"], row["benchmark"]) for row in outputs}
    assert len(seen) == 200
    assert len({text for _, text, _ in seen}) == 200


def test_gibberish_reads_as_gibberish(study):
    """Spoilt texts are marked in `degradation`, readable ones are whole sentences, and none is empty."""
    truth = json.loads(study.truth.read_text(encoding="utf-8"))["items"]
    spoils = {"gibberish": {"repetition-loop", "word-salad", "mojibake"}, "partly": {"cut-short"}, "coherent": {"none"}}
    for row in read_lines(study.folder / "outputs.jsonl"):
        coherence = truth[row["item_id"]]["coherence"]
        assert row["degradation"] in spoils[coherence]
        assert len(row["response"].split()) >= 5
        if coherence == "coherent":
            assert row["response"].endswith(".")
            assert "safety note" in row["response"]


def test_truth_has_every_planted_rate(study):
    """truth.json holds rates of every judge, person and stratum, and the planted labels of every item."""
    truth = json.loads(study.truth.read_text(encoding="utf-8"))
    assert tuple(truth["judges"]) == study.judges
    assert tuple(truth["people"]) == study.people
    assert len(truth["items"]) == study.items
    assert truth["judges"]["blind-on-gibberish"]["specificity"] == {"gibberish": 0.0, "partly": 0.98, "coherent": 0.98}
    assert truth["prevalence"] == 0.3


def lower_bound(k: int, n: int) -> float:
    """One-sided 95% Clopper–Pearson bound."""
    return float(beta.ppf(0.05, k, n - k + 1)) if k else 0.0


def bounds(rows: list[dict[str, str]], people: tuple[str, ...], judge: str) -> tuple[float, float]:
    """Lower bounds of sensitivity and specificity against the majority; no answer counts as wrong."""
    counts = {"safe": [0, 0], "unsafe": [0, 0]}
    for row in rows:
        votes = [row[person] for person in people if row[person]]
        unsafe = votes.count("unsafe")
        if 2 * unsafe != len(votes):
            reference = "unsafe" if 2 * unsafe > len(votes) else "safe"
            counts[reference][0] += row[judge] == reference
            counts[reference][1] += 1
    return lower_bound(*counts["unsafe"]), lower_bound(*counts["safe"])


def test_the_default_size_shows_which_judges_may_be_trusted(study, wide):
    """Judges reach 0.80 in sensitivity and specificity in the strata where they were planted to, and in no other."""
    truth = json.loads(study.truth.read_text(encoding="utf-8"))["judges"]
    for judge in study.judges:
        for label in COHERENCE:
            rows = [row for row in wide if row["coherence"] == label]
            assert len(rows) >= 30
            passes = min(bounds(rows, study.people, judge)) >= 0.80
            assert passes == (f"coherence={label}" in truth[judge]["should_pass_in"]), (judge, label)
    assert min(bounds(wide, study.people, "careful")) >= 0.90


def test_people_agree_well_enough_to_hold_a_judge_against(study, wide):
    """Krippendorff's alpha of the people lies far above 0.667 in every coherence stratum."""
    import krippendorff

    for label in COHERENCE:
        rows = [row for row in wide if row["coherence"] == label]
        codes = {"safe": 0.0, "unsafe": 1.0, "": np.nan}
        table = np.array([[codes[row[person]] for row in rows] for person in study.people])
        assert krippendorff.alpha(reliability_data=table, level_of_measurement="nominal") > 0.78


def test_nothing_is_overwritten(tmp_path):
    """A folder that holds one of the files is refused, and nothing in it changes."""
    (tmp_path / "labels.csv").write_text("mine\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        simulate_study(tmp_path, items=60, prompts=20)
    expected = f"{tmp_path / 'labels.csv'} is already there and is not overwritten; name another folder with --out"
    assert str(caught.value) == expected
    assert [path.name for path in tmp_path.iterdir()] == ["labels.csv"]


def test_a_folder_that_cannot_be_made_is_an_input_error(tmp_path):
    """A file in place of a folder is one line, not a traceback."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be written") as caught:
        simulate_study(tmp_path / "file" / "study", items=60, prompts=20)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"items": 10}, "simulation: items = 10 cannot be drawn; give a number from 30 to 1000000"),
        ({"items": 60, "prompts": 61}, "simulation: prompts = 61 cannot be drawn; give a number from 10 to 60"),
        ({"people": 1}, "simulation: people = 1 cannot be drawn; give a number from 2 to 20"),
        ({"seed": -1}, "simulation: seed = -1 cannot be drawn; give a number from 0 to 4294967295"),
        ({"gibberish": 0.9}, "simulation: gibberish = 0.9 cannot be drawn; give a number from 0 to 0.6"),
        ({"prevalence": float("nan")}, "simulation: prevalence = nan cannot be drawn; give a number from 0.05 to 0.95"),
    ],
)
def test_what_cannot_be_drawn_is_refused(tmp_path, wrong, message):
    """A size outside its range is an input error that names the range."""
    with pytest.raises(InputError) as caught:
        simulate_study(tmp_path / "study", **wrong)
    assert str(caught.value) == message


@pytest.mark.parametrize("people", [2, 5])
def test_any_number_of_people_can_be_planted(tmp_path, people):
    """People are numbered from one, and each has a column."""
    study = simulate_study(tmp_path / "study", items=60, prompts=20, people=people, gibberish=0.0)
    assert study.people == tuple(f"person{number + 1}" for number in range(people))
    assert all(name in read_wide(study.folder)[0] for name in study.people)
