"""A long table becomes one set of ratings per question, and agrees with the wide table that says the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgeaudit.domain.errors import InputError
from judgeaudit.domain.ratings import MISSING
from judgeaudit.storage.files.read import Table, read_table, table_from_frame
from judgeaudit.storage.table.loaded import Loaded
from judgeaudit.storage.table.long import ratings_from_long
from judgeaudit.storage.table.options import TableOptions, parse_map
from judgeaudit.storage.table.wide import ratings_from_wide

LONG = ("item", "rater", "label")
TableOf = Callable[[str], Table]

#: lines of CSV, options, what the message says after the file's name
REFUSED: list[tuple[str, dict[str, object], str]] = [
    (
        "item,rater,label\na,h,no\nb,h,no\na,h,yes\na,j,no\n",
        {},
        " rows 2 and 4: rater 'h' labels item 'a' twice; keep one row, or name the question's column as the fourth in "
        "--long",
    ),
    ("item,rater,label\n,h,no\n", {}, " row 2, column 'item': the cell is empty; every row of a long table needs one"),
    ("item,rater,label\na,,no\n", {}, " row 2, column 'rater': the cell is empty; every row of a long table needs one"),
    (
        "item,rater,label\na,h,no\na,j,maybe\n",
        {},
        " row 3, column 'label': 'maybe' is not one of the labels no, yes; translate it with --map or set it aside "
        "with --unusable",
    ),
    ("item,rater,label\na,h,no\n", {}, ": --judge 'j' is no rater; raters are h"),
    ("item,rater,label\na,j,no\n", {}, ": every rater is a judge; people's labels are needed, or a --reference"),
    (
        "item,rater,label\na,h,no\na,j,no\n",
        {"human": ("H",)},
        ": --human 'H' is no rater (did you mean 'h'?); raters are h, j",
    ),
    (
        "item,rater,label\na,h,no\na,j,no\n",
        {"reference": "gold"},
        ": --reference 'gold' is no rule (majority, each, dawid-skene), no rater and no column",
    ),
    (
        "item,rater,label\na,h,no\n",
        {"long": ("item", "rater")},
        ": --long needs the columns item,rater,label or item,rater,label,question, in this order",
    ),
    (
        "item,rater,label\na,h,no\n",
        {"long": ("item", "rater", "score")},
        ": no column 'score' for --long; columns are item, rater, label",
    ),
    (
        "item,rater,label,q\na,h,no,harm\na,j,no,harm\n",
        {"long": (*LONG, "q"), "question": "harms"},
        ": no question 'harms' (did you mean 'harm'?); questions are harm",
    ),
    (
        "item,rater,label,p\na,h,no,x\na,j,no,y\n",
        {"cluster": "p"},
        " rows 2 and 3, column 'p': item 'a' has two values, and --cluster needs one; make them equal",
    ),
    (
        "item,rater,label,p\na,h,no,x\na,j,no,\n",
        {"by": ("p&rater",)},
        " rows 2 and 3, column 'p': item 'a' has two values, and --by needs one; make them equal",
    ),
    (
        "item,rater,label\na,h,no\nb,j,no\n",
        {},
        ": question 'label': no overlap between labels and verdicts: no item has both; check that both name the items "
        "alike",
    ),
    (
        "item,rater,label\na,h,no\na,j,\n",
        {},
        ": judge 'j' is empty: no row of it has a label in column 'label'; leave its rows out, or say why in a column "
        "called status",
    ),
    (
        "item,rater,label,status\na,h,no,labeled\na,j,no,\n",
        {},
        " row 2, column 'status': no status 'labeled' (did you mean 'labelled'?); statuses are labelled, answered, "
        "skipped, cannot_judge, unparsed, refused, failed",
    ),
    ("item,rater,label\na,h,no\na,j,no\n", {"cut": ("k>1",)}, ": --cut names no rater 'k'; raters are h, j"),
]


@pytest.fixture
def table_of(tmp_path: Path) -> TableOf:
    """A table from lines of CSV."""

    def make(text: str) -> Table:
        path = tmp_path / "t.csv"
        path.write_text(text, encoding="utf-8")
        return read_table(path)

    return make


def read(table: Table, **options: object) -> Loaded:
    """The table read with judge `j` and labels no, yes, unless the options say otherwise."""
    chosen = {"judge": ("j",), "labels": ("no", "yes"), "long": LONG, **options}
    return ratings_from_long(table, TableOptions(**chosen))  # type: ignore[arg-type]


@pytest.mark.parametrize(("text", "options", "message"), REFUSED)
def test_what_cannot_be_read_is_refused(table_of: TableOf, text: str, options: dict[str, object], message: str) -> None:
    """The message begins with the file, names the rows at odds and ends with the way out."""
    with pytest.raises(InputError) as caught:
        read(table_of(text), **options)
    assert str(caught.value) == f"t.csv{message}"


def test_a_missing_row_is_not_asked_and_an_empty_label_is_no_answer(table_of: TableOf) -> None:
    """A judge without a row was never asked, and one whose row has no label gave no answer."""
    loaded = read(table_of("item,rater,label\na,h,no\nb,h,yes\nc,h,\na,j,yes\nb,j,\nd,j,no\n"))
    ratings = loaded.ratings[0]
    assert ratings.items == ("a", "b", "c", "d")
    assert ratings.people.tolist() == [[0, 1, MISSING, MISSING]]
    assert ratings.judges.tolist() == [[1, 2, MISSING, 0]]
    assert loaded.join == (
        "4 items, 2 labelled by 1 person, 3 judged by 1 judge",
        "1 verdict without a usable label: j 1",
        "1 verdict never asked for: j 1",
        "1 item judged but not labelled",
        "taken as item: item; rater: rater; label: label; people: h; judges: j",
    )


def test_statuses_say_why_there_is_no_label(table_of: TableOf) -> None:
    """A skipped item has no label, "cannot judge" is kept as such, an unparsed reply is no answer, whatever it says."""
    table = table_of(
        "item,rater,label,status\na,h,no,labelled\nb,h,yes,cannot_judge\nc,h,yes,skipped\nd,h,yes,\n"
        "a,j,yes,unparsed\nb,j,,refused\nc,j,,failed\nd,j,yes,answered\n"
    )
    loaded = read(table)
    ratings = loaded.ratings[0]
    assert ratings.people.tolist() == [[0, MISSING, MISSING, 1]]
    assert ratings.cannot_judge is not None
    assert ratings.cannot_judge.tolist() == [[False, True, False, False]]
    assert ratings.judges.tolist() == [[2, 2, 2, 1]]
    assert ratings.statuses == {"j": {"answered": 1, "failed": 1, "refused": 1, "unparsed": 1}}


def test_questions_stand_apart_in_order_of_appearance(table_of: TableOf) -> None:
    """Each question has its own items and raters; --question keeps those named."""
    text = "item,rater,label,q\nb,h,yes,tone\na,h,no,harm\na,j,no,harm\nb,h,no,harm\n"
    loaded = read(table_of(text), long=(*LONG, "q"))
    assert [(one.question.name, one.items, one.judge_names) for one in loaded.ratings] == [
        ("tone", ("b",), ()),
        ("harm", ("b", "a"), ("j",)),
    ]
    assert loaded.ratings[1].people.tolist() == [[0, 0]]
    assert loaded.join == (
        "tone: 1 item, 1 labelled by 1 person",
        "harm: 2 items, 2 labelled by 1 person, 1 judged by 1 judge",
        "harm: 1 verdict never asked for: j 1",
        "harm: 1 item labelled but not judged",
        "taken as item: item; rater: rater; label: label; question: q; people: h; judges: j",
    )
    assert loaded.warnings == ("question 'tone' has no verdicts by j",)
    only = read(table_of(text), long=(*LONG, "q"), question="harm, tone")
    assert len(only.ratings) == 2
    assert [one.question.name for one in read(table_of(text), long=(*LONG, "q"), question="harm").ratings] == ["harm"]


def test_idle_flags_are_said_only_where_no_question_needs_them(table_of: TableOf) -> None:
    """A map that serves one question of two is not idle."""
    text = "item,rater,label,q\na,h,yes,tone\na,j,yes,tone\na,h,no,harm\na,j,Y,harm\n"
    loaded = read(table_of(text), long=(*LONG, "q"), map=(parse_map("j:Y=yes"), parse_map("N=no")))
    assert loaded.warnings == ("--map 'N=no' matches no cell",)
    assert loaded.ratings[1].judges.tolist() == [[1]]


def test_a_reference_is_a_rater_or_a_column(table_of: TableOf) -> None:
    """A rater that is the reference is one of the people only where --human names it; a column serves as well."""
    table = table_of("item,rater,label,gold\na,h,no,yes\na,g,yes,yes\na,j,no,yes\nb,h,no,no\nb,j,no,no\n")
    rater = read(table, reference="g").ratings[0]
    assert rater.reference is not None
    assert (rater.people_names, rater.reference.tolist(), rater.reference_name) == (("h",), [1, MISSING], "g")
    assert read(table, reference="g", human=("g", "h")).ratings[0].people_names == ("g", "h")
    column = read(table, reference="gold").ratings[0]
    assert column.reference is not None
    assert (column.people_names, column.reference.tolist()) == (("h", "g"), [1, 0])


def test_items_keep_their_strata_clusters_weights_and_texts(table_of: TableOf) -> None:
    """What belongs to the item is taken once, and `1` and `1.0` are one value of a stratum."""
    table = table_of(
        "item,rater,label,s,p,w,prompt,prob\na,h,no,1,x,2,Hi,\na,j,yes,1.0,x,2,Hi,0.9\n"
        "b,h,no,2,x,1,Ho,\nb,j,,2,x,1,Ho,0.2\n"
    )
    chosen: dict[str, object] = {"by": ("s",), "cluster": "p", "weight": "w", "probability": {"j": "prob"}}
    loaded = read(table, **chosen)
    ratings = loaded.ratings[0]
    assert ratings.columns == {"s": ("s=1", "s=2")}
    assert ratings.clusters is not None
    assert ratings.weights is not None
    assert (ratings.clusters.tolist(), ratings.weights.tolist()) == ([0, 0], [2.0, 1.0])
    assert ratings.texts == {"prompt": ("Hi", "Ho")}
    assert ratings.probability["j"].tolist() == [0.9, 0.2]
    assert read(table, threshold={"j": 0.5}, **chosen).ratings[0].judges.tolist() == [[1, 0]]


def test_ids_that_spell_one_number_are_said(table_of: TableOf) -> None:
    """Ids are compared as texts, so that no two items become one; a warning says where that may be a slip."""
    loaded = read(table_of("item,rater,label\n1,h,no\n1,j,no\n1.0,h,yes\n"))
    assert loaded.ratings[0].items == ("1", "1.0")
    assert loaded.warnings == ("items '1' and '1.0' are kept apart: ids are compared as texts",)


CELL = st.sampled_from(["0", "1", "x", ""])


@given(st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=12))
def test_long_and_wide_agree(rows: list[tuple[str, str, str]]) -> None:
    """The same labels give the same codes in both layouts, in whatever order the rows of the long one stand."""
    rows = [("0", "1", "0"), *rows]
    wide = pd.DataFrame(rows, columns=["h1", "h2", "j"])
    wide["item_id"] = [f"i{number}" for number in range(len(rows))]
    options = TableOptions(human=("h1", "h2"), judge=("j",), labels=("0", "1"), unusable=("x",))
    expected = ratings_from_wide(table_from_frame(wide, "wide"), options).ratings[0]
    long = wide.melt(id_vars="item_id", var_name="rater", value_name="label").sample(frac=1, random_state=1)
    shape = TableOptions(
        human=("h1", "h2"), judge=("j",), labels=("0", "1"), unusable=("x",), long=("item_id", "rater", "label")
    )
    actual = ratings_from_long(table_from_frame(long, "long"), shape).ratings[0]
    order = [actual.items.index(item) for item in expected.items]
    assert np.array_equal(actual.people[:, order], expected.people)
    assert np.array_equal(actual.judges[:, order], expected.judges)


def test_a_published_long_table_reads_whole(shared_data: Path) -> None:
    """420 summaries, four criteria and three people: every score arrives."""
    table = read_table(shared_data / "newsroom_ordinal" / "ratings.csv")
    shape = ("item", "rater_slot", "score", "criterion")
    options = TableOptions(long=shape, labels=("1", "2", "3", "4", "5"), scale="ordinal")
    loaded = ratings_from_long(table, options)
    assert [one.question.name for one in loaded.ratings] == ["Informativeness", "Relevance", "Fluency", "Coherence"]
    assert all((one.people >= 0).sum() == 1260 for one in loaded.ratings)
    scores = table.frame.loc[table.frame["criterion"] == "Fluency", "score"].astype(int)
    assert int((loaded.ratings[2].people + 1).sum()) == int(scores.sum())
