"""Bad input ends with exit code 2, nothing on stdout, and one line on stderr: what, where, how to mend it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Refused = Callable[..., str]

RATERS = ["--human", "ann,bob", "--judge", "gpt"]
FLAGS = [*RATERS, "--labels", "safe,unsafe"]
HEAD = "item_id,ann,bob,gpt\n"
MEND = "translate it with --map or set it aside with --unusable"
NEEDED = "a table needs named columns and at least one row of cells"

#: file name, its content, flags, the whole line
TABLES: list[tuple[str, bytes | str, list[str], str]] = [
    (
        "t.csv",
        HEAD + "a,safe,safe,safe\n",
        ["--human", "ann,bo", *FLAGS[2:]],
        "t.csv: no column 'bo' for --human (did you mean 'bob'?); columns are item_id, ann, bob, gpt",
    ),
    (
        "t.csv",
        HEAD + "a,safe,safe,safe\nb,safe,saef,safe\n",
        FLAGS,
        f"t.csv row 3, column 'bob': 'saef' is not one of the labels safe, unsafe (did you mean 'safe'?); {MEND}",
    ),
    (
        "t.csv",
        HEAD + "a,safe,safe,safe\nb,safe,safe,safe\na,safe,safe,safe\n",
        FLAGS,
        "t.csv rows 2 and 4: item 'a' stands twice; keep one row, or name the columns that tell items apart with "
        "--item a,b",
    ),
    (
        "t.csv",
        HEAD + "a,safe,safe,\nb,safe,unsafe,\n",
        FLAGS,
        "t.csv: judge column 'gpt' is empty: no cell says anything; leave it out",
    ),
    ("t.csv", "", FLAGS, f"t.csv: the file is empty; {NEEDED}"),
    ("t.csv", HEAD, FLAGS, f"t.csv: there are columns and no rows; {NEEDED}"),
    (
        "t.csv",
        HEAD + "a,safe,safe,safe\nb,safe,safe\n",
        FLAGS,
        "t.csv row 3: 3 cells where the header has 4; quote cells that hold ','",
    ),
    (
        "t.csv",
        "<!DOCTYPE html>\n<html><body>404 Not Found</body></html>\n",
        FLAGS,
        "t.csv: this is a web page (HTML or XML), not .csv; fetch the file itself, e.g. its raw address",
    ),
    (
        "t.csv",
        HEAD + "a,safe,safe,safe\n",
        [*RATERS, "--labels", "safe,unsafe,maybe"],
        "question 'label': a binary scale has 2 labels, here are 3 (safe, unsafe, maybe); use --scale nominal or --map",
    ),
    (
        "t.csv",
        HEAD + "a,safe,safe,safe\n",
        [*FLAGS, "--scale", "interval"],
        "question 'label': label 'safe' is not a number, so the scale is not interval; use --scale ordinal or nominal",
    ),
    (
        "t.csv",
        HEAD + "a,safe,safe,never\nb,,,safe\n",
        [*FLAGS, "--not-asked", "never"],
        "t.csv: question 'label': no overlap between labels and verdicts: no item has both; check that both name the "
        "items alike",
    ),
    ("t.parquet", HEAD, FLAGS, "t.parquet: this is not Parquet; name it for what it is (.csv, .tsv, .jsonl)"),
    ("t.csv.gz", HEAD, FLAGS, "t.csv.gz: this is not gzip; drop .gz from its name"),
    ("t.csv.zst", HEAD, FLAGS, "t.csv.zst: this is not Zstandard; drop .zst from its name"),
    (
        "t.jsonl",
        HEAD,
        FLAGS,
        "t.jsonl row 1: not JSON (Expecting value at character 1); each line must be one JSON object",
    ),
    (
        "t.csv",
        '{"item_id": "a"}\n',
        FLAGS,
        "t.csv: this is JSON, not .csv; write one object per line and name it .jsonl",
    ),
    (
        "t.csv",
        b"PK\x03\x04rest of a spreadsheet",
        FLAGS,
        "t.csv: this is a zip archive or a spreadsheet (.xlsx), not .csv; save it as CSV from the program that made it",
    ),
    (
        "t.xlsx",
        b"PK\x03\x04",
        FLAGS,
        "t.xlsx: the name must end in .csv, .tsv, .jsonl, .parquet (each also with .gz or .zst)",
    ),
    (
        "t.csv",
        "item_id,ann,bob,gpt,w\na,safe,safe,safe,1\nb,safe,safe,safe,-2\n",
        [*FLAGS, "--weight", "w"],
        "t.csv row 3, column 'w': '-2' is not a weight, which is a number above 0; correct the cell",
    ),
    (
        "t.csv",
        "item_id,ann,bob,gpt,w\na,safe,safe,safe,1\nb,safe,safe,safe,1e300\n",
        [*FLAGS, "--weight", "w"],
        "t.csv row 3, column 'w': weight 1e+300 is not between 1e-12 and 1e+12; rescale the weights",
    ),
    (
        "t.csv",
        "item_id,ann,bob,gpt,p\na,safe,safe,safe,0.5\nb,safe,safe,safe,1.5\n",
        [*FLAGS, "--probability", "gpt=p"],
        "t.csv row 3, column 'p': 1.5 is not a probability, which lies from 0 to 1",
    ),
    (
        "t.csv",
        "item_id,ann,bob,gpt,b\n" + "".join(f"i{n},safe,unsafe,safe,v{n}\n" for n in range(501)),
        [*FLAGS, "--by", "b"],
        "t.csv: --by b makes 501 strata, more than 500; a stratum needs many items, so name a column with few values",
    ),
    (
        "t.csv",
        HEAD + "a,1e200,1,1\n",
        [*RATERS, "--scale", "interval"],
        "question 'label': label '1e200' is too large to reckon with; rescale the numbers below 1e+100",
    ),
]

#: flags after a table that is good, the whole line
OPTIONS: list[tuple[list[str], str]] = [
    (["--xyzzy"], "No such option: --xyzzy; see `judgeaudit audit --help`"),
    (["--seed"], "Option '--seed' requires an argument; see `judgeaudit audit --help`"),
    (["--seed", "-1"], "seed -1 is negative; take 0 or more"),
    (["--replicates", "3"], "replicates 3 is not between 200 and 200,000"),
    (["--level", "2"], "level 2.0 is not between 0.5 and 1 (0.95 means 95% intervals)"),
    (["--level", "nan"], "level nan is not between 0.5 and 1 (0.95 means 95% intervals)"),
    (
        ["--alt-test-epsilon", "1.5"],
        "alt_test_epsilon 1.5 is not between 0 and 1 (0.2 beside experts, 0.1 beside a crowd)",
    ),
    (["--interval", "bcaa"], "interval 'bcaa' is not auto, bca or percentile (did you mean 'bca'?)"),
    (["--unanswered", "as:nonsense"], "--unanswered as:nonsense: 'nonsense' is not one of the labels safe, unsafe"),
    (["--unanswered", "nonsense"], "unanswered 'nonsense' is not counted, left-out or as:LABEL"),
    (
        ["--reference", "nonsense"],
        "good.csv: --reference 'nonsense' is no rule (majority, each, dawid-skene) and no column",
    ),
    (
        ["--label-source", "peopel"],
        "no label source 'peopel' (did you mean 'people'?); they are people, models, construction, simulation",
    ),
    (["--map", "yes"], "--map 'yes': write COLUMN:FROM=TO or FROM=TO, for example gpt4:yes=1"),
    (["--cut", "gpt=4"], "--cut 'gpt=4': write COLUMN>=NUMBER with one of >= > <= <, for example 'gpt4>=4'"),
    (["--threshold", "gpt=2"], "--threshold 'gpt=2': a threshold is a number from 0 to 1"),
    (["--probability", "gpt"], "--probability 'gpt': write JUDGE=VALUE, for example --probability gpt4=gpt4_prob"),
    (["--sep", "xx"], "--sep 'xx': a separator is one character, such as , or ; or \\t"),
    (["--encoding", "nonsense"], "no text encoding 'nonsense'; try --encoding utf-8, cp1252 or utf-16"),
    (
        ["--long", "item_id,ann"],
        "good.csv: --long needs the columns item,rater,label or item,rater,label,question, in this order",
    ),
    (["--json", "folder"], "cannot write folder: Is a directory"),
    (["--html", "folder"], "cannot write folder: Is a directory"),
    (["--md", "good.csv/x/out.md"], "cannot write good.csv/x/out.md: Not a directory"),
    (
        ["--disagreements", "out.txt"],
        "out.txt: the name must end in .csv, .tsv, .jsonl, .parquet (each also with .gz or .zst)",
    ),
    (["--json", "good.csv"], "--json good.csv: this file is TABLE already; name another"),
    (["--html", "x", "--md", "./x"], "--md ./x: this file is --html already; name another"),
    (["--policy", "none.toml"], "none.toml: cannot be read (No such file or directory); name a TOML file"),
]

#: a policy file's text, the whole line
POLICIES: list[tuple[str, str]] = [
    ("level = = 2\n", "p.toml: not TOML: Invalid value (at line 1, column 9)"),
    (
        "levl = 0.9\n",
        "p.toml: levl: no such key (did you mean 'level'?); keys here are level, judges, label_source, require",
    ),
    (
        '[[require]]\nstatistic = "cohens_kappa"\nat_least = 0.5\n',
        "p.toml: require#1.statistic: no statistic 'cohens_kappa' (did you mean 'cohen_kappa'?)",
    ),
    ('[[require]]\nstatistic = "f1"\n', "p.toml: require#1: give at_least, at_most or both"),
]


def write(path: Path, content: bytes | str) -> None:
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))


@pytest.mark.parametrize(("name", "content", "flags", "line"), TABLES)
def test_tables_that_cannot_be_audited(
    refused: Refused, tmp_path: Path, name: str, content: bytes | str, flags: list[str], line: str
) -> None:
    """The line begins with the file, goes on with row and column where there are any, and ends with the way out."""
    write(tmp_path / name, content)
    assert refused(["audit", name, *flags], cwd=tmp_path) == line


@pytest.mark.parametrize(("flags", "line"), OPTIONS)
def test_options_that_cannot_be_meant(refused: Refused, good: Path, flags: list[str], line: str) -> None:
    """The line names the option and the value that was given."""
    (good / "folder").mkdir()
    before = (good / "good.csv").read_bytes()
    if flags[0] not in ("--replicates", "--seed"):
        flags = [*flags, "--replicates", "200"]
    assert refused(["audit", "good.csv", *FLAGS, *flags], cwd=good) == line
    assert (good / "good.csv").read_bytes() == before


@pytest.mark.parametrize("flags", [["--level", "abc"], ["--replicates", "1.5"], ["--seed", "x"]], ids=" ".join)
def test_values_of_the_wrong_type(refused: Refused, good: Path, flags: list[str]) -> None:
    """A value that is no number is refused with the option's name and the way to its help."""
    line = refused(["audit", "good.csv", *FLAGS, *flags], cwd=good)
    assert f"Invalid value for '{flags[0]}'" in line
    assert line.endswith("; see `judgeaudit audit --help`")


@pytest.mark.parametrize("command", ["judge", "probe"])
def test_money_is_no_less_than_nothing(refused: Refused, good: Path, command: str) -> None:
    """A limit that no run can keep is refused before anything is read."""
    line = refused([command, ".", "--max-cost", "-1"], cwd=good)
    assert "Invalid value for '--max-cost': Input should be greater than or equal to 0" in line


@pytest.mark.parametrize(("text", "line"), POLICIES)
def test_policies_that_cannot_be_read(refused: Refused, good: Path, text: str, line: str) -> None:
    """A policy is read whole before anything is computed."""
    write(good / "p.toml", text)
    assert refused(["audit", "good.csv", *FLAGS, "--policy", "p.toml"], cwd=good) == line


def test_a_windows_encoded_file_names_its_encoding(
    refused: Refused, call_command: Callable[..., object], tmp_path: Path
) -> None:
    """The line says --encoding cp1252, and with that flag the very file is audited."""
    write(tmp_path / "t.csv", "item_id,ann,bob,gpt,note\na,safe,safe,safe,caf\xe9\n".encode("cp1252"))
    assert refused(["audit", "t.csv", *FLAGS], cwd=tmp_path) == (
        "t.csv row 2: not UTF-8 (byte 0xe9); try --encoding cp1252"
    )
    ran = call_command(["audit", "t.csv", *FLAGS, "--encoding", "cp1252", "--replicates", "200"], cwd=tmp_path)
    assert (ran.code, ran.err) == (0, "")  # type: ignore[attr-defined]


def test_a_table_that_is_not_there(refused: Refused, tmp_path: Path) -> None:
    """The line names the file that was asked for."""
    assert refused(["audit", "none.csv", *FLAGS], cwd=tmp_path) == "no file none.csv"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["frobnicate"], "No such command 'frobnicate'; see `judgeaudit --help`"),
        (["filter", "v.csv", "--audit", "a.json"], "Missing option '-o' / '--output'; see `judgeaudit filter --help`"),
        (["import"], "Missing argument '[KIND] PATH [STUDY]'; see `judgeaudit import --help`"),
        (["import", "."], ". is a folder; name the file to import, as in `judgeaudit import PATH .`"),
        (["import", "none.csv"], "none.csv: no such file"),
        (["audit", "empty"], "empty/study.toml: no such file; `judgeaudit init empty` makes a study"),
        (["gate", "empty"], "empty/audit.json: no such audit; make it with `judgeaudit audit`"),
        (["report", "empty"], "empty/audit.json: no such audit; make it with `judgeaudit audit`"),
        (["gate", "none.json"], "none.json: no such audit; make it with `judgeaudit audit`"),
        (
            ["init", "new", "--template", "saftey"],
            "no template 'saftey' (did you mean 'safety'?); templates are pairwise, quality, refusal, safety",
        ),
        (
            ["simulate", "--items", "0"],
            "simulation: items = 0 cannot be drawn; give a number from 30 to 1000000",
        ),
        (
            ["simulate", "--world", "flat"],
            "no planted world 'flat'; there are invented-effect, hidden-effect, equal-at-goal, other-benchmark",
        ),
        (
            ["simulate", "--world", "hidden-effect", "--items", "60"],
            "--items is not of planted worlds, where the world says it; leave it out",
        ),
        (
            ["simulate", "--labelled", "60"],
            "--labelled is of planted worlds; name one with --world, or leave it out",
        ),
        (["demo", "--out", "file"], "file is a file; name a folder with --out"),
        (["datasets", "get", "nope"], "no data set 'nope'; there are jailbreakbench-judges, pandalm, xstest"),
    ],
)
def test_commands_that_cannot_be_run(refused: Refused, tmp_path: Path, arguments: list[str], line: str) -> None:
    """Every command refuses in the same way."""
    (tmp_path / "empty").mkdir()
    write(tmp_path / "file", "x")
    assert refused(arguments, cwd=tmp_path) == line


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ('{"schema": 1, "findings": [{"nope": 1}]}', ["a damaged audit.json", "make it again with `judgeaudit audit`"]),
        ('{"schema": 1, "findi', ["not JSON", "make it again with `judgeaudit audit`"]),
        ("[]", ["not an audit.json of schema 1", "make it with `judgeaudit audit`"]),
        ("{}", ["not an audit.json of schema 1", "make it with `judgeaudit audit`"]),
        ('{"schema": 2, "findings": []}', ["not an audit.json of schema 1", "make it with `judgeaudit audit`"]),
        ("[" * 100_000, ["not JSON", "make it again with `judgeaudit audit`"]),
    ],
)
@pytest.mark.parametrize("command", ["gate", "report"])
def test_a_damaged_audit(refused: Refused, tmp_path: Path, command: str, text: str, parts: list[str]) -> None:
    """What cannot be read back is named with its file and the command that makes it anew."""
    write(tmp_path / "a.json", text)
    line = refused([command, "a.json"], cwd=tmp_path)
    assert line.startswith("a.json: ")
    assert all(part in line for part in parts)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda text: f"colour = 1\n{text}", "study/study.toml: colour: no such key"),
        (
            lambda text: text.replace("scale =", "scal =", 1),
            "study/study.toml: questions.harm.scal: no such key (did you",
        ),
        (lambda text: text + "\n[[[", "study/study.toml: not TOML"),
        (lambda _: "", "study/study.toml: questions: is missing"),
    ],
)
def test_a_study_toml_that_cannot_be_used(
    refused: Refused, study: Path, change: Callable[[str], str], line: str
) -> None:
    """A key that is not known is named with its section and what was probably meant."""
    toml = study / "study.toml"
    write(toml, change(toml.read_text(encoding="utf-8")))
    assert refused(["audit", "study"], cwd=study.parent).startswith(line)


def test_flags_of_a_table_are_refused_for_a_study(refused: Refused, study: Path) -> None:
    """What study.toml says is not said again by a flag; a flag is never silently ignored."""
    for flag, value in (("--human", "ann"), ("--encoding", "cp1252"), ("--by", "x"), ("--long", "a,b,c")):
        line = refused(["audit", "study", flag, value], cwd=study.parent)
        assert line.startswith(f"{flag} belongs to a table; study is a folder")


def test_a_study_is_not_written_over(refused: Refused, study: Path) -> None:
    """A report never takes the place of what the study reads."""
    before = {file: file.read_bytes() for file in study.rglob("*") if file.is_file()}
    line = refused(["audit", "study", "--json", "study/annotations.jsonl"], cwd=study.parent)
    assert line == "--json study/annotations.jsonl: this file is the study's annotations.jsonl already; name another"
    assert refused(["simulate", "--out", "study"], cwd=study.parent).startswith("study/outputs.jsonl is already there")
    assert refused(["init", "study"], cwd=study.parent) == (
        "study/study.toml is already there and is not overwritten; name another folder"
    )
    assert {file: file.read_bytes() for file in study.rglob("*") if file.is_file()} == before
