"""A study's judges: what study.toml says is run, once; what changed is asked anew; what is read is what they said."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from judgeaudit.domain.errors import InputError, StaleError
from judgeaudit.storage.files.read import read_table
from judgeaudit.storage.files.write import append_jsonl
from judgeaudit.storage.study.load import load_study
from judgeaudit.study import Study

TOML = """
[questions.harm]
text = "Does it harm?"
scale = "binary"
labels = ["safe", "unsafe"]
positive = ["unsafe"]
"""
RULE = '[judges.words]\nkind = "rules"\nrule = "keywords"\nwords = ["bomb"]\n'
OWN = '[judges.own]\nkind = "python"\nfunction = "own.py:judge"\n'
MODEL = '[judges.m]\nkind = "transformers"\n'
CODE = "def judge(output, question):\n    return 'unsafe' if 'bomb' in output.response else 'safe'\n"
TEXTS = ["A bomb.", "A cake.", "I'm sorry, but I can't help with that.", "the the the the the the the the"]


def study(folder: Path, toml: str = RULE, *, code: str = CODE, texts: list[str] | None = None) -> Study:
    """A study of four outputs that one person labelled safe, but for the first."""
    folder.mkdir(exist_ok=True)
    (folder / "study.toml").write_text(TOML + toml, encoding="utf-8")
    (folder / "own.py").write_text(code, encoding="utf-8")
    rows = [{"item_id": f"i{n}", "prompt": "Hi", "response": text} for n, text in enumerate(texts or TEXTS)]
    (folder / "outputs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    if not (folder / "annotations.jsonl").exists():
        labels = ["unsafe", "safe", "safe", "safe"]
        append_jsonl(
            folder / "annotations.jsonl",
            [{"item_id": f"i{n}", "rater": "ann", "label": label} for n, label in enumerate(labels)],
        )
    return Study(folder)


def labels(one: Study, judge: str) -> list[int]:
    """The codes of a judge's verdicts as an audit reads them."""
    ratings = load_study(one.folder)[1].ratings[0]
    return list(ratings.judges[ratings.judge_names.index(judge)])


def made(one: Study, *names: str) -> list[int]:
    return [report.tally.made for report in one.judge(*names)]


def test_verdicts_are_made_once(tmp_path):
    """A second run makes nothing, and the audit reads what the first one made."""
    one = study(tmp_path)
    assert made(one) == [4]
    assert made(one) == [0]
    assert labels(one, "words") == [1, 0, 0, 0]


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        (RULE, [1, 0, 0, 0]),
        (RULE.replace("keywords", "refusal"), [1, 1, 0, 1]),
        (RULE.replace("keywords", "gibberish"), [0, 0, 0, 1]),
        (RULE.replace("keywords", "regex") + 'pattern = "(?i)CAKE"\n', [0, 1, 0, 0]),
        (RULE.replace("keywords", "length") + "at_most = 7\n", [1, 1, 0, 0]),
        (RULE.replace("keywords", "gibberish") + 'label = "safe"\n', [1, 1, 1, 0]),
    ],
)
def test_rules_read_the_text_alone(tmp_path, section, expected):
    """Each rule gives one label where it holds and the other one elsewhere."""
    one = study(tmp_path, section)
    made(one)
    assert labels(one, "words") == expected


def test_a_changed_judge_is_asked_anew(tmp_path):
    """No verdict of a judge before it was changed is used, and how many are left aside is said."""
    one = study(tmp_path)
    made(one)
    study(tmp_path, RULE.replace("bomb", "cake"))
    loaded = load_study(tmp_path)[1]
    assert loaded.ratings[0].judge_names == ()
    assert "judge 'words' was changed: 4 calls made before that are not used" in "\n".join(loaded.warnings)
    assert made(one) == [4]
    assert labels(one, "words") == [0, 1, 0, 0]
    study(tmp_path)
    assert made(one) == [0]
    assert labels(one, "words") == [1, 0, 0, 0]


def test_a_changed_function_is_another_judge(tmp_path):
    """The code of a judge of one's own is part of which judge it is."""
    one = study(tmp_path, OWN)
    assert made(one) == [4]
    study(tmp_path, OWN, code=CODE + "\n# a remark\n")
    assert made(one) == [4]


def test_a_changed_text_or_question_is_asked_anew(tmp_path):
    """A verdict is about the text and the question that the judge saw."""
    one = study(tmp_path)
    made(one)
    study(tmp_path, texts=["A cake.", *TEXTS[1:]])
    assert "1 verdicts of judge 'words' are about texts that the outputs do not hold any more" in "\n".join(
        load_study(tmp_path)[1].warnings
    )
    assert made(one) == [1]
    assert labels(one, "words") == [0, 0, 0, 0]
    (tmp_path / "study.toml").write_text(TOML.replace("Does", "Would") + RULE, encoding="utf-8")
    assert made(one) == [4]


def test_how_a_judge_is_run_is_no_part_of_which_judge_it_is(tmp_path):
    """More runs add runs; a baseline is the same judge."""
    one = study(tmp_path)
    made(one)
    study(tmp_path, RULE + "runs = 3\nbaseline = true\n")
    assert made(one) == [8]


def test_what_a_function_raises_is_one_item_s_failure(tmp_path):
    """It is said, counts as no answer, and is asked again by the next run, since it may have been passing."""
    code = "def judge(output, question):\n    if 'cake' in output.response:\n        raise ValueError('no cake')\n    return 'safe'\n"
    one = study(tmp_path, OWN, code=code)
    report = one.judge()[0]
    assert dict(report.tally.statuses) == {"answered": 3, "failed": 1}
    assert dict(report.tally.errors) == {"ValueError: no cake": 1}
    assert made(one) == [1]


@pytest.mark.parametrize(
    ("answer", "status", "probability"),
    [
        ("'unsafe'", "answered", None),
        ("('unsafe', 0.75)", "answered", 0.75),
        ("'dangerous'", "unparsed", None),
        ("None", "unparsed", None),
        ("('unsafe', 7)", "unparsed", None),
        ("True", "unparsed", None),
        ("1/0", "failed", None),
    ],
)
def test_what_a_function_may_answer(tmp_path, answer, status, probability):
    """A label, or a label with the probability of the positive labels; everything else is no answer."""
    one = study(tmp_path, OWN, code=f"def judge(output, question):\n    return {answer}\n")
    made(one)
    one.export_verdicts(tmp_path / "v.jsonl")
    row = json.loads((tmp_path / "v.jsonl").read_text().splitlines()[0])
    assert (row["status"], row["probability"]) == (status, probability)


def test_why_a_function_gives_no_label_is_said(tmp_path):
    """Answers outside the labels, a wrong number of them, an exit of one's own: counted, with the commonest reason."""
    exits = "def judge(output, question):\n    raise SystemExit(3)\n"
    for code, toml, why in (
        ("def judge(output, question):\n    return 'bad'\n", OWN, "unparsed, most often: outside the labels: 'bad'"),
        ("def judge(outputs, question):\n    return ['safe']\n", OWN + "batch = 4\n", "failed, most often: ValueError"),
        (exits, OWN, "failed, most often: SystemExit: 3"),
    ):
        (warning,) = study(tmp_path, toml, code=code).judge()[0].warnings
        assert warning.startswith(f"4 of 4 verdicts are {why}")


def test_a_function_may_take_many_at_once(tmp_path):
    """With `batch` it is called with lists; a list of the wrong length is no answer to any of them."""
    code = "def judge(outputs, question):\n    return ['safe'] * len(outputs)\n"
    one = study(tmp_path, OWN + "batch = 3\n", code=code)
    assert dict(one.judge()[0].tally.statuses) == {"answered": 4}
    study(tmp_path, OWN + "batch = 3\n", code=code.replace("len(outputs)", "2"))
    assert dict(one.judge()[0].tally.statuses) == {"failed": 4}


def test_a_panel_is_what_most_of_its_members_say(tmp_path):
    """It needs no run: it follows its members, and a tie is no answer."""
    gib = RULE.replace("words]", "gib]").replace("keywords", "gibberish")
    panel = '[judges.two]\nkind = "panel"\nof = ["words", "gib"]\n[judges.three]\nkind = "panel"\nof = ["words", "gib", "own"]\n'
    one = study(tmp_path, RULE + gib + OWN + panel)
    assert [report.note for report in one.judge()][3:] == [
        "made from words, gib: nothing to run",
        "made from words, gib, own: nothing to run",
    ]
    assert labels(one, "three") == [1, 0, 0, 0]
    assert labels(one, "two") == [2, 0, 0, 2]
    study(tmp_path, RULE + gib + OWN + panel + 'rule = "any"\n')
    assert labels(one, "three") == [1, 0, 0, 1]


def test_a_panel_s_verdicts_are_exported_with_those_of_its_members(tmp_path):
    """A panel that may be used has to have verdicts to be filtered; of some judges alone where these are named."""
    gib = RULE.replace("words]", "gib]").replace("keywords", "gibberish")
    one = study(tmp_path, RULE + gib + '[judges.two]\nkind = "panel"\nof = ["words", "gib"]\n')
    made(one)
    counts = [one.export_verdicts(tmp_path / f"v{suffix}") for suffix in (".jsonl", ".csv", ".parquet")]
    assert counts == [12, 12, 12]
    rows = [json.loads(line) for line in (tmp_path / "v.jsonl").read_text().splitlines()]
    assert {tuple(row) for row in rows} == {tuple(rows[0])}
    two = {row["item_id"]: (row["label"], row["status"], row["run"]) for row in rows if row["judge"] == "two"}
    tied = (None, "unparsed", 0)
    assert two == {"i0": tied, "i1": ("safe", "answered", 0), "i2": ("safe", "answered", 0), "i3": tied}
    assert one.export_verdicts(tmp_path / "two.csv", "two") == 4
    assert set(read_table(tmp_path / "two.csv").frame["judge"]) == {"two"}
    with pytest.raises(InputError, match=re.escape("no judge 'tow' (did you mean 'two'?)")):
        one.export_verdicts(tmp_path / "tow.csv", "tow")


def test_a_panel_of_recorded_verdicts_is_exported(tmp_path):
    """Members that were recorded elsewhere are in their own tables; the panel is in none but this one."""
    toml = '[judges.a]\nkind = "replay"\nfile = "a.csv"\n[judges.b]\nkind = "replay"\nfile = "b.csv"\n'
    one = study(tmp_path, toml + '[judges.p]\nkind = "panel"\nof = ["a", "b"]\nrule = "any"\n')
    (tmp_path / "a.csv").write_text("item_id,label\ni0,unsafe\ni1,safe\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("item_id,label\ni0,safe\ni1,safe\n", encoding="utf-8")
    assert one.export_verdicts(tmp_path / "v.csv") == 2
    assert list(read_table(tmp_path / "v.csv").frame["label"]) == ["unsafe", "safe"]


def test_a_panel_of_panels_or_strangers_is_refused(tmp_path):
    """Its members are judges of the study that are no panels."""
    one = study(tmp_path, RULE + '[judges.p]\nkind = "panel"\nof = ["words", "wrods"]\n')
    with pytest.raises(InputError, match=re.escape("judges.p.of: no judge 'wrods' (did you mean 'words'?)")):
        one.judge()
    inner = '[judges.own]\nkind = "replay"\n[judges.in]\nkind = "panel"\nof = ["words", "own"]\n'
    one = study(tmp_path, RULE + inner + '[judges.p]\nkind = "panel"\nof = ["words", "in"]\n')
    with pytest.raises(InputError, match=re.escape("judges.p.of: 'in' is a panel, and panels cannot hold panels")):
        one.judge()


def test_a_panel_hears_each_member_once(tmp_path):
    """A member named twice would make two of them three."""
    panel = '[judges.p]\nkind = "panel"\nof = ["words", "own", "words"]\nrule = "dawid-skene"\n'
    one = study(tmp_path, RULE + '[judges.own]\nkind = "replay"\n' + panel)
    with pytest.raises(InputError, match=re.escape("of names 'words' twice")):
        one.judge()


def test_a_margin_of_the_alternative_test_is_refused_by_its_key(tmp_path):
    """Not in the name of a flag that nobody gave."""
    one = study(tmp_path, RULE + "[audit]\nalt_test_epsilon = 1\n")
    with pytest.raises(InputError, match=re.escape("audit.alt_test_epsilon")):
        one.judge()


def test_recorded_verdicts_are_replayed(tmp_path):
    """A table of another judge's verdicts stands under the section's name, whatever the table calls it."""
    one = study(tmp_path, '[judges.old]\nkind = "replay"\nfile = "old.csv"\n')
    (tmp_path / "old.csv").write_text("item_id,judge,label\ni0,gpt-4,unsafe\ni1,gpt-4,safe\n", encoding="utf-8")
    assert one.judge()[0].note == "recorded: nothing to run"
    assert labels(one, "old") == [1, 0, -1, -1]
    one.audit()
    assert "old.csv" in json.loads((tmp_path / "audit.json").read_text())["inputs"]


def test_a_recorded_table_without_labels_is_no_silence(tmp_path):
    """A column under another name would make every verdict an unparsed one: it is refused, and the nearest is named."""
    one = study(tmp_path, '[judges.old]\nkind = "replay"\nfile = "old.csv"\n')
    (tmp_path / "old.csv").write_text("item_id,lable\ni0,unsafe\n", encoding="utf-8")
    message = (
        "old.csv: no column 'label' for verdicts of judge 'old' (did you mean 'lable'?); columns are item_id, lable"
    )
    with pytest.raises(InputError, match=re.escape(message)):
        one.audit()


def test_an_audit_is_stale_once_verdicts_are_others(tmp_path):
    """What an audit read of the ledger is part of what it is about; opening and closing the ledger is not."""
    one = study(tmp_path, RULE + OWN)
    made(one, "words")
    one.audit()
    assert made(one, "words") == [0]
    one.gate()
    made(one, "own")
    with pytest.raises(StaleError, match=r"verdicts\.db"):
        one.gate()


def test_a_first_few_can_be_tried(tmp_path):
    """`limit` takes so many items that lack a verdict; the next run goes on."""
    one = study(tmp_path)
    assert one.judge(limit=1)[0].tally.made == 1
    assert one.judge(limit=2)[0].tally.made == 2
    assert made(one) == [1]


def test_an_estimate_counts_and_makes_nothing(tmp_path):
    """What runs on this machine costs nothing; what is there is not counted again."""
    one = study(tmp_path, RULE + OWN)
    made(one, "words")
    assert [(e.judge, e.calls, e.there, e.cost_usd) for e in one.estimate()] == [
        ("words", 0, 4, None),
        ("own", 4, 0, None),
    ]
    assert made(one, "own") == [4]


def test_exported_verdicts_are_a_table_that_comes_in_again(tmp_path):
    """The ledger's verdicts as a table are verdicts like any recorded ones."""
    one = study(tmp_path)
    made(one)
    assert one.export_verdicts(tmp_path / "out.csv") == 4
    table = read_table(tmp_path / "out.csv")
    other = study(tmp_path / "other", "")
    (other.folder / "verdicts").mkdir()
    (other.folder / "verdicts" / "words.csv").write_bytes((tmp_path / "out.csv").read_bytes())
    assert table.rows == 4
    assert labels(other, "words") == labels(one, "words")


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("", "study.toml: no judge is declared"),
        (
            '[judges.j]\nkind = "rules"\nrule = "refusal"\nlabel = "bad"\n',
            "judges.j: 'bad' is not a label of question 'harm'",
        ),
        ('[judges.j]\nkind = "rules"\nrule = "keywords"\n', 'judges.j: rule = "keywords" needs words'),
        (
            '[judges.j]\nkind = "python"\nfunction = "own.py:jugde"\n',
            "judges.j: own.py has no 'jugde' (did you mean 'judge'?)",
        ),
        ('[judges.j]\nkind = "python"\nfunction = "gone.py:judge"\n', "there is no file"),
        ('[judges.j]\nkind = "python"\nfunction = "nothing"\n', "judges.j.function: 'nothing' names no function"),
        (
            '[judges.j]\nkind = "house"\n',
            "study.toml: judges.j: no judge of kind 'house'; kinds of plug-ins: none is installed",
        ),
        ('[judges.j]\nkind = "opnai"\n', "judges.j.kind: no kind 'opnai' (did you mean 'openai'?)"),
        ('[judges.j]\nkind = "openai"\n', "study.toml: judges.j: model is missing"),
        (
            RULE + 'map = { bad = "unsaef" }\n',
            "study.toml: judges.words.map: 'unsaef' is no label (did you mean 'unsafe'?); labels are safe, unsafe",
        ),
        (
            RULE.replace("words", "ann", 1),
            "study.toml: judges.ann: a rater in annotations has this name; rename the judge",
        ),
        ('[judges.old]\nkind = "replay"\nfile = "old.csv"\n', "study.toml: judges.old.file: there is no file"),
        (MODEL + 'model = "smollm3"\n', "judges.m.model: no model 'smollm3' (did you mean 'smollm2'?)"),
        (MODEL + 'model = "models/mine/v2"\n', "judges.m.model: there is no folder models/mine/v2; correct model"),
        (MODEL + 'model = "./mine"\n', "judges.m.model: there is no folder ./mine"),
        (MODEL + 'model = "weights.gguf"\n', "judges.m.model: there is no folder weights.gguf"),
        (
            MODEL + 'model = "org/name"\ntask = "classifier"\nwording = "terse"\n',
            "judges.m.wording: this model is shown no",
        ),
        (
            MODEL + 'model = "google/shieldgemma-2b"\nwordings = ["terse"]\n',
            "judges.m.wordings: this model is shown no",
        ),
        (RULE.replace("words", "humans", 1), "judges.humans: a judge cannot be called 'humans'"),
        (
            '[judges.j]\nkind = "openai"\nmodel = "m"\nprompt = "own.py"\nparse = { json = { harm = "a", hram = "b" } }\n',
            "study.toml: judges.j.parse.json: no question 'hram' (did you mean 'harm'?); declared are harm",
        ),
        (
            f"{RULE}[questions.kind]\nscale = 'nominal'\nlabels = ['a', 'b']\n",
            "judges.words: question 'kind' is nominal; say with label and otherwise which of its labels the rule gives",
        ),
        ('[judges.j]\nkind = "openai"\nmodel = "m"\n', "judges.j: no key; set the environment variable OPENAI_API_KEY"),
        ('[judges.j]\nkind = "openai"\nmodel = "m"\nprompt = "p.md"\n', "judges.j.prompt: there is no file"),
        (
            '[judges.j]\nkind = "openai"\nmodel = "m"\nparse = { json = "a" }\n',
            "judges.j: parse belongs to a prompt of your own",
        ),
        (
            '[judges.j]\nkind = "openai"\nmodel = "m"\ntemprature = 1\n',
            "judges.j.temprature: no such key (did you mean 'temperature'?)",
        ),
    ],
)
def test_what_cannot_be_run_is_said_in_one_line(tmp_path, monkeypatch, toml, message):
    """The section, what is wrong there, and the way out."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    one = study(tmp_path, toml)
    with pytest.raises(InputError, match=re.escape(message)):
        one.judge()
    assert not (tmp_path / "verdicts.db").exists() or made(study(tmp_path)) == [4]


def test_raters_are_known_whatever_their_table_is(tmp_path):
    """A judge of a rater's name is refused where the labels stand in CSV, too; labels that cannot be read refuse no judge."""
    one = study(tmp_path, RULE.replace("words", "ann", 1))
    (tmp_path / "annotations.jsonl").write_text("no JSON\n", encoding="utf-8")
    assert made(one) == [4]
    (tmp_path / "annotations.jsonl").unlink()
    (tmp_path / "annotations.csv").write_text("item_id,rater,label\ni0,ann,safe\n", encoding="utf-8")
    for asked in (one.judge, one.estimate, one.probe):
        with pytest.raises(InputError, match="a rater in annotations has this name"):
            asked()


def test_a_judge_that_is_not_declared_is_named(tmp_path):
    """The nearest name is offered."""
    with pytest.raises(InputError, match=re.escape("no judge 'word' (did you mean 'words'?)")):
        study(tmp_path).judge("word")


def test_pairs_are_asked_in_both_orders(tmp_path):
    """In order ba the responses change sides, and the label is turned back: a judge of contents says the same twice."""
    (tmp_path / "s").mkdir()
    folder = tmp_path / "s"
    toml = '[questions.better]\nscale = "nominal"\nlayout = "pairwise"\nlabels = ["A", "B", "tie"]\n'
    toml += '[judges.own]\nkind = "python"\nfunction = "own.py:judge"\norders = ["ab", "ba"]\n'
    (folder / "study.toml").write_text(toml, encoding="utf-8")
    longer = "def judge(output, question):\n    return 'A' if len(output.response) > len(output.response_b) else 'B'\n"
    (folder / "own.py").write_text(longer, encoding="utf-8")
    append_jsonl(folder / "outputs.jsonl", [{"item_id": "p", "response": "long one", "response_b": "short"}])
    assert made(Study(folder)) == [2]
    Study(folder).export_verdicts(folder / "v.jsonl")
    rows = [json.loads(line) for line in (folder / "v.jsonl").read_text().splitlines()]
    assert sorted((row["order"], row["label"]) for row in rows) == [("ab", "A"), ("ba", "A")]


def recorded(tmp_path, panel, **said):
    """The panel's labels and how sure it is, of members whose verdicts stand in tables: a letter an item, r refused."""
    words = {"s": "label,safe", "u": "label,unsafe", "r": "refused,"}
    toml = ""
    for name, letters in said.items():
        toml += f'[judges.{name}]\nkind = "replay"\nfile = "{name}.csv"\n'
        rows = [words[one].partition(",") for one in letters]
        cells = [f"i{k},{'answered' if kind == 'label' else kind},{label}" for k, (kind, _, label) in enumerate(rows)]
        (tmp_path / f"{name}.csv").write_text("item_id,status,label\n" + "\n".join(cells), encoding="utf-8")
    one = study(tmp_path, toml + f'[judges.p]\nkind = "panel"\nof = {json.dumps(list(said))}\n{panel}\n')
    one.export_verdicts(tmp_path / "v.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "v.jsonl").read_text(encoding="utf-8").splitlines()]
    return [row["label"] for row in rows], [row["probability"] for row in rows], [row["status"] for row in rows]


def test_weights_outvote_numbers(tmp_path):
    """The label with the most weight; equal weights on both sides are a tie, and silence has none."""
    found = recorded(tmp_path, 'rule = "weighted"\nweights = [3, 1, 2]', a="usru", b="ssrs", c="ssus")
    assert found[0] == [None, "safe", "unsafe", None]
    assert found[1] == [None, 0.0, 1.0, None]
    assert (
        recorded(tmp_path, 'rule = "weighted"\nweights = [3.5, 1, 2]', a="usru", b="ssrs", c="ssus")[0][0] == "unsafe"
    )


def test_the_likeliest_label_follows_whoever_the_others_bear_out(tmp_path):
    """Two members who mostly agree outweigh one who errs at random, alone as well; silence of all is no answer."""
    a, b, c = "uuuuussssssur", "uuuuusssssssr", "ususususussur"
    labels_, shares, statuses = recorded(tmp_path, 'rule = "dawid-skene"', a=a, b=b, c=c)
    assert labels_[:11] == ["unsafe"] * 5 + ["safe"] * 6
    assert all(share is None or 0 <= share <= 1 for share in shares)
    assert (labels_[-1], statuses[-1]) == (None, "refused")


@pytest.mark.parametrize(
    ("panel", "why"),
    [
        ('rule = "weighted"', 'rule = "weighted" needs weights, a number above 0 for each of the 2 members'),
        ('rule = "weighted"\nweights = [1]', "needs weights, a number above 0 for each of the 2 members"),
        ("weights = [1, 2]", 'weights belong to rule = "weighted"'),
        ('rule = "dawid-skene"', "needs three members"),
    ],
)
def test_a_panel_s_rule_and_weights_go_together(tmp_path, panel, why):
    """What does not is refused with what would."""
    with pytest.raises(InputError, match=re.escape(why)):
        recorded(tmp_path, panel, a="s", b="s")
