"""study.toml: what is written well is read; what is not is one line that says where, what, and how to mend it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgeaudit.domain.errors import InputError
from judgeaudit.storage.config.read import json_schema, read_policy_file, read_study

HARM = '[questions.harm]\nscale = "binary"\nlabels = ["safe", "unsafe"]\n'
KIND = '\n[questions.kind]\nscale = "nominal"\nlabels = ["a", "b"]\n'
WHOLE = """
schema = 1
name = "refusals-after-finetuning"
cluster = "prompt_id"
label_source = "people"

[use]
purpose = "filter"
prevalence = 0.10
max_bias = 0.05

[questions.harm]
text = "Would this response help someone to do harm?"
scale = "binary"
labels = ["safe", "unsafe"]
positive = ["unsafe"]
guideline = "guidelines/harm.md"

[questions.coherence]
scale = "ordinal"
labels = ["gibberish", "partly", "coherent"]

[strata.coherence]
from = "label"
[strata.looks_like_gibberish]
from = "signal"
[strata.checkpoint]
from = "column"

[labelling]
items_per_stratum = 200
raters_per_item = 3
repeats = 0.05

[judges.mini]
kind = "openai"
model = "gpt-5-mini"
base_url = "http://127.0.0.1:8000/v1"
questions = ["harm"]
prompt = "prompts/my-judge.md"
parse = { json = "verdict.label" }
map = { yes = "unsafe", no = "safe" }
runs = 3
max_in_flight = 64
requests_per_minute = 500
tokens_per_minute = 200000

[judges.refusal-words]
kind = "rules"
rule = "refusal"
questions = ["harm"]
baseline = true

[audit]
reference = "majority"
unanswered = "counted"

[policy]
judges = ["mini"]
[[policy.require]]
question = "harm"
statistic = "false_positive_rate"
at_most = 0.10
strata = ["all", "coherence=gibberish"]
[[policy.require]]
question = "harm"
contrast = "false_positive_rate"
between = ["checkpoint"]
at_most = 0.05

[compare]
capability_task = "boolq"
goal = 0.70
baseline = "base"
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "study.toml"
    file.write_text(text, encoding="utf-8")
    return file


def refused(folder: Path, text: str, *, read=read_study) -> str:
    """The message without the folder, after checking that it is one line that names the file."""
    file = written(folder, text)
    with pytest.raises(InputError) as caught:
        read(file)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(f"{file}: ")
    return message.removeprefix(f"{file}: ")


def test_a_whole_study_is_read_as_it_is_written(tmp_path):
    """Every key that study.toml documents arrives, in its section, with its type."""
    study = read_study(written(tmp_path, WHOLE))
    assert study.questions["harm"].positive == ("unsafe",)
    assert study.strata["coherence"].source == "label"
    assert study.judges["mini"].parse is not None
    assert study.judges["mini"].parse.json_path == "verdict.label"
    assert study.judges["mini"].map == {"yes": "unsafe", "no": "safe"}
    assert study.policy is not None
    assert study.policy.require is not None
    assert study.policy.require[1].between == ("checkpoint",)
    assert study.compare is not None
    assert (study.compare.goal, study.policy.level) == (0.70, 0.95)


def test_keys_that_only_a_kind_of_judge_knows_are_kept(tmp_path):
    """Keys of a plug-in's kind are not refused here, since only the plug-in can tell whether they are right."""
    text = HARM + '[judges.m]\nkind = "house-model"\nbeams = 3\n'
    assert read_study(written(tmp_path, text)).judges["m"].options == {"beams": 3}


def test_a_study_needs_only_a_question(tmp_path):
    """Everything but questions has a default; an unnamed study has its folder's name."""
    study = read_study(written(tmp_path, HARM).parent)
    assert (study.name, study.cluster, study.use.max_bias) == (tmp_path.name, None, 0.05)


def test_labels_may_be_numbers(tmp_path):
    """A label that is written without quotes is the text that it was written as."""
    study = read_study(written(tmp_path, '[questions.q]\nscale = "ordinal"\nlabels = [1, 2, 3]\n'))
    assert study.questions["q"].labels == ("1", "2", "3")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = [1,\n2", "not TOML: Unclosed array (at line 2, the end of the file)"),
        ("x = 1\nname = = 2", "not TOML: Invalid value (at line 2, column 8)"),
        ("", "questions: is missing"),
        ("schema = 2\n" + HARM, "schema: 2 is not 1"),
        (
            "nam = 'x'\n" + HARM,
            "nam: no such key (did you mean 'name'?); keys here are schema, name, cluster, label_source, use, "
            "questions, strata, labelling, judges, audit, policy, compare, generate",
        ),
        (
            HARM + "positve = ['safe']",
            "questions.harm.positve: no such key (did you mean 'positive'?); keys here are text, scale, labels, "
            "positive, guideline, layout, words, multiple, when, cannot_judge, swap, also_called, map",
        ),
        (
            "label_source = 'peple'\n" + HARM,
            "label_source: 'peple' is not 'people', 'models', 'construction' or 'simulation' (did you mean 'people'?)",
        ),
        (
            "[questions.harm]\nscale = 'binary'\nlabels = ['a']",
            "questions.harm: a binary scale has 2 labels, here are 1 (a); use scale nominal",
        ),
        (
            HARM + "positive = ['unsave']",
            "questions.harm: positive label 'unsave' is not one of the labels safe, unsafe",
        ),
        (
            HARM + "[judges.m]\nmodel = 'x'",
            'judges.m: kind is missing; recorded verdicts are kind = "replay", and kinds are openai, anthropic, '
            "transformers, rules, python, panel, replay",
        ),
        (
            HARM + "[judges.m]\nkind = 'openai'\nprompt = 'p.md'\nparse = {}",
            "judges.m.parse: give exactly one of json and regex",
        ),
        (
            HARM + "[judges.m]\nkind = 'x'\nquestions = ['harn']",
            "judges.m.questions: no question 'harn' (did you mean 'harm'?); declared are harm",
        ),
        (HARM + "[strata.coherence]\nfrom = 'label'", "strata.coherence: no question 'coherence'; declared are harm"),
        (
            HARM + "[audit]\nunanswered = 'left_out'",
            "audit.unanswered: 'left_out' is not counted, left-out or as:LABEL (did you mean 'left-out'?)",
        ),
        (HARM + "[use]\nmax_bias = 2", "use.max_bias: 2 should be less than or equal to 1"),
        (HARM + "[use]\nprevalence = true", "use.prevalence: True should be a valid number"),
        (
            HARM + "words = { unsave = 'It would help' }",
            "questions.harm: words: 'unsave' is not one of the labels (did you mean 'unsafe'?); labels are safe, unsafe",
        ),
        (HARM + "multiple = true", 'questions.harm: multiple needs scale = "nominal", and this scale is binary'),
        (
            "[questions.kind]\nscale = 'nominal'\nlabels = ['a|b', 'c']\nmultiple = true",
            "questions.kind: labels: 'a|b' holds |, which stands between several labels; rename it",
        ),
        (HARM + "swap = [['safe', 'unsafe']]", 'questions.harm: swap belongs to layout = "pairwise"'),
        (
            HARM + "layout = 'pairwise'\nswap = [['safe', 'tie']]",
            "questions.harm: swap: 'tie' is not one of the labels; labels are safe, unsafe",
        ),
        (
            HARM + "layout = 'pairwise'\nswap = [['safe', 'unsafe'], ['unsafe', 'safe']]",
            "questions.harm: swap: 'safe' stands there twice; a label changes into one other label",
        ),
        (
            HARM + "when = { question = 'kind', label = 'a' }" + KIND,
            "questions.harm.when: question 'kind' must stand before this one; change their order",
        ),
        (
            HARM + KIND + "when = { question = 'harm', label = 'unsave' }",
            "questions.kind.when: no label 'unsave' (did you mean 'unsafe'?); declared are safe, unsafe",
        ),
        (
            "[questions.score]\nscale = 'interval'" + KIND + "when = { question = 'score', label = '1' }",
            "questions.kind.when: question 'score' asks for a number; name one with a closed set of labels",
        ),
        (
            HARM + KIND + "multiple = true\n[strata.kind]\nfrom = 'label'",
            "strata.kind: question 'kind' takes several labels at once, which is not audited yet",
        ),
        (
            HARM + "[strata.harm]\nfrom = 'label'\n[labelling]\nby = ['harm']",
            "labelling.by: 'harm' is made of labels that are not there yet; name a column",
        ),
        ("questions = 3", "questions: 3 should be a table"),
        (HARM + "when = 'always'", "questions.harm.when: 'always' should be a table"),
        ("[questions]\nharm = 'binary'", "questions.harm: 'binary' should be a table"),
        (
            HARM + "[judges.m]\nkind = 'openai'\ntemperature = 'hot'",
            "judges.m.temperature: 'hot' should be a valid number, or 'unset'",
        ),
        (HARM + "[judges.m]\nkind = 'openai'\nparse = { json = 3 }", "judges.m.parse.json: 3 should be a valid string"),
        (HARM + "[judges.m]\nkind = 'x'\nquestions = 'harm'", "judges.m.questions: 'harm' should be a list"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path, text, message):
    """One line names the file, the dotted key, what is wrong, and the nearest right word."""
    assert refused(tmp_path, text) == message


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("statistic = 'cohens_kappa'\nat_least = 1",
         ".statistic: no statistic 'cohens_kappa' (did you mean 'cohen_kappa'?)"),
        ("statistic = 'cohen_kappa'", ": give at_least, at_most or both"),
        ("statistic = 'cohen_kappa'\nat_least = nan", ".at_least: nan should be a finite number"),
        ("at_least = 0.5", ": give exactly one of statistic and contrast"),
        ("contrast = 'accuracy'\nat_most = 0.5", ': a contrast needs between, such as between = ["checkpoint"]'),
        ("statistic = 'accuracy'\nat_least = 0.9\nat_most = 0.1",
         ": at_least 0.9 is above at_most 0.1, which nothing can meet"),
        ("statistic = 'accuracy'\nat_least = 0.9\nstrata = ['coherence']",
         ".strata: 'coherence' is not a stratum; write 'all' or 'coherence=VALUE'"),
        ("statistic = 'accuracy'\nat_least = 0.9\nstrata = ['a=x & b=y']", ".strata: no stratum 'a'; none is declared"),
    ],
)  # fmt: skip
def test_a_requirement_is_whole_or_refused(tmp_path, line, message):
    """A requirement that could never be held against anything is an error, not a gate that is always open."""
    assert refused(tmp_path, f"{HARM}[[policy.require]]\n{line}\n") == f"policy.require#1{message}"


def test_what_a_form_shows_is_said_beside_the_question(tmp_path):
    """Words, several labels, follow-ups and what changes with sides are keys of a question; all have a default."""
    (tmp_path / "study.toml").write_text(
        HARM
        + KIND
        + 'multiple = true\nwords = { a = "One" }\nwhen = { question = "harm", label = "unsafe" }\ncannot_judge = false\n'
        + '[strata.benchmark]\nfrom = "column"\n[strata.harm]\nfrom = "label"\n'
        + '[labelling]\nconfidence = true\nnotes = false\ncalibration = "known.csv"\n',
        encoding="utf-8",
    )
    study = read_study(tmp_path)
    harm, kind = study.questions["harm"], study.questions["kind"]
    assert (harm.words, harm.multiple, harm.when, harm.cannot_judge, harm.swap) == ({}, False, None, True, None)
    assert kind.when is not None
    assert (kind.words, kind.when.question, kind.when.label) == ({"a": "One"}, "harm", "unsafe")
    assert study.sampling_columns == ("benchmark",)
    assert study.labelling.calibration == "known.csv"


def test_a_study_that_is_not_there_names_the_way_to_one(tmp_path):
    """The first thing that a new user does wrong is mended by one command."""
    with pytest.raises(InputError, match=r"study\.toml: no such file; `judgeaudit init .*` makes a study$"):
        read_study(tmp_path / "study.toml")


def test_bytes_that_are_no_text_are_refused(tmp_path):
    """A study.toml in another encoding is told by the byte where it stops being UTF-8."""
    (tmp_path / "study.toml").write_bytes(b'name = "caf\xe9"\n')
    with pytest.raises(InputError, match=r"not UTF-8 at byte 11; save it as UTF-8$"):
        read_study(tmp_path)


@given(text=st.text())
def test_no_text_is_a_traceback(tmp_path_factory, text):
    """Whatever stands in a study.toml, it is a study or an InputError of one line."""
    file = tmp_path_factory.mktemp("any") / "study.toml"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        read_study(file)
    except InputError as error:
        assert "\n" not in str(error)


def test_a_policy_stands_in_a_table_or_at_top_level(tmp_path):
    """Both ways of writing a policy mean the same."""
    keys = "level = 0.9\njudges = ['mini']\n"
    line = "statistic = 'accuracy'\nat_least = 0.5\n"
    flat = read_policy_file(written(tmp_path, f"{keys}[[require]]\n{line}")).policy
    assert read_policy_file(written(tmp_path, f"[policy]\n{keys}[[policy.require]]\n{line}")).policy == flat
    assert (flat.level, flat.judges, flat.label_source) == (0.9, ("mini",), "people")


def test_a_policy_may_say_what_the_judge_is_for(tmp_path):
    """[use] beside a policy is read with it, and no [use] is no statement."""
    assert read_policy_file(written(tmp_path, "[use]\npurpose = 'rate'\n")).use is not None
    assert read_policy_file(written(tmp_path, "level = 0.9\n")).use is None


def test_the_policy_of_a_study_can_be_named_as_a_policy(tmp_path):
    """A whole study.toml will do where a policy is wanted."""
    assert read_policy_file(written(tmp_path, WHOLE)).policy == read_study(tmp_path).policy


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("levl = 0.9", "levl: no such key (did you mean 'level'?); keys here are level, judges, label_source, require"),
        ("level = 95", "level: 95 should be less than 1"),
        ("[policy]\nlevel = 95", "policy.level: 95 should be less than 1"),
        ("[policy]\n[us]\n", "us: no such key (did you mean 'use'?); keys here are policy, use"),
    ],
)
def test_a_wrong_policy_is_named_by_the_keys_that_it_has(tmp_path, text, message):
    """A key is told as it is written in the file, with its table or without."""
    assert refused(tmp_path, text, read=read_policy_file) == message


def test_the_schema_and_the_reader_agree(tmp_path):
    """What the reader takes the schema takes, and a key that the one refuses the other refuses."""
    import tomllib

    jsonschema = pytest.importorskip("jsonschema")
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(tomllib.loads(WHOLE), schema)
    with pytest.raises(jsonschema.ValidationError, match="labeling"):
        jsonschema.validate(tomllib.loads(HARM + "[labeling]\n"), schema)
    assert refused(tmp_path, HARM + "[labeling]\n").startswith("labeling: no such key (did you mean 'labelling'?)")
