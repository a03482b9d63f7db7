"""Forms: whatever labels a study declares come back as declared, and no answer is without a key of its own."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree as Tree

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from judgeaudit.domain.errors import InputError
from judgeaudit.domain.pair_sides import plain_swap, unswapped
from judgeaudit.labelling.form.numbering import ROWS, keys_for
from judgeaudit.labelling.form.xml import (
    Form,
    FormQuestion,
    dialogue_text,
    form_xml,
    hotkeys,
    unswapper,
)
from judgeaudit.labelling.form.xml import instruction as made_instruction
from judgeaudit.storage.config.read import read_study
from judgeaudit.workflows.labelling.form import form_of

HARM = FormQuestion(name="harm", scale="binary", labels=("safe", "unsafe"), text="Would it help to do harm?")
KIND = FormQuestion(name="kind", scale="nominal", labels=("crime", "hate"), multiple=True, when=("harm", "unsafe"))
BETTER = FormQuestion(
    name="better", scale="nominal", labels=("A", "B", "tie"), layout="pairwise", swap=(("A", "B"),), cannot_judge=False
)
#: texts that XML 1.0 can hold
TEXT = st.text(
    st.characters(exclude_categories=("Cs",)).filter(
        lambda ch: not re.match("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", ch)
    ),
    min_size=1,
)


def parsed(form: Form) -> Tree.Element:
    return Tree.fromstring(form_xml(form))


def controls(form: Form) -> dict[str, list[str]]:
    """Control -> the labels that it gives, as Label Studio reads them."""
    return {
        str(group.get("name")): [str(choice.get("alias", choice.get("value"))) for choice in group.iter("Choice")]
        for group in parsed(form).iter("Choices")
    }


def headings(form: Form) -> list[str]:
    return [str(header.get("value")) for header in parsed(form).iter("Header")]


def refused(*questions: FormQuestion) -> str:
    with pytest.raises(InputError) as caught:
        Form(questions=questions)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@given(st.lists(TEXT, min_size=2, max_size=6, unique=True), TEXT)
def test_labels_come_back_as_declared(labels: list[str], text: str) -> None:
    """Quotes, mark-up, line ends, `true` and any script: what the form gives for an answer is the declared label."""
    try:
        question = FormQuestion(name="q", scale="nominal", labels=tuple(labels), text=text)
        form = Form(questions=(question,))
    except InputError as error:
        assume("would be an empty answer" not in str(error) and "shown for two answers" not in str(error))
        raise
    assert controls(form) == {"q": [*labels, "cannot_judge"]}


def test_questions_stand_in_their_order_with_cannot_tell() -> None:
    """Texts first, then the questions as declared, numbered, each with a way out; then confidence and notes."""
    form = Form(questions=(HARM, KIND), confidence=True)
    assert controls(form) == {
        "harm": ["safe", "unsafe", "cannot_judge"],
        "kind": ["crime", "hate", "cannot_judge"],
        "confidence": ["1", "2", "3", "4", "5"],
    }
    assert headings(form) == [
        "What the user wrote",
        "What the model answered",
        "1. Would it help to do harm?",
        "1a. kind Choose all that apply.",
        "2. How sure are you?",
        "Notes (optional)",
    ]


def test_what_is_switched_off_is_not_there() -> None:
    """Prompt, notes, confidence and the way out are there only where they are wanted."""
    question = FormQuestion(name="harm", scale="binary", labels=("safe", "unsafe"), cannot_judge=False)
    form = Form(questions=(question,), notes=False, has_prompt=False)
    assert controls(form) == {"harm": ["safe", "unsafe"]}
    assert headings(form) == ["What the model answered", "1. harm"]
    assert list(parsed(form).iter("TextArea")) == []


def test_a_declared_cannot_judge_stands_once() -> None:
    """A study that declares the label itself gets no second one."""
    question = FormQuestion(name="harm", scale="nominal", labels=("safe", "unsafe", "cannot_judge"))
    assert controls(Form(questions=(question,)))["harm"] == ["safe", "unsafe", "cannot_judge"]


def test_a_follow_up_waits_for_its_answer() -> None:
    """It is shown, and required, only where the answer before it was given; several answers may be ticked."""
    view = next(part for part in parsed(Form(questions=(HARM, KIND))).iter("View") if part.get("visibleWhen"))
    assert (view.get("whenTagName"), view.get("whenChoiceValue")) == ("harm", "unsafe")
    group = next(view.iter("Choices"))
    assert (group.get("choice"), group.get("required")) == ("multiple", "true")


def test_follow_ups_stand_below_their_question() -> None:
    """Wherever a study declares them; what follows a follow-up goes with it, and keys run as the questions do."""
    tone = FormQuestion(name="tone", scale="nominal", labels=("dry", "warm"), cannot_judge=False)
    sure = FormQuestion(name="sure", scale="binary", labels=("no", "yes"), when=("harm", "safe"), cannot_judge=False)
    who = FormQuestion(name="who", scale="nominal", labels=("one", "many"), when=("kind", "hate"), cannot_judge=False)
    form = Form(questions=(HARM, tone, KIND, sure, who), confidence=True)
    assert headings(form)[2:-1] == [
        *("1. Would it help to do harm?", "1a. kind Choose all that apply.", "1a1. who", "1b. sure"),
        *("2. tone", "3. How sure are you?"),
    ]
    outer, inner, other = (view for view in parsed(form).iter("View") if view.get("visibleWhen"))
    assert inner in outer.iter("View")
    assert other not in outer.iter("View")
    assert [view.get("whenTagName") for view in (outer, inner, other)] == ["harm", "kind", "harm"]
    assert list(dict.fromkeys(name for name, _ in hotkeys(form))) == [
        *("harm", "kind", "who", "sure", "tone", "confidence")
    ]


def test_no_two_questions_have_one_number() -> None:
    """After z come two letters."""
    follow = [FormQuestion(name=f"f{n}", scale="binary", labels=("x", "y"), when=("harm", "safe")) for n in range(30)]
    numbers = [heading.partition(".")[0] for heading in headings(Form(questions=(HARM, *follow)))[2:-1]]
    assert numbers[25:29] == ["1y", "1z", "1aa", "1ab"]
    assert len(set(numbers)) == 31


@pytest.mark.parametrize(
    ("label", "words", "condition"),
    [
        ("true", {}, "true,"),
        ("a, b", {"a, b": "both"}, "both"),
        ("a", {"a": "b, c"}, "a"),
        ("a,b", {"a,b": "true"}, "true,"),
    ],
)
def test_conditions_survive_commas_and_booleans(label: str, words: dict[str, str], condition: str) -> None:
    """A condition names its answer by what holds no comma, and never reads as a boolean."""
    asked = FormQuestion(name="q", scale="nominal", labels=(label, "other"), words=words)
    follow = FormQuestion(name="f", scale="nominal", labels=("x", "y"), when=("q", label))
    views = [part.get("whenChoiceValue") for part in parsed(Form(questions=(asked, follow))).iter("View")]
    assert [value for value in views if value] == [condition]


def test_numbers_are_chosen_where_they_are_declared_and_typed_where_they_are_not() -> None:
    """Up to twenty declared numbers are choices; else a number is typed, within declared bounds, or it cannot be told."""
    few = FormQuestion(name="few", scale="interval", labels=("0", "5", "10"))
    many = FormQuestion(name="many", scale="interval", labels=tuple(str(number) for number in range(101)))
    free = FormQuestion(name="free", scale="interval", labels=(), cannot_judge=False)
    form = Form(questions=(few, many, free))
    numbers = {str(part.get("name")): (part.get("min"), part.get("max")) for part in parsed(form).iter("Number")}
    assert numbers == {"many": ("0", "100"), "free": (None, None)}
    assert controls(form) == {"few": ["0", "5", "10", "cannot_judge"], "many:cannot_judge": ["cannot_judge"]}


def test_words_are_shown_and_labels_come_back() -> None:
    """`$word` is not read as the task's data, hidden characters are written out, and the label stays what it was."""
    question = FormQuestion(
        name="q", scale="nominal", labels=("x", "true"), words={"x": "$prompt \u202e <b>", "true": "Yes & <i>no</i>"}
    )
    first, second, _ = parsed(Form(questions=(question,))).iter("Choice")
    assert (first.get("value"), first.get("alias")) == ("$\u2060prompt ␛{202E} <b>", "x")
    assert (second.get("value"), second.get("alias")) == ("true", None)
    assert second.get("html") == "<span>Yes &amp; &lt;i&gt;no&lt;/i&gt;</span>"


def test_a_page_part_gives_way_to_a_question_of_its_name() -> None:
    """Questions called response, prompt or notes keep their names; the texts and the box for notes take others."""
    questions = tuple(
        FormQuestion(name=name, scale="nominal", labels=("x", "y"))
        for name in ("response", "response_", "prompt", "notes")
    )
    tree = parsed(Form(questions=questions))
    names = [part.get("name") for part in tree.iter() if part.get("name")]
    assert len(set(names)) == len(names)
    assert {group.get("toName") for group in tree.iter("Choices")} == {"response__"}
    assert [text.get("value") for text in tree.iter("Text")] == ["$prompt", "$response"]


@pytest.mark.parametrize(
    ("questions", "message"),
    [
        (
            (FormQuestion(name="a@b", scale="nominal", labels=("x", "y")),),
            "question 'a@b': Label Studio cannot hold that name (no @, no |, no control characters, neither true nor false); "
            "rename it in study.toml",
        ),
        (
            (FormQuestion(name="confidence", scale="nominal", labels=("x", "y")),),
            "question 'confidence': that name stands for how sure a rater is; rename it in study.toml",
        ),
        (
            (HARM, HARM),
            "question 'harm': two controls of the form would have that name; rename it in study.toml",
        ),
        (
            (FormQuestion(name="q", scale="nominal", labels=("x\0", "y")),),
            "question 'q': label 'x\\\\x00' holds a character that no form can; rename it in study.toml",
        ),
        (
            (FormQuestion(name="q", scale="nominal", labels=("x", "y"), words={"x": " "}),),
            "question 'q': label 'x' would be an empty answer; give it words in study.toml",
        ),
        (
            (FormQuestion(name="q", scale="nominal", labels=("x", "y"), words={"x": "y"}),),
            "question 'q': 'y' would be shown for two answers; change words in study.toml",
        ),
        (
            (KIND, HARM),
            "question 'kind': no question before it is called 'harm' and has the answer 'unsafe'; correct its when in study.toml",
        ),
        (
            (HARM, FormQuestion(name="score", scale="interval", labels=(), when=("harm", "unsafe"))),
            "question 'score': a number that is typed cannot have a when, since Label Studio sends it even while it is "
            "hidden; declare up to 20 labels in study.toml",
        ),
        (
            (
                FormQuestion(name="q", scale="nominal", labels=("a, b", "c")),
                FormQuestion(name="f", scale="nominal", labels=("x", "y"), when=("q", "a, b")),
            ),
            "question 'q': answer 'a, b' decides what is asked next, which Label Studio cannot do with a comma in it; "
            "give it words without one in study.toml",
        ),
    ],
)
def test_what_label_studio_would_spoil_is_refused(questions: tuple[FormQuestion, ...], message: str) -> None:
    """One line says which question, which label, and what to change."""
    assert refused(*questions) == message


@given(
    st.lists(
        st.lists(st.text("0123456789ab", min_size=1, max_size=2), min_size=1, max_size=12, unique=True), max_size=8
    )
)
def test_keys_are_unique_and_none_is_the_editor_s(blocks: list[list[str]]) -> None:
    """Every answer has a key until all are used, no key twice, and a label that is a digit has no other digit."""
    keys = keys_for(blocks)
    given_keys = [key for block in keys for key in block if key]
    assert [len(block) for block in keys] == [len(block) for block in blocks]
    assert len(set(given_keys)) == len(given_keys)
    assert "" not in (key for block in keys for key in block) or len({*given_keys, *ROWS[0]}) == 56
    assert not {"r", "h", "u", "shift+1", "shift+2"} & set(given_keys)
    for label, key in (
        (label, key) for block, row in zip(blocks, keys, strict=True) for label, key in zip(block, row, strict=True)
    ):
        assert not {label, key} <= set(ROWS[0]) or label == key


def test_answers_of_a_question_stand_in_one_row() -> None:
    """First digits, then a row of letters for each question that fits one."""
    keys = hotkeys(Form(questions=(HARM, KIND), confidence=True))
    assert list(keys.values()) == ["1", "2", "3", "4", "5", "6", "q", "w", "e", "t", "y"]
    assert keys["harm", "unsafe"] == "2"


@pytest.mark.parametrize(
    ("labels", "swap"),
    [
        (("A", "B", "tie"), (("A", "B"),)),
        (("tie", "B", "A"), (("A", "B"),)),
        (("1", "2"), (("1", "2"),)),
        (("response", "response_b", "both_bad"), (("response", "response_b"),)),
    ],
)
def test_labels_that_name_the_answers_change_with_the_sides(labels: tuple[str, ...], swap: object) -> None:
    """Where labels plainly name the two answers, in any order, nobody has to say which change."""
    assert plain_swap("better", labels) == swap


@pytest.mark.parametrize("labels", [("yes", "no"), ("A", "B", "much better"), ("tie", "left one"), ()])
def test_labels_that_do_not_name_the_answers_ask_for_swap(labels: tuple[str, ...]) -> None:
    """A guess would turn labels round: `are they equal?` has the same answer on both sides."""
    with pytest.raises(InputError, match=r"question 'q': which labels change .* or swap = \[\] if none does$"):
        plain_swap("q", labels)


@given(st.lists(st.text(min_size=1), min_size=2, max_size=8, unique=True), st.text())
def test_changing_sides_twice_changes_nothing(labels: list[str], other: str) -> None:
    """Unswapping is its own inverse, and what is in no pair stays."""
    swap = tuple(zip(labels[::2], labels[1::2], strict=False))
    for label in (*labels, other):
        assert unswapped(unswapped(label, swap), swap) == label


def test_labels_of_swapped_items_are_turned_back() -> None:
    """Only labels of pairwise questions that stand in a pair change; several labels change one by one."""
    several = FormQuestion(
        name="faults", scale="nominal", labels=("A", "B", "none"), layout="pairwise", swap=(("A", "B"),), multiple=True
    )
    unswap = unswapper(Form(questions=(BETTER, several), pairwise=True))
    assert [unswap("better", label) for label in ("A", "B", "tie", "cannot_judge", "typo")] == [
        *("B", "A", "tie", "cannot_judge", "typo")
    ]
    assert [unswap("faults", label) for label in ("A|none", "A|B")] == ["B|none", "A|B"]
    assert unswap("unknown", "A") == "A"


def test_a_study_makes_its_form(tmp_path) -> None:
    """What study.toml says of questions and labelling is what the form has."""
    (tmp_path / "study.toml").write_text(
        '[questions.better]\nscale = "nominal"\nlayout = "pairwise"\nlabels = ["A", "B", "tie"]\ntext = "Which?"\n'
        'words = { tie = "Same" }\n[questions.why]\nscale = "nominal"\nlayout = "pairwise"\nlabels = ["right", "clear"]\n'
        'swap = []\nmultiple = true\ncannot_judge = false\nwhen = { question = "better", label = "A" }\n'
        "[labelling]\nconfidence = true\nnotes = false\n",
        encoding="utf-8",
    )
    form = form_of(read_study(tmp_path))
    assert (form.pairwise, form.confidence, form.notes, form.has_prompt) == (True, True, False, True)
    better, why = form.questions
    assert (better.swap, better.choices) == (
        (("A", "B"),),
        {"A": "A", "B": "B", "tie": "Same", "cannot_judge": "Cannot tell"},
    )
    assert (why.swap, why.multiple, why.when, list(why.choices)) == ((), True, ("better", "A"), ["right", "clear"])
    assert headings(form)[:3] == ["What the user wrote", "Answer A", "Answer B"]


def test_a_form_shows_one_answer_or_two(tmp_path) -> None:
    """A question about one answer beside one about two would not say which of them it means."""
    (tmp_path / "study.toml").write_text(
        '[questions.better]\nscale = "nominal"\nlayout = "pairwise"\nlabels = ["A", "B"]\n'
        '[questions.harm]\nscale = "binary"\nlabels = ["safe", "unsafe"]\n',
        encoding="utf-8",
    )
    with pytest.raises(InputError) as caught:
        form_of(read_study(tmp_path))
    assert str(caught.value) == (
        "study.toml: question 'harm' is about one answer and 'better' about two, and a form shows one or two; "
        "make a study for each"
    )


def test_guidelines_become_plain_lines() -> None:
    """Numbers of lists and first cells are written out, mark-up in a guideline is text, nothing is fetched or linked."""
    text = (
        "# T <script>\n\npara\ngoes on\n\n1. one\n2. two\n   - deep\n\n| label | when |\n|---|---|\n| safe | *ok* |\n\n"
    )
    html = made_instruction([text + "[x](javascript:1) ![y](http://z/a.png) <img src=x>\n\n```\na <b>\n  c\n```\n"])
    assert html.partition("<hr><br>")[2] == (
        "<h3>T &lt;script&gt;</h3>para goes on<br><br>1. one<br>2. two<br>&nbsp;&nbsp;&nbsp;&nbsp;• deep<br><br>"
        "<strong>safe</strong> – <em>ok</em><br><br>[x](javascript:1) ![y](http://z/a.png) &lt;img src=x&gt;<br><br>"
        "<code>a &lt;b&gt;<br>&nbsp;&nbsp;c</code>"
    )


def test_the_instruction_calls_buttons_by_their_words() -> None:
    """What raters are told to click is written as it stands on the screen, and what else is there is to be left alone."""
    told = made_instruction([])
    for button in ("Submit", "Update", "Add", "Skip", "Instructions", "Settings"):
        assert f"<strong>{button}</strong>" in told
    assert [panel for panel in ("Info", "History", "Regions", "Relations") if f"<em>{panel}</em>" not in told] == []


def test_without_a_guideline_the_questions_are_told() -> None:
    """Each question, when it is asked, and each answer with its key, as the form has them; what a study says is text."""
    odd = FormQuestion(name="odd", scale="nominal", labels=("x",), words={"x": "<b>\u202e"}, text="*Is* it 1 < 2?")
    score = FormQuestion(name="score", scale="interval", labels=(), cannot_judge=False)
    form = Form(questions=(HARM, odd, KIND, score), confidence=True)
    lines = made_instruction([], form).partition("<hr><br>")[2].split("<br>")
    assert lines == [
        "<h3>The questions</h3><strong>1. Would it help to do harm?</strong>",
        *("• safe – key <strong>1</strong>", "• unsafe – key <strong>2</strong>"),
        *("• Cannot tell – key <strong>3</strong>", ""),
        "<strong>1a. kind Choose all that apply.</strong>",
        "<em>asked only after the answer: unsafe</em>",
        *("• crime – key <strong>4</strong>", "• hate – key <strong>5</strong>"),
        *("• Cannot tell – key <strong>6</strong>", ""),
        "<strong>2. *Is* it 1 &lt; 2?</strong>",
        *("• &lt;b&gt;␛{202E} – key <strong>7</strong>", "• Cannot tell – key <strong>8</strong>", ""),
        *("<strong>3. score</strong>", "• a number, which you type", ""),
        "<strong>4. How sure are you?</strong>",
        *("• 1 Guessing – key <strong>q</strong>", "• 2 – key <strong>w</strong>"),
        *(
            "• 3 Fairly sure – key <strong>e</strong>",
            "• 4 – key <strong>t</strong>",
            "• 5 Certain – key <strong>y</strong>",
        ),
    ]
    assert "The questions" not in made_instruction(["# Mine"], form)


@given(st.lists(st.text(), max_size=3))
def test_any_guideline_is_shown_without_being_obeyed(texts: list[str]) -> None:
    """Whatever a guideline holds, the only tags in its page are those of plain text."""
    tags = set(re.findall(r"<(/?[A-Za-z!][^\s>/]*)", made_instruction(texts)))
    plain = {"h3", "h4", "strong", "em", "code", "pre", "br", "hr"}
    assert tags <= plain | {f"/{tag}" for tag in plain}


@pytest.mark.parametrize(
    ("messages", "text"),
    [
        ("", ""),
        ([], ""),
        ([{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi\nthere"}], "System: Be brief.\n\nUser: Hi\nthere"),
        ([{"role": "user", "content": [{"type": "text", "text": "What is it?"}, {"type": "image_url"}]}], "User: What is it?\n[image_url]"),
        ([{"role": "assistant", "content": None, "tool_calls": [{"name": "f"}]}], 'Assistant: [calls {"name": "f"}]'),
        ([{"content": 3}], "Unnamed: 3"),
    ],
)  # fmt: skip
def test_a_dialogue_is_one_text(messages: object, text: str) -> None:
    """Speaker before speech, in order; parts that are no text are named."""
    assert dialogue_text(messages if isinstance(messages, str) else json.dumps(messages)) == text


@pytest.mark.parametrize("messages", ["{", "3", '["a"]', "[" * 100_000])
def test_a_dialogue_that_is_none_is_refused(messages: str) -> None:
    """One line quotes what was found."""
    with pytest.raises(InputError, match=r"^messages: '.*' is not a JSON list of objects with role and content"):
        dialogue_text(messages)
