"""Conversions from upstream shapes to label tables, on small hand-made samples of those shapes."""

from __future__ import annotations

import csv
import io
import json

import pytest

from judgeaudit.datasets.conversions import convert
from judgeaudit.datasets.registry import XSTEST_MODELS
from judgeaudit.domain.errors import InputError

JBB_HEADER = (
    "Index,goal,prompt,target_response,human1,human2,human3,human_majority,"
    "harmbench_cf,gpt4_cf,llamaguard2_cf,llama3_cf"
)


def as_csv(rows: list[list[str]]) -> bytes:
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    return file.getvalue().encode("utf-8")


def xstest_files(*, drop_verdict: bool = False) -> list[bytes]:
    """Two prompts for each of the five systems: a safe one and its contrast."""
    shared = ["id", "type", "prompt", "completion", "annotation_1", "annotation_2", "agreement", "final_label"]
    full, refusal = "1_full_compliance", "2_full_refusal"
    completions = []
    judged: dict[str, list[bytes]] = {"strmatch_label": [], "gpt4_label": []}
    for model in XSTEST_MODELS:
        rows = [
            ["v2-1", "homonyms", "How do I fold a map?", f"By {model},\nsaid “so”.", full, full, "TRUE", full],
            ["v2-2", "contrast_homonyms", "Not that.", "No.", refusal, full, "FALSE", refusal],
        ]
        completions.append(as_csv([shared, *rows]))
        for column, second in (("strmatch_label", refusal), ("gpt4_label", "I'm sorry, but no.")):
            verdicts = [[*rows[1], second], [*rows[0], full]]
            judged[column].append(as_csv([[*shared, column], *verdicts[: 1 if drop_verdict else 2]]))
    return [*completions, *judged["strmatch_label"], *judged["gpt4_label"]]


def pandalm_files() -> list[bytes]:
    pair = {"motivation_app": "Maps", "cmp_key": "a_b", "instruction": "Fold.", "input": float("nan")}
    pair |= {"response1": "x", "response2": "", "annotator1": 2, "annotator2": 0, "annotator3": 1}
    pairs = [{"idx": 0, **pair}, {"idx": 1, **pair, "motivation_app": "Maps, paper"}]
    gpt = [{"idx": 1, "gpt_result": "garbage", "gpt_reason": ""}, {"idx": 0, "gpt_result": "Tie", "gpt_reason": "?"}]
    panda = [{"idx": 0, "pandalm_result": 0}, {"idx": 1, "pandalm_result": 2}]
    return [json.dumps(part, indent=4).encode() for part in (pairs, gpt, panda)]


def test_jailbreakbench_keeps_labels_and_lengths_only():
    """A row per response: labels as written, length in code points, and whether the prompt is the plain request."""
    upstream = (
        f'{JBB_HEADER}\r\n0,g,"g, twice",né\U0001f642,0,1,1,1,0,1,0,1\r\n1,plain,plain,"two\nlines",0,0,0,0,1,0,0,0\r\n'
    )
    expected = (
        "item_id,human1,human2,human3,human_majority,harmbench_cf,gpt4_cf,llamaguard2_cf,llama3_cf,"
        "response_chars,prompt_equals_goal\n"
        "0,0,1,1,1,0,1,0,1,3,0\n"
        "1,0,0,0,0,1,0,0,0,9,1\n"
    )
    assert convert("jailbreakbench-judges", [upstream.encode("utf-8")]) == expected.encode()


def test_jailbreakbench_in_latin_1_gives_the_same_table():
    """A copy that was written in another encoding has the same lengths."""
    upstream = f"{JBB_HEADER}\n7,g,p,né,0,0,0,0,0,0,0,0\n"
    assert convert("jailbreakbench-judges", [upstream.encode("latin-1")]) == convert(
        "jailbreakbench-judges", [upstream.encode("utf-8")]
    )


def test_xstest_joins_verdicts_by_id():
    """Systems in their order, completions in theirs; verdicts in another order find their item."""
    lines = convert("xstest", xstest_files()).decode("utf-8").splitlines()
    assert lines[0] == (
        "model,id,type,prompt_class,annotation_1,annotation_2,final_label,strmatch_label,gpt4_label,completion_chars"
    )
    full, refusal = "1_full_compliance", "2_full_refusal"
    assert lines[1] == f"llama2orig,v2-1,homonyms,safe,{full},{full},{full},{full},{full},25"
    assert lines[2] == (
        f'llama2orig,v2-2,contrast_homonyms,unsafe,{refusal},{full},{refusal},{refusal},"I\'m sorry, but no.",3'
    )
    assert [line.split(",")[0] for line in lines[1:]] == [model for model in XSTEST_MODELS for _ in range(2)]


def test_pandalm_joins_judges_by_idx():
    """Pairs in their order, numbers as text, cells with commas quoted."""
    expected = (
        "idx,cmp_key,motivation_app,annotator1,annotator2,annotator3,judge_gpt35,judge_pandalm7b\n"
        "0,a_b,Maps,2,0,1,Tie,0\n"
        '1,a_b,"Maps, paper",2,0,1,garbage,2\n'
    )
    assert convert("pandalm", pandalm_files()) == expected.encode()


@pytest.mark.parametrize(
    ("name", "files", "what"),
    [
        ("jailbreakbench-judges", [b""], "judge-comparison.csv has no column 'Index'"),
        ("jailbreakbench-judges", [b"<html>moved</html>"], "judge-comparison.csv has no column 'Index'"),
        (
            "jailbreakbench-judges",
            [f"{JBB_HEADER}\n1,g,p\n".encode()],
            "judge-comparison.csv has 3 cells in record 2, 12 in the header",
        ),
        ("jailbreakbench-judges", [f'{JBB_HEADER}\n1,"g'.encode()], "judge-comparison.csv is not CSV"),
        ("xstest", xstest_files(drop_verdict=True), "llama2orig_streval.csv has no verdict for item 'v2-1'"),
        ("pandalm", [b"{", b"[]", b"[]"], "testset-v1.json is not JSON"),
        ("pandalm", [b"{}", b"[]", b"[]"], "testset-v1.json is not a list of records"),
        ("pandalm", [b"[{}]", b"[]", b"[]"], "a record has NoneType as 'idx', neither text nor whole number"),
        ("pandalm", [pandalm_files()[0], b"[]", b"[]"], "gpt-3.5-turbo-testset-v1.json has no verdict for item '0'"),
    ],
)
def test_a_changed_upstream_is_refused(name, files, what):
    """A file of another shape is an input error of one line that says what is different."""
    with pytest.raises(InputError) as caught:
        convert(name, files)
    message = str(caught.value)
    assert message.startswith(f"upstream changed: {what}")
    assert message.endswith("; nothing was kept, use a mirror or an older copy of the table")
    assert "\n" not in message
