"""What was taken for what is said, so that an id or a text that was read as a rater is seen."""

from __future__ import annotations

from pathlib import Path

from judgeaudit.storage.files.read import read_table
from judgeaudit.storage.table.long import ratings_from_long
from judgeaudit.storage.table.options import TableOptions
from judgeaudit.storage.table.wide import ratings_from_wide


def line(folder: Path, text: str, **options: object) -> str:
    """The line of the table in `text`, which is the last of the account of its rows."""
    (folder / "t.csv").write_text(text, encoding="utf-8")
    read = ratings_from_long if "long" in options else ratings_from_wide
    return read(read_table(folder / "t.csv"), TableOptions(labels=("0", "1"), **options)).join[-1]  # type: ignore[arg-type]


def test_every_column_of_a_wide_table_has_its_place(tmp_path: Path) -> None:
    """Raters, what flags name, and what nobody named: a forgotten rater stands among the last."""
    text = "id,ann,bob,gpt,p,gold,set,w,run\na,0,1,0,0.2,0,x,1,7\nb,1,1,1,0.9,1,y,2,8\n"
    told = line(
        tmp_path,
        text,
        item=("id",),
        human=("ann",),
        judge=("gpt",),
        reference="gold",
        probability={"gpt": "p"},
        weight="w",
        by=("set",),
    )
    assert told == (
        "taken as item: id; people: ann; judges: gpt; reference: gold; probability: gpt=p; weight: w; strata: set; "
        "not a label: bob, run"
    )


def test_a_text_column_taken_for_the_rater_is_seen(tmp_path: Path) -> None:
    """In a long table the names of the raters come from a column: if it holds texts, the texts are shown as people."""
    text = "item,who,note,label\na,ann,first try,0\nb,ann,too short,1\n"
    assert line(tmp_path, text, long=("item", "note", "label")) == (
        "taken as item: item; rater: note; label: label; people: first try, too short; not a label: who"
    )


def test_many_names_are_counted(tmp_path: Path) -> None:
    """An id that is taken for the rater makes as many people as rows; the line stays short."""
    text = "item,who,label\n" + "".join(f"i{n},r{n},{n % 2}\n" for n in range(50))
    assert "r18, r19, … (50 in all)" in line(tmp_path, text, long=("item", "who", "label"))
