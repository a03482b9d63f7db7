"""`judgeaudit gibberish` and its Python door: suspects with reasons, counts, a way on to labels, and errors in one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import judgeaudit as ja
from judgeaudit.domain.errors import InputError
from judgeaudit.domain.packaged_models import PACKAGED, is_kept
from judgeaudit.storage.files.read import read_table

SOUND = "First you take the flour, and then you don't stop stirring until it is smooth. Then you bake it for an hour."
ROWS = [
    {"item_id": "a", "prompt": "How do I bake?", "response": SOUND, "model": "small", "checkpoint": "10"},
    {"item_id": "b", "prompt": "How do I bake?", "response": "bake it bake it " * 10, "model": "small", "checkpoint": "90"},
    {"item_id": "c", "prompt": "How do I bake?", "response": "", "model": "large", "checkpoint": "90"},
    {"item_id": "d", "prompt": "How?", "response": "I'm sorry, but I can't help with that.", "model": "large",
     "checkpoint": "10"},
]  # fmt: skip


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Four outputs: sound, a loop, nothing, a refusal."""
    file = tmp_path / "outputs.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    return file


def test_suspects_are_told_with_reasons_counts_and_a_plan(call_command: Callable[..., Any], table: Path) -> None:
    """The whole output, as a person reads it."""
    ran = call_command(["gibberish", "outputs.jsonl"], cwd=table.parent)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[:8] == [
        "2 of 4 responses (50%) look like gibberish (score of at least 0.5)",
        "  1 of them empty; the other responses look like: prose 1, refusal 1",
        "",
        "item  score  text",
        "c      1.00  (nothing)",
        "             no words at all",
        "b      0.90  bake it bake it bake it bake it bake it bake it bake it bake it bake …",
        "             the same few signs again and again in a row; words follow each other as in no sentence; "
        "a phrase is repeated without end",
    ]
    assert "  90                                  2          2  100%" in ran.out
    assert ran.out.splitlines()[-7:] == [
        "to label (a rate in each stratum to ±0.1):",
        "  suspects      2 of 2, fewer than the 93 that this needs",
        "  others        2 of 2, fewer than the 93 that this needs",
        "  judgeaudit init study",
        "  # without a column prompt_id take cluster out of study/study.toml, or no audit can be made",
        "  judgeaudit import outputs outputs.jsonl study",
        "  judgeaudit label sample study --by looks_like_gibberish --items 93",
    ]


def test_the_commands_of_the_plan_work(call_command: Callable[..., Any], table: Path) -> None:
    """What is printed can be pasted, with the scores of a written table as strata."""
    told = call_command(["gibberish", "outputs.jsonl", "--out", "scored.csv"], cwd=table.parent)
    for line in told.out.splitlines()[-3:]:
        ran = call_command([*line.split()[1:], *(["--dry-run"] if "sample" in line else [])], cwd=table.parent)
        assert ran.code == 0, ran.err
    assert "looks_like_gibberish=yes" in ran.out
    study = call_command(["gibberish", "study", "--show", "0"], cwd=table.parent)
    assert study.out.splitlines()[-1].strip() == "judgeaudit label sample study --by looks_like_gibberish --items 93"


def test_a_plan_says_what_its_import_still_needs(call_command: Callable[..., Any], tmp_path: Path) -> None:
    """A table that is read under other names of columns cannot be imported as it is."""
    (tmp_path / "answers.csv").write_text("id,text\na,Bake it.\n", encoding="utf-8")
    ran = call_command(["gibberish", "answers.csv", "--response", "text"], cwd=tmp_path)
    assert [line.strip() for line in ran.out.splitlines()[-5:-1]] == [
        "judgeaudit init study",
        "# outputs of a study need item_id and response: --out FILE writes a table that has them",
        "# without a column prompt_id take cluster out of study/study.toml, or no audit can be made",
        "judgeaudit import outputs answers.csv study",
    ]


def test_a_written_table_has_the_names_that_its_import_needs(call_command: Callable[..., Any], tmp_path: Path) -> None:
    """Texts and prompts under other names are written under a study's, with ids, so that the printed commands run."""
    (tmp_path / "answers.csv").write_text("q,text\nHow?,Bake it.\nHow?,Fry it.\nWhy?,----\n", encoding="utf-8")
    told = call_command(
        ["gibberish", "answers.csv", "--response", "text", "--prompt", "q", "--out", "s.csv"], cwd=tmp_path
    )
    frame = read_table(tmp_path / "s.csv").frame
    assert frame["prompt_id"].tolist() == ["p1", "p1", "p2"]
    assert frame["response"].tolist() == ["Bake it.", "Fry it.", "----"]
    assert frame["item_id"].is_unique
    commands = [line.split()[1:] for line in told.out.splitlines()[-3:]]
    assert [words[0] for words in commands] == ["init", "import", "label"]
    for words in commands[:2]:
        ran = call_command(words, cwd=tmp_path)
        assert (ran.code, "no audit can be made" in ran.err) == (0, False), ran.err


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".csv.gz"])
def test_scores_are_written_beside_what_was_there(call_command: Callable[..., Any], table: Path, suffix: str) -> None:
    """Every cell stays as it was, and a second time changes nothing."""
    out = table.parent / f"scored{suffix}"
    assert call_command(["gibberish", str(table), "--out", str(out)]).code == 0
    frame = read_table(out).frame
    assert frame[list(ROWS[0])].to_dict("records") == ROWS
    assert frame["looks_like_gibberish"].tolist() == ["no", "yes", "yes", "no"]
    assert frame["gibberish_kind"].tolist() == ["prose", "gibberish", "empty", "refusal"]
    again = table.parent / f"again{suffix}"
    assert call_command(["gibberish", str(out), "--out", str(again)]).code == 0
    assert read_table(again).frame.equals(frame)


def test_a_score_is_written_as_a_number(call_command: Callable[..., Any], table: Path) -> None:
    """JSON tells numbers from texts, and whoever sorts by the score needs a number."""
    out = table.parent / "numbers.jsonl"
    assert call_command(["gibberish", str(table), "--out", str(out)]).code == 0
    scores = [json.loads(line)["gibberish_score"] for line in out.read_text(encoding="utf-8").splitlines()]
    assert [type(score) for score in scores] == [float] * len(ROWS)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["none.csv"], "no file none.csv"),
        (["."], ".: a folder without outputs; name a table, or bring outputs in with `judgeaudit import outputs`"),
        (
            ["answers.csv"],
            "answers.csv: no column 'response' for the texts (did you mean 'text'?); columns are id, text; "
            "name another one with --response",
        ),
        (["outputs.jsonl", "--response", "answer"], "outputs.jsonl: no column 'answer' for --response; columns are "),
        (["outputs.jsonl", "--prompt", "asked"], "outputs.jsonl: no column 'asked' for --prompt; columns are "),
        (
            ["outputs.jsonl", "--out", "outputs.jsonl"],
            "--out outputs.jsonl: this file is OUTPUTS already; name another",
        ),
    ],
)
def test_what_cannot_be_read_is_one_line(
    call_command: Callable[..., Any], table: Path, arguments: list[str], told: str
) -> None:
    """What, where, and how to mend it."""
    folder = table.parent if arguments != ["."] else table.parent / "bare"
    folder.mkdir(exist_ok=True)
    (folder / "answers.csv").write_text("id,text\na,Bake it.\n", encoding="utf-8")
    ran = call_command(["gibberish", *arguments], cwd=folder)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"judgeaudit: {told}")
    assert ran.err.count("\n") == 1


def test_other_names_of_columns_and_pairs() -> None:
    """A table without ids is told by its rows; of a pair both responses are read."""
    pairs = pd.DataFrame({"answer": [SOUND], "response_b": ["----------------------------"], "q": ["How do I bake?"]})
    report = ja.gibberish(pairs, response="answer", prompt="q")
    assert [(row.name, row.reading.suspect) for row in report.rows] == [("row 0", False), ("row 0 (b)", True)]
    assert report.frame()["kind"].tolist() == ["prose", "gibberish"]
    both = pairs.assign(response="")
    assert (
        ja.gibberish(both, response="answer").rows[0].text
        == ja.gibberish(both.iloc[:, ::-1], response="answer").rows[0].text
        == SOUND
    )
    with pytest.raises(InputError, match=r"no column 'response' .*did you mean 'answer'"):
        ja.gibberish(pairs)
    with pytest.raises(InputError, match="needs a path or a pandas DataFrame, not int"):
        ja.gibberish(3)  # type: ignore[arg-type]


def test_degraded_outputs_are_labelled_as_far_as_their_making_goes() -> None:
    """Labels are by construction; where a part of the text is left, only if that is known to be sound."""
    outputs = pd.DataFrame(ROWS[:1])
    made = ja.degrade_outputs(outputs, kinds=["loop", "shuffled", "off-topic"], levels=["half", "full"])
    assert made["item_id"].tolist()[:3] == ["a", "a~loop~0.5", "a~loop~1"]
    assert made["coherence"].tolist() == ["", "", "gibberish", "", "gibberish", "", "coherent"]
    assert {source for source, known in zip(made["label_source"], made["coherence"], strict=True) if known} == {
        "construction"
    }
    sound = ja.degrade_outputs(outputs, kinds="loop", levels=0.5, sound=True, keep=False)
    assert sound["coherence"].tolist() == ["partly"]
    assert sound.equals(ja.degrade_outputs(outputs, kinds="loop", levels=["half"], sound=True, keep=False))
    kept = ja.degrade_outputs(outputs, kinds="loop", levels=0.5, sound=True)
    assert kept[["coherence", "label_source"]].to_numpy().tolist() == [
        ["coherent", "construction"],
        ["partly", "construction"],
    ]
    with pytest.raises(InputError, match="some outputs are degraded already"):
        ja.degrade_outputs(made)
    again = ja.degrade_outputs(
        made[made["degradation"] == "none"], kinds=["loop", "shuffled", "off-topic"], levels=["half", 1]
    )
    assert again.drop(columns="degradation_level").equals(made.drop(columns="degradation_level"))
    with pytest.raises(InputError, match="no degradation 'lop'"):
        ja.degrade_outputs(outputs, kinds="lop")


def test_a_small_model_tells_shuffled_words(need_real_part: Callable[[object, str], None]) -> None:
    """What it finds surprising counts: the same words in random order score higher than in their own."""
    pytest.importorskip("transformers")
    need_real_part(is_kept(PACKAGED["smollm2"]), "judgeaudit models get smollm2")
    with pytest.raises(InputError, match=r"--model: there is no folder \./none"):
        ja.gibberish(pd.DataFrame(ROWS), model="./none")
    made = ja.degrade_outputs(pd.DataFrame(ROWS[:1]), kinds="shuffled")
    report = ja.gibberish(made, model="smollm2")
    sound, shuffled = report.frame()["mean_surprise"]
    assert shuffled > sound + 2
    assert [row.reading.suspect for row in report.rows] == [False, True]
