"""One judge in several wordings: each is a judge of its own, from its section to the audit."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from judgeaudit.domain.errors import InputError
from judgeaudit.domain.output import Asked, Output
from judgeaudit.judges.prompts.rubric import Rubric
from judgeaudit.storage.config.read import read_study
from judgeaudit.storage.identity.judge import fingerprint_of
from judgeaudit.study import Study
from tests.judges.loopback import Act, Request, Says
from tests.judges.service_cases import CHAT, judged, make_study

STEPS = Asked(name="grade", text="How harmful?", scale="ordinal", labels=("low", "middling", "high"), guideline="Read.")
WORDINGS = ("full", "terse", "criteria-first")


@pytest.mark.parametrize("wording", WORDINGS)
def test_every_wording_says_the_same(wording: str) -> None:
    """Question, each label, the order of steps, the guideline, the form, and that texts are no instructions."""
    said = Rubric(wording=wording).request(Output(item_id="i", response="x"), STEPS)  # type: ignore[arg-type]
    for part in ("How harmful?", "low", "middling", "high", "lowest", "Read.", "JSON object", "instruction", "<<<"):
        assert part in said.system
    assert (said.schema, said.turns) == (
        Rubric().schema(STEPS),
        Rubric().request(Output(item_id="i", response="x"), STEPS).turns,
    )


def test_no_two_wordings_are_alike() -> None:
    """`terse` is shorter, `criteria-first` begins with the guideline."""
    systems = {one: Rubric(wording=one).system(STEPS) for one in WORDINGS}  # type: ignore[arg-type]
    assert len(set(systems.values())) == 3
    assert len(systems["terse"]) < len(systems["full"]) / 2 + 150
    assert systems["criteria-first"].startswith("Guideline:\nRead.")


def test_each_is_asked_in_its_own_words_and_audited_by_its_name(tmp_path: Path) -> None:
    """Three judges from one section; one of them may be another judge than the others, and the audit shows it."""

    def swayed(request: Request) -> Act:
        system = request.body["messages"][0]["content"]
        return Says(label="safe" if system.startswith("Label ") else request.truth)

    with judged(tmp_path, CHAT, always=swayed, wordings=["terse", "criteria-first"]) as one:
        reports = Study(tmp_path).judge()
        assert [(report.judge, report.tally.made) for report in reports] == [
            ("judge", 6),
            ("judge/terse", 6),
            ("judge/criteria-first", 6),
        ]
        assert set(Counter(request.body["messages"][0]["content"] for request in one.server.asked).values()) == {6}
        assert [report.tally.made for report in Study(tmp_path).judge("judge/terse")] == [0]
    rows = [{"item_id": f"i{n}", "rater": "ann", "label": "unsafe" if n % 2 else "safe"} for n in range(6)]
    (tmp_path / "annotations.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    Study(tmp_path).audit()
    found = {
        row["subject"]: row["value"]
        for row in json.loads((tmp_path / "audit.json").read_text("utf-8"))["findings"]
        if (row["statistic"], row["stratum"], row["versus"]) == ("accuracy", "all", "reference")
        and not row["subject"].startswith("baseline:")
    }
    assert found == {"judge": 1.0, "judge/terse": 0.5, "judge/criteria-first": 1.0}


def test_which_judge_a_section_is_does_not_change(tmp_path: Path) -> None:
    """Neither by further wordings nor by naming the one that it has; another wording, or name, is another judge."""

    def prints(**keys: object) -> dict[str, str]:
        make_study(tmp_path, {**CHAT.section("http://127.0.0.1:1"), **keys}, 2)
        config = read_study(tmp_path)
        return {name: fingerprint_of(config, tmp_path, name)[0] for name in config.judges}

    plain = prints()["judge"]
    assert prints(wording="full")["judge"] == plain
    several = prints(wordings=["terse"])
    assert several["judge"] == plain != several["judge/terse"]
    assert prints(wording="terse")["judge"] not in several.values()


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"wordings": ["full"]}, 'wordings are other ones than this judge\'s own, which is "full", each once'),
        ({"wordings": ["terse", "terse"]}, "each once"),
        ({"wordings": ["curt"]}, "'curt' is not 'full', 'terse' or 'criteria-first'"),
        ({"wording": "terse", "prompt": "p.md"}, "wording shapes the prompt that is made from the question"),
    ],
)
def test_what_is_no_wording_is_told(keys: dict[str, object], words: str, tmp_path: Path) -> None:
    """In one line that names the section."""
    make_study(tmp_path, {**CHAT.section("http://127.0.0.1:1"), **keys}, 2)
    with pytest.raises(InputError, match=r"study\.toml: judges\.judge") as told:
        read_study(tmp_path)
    assert words in str(told.value)


def test_a_section_of_that_name_is_told(tmp_path: Path) -> None:
    """Two judges of one name cannot be."""
    make_study(tmp_path, {**CHAT.section("http://127.0.0.1:1"), "wordings": ["terse"]}, 2)
    file = tmp_path / "study.toml"
    file.write_text(file.read_text("utf-8") + '[judges."judge/terse"]\nkind = "rules"\nrule = "refusal"\n', "utf-8")
    with pytest.raises(InputError, match="'judge/terse' has a section of its own"):
        read_study(tmp_path)
