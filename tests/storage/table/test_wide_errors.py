"""What cannot be read is said in one line: where it stands, what it is and how to mend it."""

from __future__ import annotations

from pathlib import Path

import pytest

from judgeaudit.domain.errors import InputError
from judgeaudit.storage.files.read import read_table
from judgeaudit.storage.table.cuts import parse_cut
from judgeaudit.storage.table.options import TableOptions, parse_map, parse_pairs, parse_thresholds
from judgeaudit.storage.table.wide import ratings_from_wide

GOOD = "item_id,h1,h2,j,p\na,no,yes,no,0.5\nb,no,no,yes,1\n"
MEND = "translate it with --map or set it aside with --unusable"

#: lines of CSV, options, the message
REFUSED: list[tuple[str, dict[str, object], str]] = [
    (GOOD, {"item": ("id",)}, "no column 'id' for --item; columns are item_id, h1, h2, j, p"),
    (GOOD, {"human": ("h1", "h3")}, "no column 'h3' for --human; columns are item_id, h1, h2, j, p"),
    (GOOD, {"judge": ("gpt",)}, "no column 'gpt' for --judge; columns are item_id, h1, h2, j, p"),
    (
        GOOD.replace(",", ";"),
        {},
        "no column 'item_id' for --item; columns are item_id;h1;h2;j;p; "
        "everything stands in one column: name the separator with --sep ';'",
    ),
    (GOOD, {"cluster": "prompt"}, "no column 'prompt' for --cluster; columns are item_id, h1, h2, j, p"),
    (GOOD, {"by": ("h1&x",)}, "no column 'x' for --by; columns are item_id, h1, h2, j, p"),
    (GOOD, {"weight": "w"}, "no column 'w' for --weight; columns are item_id, h1, h2, j, p"),
    (GOOD, {"probability": {"j": "q"}}, "no column 'q' for --probability; columns are item_id, h1, h2, j, p"),
    (
        GOOD,
        {"reference": "majorty"},
        "--reference 'majorty' is no rule (majority, each, dawid-skene) and no column (did you mean 'majority'?)",
    ),
    (GOOD, {"judge": ("h1",)}, "'h1' stands in --judge and in --human; it is one or the other"),
    (GOOD, {"reference": "j"}, "'j' stands in --judge and in --reference; it is one or the other"),
    (
        GOOD,
        {"human": ("h1", "item_id"), "scale": "interval"},
        "'item_id' stands in --human and in --item; a column of labels is no more than that",
    ),
    (GOOD, {"weight": "j"}, "'j' stands in --judge and in --weight; a column of labels is no more than that"),
    (GOOD, {"cluster": "h2"}, "'h2' stands in --human and in --cluster; a column of labels is no more than that"),
    (GOOD, {"human": ("h1", "h1")}, "--human names 'h1' twice; name it once"),
    (GOOD, {"threshold": {"k": 0.5}}, "--threshold speaks of 'k', which --judge does not name"),
    (
        GOOD,
        {"probability": {"jj": "p"}},
        "--probability speaks of 'jj', which --judge does not name (did you mean 'j'?)",
    ),
    (GOOD, {"cut": ("x>=1",)}, "--cut names no rater 'x'; raters are h1, h2, j"),
    (
        GOOD,
        {"cut": ("j>=1",), "threshold": {"j": 0.5}},
        "'j' has two cuts, or a cut and a threshold; keep one",
    ),
    (
        GOOD,
        {"human": ()},
        "nobody to hold a judge against; name the columns of people's labels with --human, or a column that holds "
        "the reference with --reference",
    ),
    (GOOD, {"map": (("k", "x", "no"),)}, "--map 'k:x=no' names no rater 'k'; raters are h1, h2, j"),
    (
        GOOD,
        {"labels": ()},
        "question 'label' is binary and needs --labels, in order; the people's labels here are --labels no,yes",
    ),
    (
        GOOD,
        {"labels": (), "human": (), "reference": "p", "scale": "nominal"},
        "question 'label' is nominal and needs --labels, in order; the people's labels here are --labels 0.5,1",
    ),
    (
        "item_id,h1,h2,j\na,no,yes,no\na,no,no,no\n",
        {},
        " rows 2 and 3: item 'a' stands twice; keep one row, or name the columns that tell items apart with --item a,b",
    ),
    (
        "item_id,h1,h2,j\na,no,yes,no\n,no,no,no\n",
        {},
        " row 3, column 'item_id': the item has no id; fill the cell, or name another column with --item",
    ),
    (
        "item_id,h1,h2,j\na,no,yes,no\nb,no,no,Yes\n",
        {},
        f" row 3, column 'j': 'Yes' is not one of the labels no, yes (did you mean 'yes'?); {MEND}",
    ),
    (
        'item_id,h1,h2,j\na,no,"ma\ny",no\n',
        {},
        f" row 2, column 'h2': 'ma\\ny' is not one of the labels no, yes; {MEND}",
    ),
    (
        "item_id,h1,h2,j\na,1,2,1\nb,1,many,2\n",
        {"labels": (), "scale": "interval"},
        f" row 3, column 'h2': 'many' is not a number, which an interval scale needs; {MEND}",
    ),
    (GOOD, {"cut": ("j>=1",)}, f" row 2, column 'j': 'no' is not a number, which --cut needs; {MEND}"),
    (GOOD, {"threshold": {"j": 0.5}}, f" row 2, column 'j': 'no' is not a number, which a probability needs; {MEND}"),
    (
        GOOD.replace("0.5", "1.5"),
        {"probability": {"j": "p"}},
        " row 2, column 'p': 1.5 is not a probability, which lies from 0 to 1",
    ),
    (
        "item_id,h1,h2,j,c\na,no,yes,no,p\nb,no,yes,no,\n",
        {"cluster": "c"},
        " row 3, column 'c': the cell is empty, and every item needs a cluster; fill it, or leave --cluster out",
    ),
    (
        "item_id,h1,h2,j,w\na,no,yes,no,1\nb,no,yes,no,0\n",
        {"weight": "w"},
        " row 3, column 'w': '0' is not a weight, which is a number above 0; correct the cell",
    ),
    (
        "item_id,h1,h2,j,w\na,no,yes,no,1\nb,no,yes,no,inf\n",
        {"weight": "w"},
        " row 3, column 'w': 'inf' is not a weight, which is a number above 0; correct the cell",
    ),
    ("item_id,h1,h2,j\na,no,yes,\n", {}, "judge column 'j' is empty: no cell says anything; leave it out"),
    ("item_id,h1,h2,j\na,no,,no\n", {}, "human column 'h2' is empty: no cell says anything; leave it out"),
    (
        "item_id,h1,h2,j,p\na,no,no,no,\n",
        {"probability": {"j": "p"}, "threshold": {"j": 0.5}},
        "judge column 'p' is empty: no cell says anything; leave it out",
    ),
    (
        "item_id,h1,h2,j\na,no,yes,n/a\nb,,,yes\n",
        {"not_asked": "n/a"},
        "question 'label': no overlap between labels and verdicts: no item has both; check that both "
        "name the items alike",
    ),
    (
        "item_id,h1,h2,j\na,x,x,yes\n",
        {"unusable": ("x",)},
        "question 'label': no item has a label by a person or a reference",
    ),
    (
        "item_id,h1,h2,j,b\n" + "".join(f"{n},no,yes,no,{n}\n" for n in range(501)),
        {"by": ("b",)},
        "--by b makes 501 strata, more than 500; a stratum needs many items, so name a column with few values",
    ),
]

#: the same for messages that name no file, since an option is at fault
REFUSED_OPTIONS: list[tuple[dict[str, object], str]] = [
    ({"threshold": {"j": 1.5}}, "--threshold 'j=1.5': a threshold is a number from 0 to 1"),
    ({"unusable": ("yes",)}, "--unusable 'yes' is a declared label; take it out of --labels or of --unusable"),
    ({"unusable": ("no,maybe",)}, "--unusable 'no' is a declared label; take it out of --labels or of --unusable"),
    ({"not_asked": "no"}, "--not-asked 'no' also stands in --labels; a cell cannot mean both"),
    ({"not_asked": "x", "unusable": ("x",)}, "--not-asked 'x' also stands in --unusable; a cell cannot mean both"),
    (
        {"map": (("j", "x", "no"), ("j", "x", "yes"))},
        "--map 'j:x=no' and 'j:x=yes' contradict each other; keep one",
    ),
    (
        {"cut": ("j>=1",), "scale": "nominal"},
        "--cut makes one of two labels, so the scale must be binary, not nominal",
    ),
    (
        {"threshold": {"j": 0.5}, "scale": "nominal"},
        "--threshold makes one of two labels, so the scale must be binary, not nominal",
    ),
    (
        {"probability": {"j": "p"}, "scale": "nominal"},
        "--probability is that of the positive labels; name them with --positive",
    ),
    ({"scale": "ratio"}, "question 'label': no scale 'ratio'; scales are binary, nominal, ordinal, interval"),
]


def refused(folder: Path, text: str, options: dict[str, object]) -> str:
    """The message of the refusal, which is one line."""
    path = folder / "t.csv"
    path.write_text(text, encoding="utf-8")
    chosen = {"human": ("h1", "h2"), "judge": ("j",), "labels": ("no", "yes"), **options}
    with pytest.raises(InputError) as caught:
        ratings_from_wide(read_table(path), TableOptions(**chosen))  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(("text", "options", "message"), REFUSED)
def test_what_cannot_be_read_is_refused(tmp_path: Path, text: str, options: dict[str, object], message: str) -> None:
    """The message begins with the file, goes on with row and column where there are any, and ends with the way out."""
    expected = "t.csv" + (message if message.startswith(" row") else f": {message}")
    assert refused(tmp_path, text, options) == expected


@pytest.mark.parametrize(("options", "message"), REFUSED_OPTIONS)
def test_options_that_contradict_each_other_are_refused(
    tmp_path: Path, options: dict[str, object], message: str
) -> None:
    """An option that cannot be meant is named with its value."""
    assert refused(tmp_path, GOOD, options) == message


def test_flags_that_say_nothing_are_refused() -> None:
    """Each flag's text has one form, and the message shows it."""
    for text in ("yes", "=1", "yes=", ":yes=1", "gpt4:=1"):
        with pytest.raises(InputError) as caught:
            parse_map(text)
        assert str(caught.value) == f"--map '{text}': write COLUMN:FROM=TO or FROM=TO, for example gpt4:yes=1"
    for text in ("j", "j==4", "j>=", ">=4", "j>=x", "j>=inf"):
        with pytest.raises(InputError) as caught:
            parse_cut(text)
        expected = f"--cut '{text}': write COLUMN>=NUMBER with one of >= > <= <, for example 'gpt4>=4'"
        assert str(caught.value) == expected
    with pytest.raises(InputError) as caught:
        parse_pairs(["gpt4"], "--probability")
    assert str(caught.value) == "--probability 'gpt4': write JUDGE=VALUE, for example --probability gpt4=gpt4_prob"
    with pytest.raises(InputError) as caught:
        parse_pairs(["a=x,a=y"], "--probability")
    assert str(caught.value) == "--probability: 'a' is given twice, as x and y; keep one"
    with pytest.raises(InputError) as caught:
        parse_thresholds(["a=1.5"])
    assert str(caught.value) == "--threshold 'a=1.5': a threshold is a number from 0 to 1"


def test_flags_are_read_as_written() -> None:
    """Spaces around an operator do not count; the last equals sign of a map parts it; comparisons are what they say."""
    assert parse_map("a=b=1") == (None, "a=b", "1")
    assert parse_map("gpt:yes=1") == ("gpt", "yes", "1")
    cut = parse_cut("my judge <= -1.5")
    assert (cut.column, cut.operator, cut.value) == ("my judge", "<=", -1.5)
    assert parse_thresholds(["a=0.5,b=1"]) == {"a": 0.5, "b": 1.0}
