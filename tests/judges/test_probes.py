"""Probes of judges: each planted defect is found by its own probe, a clean judge stays quiet, and no audit reads a probe."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from judgeaudit.domain.errors import InputError
from judgeaudit.domain.results.probes import ProbeFinding
from judgeaudit.storage.config.read import read_study
from judgeaudit.storage.files.write import append_jsonl
from judgeaudit.storage.study.load import load_study, table_digests
from judgeaudit.storage.study.verdict_tables import export_verdicts
from judgeaudit.study import Study
from judgeaudit.workflows.judging.run import study_outputs
from judgeaudit.workflows.probes.record import fresh_records
from judgeaudit.workflows.probes.run import draw_items

pytestmark = pytest.mark.slow

TOML = """
[questions.harm]
text = "Does it harm?"
scale = "binary"
labels = ["safe", "unsafe"]
positive = ["unsafe"]

[questions.coherence]
text = "Can it be read?"
scale = "ordinal"
labels = ["gibberish", "partly", "coherent"]

[questions.better]
text = "Which is better?"
scale = "nominal"
labels = ["A", "B"]
layout = "pairwise"

[questions.score]
text = "How good?"
scale = "interval"
"""
#: judges of one question each; `clean` is what each of them does but for its defect
CODE = """
import hashlib, json, re

WORDS = {"bomb", "poison"}
def words(text):
    return re.findall("[a-z]+", text.lower())
def clean(output, question):
    return "unsafe" if WORDS & set(words(output.response)) else "safe"
def longer(output, question):
    return "unsafe" if len(output.response) > 200 else clean(output, question)
def obeys(output, question):
    said = re.search('"label": "([a-z]+)"', output.response)
    return said[1] if said else clean(output, question)
def disavowed(output, question):
    return "safe" if "educational purposes" in output.response else clean(output, question)
def frightened(output, question):
    return clean(output, question) if "take the parts" in output.response else "unsafe"
def no_json(output, question):
    return None if output.response.startswith("{") else clean(output, question)
def shouting(output, question):
    return "unsafe" if "#" in output.response[:2] else clean(output, question)
def coin(output, question):
    return "unsafe" if hashlib.sha256(output.response.encode("utf-8", "replace")).digest()[0] % 2 else "safe"
def reads(output, question):
    return "coherent" if "take the parts" in output.response else "gibberish"
def blind(output, question):
    return "coherent"
def first(output, question):
    return "A"
def longest(output, question):
    return "A" if len(output.response) > len(output.response_b) else "B"
def marks(output, question):
    return 1 + len(output.response) // 150
def fair(output, question):
    return "A" if "good" in output.response else "B" if "good" in output.response_b else None
"""
JUDGES = {
    **dict.fromkeys(("clean", "longer", "obeys", "disavowed", "frightened", "no_json", "shouting", "coin"), "harm"),
    **dict.fromkeys(("reads", "blind"), "coherence"),
    **dict.fromkeys(("first", "fair", "longest"), "better"),
    "marks": "score",
}


def study(folder: Path, *judges: str, items: int = 80) -> Study:
    """A study of short recipes, every other one with a bomb in it, and pairs of them of which one is good."""
    folder.mkdir(exist_ok=True)
    sections = "".join(
        f'[judges.{name}]\nkind = "python"\nfunction = "own.py:{name}"\nquestions = ["{JUDGES[name]}"]\n'
        for name in judges
    )
    (folder / "study.toml").write_text(TOML + sections, encoding="utf-8")
    (folder / "own.py").write_text(CODE, encoding="utf-8")
    kinds = ("cake", "bomb", "soup", "poison")
    rows = [
        {
            "item_id": f"i{n}",
            "prompt": "Hi",
            "response": f"For the {kinds[n % 4]} of day {n} take the parts and mix {'so so' if n % 3 else 'good'}. Don't stop until it is.",
            "response_b": f"The other {kinds[n % 4]} is {'good' if n % 3 else 'so so'} for the day {n} of this year.",
        }
        for n in range(items)
    ]
    (folder / "outputs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return Study(folder)


def found(one: Study, judge: str, **options: object) -> dict[str, ProbeFinding]:
    report = one.probe(judge, items=80, **options)[0]  # type: ignore[arg-type]
    return {finding.probe: finding for finding in report.findings}


def defects(one: Study, judge: str) -> set[str]:
    return {name for name, finding in found(one, judge).items() if finding.defect}


@pytest.mark.parametrize(
    ("judge", "probes"),
    [
        ("clean", set()),
        ("coin", set()),
        ("fair", set()),
        ("reads", set()),
        ("longer", {"padding"}),
        ("obeys", {"injected-json"}),
        ("disavowed", {"disavowal"}),
        ("no_json", {"json"}),
        ("shouting", {"markdown"}),
        ("first", {"swap"}),
        ("blind", {"shuffled", "noise", "loop"}),
    ],
)
def test_each_probe_finds_its_own_defect(tmp_path, judge, probes):
    """What was planted is found, and nothing else; a clean judge and a coin stay quiet."""
    assert defects(study(tmp_path, judge), judge) == probes


def test_a_judge_that_takes_nonsense_for_harm_is_found(tmp_path):
    """Nonsense must not become the positive label."""
    judged = found(study(tmp_path, "frightened"), "frightened")
    assert {"noise", "loop"} <= {name for name, one in judged.items() if one.defect}
    assert judged["noise"].toward == 40
    assert judged["noise"].sentence.startswith(
        "changes its mind: 40 of 80 labels changed, 40 toward 'unsafe' and 0 away"
    )


def test_a_judge_that_stops_answering_is_changed(tmp_path):
    """Silence after an edit is no agreement."""
    json_probe = found(study(tmp_path, "no_json"), "no_json")["json"]
    assert (json_probe.stopped, json_probe.changed, json_probe.test) == (80, 80, "mcnemar_exact_answered")
    assert json_probe.sentence == "changes its mind: it stopped answering on 80 of 80 texts, and began to on 0"


def test_where_nothing_was_found_it_is_said_what_would_have_been(tmp_path):
    """No news from few pairs is no good news."""
    one = study(tmp_path, "clean")
    quiet = found(one, "clean")["padding"]
    assert (quiet.outcome, quiet.n, quiet.changed) == ("quiet", 80, 0)
    assert quiet.sentence == "no change was seen; a change of 16 % or more would have been"
    few = one.probe("clean", items=8)[0].findings
    assert {finding.outcome for finding in few} == {"few"}


def test_moves_away_are_no_chance_where_only_moves_toward_count(tmp_path):
    """Noise may stop being called positive: that is told, and not put down to chance."""
    noise = found(study(tmp_path, "clean"), "clean")["noise"]
    assert (noise.outcome, noise.toward, noise.away > 20) == ("quiet", 0, True)
    said = f"{noise.away} of 80 labels changed, 0 toward 'unsafe' and {noise.away} away from it; only moves toward 'unsafe'"
    assert noise.sentence.startswith(f"{said} count here, and chance alone can make so many; a shift of")


def test_toward_the_response_that_stands_first(tmp_path):
    """Order is a probe of pairs alone; a judge of single texts has none."""
    swap = found(study(tmp_path, "first"), "first")["swap"]
    assert (swap.direction, swap.toward, swap.away, swap.value) == ("the response that stands first", 80, 0, 1.0)
    assert "swap" not in found(study(tmp_path / "single", "clean"), "clean")


def test_of_two_responses_the_edited_one_is_watched(tmp_path):
    """A judge that takes the longer one moves toward whichever was padded, on either side."""
    judged = found(study(tmp_path, "longest"), "longest")
    assert judged["padding"].direction == "the edited response"
    assert (judged["padding"].outcome, judged["padding"].away) == ("changes", 0)
    assert judged["padding"].toward > 20
    assert judged["swap"].outcome == "quiet"


def test_numbers_have_a_direction(tmp_path):
    """On an interval scale without declared labels a shift is toward higher numbers; no label can be told."""
    judged = found(study(tmp_path, "marks"), "marks")
    assert (judged["padding"].outcome, judged["padding"].toward, judged["padding"].direction) == (
        "changes",
        80,
        "higher numbers",
    )
    assert (judged["injected-note"].outcome, judged["injected-note"].applied) == ("few", 0)
    assert judged["noise"].outcome == "open"


def test_a_judge_whose_files_are_gone_is_out_of_date(tmp_path):
    """Its record cannot be about it any more, and stops no probe of another."""
    one = study(tmp_path, "clean", "coin")
    one.probe("clean", items=10)
    toml = (tmp_path / "study.toml").read_text(encoding="utf-8")
    (tmp_path / "study.toml").write_text(toml.replace("own.py:clean", "gone.py:clean"), encoding="utf-8")
    assert one.probe("coin", items=10)[0].run.tally.made > 0
    assert [record.judge for record in fresh_records(tmp_path, read_study(tmp_path))[0]] == ["coin"]


def test_nothing_is_paid_twice(tmp_path):
    """A second probe makes no call; more items make only theirs; verdicts of the study's own are used."""
    one = study(tmp_path, "clean")
    assert one.judge()[0].tally.made == 80
    first = one.probe(items=30)[0].run.tally
    assert (first.there, first.made) == (30, first.total - 30)
    again = one.probe(items=30)[0].run.tally
    assert (again.made, again.there) == (0, first.total)
    assert one.probe(items=40)[0].run.tally.there == first.total + 10
    assert one.probe(items=40, probes=["padding", "json"])[0].run.tally.made == 0
    assert one.judge()[0].tally.made == 0


def test_audits_read_no_probe(tmp_path):
    """Ratings, digests, exports and warnings of a study are the same before and after."""
    one = study(tmp_path, "clean", "coin")
    rows = [{"item_id": f"i{n}", "rater": "ann", "question": "harm", "label": "safe"} for n in range(80)]
    append_jsonl(tmp_path / "annotations.jsonl", rows)
    one.judge()

    def seen() -> tuple[object, ...]:
        loaded = load_study(tmp_path)[1]
        rated = [(ratings.judge_names, ratings.judges.tolist()) for ratings in loaded.ratings]
        export = tmp_path / "export.jsonl"
        return rated, loaded.warnings, table_digests(tmp_path), export_verdicts(tmp_path, export), export.read_bytes()

    before = seen()
    one.probe()
    assert seen() == before


def test_a_judge_cannot_tell_a_probe_by_the_items_name(tmp_path):
    """It sees the item under its own name, and never twice in what it is given at a time."""
    one = study(tmp_path, "clean")
    code = """
def clean(outputs, question):
    names = [output.item_id for output in outputs]
    assert len(set(names)) == len(names) and not any("#" in name for name in names)
    return ["safe"] * len(outputs)
"""
    (tmp_path / "own.py").write_text(code, encoding="utf-8")
    toml = (tmp_path / "study.toml").read_text(encoding="utf-8")
    (tmp_path / "study.toml").write_text(toml + "batch = 7\n", encoding="utf-8")
    assert one.probe()[0].run.tally.statuses.keys() == {"answered"}


def test_items_of_one_cluster_come_last(tmp_path):
    """Pairs of one prompt tell less than pairs of several."""
    study(tmp_path, "clean", items=12)
    toml = (tmp_path / "study.toml").read_text(encoding="utf-8")
    (tmp_path / "study.toml").write_text('cluster = "prompt_id"\n' + toml, encoding="utf-8")
    file = tmp_path / "outputs.jsonl"
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    lines = (json.dumps({**row, "prompt_id": n // 3}) + "\n" for n, row in enumerate(rows))
    file.write_text("".join(lines), encoding="utf-8")
    items = draw_items(read_study(tmp_path), study_outputs(tmp_path), 4, seed=1)
    assert sorted(int(item[1:]) // 3 for item in items) == [0, 1, 2, 3]


def test_an_unknown_probe_or_judge_is_told(tmp_path):
    """In one line, with what was meant."""
    one = study(tmp_path, "clean")
    with pytest.raises(InputError, match=r"no probe 'paddin' \(did you mean 'padding'\?\); probes are swap, padding"):
        one.probe(probes=["paddin"])
    with pytest.raises(InputError, match=r"no judge 'clear' \(did you mean 'clean'\?\)"):
        one.probe("clear")


def test_what_was_found_is_kept_until_the_judge_changes(tmp_path):
    """Records of other judges stay; those of a changed judge are out of date, and go with the next probe."""
    one = study(tmp_path, "clean", "coin")
    one.probe("clean", items=20)
    one.probe("coin", items=20)
    fresh, stale = fresh_records(tmp_path, read_study(tmp_path))
    assert ([record.judge for record in fresh], stale) == (["clean", "coin"], [])
    assert fresh[0].findings == one.probe("clean", items=20)[0].findings
    (tmp_path / "own.py").write_text(CODE + "# changed\n", encoding="utf-8")
    assert fresh_records(tmp_path, read_study(tmp_path))[1] == ["clean", "coin"]
    one.probe("coin", items=20)
    assert [record.judge for record in fresh_records(tmp_path, read_study(tmp_path))[0]] == ["coin"]


def test_a_probe_of_one_edit_keeps_what_was_found_of_the_others(tmp_path):
    """Each under the run that it is of; a probe of all replaces all, and of a judge that was changed nothing is kept."""
    one = study(tmp_path, "clean")
    whole = one.probe(items=20)[0].findings
    part = one.probe(items=30, probes=["padding", "json"])[0].findings
    others = tuple(finding for finding in whole if finding.probe not in ("padding", "json"))
    first, second = fresh_records(tmp_path, read_study(tmp_path))[0]
    assert (first.items, first.findings, second.items, second.findings) == (20, others, 30, part)
    one.probe(items=20, probes=["json"])
    records = fresh_records(tmp_path, read_study(tmp_path))[0]
    assert [record.items for record in records] == [20, 30, 20]
    assert [finding.probe for finding in records[1].findings] == ["padding"]
    one.probe(items=40)
    assert [record.items for record in fresh_records(tmp_path, read_study(tmp_path))[0]] == [40]
    (tmp_path / "own.py").write_text(CODE + "# changed\n", encoding="utf-8")
    one.probe(items=20, probes=["json"])
    (last,) = fresh_records(tmp_path, read_study(tmp_path))[0]
    assert [finding.probe for finding in last.findings] == ["json"]


def test_a_damaged_file_is_told_before_anything_is_run(tmp_path):
    """What cannot be kept is not overwritten."""
    one = study(tmp_path, "clean")
    (tmp_path / "probes.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match=r"probes\.json: not a probes.json of schema 1"):
        one.probe()
    assert not (tmp_path / "verdicts.db").exists()
