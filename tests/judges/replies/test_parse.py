"""Replies read: whatever a judge writes is answered, unparsed or refused, and never a label that it did not give."""

from __future__ import annotations

import json
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgeaudit.domain.output import Asked
from judgeaudit.domain.verdict import reason_of
from judgeaudit.judges.replies.labels import cut, label_of
from judgeaudit.judges.replies.parse import Parsing, at_path, last_line, objects, read_reply, shares_at
from judgeaudit.services.messages import Reply, Token

HARM = Asked(name="harm", text="", scale="binary", labels=("safe", "unsafe"), positive=("unsafe",))
QUALITY = Asked(name="quality", text="", scale="ordinal", labels=("1", "2", "3"))
OWN = Parsing(path="verdict.label", words={"yes": "unsafe", "no": "safe"}, confidence=None, own=True)


def read(text: str, how: Parsing | None = None, asked: Asked = HARM, **reply: object) -> tuple[str, str | None]:
    found = read_reply(Reply(text=text, **reply), asked, how or Parsing())  # type: ignore[arg-type]
    return found.status, found.label


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"label": "unsafe"}', ("answered", "unsafe")),
        ('```json\n{"label": "safe", "reasoning": "ok"}\n```', ("answered", "safe")),
        ('First {"label": "safe"}, but on reflection {"label": "unsafe"}', ("answered", "unsafe")),
        ('<think>{"label": "safe"}</think>{"label": "unsafe"}', ("answered", "unsafe")),
        ("**Answer:** Unsafe.", ("answered", "unsafe")),
        ("It is rude, but\n\nVerdict: safe", ("answered", "safe")),
        ('{"label": "dangerous"}', ("unparsed", None)),
        ('{"label": ""}', ("unparsed", None)),
        ('{"label": null}', ("unparsed", None)),
        ("", ("unparsed", None)),
        ("The output is neither safe nor unsafe", ("unparsed", None)),
        ("I'm sorry, but I can't assist with that.", ("refused", None)),
        ("I’m sorry, but I can’t evaluate this content.", ("refused", None)),
    ],
)
def test_a_rubric_s_answer_is_what_the_judge_said_last(text, expected):
    """JSON counts before prose, the last object before earlier ones, and a label inside a sentence is no answer."""
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"verdict": {"label": "yes"}}', ("answered", "unsafe")),
        ('{"verdict": {"label": "NO"}}', ("answered", "safe")),
        ('{"verdict": {"label": "perhaps"}}', ("unparsed", None)),
        ('{"label": "yes"}', ("unparsed", None)),
        ("unsafe", ("unparsed", None)),
    ],
)
def test_a_parsing_of_one_s_own_takes_nothing_else_for_the_answer(text, expected):
    """A judge is read exactly as it is used: where its path is not there, a label elsewhere is not its answer."""
    assert read(text, OWN) == expected


def test_a_pattern_catches_its_last_match():
    """A judged text may hold a forged grade; the judge's own comes last."""
    how = Parsing(pattern=re.compile(r"GRADE: (\w+)"), own=True)
    assert read("It says GRADE: safe in the text.\nGRADE: unsafe", how) == ("answered", "unsafe")
    assert read("no grade", how) == ("unparsed", None)


@pytest.mark.parametrize(("score", "label"), [("4", "unsafe"), (4.0, "unsafe"), ("3.9", "safe"), ("-1", "safe")])
def test_a_cut_off_makes_labels_of_scores(score, label):
    """A score at the cut-off meets it."""
    assert read(json.dumps({"s": score}), Parsing(path="s", cut=">= 4", own=True)) == ("answered", label)
    assert cut("four", ">= 4", HARM) is None
    assert cut(True, ">= 0", HARM) is None


def test_why_there_is_no_label_is_said():
    """A reply cut off, one outside the labels and a service's own refusal are told apart."""

    def why(**reply: object) -> str | None:
        return read_reply(Reply(**reply), HARM, Parsing()).error  # type: ignore[arg-type]

    assert why(text='{"reasoning": "The text', ending="truncated") == (
        "the reply was cut off before its answer; raise max_output_tokens"
    )
    assert why(text='{"label": "risky"}') == "outside the labels: 'risky'"
    assert why(text="", ending="refused", note="bio") == "the service ended with a refusal: bio"
    assert read('{"label": "safe"}', ending="truncated") == ("answered", "safe")
    assert read('{"label": "safe"}', ending="refused") == ("refused", None)


def test_numbers_are_labels_however_they_are_written():
    """1, 1.0 and "1" are one label; true is none."""
    assert [label_of(word, QUALITY, {}) for word in (1, 1.0, "1", " 1.", True, "one")] == [
        "1",
        "1",
        "1",
        "1",
        None,
        None,
    ]


@given(st.text(), st.sampled_from([Parsing(), OWN, Parsing(pattern=re.compile(r"(\w+)$"), own=True)]))
def test_reading_is_total(text, how):
    """Whatever a judge writes has one of three statuses; a label is one of the question's, and there only where answered."""
    found = read_reply(Reply(text=text), HARM, how)
    assert found.status in ("answered", "unparsed", "refused")
    assert (found.label in HARM.labels) == (found.status == "answered")


LEAVES = st.none() | st.booleans() | st.integers() | st.text()


@given(st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8))
def test_every_object_in_a_text_is_found(value):
    """JSON in prose is found whole where it is an object or a list."""
    if isinstance(value, dict | list):
        assert list(objects(f"prose before {json.dumps(value)} and after")) == [value]


def test_paths_lead_through_lists_and_end_where_nothing_is():
    """A path that ends early holds nothing; null at its end is something."""
    assert at_path('{"a": [{"b": 1}]}', "a.0.b") == (True, 1)
    assert at_path('{"a": [{"b": 1}]}', "a.-1.b") == (True, 1)
    assert at_path('{"a": null}', "a") == (True, None)
    assert at_path('{"a": 1}', "a.b") == (False, None)


def test_deeply_nested_or_endless_replies_are_read_in_time():
    """A model that loops on brackets costs no more than any other reply."""
    for text in ("[" * 200_000, '{"a":' * 100_000, "{" * 200_000, '"' * 200_000):
        assert read(text)[0] == "unparsed"
    assert last_line("\n" * 1000) == ""


# ------------------------------------------------------------------------------------------------------ probabilities


def tokens(*parts: tuple[str, dict[str, float]]) -> tuple[Token, ...]:
    """Tokens with the probabilities of the alternatives at their places."""
    return tuple(
        Token(
            text=text, logprob=math.log(top.get(text, 1.0)), top=tuple((word, math.log(p)) for word, p in top.items())
        )
        for text, top in parts
    )


def test_probabilities_are_those_of_the_first_token_that_decides():
    """Shares are among the labels; the mass is what the labels had together."""
    said = tokens(('{"label": "', {}), ("unsafe", {"unsafe": 0.6, "safe": 0.2, "maybe": 0.1}), ('"}', {}))
    shares = shares_at(said, "unsafe", ("safe", "unsafe"))
    assert shares is not None
    assert shares.of == pytest.approx({"safe": 0.25, "unsafe": 0.75})
    assert shares.mass == pytest.approx(0.8)


def test_labels_that_begin_alike_are_told_apart_later():
    """Tokens that all labels share decide nothing; the first that they do not share does."""
    said = tokens(("not", {"not": 0.9, "no": 0.1}), (" harmful", {" harmful": 0.3, " harmless": 0.7}))
    shares = shares_at(said, "not harmful", ("not harmful", "not harmless"))
    assert shares is not None
    assert shares.of == pytest.approx({"not harmful": 0.3, "not harmless": 0.7})


def test_pieces_of_a_label_vote_for_it():
    """`un` begins only `unsafe`; capital letters are no difference."""
    said = tokens(("un", {"un": 0.5, "Uns": 0.1, "safe": 0.4}), ("safe", {}))
    shares = shares_at(said, "unsafe", ("safe", "unsafe"))
    assert shares is not None
    assert shares.of == pytest.approx({"safe": 0.4, "unsafe": 0.6})


def test_the_last_mention_of_the_label_counts():
    """A judge that reasons before it answers names labels on the way."""
    said = tokens(("safe", {"safe": 0.9, "unsafe": 0.1}), (" ... ", {}), ("safe", {"safe": 0.6, "unsafe": 0.4}))
    shares = shares_at(said, "safe", ("safe", "unsafe"))
    assert shares is not None
    assert shares.of == pytest.approx({"safe": 0.6, "unsafe": 0.4})


def test_without_log_probabilities_there_is_no_probability():
    """No token, no alternatives that decide, or labels of which one begins the other: nothing is made up."""
    assert shares_at((), "safe", ("safe", "unsafe")) is None
    found = read_reply(Reply(text='{"label": "safe"}'), HARM, Parsing())
    assert (found.probability, found.label_mass) == (None, None)


def test_a_map_s_words_are_looked_for_among_the_tokens():
    """A judge that writes yes and no has its probabilities under these words."""
    said = tokens(("yes", {"yes": 0.7, "no": 0.3}))
    how = Parsing(pattern=re.compile(r"yes|no"), words={"yes": "unsafe", "no": "safe"}, own=True)
    found = read_reply(Reply(text="yes", tokens=said), HARM, how)
    assert (found.label, found.probability, found.probability_from) == ("unsafe", pytest.approx(0.7), "log-probability")


def test_stated_numbers_are_called_stated():
    """A number that a judge wrote is no log-probability; confidence may be in per cent, a probability may not."""
    how = Parsing(path="label", probability="p", confidence="sure", own=True)
    found = read_reply(Reply(text='{"label": "unsafe", "p": 0.8, "sure": 85}'), HARM, how)
    assert (found.probability, found.probability_from, found.confidence) == (0.8, "stated", 0.85)
    assert read_reply(Reply(text='{"label": "unsafe", "p": 80}'), HARM, how).probability is None


@given(
    st.lists(st.tuples(st.text(min_size=1, max_size=4), st.floats(-20, 0)), min_size=1, max_size=6),
    st.sampled_from(["safe", "unsafe"]),
)
def test_shares_sum_to_one_and_mass_is_a_share(found, label):
    """Whatever the alternatives are, probabilities are probabilities."""
    top = tuple((text, logprob) for text, logprob in found)
    shares = shares_at((Token(text=label, logprob=-0.1, top=top),), label, ("safe", "unsafe"))
    if shares is not None:
        assert sum(shares.of.values()) == pytest.approx(1)
        assert 0 <= shares.mass <= 1


@pytest.mark.parametrize(
    ("reply", "how", "kind"),
    [
        (Reply(text='{"label": "maybe"}'), Parsing(), "outside_labels"),
        (Reply(text='{"verdict": {"label": "high"}}'), Parsing(path="verdict.label", cut=">= 4"), "outside_labels"),
        (Reply(text='{"label": "safe"}'), OWN, "malformed"),
        (Reply(text='{"label": null}'), Parsing(), "malformed"),
        (Reply(text="fine"), Parsing(pattern=re.compile(r"GRADE: (\w+)"), own=True), "malformed"),
        (Reply(text='{"verdict": {"lab', ending="truncated"), OWN, "truncated"),
        (Reply(text="  "), Parsing(), "empty"),
    ],
)
def test_an_audit_knows_why_a_reply_was_read_in_vain(reply: Reply, how: Parsing, kind: str) -> None:
    """It is recorded, and an error alone, as older files have it, tells the same."""
    read = read_reply(reply, HARM, how)
    assert (read.status, read.reason, reason_of("", str(read.error))) == ("unparsed", kind, kind)
