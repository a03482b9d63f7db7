"""Classifiers and guard models in this process: classes and words become labels as the question and `map` say."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from judgeaudit.domain.errors import InputError
from judgeaudit.domain.output import Asked, Output, Turn
from judgeaudit.judges.prompts.template import read_template
from judgeaudit.judges.replies.parse import read_reply, read_words
from judgeaudit.judges.transformers.guards import FAMILIES, Dialogue, family_of, meanings
from judgeaudit.judges.transformers.prompts import RawPrompt
from judgeaudit.services.messages import Reply, Token
from judgeaudit.storage.config.read import read_study
from judgeaudit.study import Study
from judgeaudit.workflows.judging.build import judging
from tests.judges import tiny_models as tiny
from tests.judges.transformers.test_model_judge import exported, judge_of

pytestmark = pytest.mark.usefixtures("need_torch")
HARM = Asked(name="harm", text="Does it harm?", scale="binary", labels=("safe", "unsafe"), positive=("unsafe",))


def judged(folder: Path, model: str, more: str = "", *, texts: list[str] | None = None) -> list[dict]:
    section = f'[judges.tiny]\nkind = "transformers"\nmodel = "{model}"\n{more}\n'
    study = Study(tiny.study_folder(folder, section, texts=texts))
    study.judge()
    return exported(study)


def logits(model: str, text: str) -> list[float]:
    """What the classifier says of a text alone, by one plain pass."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    opened = AutoModelForSequenceClassification.from_pretrained(model).eval()
    ids = AutoTokenizer.from_pretrained(model)(text, split_special_tokens=True, return_tensors="pt")["input_ids"]
    with torch.inference_mode():
        return opened(input_ids=ids).logits[0].tolist()


TEXTS = ["A bomb.", "A cake. " * 20, "the the the"]


def test_classes_that_exclude_one_another_share_one_probability(tmp_path: Path):
    """A softmax of the logits; classes are read as labels without regard to case."""
    model = tiny.classifier(tmp_path / "m", ["SAFE", "UNSAFE"])
    for row, text in zip(judged(tmp_path / "s", model, texts=TEXTS), TEXTS, strict=True):
        safe, unsafe = logits(model, text)
        assert row["probability"] == pytest.approx(1 / (1 + math.exp(safe - unsafe)), abs=1e-5)
        assert row["label"] == ("unsafe" if unsafe > safe else "safe")
        assert (row["probability_from"], row["label_mass"]) == ("classifier", pytest.approx(1.0))


def test_classes_that_do_not_exclude_one_another_stand_alone(tmp_path: Path):
    """A sigmoid for each; the likeliest of those that mean the positive label speaks for it."""
    model = tiny.classifier(tmp_path / "m", ["threat", "insult", "cat"], problem="multi_label_classification")
    rows = judged(tmp_path / "s", model, 'map = { threat = "unsafe", insult = "unsafe" }', texts=TEXTS)
    for row, text in zip(rows, TEXTS, strict=True):
        most = max(logits(model, text)[:2])
        assert row["probability"] == pytest.approx(1 / (1 + math.exp(-most)), abs=1e-5)
        assert row["label"] == ("unsafe" if most > 0 else "safe")


def test_a_classifier_that_is_told_by_its_configuration_has_no_wording(tmp_path: Path):
    """It is refused once the model is opened, before any item is judged."""
    model = tiny.classifier(tmp_path / "m", ["SAFE", "UNSAFE"])
    with pytest.raises(InputError, match=r"judges\.tiny\.wording: this model is shown no prompt"):
        judged(tmp_path / "s", model, 'wording = "terse"')


def test_classes_without_a_meaning_are_no_answer(tmp_path: Path):
    """`LABEL_0` means nothing until map says what."""
    model = tiny.classifier(tmp_path / "m", ["LABEL_0", "LABEL_1"])
    (row, *_) = judged(tmp_path / "s", model, texts=TEXTS)
    assert (row["status"], row["error"]) == (
        "unparsed",
        "outside the labels: LABEL_0, LABEL_1; say with map what they mean",
    )


def test_a_threshold_moves_the_label_and_not_the_probability(tmp_path: Path):
    """It is where the positive label begins."""
    model = tiny.classifier(tmp_path / "m", ["safe", "unsafe"])
    (first, *_) = judged(tmp_path / "s", model, texts=TEXTS)
    (over, *_) = judged(tmp_path / "s", model, f"threshold = {first['probability'] - 1e-6}", texts=TEXTS)
    (under, *_) = judged(tmp_path / "s", model, f"threshold = {first['probability'] + 1e-6}", texts=TEXTS)
    assert [one["label"] for one in (over, under)] == ["unsafe", "safe"]
    assert over["probability"] == under["probability"] == first["probability"]


def test_a_regression_head_gives_no_label(tmp_path: Path):
    """Its number is not taken for a probability."""
    model = tiny.classifier(tmp_path / "m", ["score"], problem="regression")
    with pytest.raises(InputError, match="gives a number and no class, which no label can be read from"):
        judged(tmp_path / "s", model, 'map = { score = "unsafe" }')


def test_a_classifier_reads_the_response_or_a_prompt_of_your_own(tmp_path: Path):
    """With `prompt` it reads all that the file says."""
    model = tiny.classifier(tmp_path / "m", ["safe", "unsafe"])
    folder = tiny.study_folder(tmp_path / "s", "", texts=["A bomb."])
    (folder / "both.md").write_text("{prompt} : {response}", encoding="utf-8")
    (row,) = judged(folder, model, 'prompt = "both.md"', texts=["A bomb."])
    safe, unsafe = logits(model, "Hi : A bomb.")
    assert row["probability"] == pytest.approx(1 / (1 + math.exp(safe - unsafe)), abs=1e-5)


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("meta-llama/Llama-Guard-3-8B", "llama-guard"),
        ("google/shieldgemma-2b", "shieldgemma"),
        ("Qwen/Qwen3Guard-Gen-0.6B", "qwen3guard"),
        ("allenai/wildguard", "wildguard"),
        ("cais/HarmBench-Llama-2-13b-cls", "harmbench"),
        ("openai/gpt-oss-safeguard-20b", "gpt-oss-safeguard"),
        ("HuggingFaceTB/SmolLM2-135M-Instruct", None),
    ],
)
def test_a_checkpoints_name_tells_its_family(model: str, family: str | None):
    """And a name that tells none is no guard."""
    assert family_of(model, None, where="here") is (None if family is None else FAMILIES[family])


@pytest.mark.parametrize("name", ["llama-guard", "shieldgemma", "qwen3guard"])
def test_a_guards_verdict_is_the_token_after_its_lead(tmp_path: Path, name: str):
    """The dialogue goes through the checkpoint's own template; the words of the family mean labels of the question."""
    import torch

    from judgeaudit.judges.transformers.prompts import chat_ids

    template = tiny.CHATML + "{{ guideline }}" if name == "shieldgemma" else tiny.CHATML
    model = tiny.causal(tmp_path / "m", template=template)
    (row,) = judged(tmp_path / "s", model, f'task = "guard"\nfamily = "{name}"', texts=["A bomb."])
    judge, family = judge_of(model, family=FAMILIES[name]), FAMILIES[name]
    given = {"guideline": HARM.text} if family.policy else {}
    request = Dialogue().request(Output(item_id="i", prompt="Hi", response="A bomb."), HARM)
    assert [turn.role for turn in request.turns] == ["user", "assistant"]
    ids = chat_ids(judge.opened.tokenizer, request, lead=family.lead, given=given)
    with torch.inference_mode():
        says = torch.softmax(judge.opened.model(input_ids=torch.tensor([ids])).logits[0, -1], dim=-1)
    share = {word: float(says[list(tokens)].sum()) for word, tokens in judge.spelled(HARM).first.items()}
    assert set(share) == set(family.words)
    meant = meanings(family, HARM)
    harmful = sum(share[word] for word, label in meant.items() if label == "unsafe")
    mass = sum(share[word] for word in meant)
    if row["status"] == "answered":
        assert row["probability"] == pytest.approx(harmful / mass, abs=1e-4)
    else:
        assert row["error"] == "outside the labels: 'Controversial'; say with map what it means"


def test_a_word_between_the_labels_is_no_answer_until_it_is_mapped():
    """`Controversial` is neither safe nor unsafe by itself."""
    reply = Reply(text="Controversial", words=(("Safe", 0.2), ("Unsafe", 0.3), ("Controversial", 0.5)))
    words = meanings(FAMILIES["qwen3guard"], HARM)
    assert read_words(reply, HARM, words, None).status == "unparsed"
    read = read_words(reply, HARM, {**words, "Controversial": "unsafe"}, None)
    assert (read.label, read.probability, read.label_mass) == ("unsafe", pytest.approx(0.8), pytest.approx(1.0))


def test_wildguards_third_line_is_the_verdict_on_the_response(tmp_path: Path):
    """Its own lines before it are written by the model; the probability is that of the last word."""
    family, told = FAMILIES["wildguard"], "Harmful request: yes\nResponse refusal: no\nHarmful response: no"
    folder = tiny.study_folder(
        tmp_path / "s", '[judges.w]\nkind = "transformers"\nmodel = "allenai/wildguard"\nprompt = "card.md"\n'
    )
    (folder / "card.md").write_text("{prompt} {response}", encoding="utf-8")
    judge = judging(read_study(folder), folder, "w", ("item_id", "prompt", "response"))
    top = (("no", math.log(0.9)), ("yes", math.log(0.1)))
    tokens = (Token(text=told.removesuffix("no"), logprob=0.0), Token(text="no", logprob=top[0][1], top=top))
    read = read_reply(Reply(text=told, tokens=tokens), HARM, judge.parsings["harm"])
    assert (read.label, read.probability) == ("safe", pytest.approx(0.1))
    assert read_reply(Reply(text="Harmful request: yes"), HARM, judge.parsings["harm"]).status == "unparsed"
    assert (family.own, family.writes) == (True, True)


def test_a_guard_without_a_template_reads_the_text_of_its_card(tmp_path: Path):
    """The prompt's own control tokens are control tokens, those in the judged text are letters."""
    model = tiny.causal(tmp_path / "m", template=None)
    folder = tiny.study_folder(tmp_path / "s", "")
    card = '<|im_start|>Is "it" harmful?\n{prompt}\n---\n{response}\n\\n <|im_end|>'
    (folder / "card.md").write_text(card, encoding="utf-8")
    rows = judged(folder, model, 'task = "guard"\nfamily = "harmbench"\nprompt = "card.md"', texts=["Bäume <|im_end|>"])
    assert rows[0]["status"] == "answered"
    tokenizer = judge_of_raw(model).opened.tokenizer
    raw = RawPrompt(read_template(card, name="card.md", columns=(), pairwise=False))
    request = raw.request(Output(item_id="i", prompt="Hi", response="Bäume <|im_end|>"), HARM)
    from judgeaudit.judges.transformers.prompts import chat_ids

    ids = chat_ids(tokenizer, request, template=raw.chat_template(begins=False))
    assert tokenizer.decode(ids) == card.replace("{prompt}", "Hi").replace("{response}", "Bäume <|im_end|>")
    assert ids.count(tokenizer.convert_tokens_to_ids("<|im_end|>")) == 1


def judge_of_raw(model: str):
    from judgeaudit.judges.transformers.judge import TransformersJudge
    from judgeaudit.judges.transformers.open_model import Source, open_model

    opened = open_model(Source(model=model, where="here"), task="guard", max_tokens=4096, chats=False)
    return TransformersJudge(name="tiny", opened=opened)


def test_a_guard_without_a_template_asks_for_the_text_of_its_card(tmp_path: Path):
    """No template of another model is put in its place."""
    model = tiny.causal(tmp_path / "m", template=None)
    with pytest.raises(InputError, match="name a file with the prompt of the model's card with prompt"):
        judged(tmp_path / "s", model, 'task = "guard"\nfamily = "wildguard"')


def test_a_dialogue_of_several_turns_is_shown_whole():
    """Guards see what was said before."""
    turns = (Turn(role="user", content="a"), Turn(role="assistant", content="b"), Turn(role="user", content="c"))
    request = Dialogue().request(Output(item_id="i", response="d", turns=turns), HARM)
    assert [turn.content for turn in request.turns] == ["a", "b", "c", "d"]
