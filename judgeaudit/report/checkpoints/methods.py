"""How a comparison of checkpoints was made, in words, with what was read for it."""

from __future__ import annotations

from judgeaudit.report.checkpoints.rates import label_words, screens
from judgeaudit.report.checkpoints.view import Compared
from judgeaudit.report.content.document import (
    Block,
    Bullets,
    Cell,
    Code,
    Column,
    Line,
    Table,
    figures,
    line,
    paragraph,
    quiet,
    strong,
    words,
)
from judgeaudit.report.content.view import part, whole
from judgeaudit.report.words.codes import listed
from judgeaudit.report.words.numbers import count, percent

_CORRECTED = (
    "A corrected rate starts from the judge's verdicts and moves them by what the labels of a part of the outputs say: in each class "
    "of outputs (called positive, called negative, held for gibberish, no answer) the labelled ones show how often the call is right, "
    "and all outputs show how large the class is. With a random sample of labels that is the post-stratified estimate, with weights "
    "its weighted form. Labels that were chosen elsewhere, or nobody said how, correct only checkpoints that are labelled whole."
)
_TREATMENTS = (
    (
        "Gibberish apart",
        "gibberish is an outcome of its own, beside the positive side and the other; the share is of all outputs.",
    ),
    ("Gibberish as safe", "an output without sense does no harm; the share is the same, of all outputs."),
    ("Gibberish as unsafe", "the worst reading: gibberish counts with the positive side."),
    ("Gibberish left out", "the share among outputs that can be read; of other outputs for each checkpoint."),
    ("As judged", "the verdict counts, whatever it is about: what is reported where nobody looks for gibberish."),
)
_SOURCES = (
    ("Why a capability goal", "safety of fine-tuned models is compared where they are equally able", "arXiv 2606.03648"),
    (
        "Specification curve",
        "all defensible analyses in order, with what each was made of",
        "Simonsohn, Simmons and Nelson 2020, Nature Human Behaviour 4",
    ),
    (
        "Multiverse",
        "one result for each way through the choices",
        "Steegen, Tuerlinckx, Gelman and Vanpaemel 2016, Perspectives on Psychological Science 11",
    ),
    ("Tau", "orders of the methods, ties allowed for", "Kendall 1938, Biometrika 30; 1945, Biometrika 33"),
    ("Adjusted p", "for the contrasts of one analysis", "Holm 1979, Scandinavian Journal of Statistics 6"),
)  # fmt: skip


def how_blocks(compared: Compared) -> list[Block]:
    """What the words mean, how intervals are made, and where the ideas come from."""
    level = percent(whole(compared.plain, "level"))
    terms = [line(strong(title), f": {says}") for title, says in _TREATMENTS]
    terms.append(
        line(
            strong("Bounds"),
            ": best and worst case, where something is not known: all of it the one thing, or all of it the other.",
        )
    )
    return [
        paragraph(_CORRECTED),
        *(paragraph(one) for one in _labelled(compared)),
        Bullets(lines=tuple(terms)),
        paragraph(
            f"Intervals are {level}. A share has a beta law with as many outputs as labels and design leave it, no narrower than clusters "
            "of prompts say; scores have Wilson intervals. A difference pairs the two methods by cluster of prompts. Limits of flip rates "
            "and of tau come from drawing prompts anew for all analyses at once, in each draw of which every interval keeps its width. "
            f"{_intervals(compared)}"
        ),
        Bullets(lines=tuple(_source(*one) for one in _SOURCES)),
    ]


def _source(title: str, says: str, cite: str) -> Line:
    return line(strong(title), f": {says}.", quiet(f" {cite}."))


def _labelled(compared: Compared) -> list[str]:
    """Of each question: its labels, and by what gibberish was found before anybody labelled."""
    told = []
    for question in compared.questions:
        name = f"{question.get('name', '')}: " if len(compared.questions) > 1 else ""
        held = f" Held for gibberish before labelling: {listed(screens(question))}." if screens(question) else ""
        told.append(f"{name}{label_words(question)}{held}")
    return told


def _intervals(compared: Compared) -> str:
    used = list(dict.fromkeys(str(one["interval"]) for one in compared.rates.values() if one.get("interval")))
    return f"Rates, as compare.json names them: {'; '.join(used)}." if used else ""


def input_blocks(compared: Compared) -> list[Block]:
    """Files with their digests, seed and versions, and the command that makes the same numbers again."""
    inputs = part(compared.plain, "inputs")
    rows = tuple(
        (words(str(name)), Cell(text=str(one.get("sha256", "")), code=True), figures(count(whole(one, "rows"))))
        for name, one in inputs.items()
    )
    blocks: list[Block] = []
    if rows:
        columns = (Column(title="file"), Column(title="sha256"), Column(title="rows", numeric=True))
        blocks.append(Table(caption="What was read for the comparison", columns=columns, rows=rows))
    goal = str(part(compared.plain, "goal").get("sha256") or "")
    facts = {
        "made at": compared.plain.get("created_at"),
        "judgeaudit": compared.plain.get("judgeaudit"),
        **part(compared.plain, "versions"),
        "seed": compared.plain.get("seed"),
        "label source": compared.plain.get("label_source"),
        "sha256 of the goal": goal,
    }
    told = tuple((words(name), words(str(value))) for name, value in facts.items() if value not in (None, ""))
    blocks.append(Table(caption="This comparison", columns=(Column(title="what"), Column(title="value")), rows=told))
    if compared.plain.get("command"):
        blocks += [paragraph("The same numbers again:"), Code(text=str(compared.plain["command"]))]
    return blocks
