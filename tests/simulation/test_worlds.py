"""A planted world is drawn with the shares that its truth states, and its study says what was drawn."""

from __future__ import annotations

import csv
import json
import tomllib
from pathlib import Path

import numpy as np
import pytest

from judgeaudit.domain.checkpoints import FLAGGED, GIBBERISH, SAFE, SILENT, UNLABELLED, UNSAFE
from judgeaudit.domain.errors import InputError
from judgeaudit.simulation.plan import BENCHMARKS, COHERENCE
from judgeaudit.simulation.worlds.catalogue import WORLDS
from judgeaudit.simulation.worlds.draw import flag_chances
from judgeaudit.simulation.worlds.plan import BASE, GOAL, TASK, TASK_SIZE
from judgeaudit.simulation.worlds.study import simulate_world, truth_record
from judgeaudit.simulation.worlds.truth import contrast_pairs, planned_checkpoints, shares, true_contrast
from judgeaudit.simulation.worlds.world import World, draw_world

LARGE = 12_000
CHANCE = 4.5  # standard errors; some hundred shares are looked at


@pytest.fixture(scope="module", params=WORLDS)
def large(request: pytest.FixtureRequest) -> World:
    """A world with so many prompts that its shares are seen."""
    return draw_world(request.param, seed=5, prompts=LARGE, labelled=6_000)


def off_by(seen: float, planted: float, n: int) -> float:
    """How many standard errors of the planted share the seen one is away from it."""
    error = np.sqrt(planted * (1.0 - planted) / n)
    return 0.0 if seen == planted else float(abs(seen - planted) / error) if error else float("inf")


def test_shares_of_every_checkpoint_are_the_true_ones(large: World) -> None:
    """Safe, unsafe and gibberish outputs have the true shares at each checkpoint and benchmark, whatever prompts share."""
    drawn = large.outputs
    outcome = np.where(drawn.coherence == 0, GIBBERISH, np.where(drawn.harm == 1, UNSAFE, SAFE))
    for place, (_, one) in enumerate(planned_checkpoints(large.plan)):
        for number, benchmark in enumerate(BENCHMARKS):
            here = outcome[(drawn.checkpoint == place) & (drawn.benchmark == number)]
            true = shares(one, benchmark, prompts=LARGE)
            for code, share in ((SAFE, true.safe), (UNSAFE, true.unsafe), (GIBBERISH, true.gibberish)):
                assert off_by(float((here == code).mean()), share, here.size) < CHANCE


def test_a_judge_calls_unsafe_with_its_planted_chances(large: World) -> None:
    """Among outputs of one kind a judge flags the planted share, and it is silent and notices gibberish as planted."""
    drawn = large.outputs
    for judge, said in large.judges:
        chances = flag_chances(judge, drawn)
        for chance in np.unique(chances):
            here = said.flagged[chances == chance]
            assert off_by(float(here.mean()), float(chance), here.size) < CHANCE * np.sqrt(1.5)
        assert off_by(float(said.silent.mean()), judge.silent, said.silent.size) < CHANCE
        for level, share in enumerate(judge.notices):
            here = said.coherence[drawn.coherence == level] == 0
            assert off_by(float(here.mean()), share, here.size) < CHANCE


def test_people_label_a_random_sample_of_each_checkpoint_nearly_without_error(large: World) -> None:
    """As many outputs as asked for are labelled at each checkpoint, the same for all questions, and hardly any wrongly."""
    drawn, ratings = large.outputs, large.ratings
    asked = np.logical_or.reduce([said.asked for _, said in large.people])
    assert set(np.bincount(drawn.checkpoint[asked]).tolist()) == {6_000}
    outcome = ratings.outcomes[0]
    assert (outcome[~asked] == UNLABELLED).all()
    known = outcome != UNLABELLED
    assert known.sum() > 0.95 * asked.sum()
    true = np.where(drawn.coherence == 0, GIBBERISH, np.where(drawn.harm == 1, UNSAFE, SAFE))
    assert (outcome[known] == true[known]).mean() > 0.985


def test_the_same_prompts_are_answered_and_are_alike_at_every_checkpoint(large: World) -> None:
    """Every checkpoint answers every prompt once, and harm of one prompt goes together between methods."""
    drawn = large.outputs
    harm = np.where(drawn.coherence == 0, np.nan, drawn.harm.astype(float)).reshape(-1, LARGE)
    assert (drawn.prompt.reshape(-1, LARGE) == np.arange(LARGE)).all()
    base, other = harm[0], harm[1]
    here = ~np.isnan(base) & ~np.isnan(other) & (np.arange(LARGE) % len(BENCHMARKS) == 0)
    assert 0.15 < np.corrcoef(base[here], other[here])[0, 1] < 0.6


def test_every_method_reaches_the_goal_where_the_truth_says(large: World) -> None:
    """True scores rise; each method but the base model has one first checkpoint at the goal, and measured scores are near."""
    for method in large.plan.methods:
        true = [one.score for one in method.checkpoints]
        assert true == sorted(true)
        assert (true[method.at_goal] >= GOAL) == (method.name != BASE)
        assert all(score < GOAL - 0.05 for score in true[: method.at_goal])
    true_scores = [one.score for _, one in planned_checkpoints(large.plan)]
    for measured, score in zip(large.measurements, true_scores, strict=True):
        assert (measured.task, measured.n) == (TASK, TASK_SIZE)
        assert off_by(measured.score, score, TASK_SIZE) < CHANCE


@pytest.mark.parametrize("name", WORLDS)
def test_what_is_planted_holds_at_the_goal(name: str) -> None:
    """Each planted pair is truly apart at the goal, in the unsafe and the safe share and in the planted direction."""
    world = WORLDS[name]
    for pair in world.planted:
        assert true_contrast(world, pair, at="goal", benchmark="all", prompts=300).holds == "higher"


def test_no_claim_holds_where_gibberish_takes_the_place_of_both() -> None:
    """In the world of an invented effect no method is more or less harmful than another, at the goal or at the end."""
    world = WORLDS["invented-effect"]
    found = [
        true_contrast(world, pair, at=at, benchmark="all", prompts=300)
        for pair in contrast_pairs(world)
        for at in ("goal", "last")
    ]
    assert {one.holds for one in found} == {"none"}
    assert any(one.unsafe < -0.1 and one.safe < -0.1 for one in found)


def test_two_mitigations_are_equal_at_the_goal_and_apart_at_the_end() -> None:
    """The differences are exactly none at the goal; at the last checkpoint one mitigation is more harmful."""
    world = WORLDS["equal-at-goal"]
    goal, last = (
        true_contrast(world, ("penalty", "mixing"), at=at, benchmark="all", prompts=300) for at in ("goal", "last")
    )
    assert (goal.unsafe, goal.safe, goal.holds) == (0.0, 0.0, "none")
    assert last.holds == "higher"


def test_another_benchmark_shows_no_effect_but_to_its_judge() -> None:
    """On the odd benchmark no pair differs, while the judge that is relied on flags one method far more there."""
    world = draw_world("other-benchmark", seed=2, prompts=LARGE, labelled=10)
    (odd,) = world.plan.looked_at
    for pair in contrast_pairs(world.plan):
        assert true_contrast(world.plan, pair, at="goal", benchmark=odd, prompts=LARGE).holds == "none"
    guarded = next(method for method in world.plan.methods if method.name == "guarded")
    place = world.plan.methods.index(guarded)
    at_goal = 1 + 5 * (place - 1) + guarded.at_goal
    ratings = world.ratings
    flagged = [
        float((ratings.verdicts[0, (ratings.checkpoint == one) & (ratings.benchmark == 2)] == FLAGGED).mean())
        for one in (at_goal, 0)
    ]
    assert flagged[0] - flagged[1] > 0.3


def test_another_judge_changes_no_draw() -> None:
    """Every judge, person and cause has a stream of its own: more labels change no output and no verdict."""
    few, many = (draw_world("hidden-effect", seed=3, prompts=60, labelled=n).ratings for n in (20, 50))
    assert (few.verdicts == many.verdicts).all()
    assert (few.screen == many.screen).all()
    assert (few.outcomes != many.outcomes).any()


@pytest.mark.parametrize("name", WORLDS)
def test_the_same_arguments_give_the_same_bytes(name: str, tmp_path: Path) -> None:
    """Two runs with one seed agree byte for byte; another seed does not."""
    first, again, other = (
        simulate_world(tmp_path / folder, name, prompts=30, labelled=10, seed=seed)
        for folder, seed in (("a", 4), ("b", 4), ("c", 5))
    )
    for left, right in zip(first.files, again.files, strict=True):
        assert left.read_bytes() == right.read_bytes()
    assert first.files[0].read_bytes() != other.files[0].read_bytes()


@pytest.fixture(scope="module", params=WORLDS)
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[World, Path]:
    """A small world, and its study on disk."""
    folder = tmp_path_factory.mktemp("world") / "study"
    simulate_world(folder, request.param, seed=6, prompts=60, labelled=40)
    return draw_world(request.param, seed=6, prompts=60, labelled=40), folder


def read_lines(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_the_study_reader_finds_what_was_drawn(written: tuple[World, Path]) -> None:
    """The study loads, and its ratings hold the drawn verdicts and the labels of the same outputs."""
    from judgeaudit.storage.config.read import read_study
    from judgeaudit.storage.study.load import load_study

    world, folder = written
    config = read_study(folder)
    assert config.label_source == "simulation"
    assert config.compare is not None
    assert config.compare.baseline == BASE
    loaded = {one.question.name: one for one in load_study(folder)[1].ratings}
    assert set(loaded) == {"harm", "coherence"}
    assert {one.label_design for one in loaded.values()} == {"random"}
    assert len(loaded["harm"].items) == world.outputs.prompt.size


def test_a_comparison_of_the_study_is_one_of_the_draw(written: tuple[World, Path]) -> None:
    """What `compare` loads from the files is, array for array, what was drawn: ratings, outcomes by majority, measurements."""
    from judgeaudit.storage.checkpoints.study import load_comparison
    from judgeaudit.storage.config.read import read_study

    world, folder = written
    config = read_study(folder)
    assert config.compare is not None
    loaded, drawn = load_comparison(folder, config, config.compare), world.ratings
    (found,) = loaded.ratings
    for name in ("checkpoint", "prompts", "clusters", "benchmark", "verdicts", "screen"):
        assert (getattr(found, name) == getattr(drawn, name)).all(), name
    for name in ("question", "positive", "checkpoints", "benchmarks", "judges", "screens", "label_design", "baselines"):
        assert getattr(found, name) == getattr(drawn, name), name
    assert (found.outcomes[found.references.index("majority")] == drawn.outcomes[0]).all()
    assert list(loaded.measured) == world.measurements
    assert (loaded.plan.goal, loaded.plan.baseline) == (world.compare_plan.goal, world.compare_plan.baseline)


def test_the_tables_say_what_was_drawn(written: tuple[World, Path]) -> None:
    """Outputs, verdicts and capability of the study are those of the ratings and measurements drawn with the same seed."""
    world, folder = written
    ratings = world.ratings
    outputs = read_lines(folder / "outputs.jsonl")
    names = [ratings.checkpoints[place] for place in ratings.checkpoint.tolist()]
    assert [(row["model"], row["method"], row["checkpoint"]) for row in outputs] == [
        (one.model, one.method, one.checkpoint) for one in names
    ]
    assert [BENCHMARKS.index(row["benchmark"]) for row in outputs] == ratings.benchmark.tolist()
    for place, judge in enumerate(ratings.judges):
        said = [row for row in read_lines(folder / "verdicts" / f"{judge}.jsonl") if row["question"] == "harm"]
        codes = [{"safe": 0, "unsafe": FLAGGED, "": SILENT}[row["label"]] for row in said]
        assert codes == ratings.verdicts[place].tolist()
    with (folder / "capability.csv").open(newline="", encoding="utf-8") as file:
        scores = [float(row["score"]) for row in csv.DictReader(file)]
    assert scores == [one.score for one in world.measurements]


def test_whoever_is_asked_about_an_output_labels_all_of_it(written: tuple[World, Path]) -> None:
    """Each person answers both questions of an output or neither, and two or three people answer each sampled one."""
    world, folder = written
    asked: dict[str, dict[str, set[str]]] = {}
    for row in read_lines(folder / "annotations.jsonl"):
        assert row["label_source"] == "simulation"
        asked.setdefault(row["item_id"], {}).setdefault(row["rater"], set()).add(row["question"])
    assert len(asked) == 40 * len(world.scores)
    assert all(2 <= len(raters) <= 3 for raters in asked.values())
    assert {frozenset(questions) for raters in asked.values() for questions in raters.values()} == {
        frozenset({"harm", "coherence"})
    }


def test_every_world_states_its_truth(written: tuple[World, Path]) -> None:
    """truth.json holds shares that sum to 1 for each checkpoint and benchmark, and what holds of each pair of methods."""
    world, folder = written
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    assert truth == json.loads(json.dumps(truth_record(world)))
    for method in world.plan.methods:
        record = truth["methods"][method.name]
        assert record["at_goal"] in record["checkpoints"]
        for one in record["checkpoints"].values():
            assert set(one["shares"]) == {"all", *BENCHMARKS}
            assert all(sum(parts.values()) == pytest.approx(1.0) for parts in one["shares"].values())
    told = {(one["a"], one["b"], one["at"], one["benchmark"]) for one in truth["contrasts"]}
    assert len(told) == 6 * 2 * 4
    assert {one["holds"] for one in truth["contrasts"]} <= {"higher", "lower", "none"}
    assert set(truth["judges"]) == {judge.name for judge in world.plan.judges}


def test_nobody_can_take_it_for_real(written: tuple[World, Path]) -> None:
    """Name, models, replies and label source say that it is simulated."""
    world, folder = written
    config = tomllib.loads((folder / "study.toml").read_text(encoding="utf-8"))
    assert config["name"].startswith("SIMULATED")
    assert config["label_source"] == "simulation"
    assert set(config["compare"]) == {"capability_task", "goal", "baseline"}
    assert tuple(config["questions"]["coherence"]["labels"]) == COHERENCE
    assert all(row["model"].startswith("simulated-") for row in read_lines(folder / "outputs.jsonl"))
    for judge, _ in world.judges:
        assert all(row["reply"].startswith("SIMULATED") for row in read_lines(folder / f"verdicts/{judge.name}.jsonl"))


def test_a_world_that_there_is_not_is_refused(tmp_path: Path) -> None:
    """The message names the worlds that there are."""
    with pytest.raises(InputError) as caught:
        simulate_world(tmp_path / "study", "flat")
    expected = "no planted world 'flat'; there are invented-effect, hidden-effect, equal-at-goal, other-benchmark"
    assert str(caught.value) == expected
    assert not (tmp_path / "study").exists()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"prompts": 10}, "simulation: prompts = 10 cannot be drawn; give a number from 30 to 20000"),
        ({"prompts": 60, "labelled": 61}, "simulation: labelled = 61 cannot be drawn; give a number from 10 to 60"),
        ({"people": 1}, "simulation: people = 1 cannot be drawn; give a number from 2 to 20"),
    ],
)
def test_what_cannot_be_drawn_is_refused(tmp_path: Path, wrong: dict[str, int], message: str) -> None:
    """A size outside its range is an input error that names the range."""
    with pytest.raises(InputError) as caught:
        simulate_world(tmp_path / "study", "hidden-effect", **wrong)
    assert str(caught.value) == message
