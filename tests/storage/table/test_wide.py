"""A wide table becomes ratings: which cell is a label, which is one of the kinds of nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgeaudit.domain.ratings import MISSING
from judgeaudit.domain.results.plain import plain_of
from judgeaudit.domain.results.questions import InputRecord
from judgeaudit.storage.files.read import Table, read_table, table_from_frame
from judgeaudit.storage.table.loaded import Loaded
from judgeaudit.storage.table.options import TableOptions, parse_map
from judgeaudit.storage.table.wide import ratings_from_wide

TableOf = Callable[[str], Table]


@pytest.fixture
def table_of(tmp_path: Path) -> TableOf:
    """A table from lines of CSV."""

    def make(text: str) -> Table:
        path = tmp_path / "labels.csv"
        path.write_text(text, encoding="utf-8")
        return read_table(path)

    return make


def read(table: Table, **options: object) -> Loaded:
    """The table read with people `h1`, `h2` and judge `j`, unless the options say otherwise."""
    chosen = {"human": ("h1", "h2"), "judge": ("j",), "labels": ("no", "yes"), **options}
    return ratings_from_wide(table, TableOptions(**chosen))  # type: ignore[arg-type]


def test_each_kind_of_cell_has_its_code(table_of: TableOf) -> None:
    """Labels count from 0 in the order declared; an empty cell is "not asked" of a person, "no answer" of a judge."""
    table = table_of("item_id,h1,h2,j\na,no,yes,yes\nb,,no,\nc,yes,yes,n/a\nd,no,garbage,garbage\n")
    loaded = read(table, not_asked="n/a", unusable=("garbage",), question="harm")
    ratings = loaded.ratings[0]
    assert ratings.people.tolist() == [[0, MISSING, 1, 0], [1, 0, 1, MISSING]]
    assert ratings.judges.tolist() == [[1, 2, MISSING, 2]]
    assert (ratings.items, ratings.people_names, ratings.judge_names) == (("a", "b", "c", "d"), ("h1", "h2"), ("j",))
    assert (ratings.question.name, ratings.question.positive, ratings.no_answer) == ("harm", ("yes",), 2)
    assert (ratings.people.dtype, ratings.judges.dtype) == (np.int32, np.int32)
    assert loaded.join == (
        "4 items, 4 labelled by 2 people, 3 judged by 1 judge",
        "2 verdicts without a usable label: j 2",
        "1 verdict never asked for: j 1",
        "1 item labelled but not judged",
        "1 cell of h2 set aside by --unusable: 'garbage'",
        "1 cell of j set aside by --unusable: 'garbage'",
        "taken as item: item_id; people: h1, h2; judges: j",
    )
    assert [plain_of(one) for one in loaded.flow] == [
        {
            "question": "harm",
            "steps": [
                {"what": "rows of labels.csv", "n": 4},
                {"what": "items", "n": 4},
                {"what": "items labelled", "n": 4},
                {"what": "items judged", "n": 3},
                {"what": "items labelled and judged", "n": 3},
            ],
            "judges": [{"judge": "j", "asked": 3, "answered": 1, "unanswered": 2, "not_asked": 1}],
        }
    ]


def test_numbers_are_equal_however_they_are_spelled(table_of: TableOf) -> None:
    """`1`, `1.0` and `1e0` are one label; `01` spells it too; texts are compared as texts."""
    table = table_of("item_id,h1,h2,j\na,1,1.0,1e0\nb,0,00, 0\n")
    ratings = read(table, labels=("0", "1")).ratings[0]
    assert ratings.people.tolist() == [[1, 0], [1, 0]]
    assert ratings.judges.tolist() == [[1, 0]]


def test_a_map_is_applied_before_everything_else(table_of: TableOf) -> None:
    """A rule for one column wins over a rule for all; a mapped cell can be a label, set aside or not asked."""
    table = table_of("item_id,h1,h2,j\na,Y,yes,Y\nb,no,no,gone\nc,no,no,skip\n")
    rules = (parse_map("Y=yes"), parse_map("j:Y=no"), parse_map("gone=broken"), parse_map("skip=never"))
    ratings = read(table, map=rules, unusable=("broken",), not_asked="never").ratings[0]
    assert ratings.people.tolist() == [[1, 0, 0], [1, 0, 0]]
    assert ratings.judges.tolist() == [[0, 2, MISSING]]


def test_a_map_may_speak_of_raters_and_cells_with_colons(table_of: TableOf) -> None:
    """The longest rater's name before the rule is meant; otherwise the whole is a cell, if there is such a cell."""
    table = table_of("item_id,h1,h2,openai:gpt\na,no,grade: 1,Y\nb,yes,yes,no\n")
    rules = (parse_map("openai:gpt:Y=yes"), parse_map("grade: 1=yes"))
    ratings = read(table, judge=("openai:gpt",), map=rules).ratings[0]
    assert (ratings.people.tolist(), ratings.judges.tolist()) == ([[0, 1], [1, 1]], [[1, 0]])


def test_unusable_values_are_cells_patterns_or_lists(table_of: TableOf) -> None:
    """A value matches exactly, as a pattern with * or ?, or part by part where the whole matches no cell."""
    table = table_of(
        'item_id,h1,h2,j\na,no,no,"sorry, no"\nb,no,no,I cannot [say]\nc,no,no,x1\nd,yes,no,err\ne,no,no,?\n'
    )
    with_mark = read(table, unusable=("sorry, no", "I cannot [*", "x?", "err,?"))
    assert with_mark.ratings[0].judges.tolist() == [[2, 2, 2, 2, 2]]
    assert with_mark.warnings == ()


def test_a_pattern_never_takes_a_declared_label(table_of: TableOf) -> None:
    """`--unusable '*'` sets aside whatever is no label."""
    table = table_of("item_id,h1,h2,j\na,no,yes,bla\nb,no,no,yes\n")
    ratings = read(table, unusable=("*",)).ratings[0]
    assert (ratings.people.tolist(), ratings.judges.tolist()) == ([[0, 0], [1, 0]], [[2, 1]])


def test_setting_texts_aside_loses_no_number(table_of: TableOf) -> None:
    """A pattern takes no number where numbers are read, and no probability is ever set aside or "not asked"."""
    table = table_of("item_id,h1,h2,j,p\na,1,0,5,0\nb,0,1,oops,0.5\nc,0,0,1,bad\n")
    chosen: dict[str, object] = {"labels": ("0", "1"), "unusable": ("*",), "probability": {"j": "p"}}
    ratings = read(table, cut=("j>=4",), **chosen).ratings[0]
    assert ratings.judges.tolist() == [[1, 2, 0]]
    assert np.array_equal(ratings.probability["j"], [0, 0.5, np.nan], equal_nan=True)
    words = table_of("item_id,h1,h2,j,p\na,no,no,0,0\nb,no,no,yes,1\nc,no,no,0.0,\n")
    zero = read(words, unusable=("0",), probability={"j": "p"}).ratings[0]
    assert zero.judges.tolist() == [[2, 1, 2]]
    assert zero.probability["j"].tolist()[:2] == [0, 1]
    assert read(words, not_asked="0", probability={"j": "p"}).ratings[0].probability["j"].tolist()[:2] == [0, 1]
    interval = read(table_of("item_id,h1,h2,j\na,1,2,3\nb,1,x,9\n"), labels=(), scale="interval", unusable=("?",))
    assert interval.ratings[0].question.labels == ("1", "2", "3", "9")


def test_flags_that_match_no_cell_are_said(table_of: TableOf) -> None:
    """A rule that does nothing is most likely misspelled, so a warning says so."""
    table = table_of("item_id,h1,h2,j\na,no,yes,no\n")
    loaded = read(table, unusable=("garbage",), map=(parse_map("j:Tie=no"),))
    assert loaded.warnings == ("--map 'j:Tie=no' matches no cell", "--unusable 'garbage' matches no cell")


def test_a_cut_makes_a_label_of_a_number(table_of: TableOf) -> None:
    """The positive label where the comparison holds, the other one elsewhere, nothing where there is no number."""
    table = table_of("item_id,h1,h2,j\na,no,yes,4\nb,no,no,3.9\nc,no,no,\nd,no,no,n/a\ne,no,no,oops\n")
    ratings = read(table, cut=("j>=4",), not_asked="n/a", unusable=("oops",)).ratings[0]
    assert ratings.judges.tolist() == [[1, 0, 2, MISSING, 2]]
    below = read(table, cut=("j<4",), not_asked="n/a", unusable=("oops",), positive=("no",)).ratings[0]
    assert below.judges.tolist() == [[1, 0, 2, MISSING, 2]]


def test_a_threshold_makes_a_verdict_of_a_probability(table_of: TableOf) -> None:
    """The probability's own column counts where there is one, else the judge's; equality is positive."""
    table = table_of("item_id,h1,h2,j,p\na,no,yes,0.5,0.2\nb,no,no,0.4,0.9\nc,no,no,,\n")
    own = read(table, threshold={"j": 0.5}).ratings[0]
    assert own.judges.tolist() == [[1, 0, 2]]
    assert own.probability["j"].tolist()[:2] == [0.5, 0.4]
    assert np.isnan(own.probability["j"][2])
    other = read(table, threshold={"j": 0.5}, probability={"j": "p"}).ratings[0]
    assert other.judges.tolist() == [[0, 1, 2]]
    absent = read(table, judge=("new",), threshold={"new": 0.5}, probability={"new": "p"}).ratings[0]
    assert (absent.judge_names, absent.judges.tolist()) == (("new",), [[0, 1, 2]])


def test_probabilities_stand_beside_verdicts(table_of: TableOf) -> None:
    """A probability column changes no verdict; an empty cell of it is nan."""
    table = table_of("item_id,h1,h2,j,p\na,no,yes,yes,0.1\nb,no,no,no,\n")
    ratings = read(table, probability={"j": "p"}).ratings[0]
    assert ratings.judges.tolist() == [[1, 0]]
    assert np.array_equal(ratings.probability["j"], [0.1, np.nan], equal_nan=True)


def test_strata_are_named_by_column_and_value(table_of: TableOf) -> None:
    """ "all" is first; numbers sort as numbers; crossings that hold no item are left out; empty cells are in none."""
    table = table_of("item_id,h1,h2,j,n,m\na,no,yes,no,10,x\nb,no,no,no,9,y\nc,no,no,no,9.0,y\nd,no,no,yes,,x\n")
    loaded = read(table, by=("n", "n&m", "m"))
    ratings = loaded.ratings[0]
    assert {name: mask.tolist() for name, mask in ratings.strata.items()} == {
        "all": [True] * 4,
        "n=9": [False, True, True, False],
        "n=10": [True, False, False, False],
        "n=9 & m=y": [False, True, True, False],
        "n=10 & m=x": [True, False, False, False],
        "m=x": [True, False, False, True],
        "m=y": [False, True, True, False],
    }
    assert ratings.columns == {"n": ("n=9", "n=10"), "n&m": ("n=9 & m=y", "n=10 & m=x"), "m": ("m=x", "m=y")}
    assert set(ratings.stratum_source.values()) == {"column"}
    assert loaded.warnings == ("--by n: 1 of 4 items have an empty cell and are in none of its strata",)


def test_strata_whose_values_are_labels_stand_in_the_labels_order(table_of: TableOf) -> None:
    """A column of labels sorts as the scale does."""
    table = table_of("item_id,h1,h2,j,s\na,low,low,low,high\nb,mid,mid,high,low\nc,high,mid,mid,mid\n")
    ratings = read(table, labels=("low", "mid", "high"), scale="ordinal", by=("s",)).ratings[0]
    assert ratings.columns["s"] == ("s=low", "s=mid", "s=high")


def test_clusters_weights_and_texts(table_of: TableOf) -> None:
    """Equal texts are one cluster; weights are numbers; responses are kept."""
    table = table_of(
        "item_id,h1,h2,j,prompt_id,w,response,note\na,no,yes,no,p,1,Hi,n1\nb,no,no,no,q,0.5,,n2\nc,no,no,no,p,2,Yo,\n"
    )
    loaded = read(table, cluster="prompt_id", weight="w")
    ratings = loaded.ratings[0]
    assert ratings.clusters is not None
    assert ratings.weights is not None
    assert (ratings.clusters.tolist(), ratings.weights.tolist()) == ([0, 1, 0], [1.0, 0.5, 2.0])
    assert ratings.texts == {"response": ("Hi", "", "Yo")}
    assert loaded.inputs == {"labels.csv": InputRecord(sha256=table.sha256, rows=3)}
    assert loaded.warnings == ()


def test_a_prompt_that_repeats_without_a_cluster_is_said(table_of: TableOf) -> None:
    """Rows of one prompt are not independent, and the reader is told the flag."""
    table = table_of("item_id,h1,h2,j,Prompt_ID\na,no,yes,no,p\nb,no,no,no,q\nc,no,no,no,p\n")
    assert read(table).warnings == (
        "column 'Prompt_ID' has 2 values in 3 items and no cluster is named: the intervals treat the rows as "
        "independent, which makes them too narrow; name --cluster Prompt_ID",
    )


def test_items_may_be_told_apart_by_several_columns(table_of: TableOf) -> None:
    """The parts of an id are joined, and ids are compared as texts, so `1` and `1.0` are two items."""
    table = table_of("model,id,h1,h2,j\nm,1,no,no,no\nm,1.0,no,yes,no\nn,1,no,no,no\n")
    assert read(table, item=("model", "id")).ratings[0].items == ("m | 1", "m | 1.0", "n | 1")


def test_a_reference_column_stands_beside_or_instead_of_people(table_of: TableOf) -> None:
    """Its codes are those of a person; a person may be the reference; without a rule no --human is needed."""
    table = table_of("item_id,h1,h2,j,gold\na,no,yes,no,yes\nb,no,no,no,\n")
    alone = read(table, human=(), reference="gold").ratings[0]
    assert alone.reference is not None
    assert (alone.reference.tolist(), alone.reference_name, alone.people.shape) == ([1, MISSING], "gold", (0, 2))
    person = read(table, reference="h1").ratings[0]
    assert person.reference is not None
    assert (person.reference.tolist(), person.people_names) == ([0, 0], ("h1", "h2"))
    assert read(table).ratings[0].reference is None


def test_people_alone_need_no_judge(table_of: TableOf) -> None:
    """Without --judge there are no verdicts and no words about them."""
    loaded = read(table_of("item_id,h1,h2\na,no,yes\nb,no,no\n"), judge=())
    assert loaded.ratings[0].judges.shape == (0, 2)
    assert loaded.join == ("2 items, 2 labelled by 2 people", "taken as item: item_id; people: h1, h2")


def test_labels_are_inferred_only_where_nothing_is_guessed(table_of: TableOf) -> None:
    """A binary scale may take 0 and 1 from the people; an interval scale takes every number seen, in order."""
    binary = read(table_of("item_id,h1,h2,j\na,1,0,1\nb,0,0,1\n"), labels=()).ratings[0]
    assert (binary.question.labels, binary.judges.tolist()) == (("0", "1"), [[1, 1]])
    interval = read(
        table_of("item_id,h1,h2,j\na,3,2.50,10\nb,2.5,x,-1\n"), labels=(), scale="interval", unusable=("x",)
    )
    question = interval.ratings[0].question
    assert (question.labels, question.values) == (("-1", "2.5", "3", "10"), (-1.0, 2.5, 3.0, 10.0))
    assert interval.ratings[0].people.tolist() == [[2, 1], [1, MISSING]]


@given(st.lists(st.tuples(st.sampled_from(["0", "1", "", "x"]), st.sampled_from(["0", "1", "", "x", "z"])), min_size=1))
def test_reading_agrees_with_reading_cell_by_cell(rows: list[tuple[str, str]]) -> None:
    """The code of every cell is what the words of the rules say, whatever stands around it."""
    rows = [("0", "1"), *rows]
    frame = pd.DataFrame(rows, columns=["h", "j"])
    frame["item_id"] = [f"i{number}" for number in range(len(rows))]
    options = TableOptions(human=("h",), judge=("j",), labels=("0", "1"), unusable=("x",), not_asked="z")
    ratings = ratings_from_wide(table_from_frame(frame, "frame"), options).ratings[0]
    person = {"0": 0, "1": 1, "": MISSING, "x": MISSING, "z": MISSING}
    judge = {"0": 0, "1": 1, "": 2, "x": 2, "z": MISSING}
    assert ratings.people.tolist() == [[person[cell] for cell, _ in rows]]
    assert ratings.judges.tolist() == [[judge[cell] for _, cell in rows]]


def test_published_tables_read_as_their_authors_count(shared_data: Path) -> None:
    """Three real tables: binary with four judges, three classes with free-text replies, pairs with mapped ties."""
    jailbreaks = ratings_from_wide(
        read_table(shared_data / "jbb_judge_comparison" / "labels.csv"),
        TableOptions(
            human=("human1", "human2", "human3"),
            judge=("gpt4_cf", "llama3_cf", "harmbench_cf", "llamaguard2_cf"),
            labels=("0", "1"),
            by=("prompt_equals_goal",),
        ),
    )
    assert jailbreaks.join == (
        "300 items, 300 labelled by 3 people, 300 judged by 4 judges",
        "taken as item: item_id; people: human1, human2, human3; judges: gpt4_cf, llama3_cf, harmbench_cf, llamaguard2_cf; "
        "strata: prompt_equals_goal; not a label: human_majority, response_chars",
    )
    assert jailbreaks.ratings[0].columns == {"prompt_equals_goal": ("prompt_equals_goal=0", "prompt_equals_goal=1")}
    refusals = ratings_from_wide(
        read_table(shared_data / "xstest_refusal" / "labels.csv"),
        TableOptions(
            human=("annotation_1", "annotation_2"),
            judge=("strmatch_label", "gpt4_label"),
            labels=("1_full_compliance", "2_full_refusal", "3_partial_refusal"),
            scale="nominal",
            item=("model", "id"),
            unusable=("*",),
            by=("model",),
        ),
    )
    counted = {row.judge: row.unanswered for row in refusals.flow[0].judges}
    assert counted == {"strmatch_label": 0, "gpt4_label": 11}
    pairs = ratings_from_wide(
        read_table(shared_data / "pandalm_pairwise" / "labels.csv"),
        TableOptions(
            human=("annotator1", "annotator2", "annotator3"),
            judge=("judge_gpt35", "judge_pandalm7b"),
            labels=("0", "1", "2"),
            scale="nominal",
            item=("idx",),
            map=(parse_map("judge_gpt35:Tie=0"),),
            unusable=("garbage",),
        ),
    )
    assert pairs.join[1] == "25 verdicts without a usable label: judge_gpt35 25"
    assert pairs.ratings[0].people.shape == (3, 999)
