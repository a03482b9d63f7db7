"""[compare] of study.toml: one goal, one baseline, and choices by their names."""

from __future__ import annotations

import re

import pytest

from judgeaudit.storage.config.compare import CompareConfig
from judgeaudit.storage.config.read import read_study
from tests.storage.config.test_study_config import HARM, refused, written

COMPARE = '\n[compare]\ncapability_task = "boolq"\ngoal = 0.7\nbaseline = "base"\n'
COHERENCE = '[questions.coherence]\nscale = "ordinal"\nlabels = ["gibberish", "partly", "coherent"]\n'


def test_several_tasks_are_a_goal_together(tmp_path):
    """In the order that they are written."""
    text = HARM + '[compare]\nbaseline = "base"\nreach = "lower_bound"\ngoals = { boolq = 0.7, gsm8k = 1 }\n'
    compare = read_study(written(tmp_path, text)).compare
    assert compare is not None
    goal = compare.declared_goal()
    assert (goal.tasks, goal.reach, goal.tolerance) == ((("boolq", 0.7), ("gsm8k", 1.0)), "lower_bound", 0.02)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            COMPARE + "goals = { gsm8k = 0.2 }\n",
            "compare: give either capability_task and goal, or goals for several tasks, not both",
        ),
        (
            COMPARE.replace("goal = 0.7\n", ""),
            'compare: goal is missing; write capability_task = "TASK" and goal = 0.70, or goals = { TASK = 0.70 }',
        ),
        (
            COMPARE + 'reach = "lower"\n',
            "compare.reach: 'lower' is not 'point', 'lower_bound' or 'interpolated' (did you mean 'lower_bound'?)",
        ),
        (COMPARE + "tolerance = -0.1\n", "compare.tolerance: -0.1 should be greater than or equal to 0"),
        (
            COMPARE + 'treatments = ["ow"]\n',
            "compare: treatments: 'ow' is not one of own, safe, unsafe, left_out, as_judged (did you mean 'own'?)",
        ),
        (
            COMPARE + 'anchors = ["step:late"]\n',
            "compare: anchors: 'step:late' is not one of goal, goal:point, goal:lower_bound, goal:interpolated, last, same_step, best, "
            "step:NUMBER",
        ),
        (COMPARE + "judges = []\n", "compare: judges names nothing; name what to compare by, or leave the key out"),
        (COMPARE + 'judges = ["a", "a"]\n', "compare: judges: 'a' stands there twice; name it once"),
        (COMPARE + 'judges = ["a"]\njudge = "b"\n', "compare: judge: 'b' is not one of judges"),
        (COMPARE + 'contrasts = [["a", "a"]]\n', "compare.contrasts: 'a' is compared with itself; name two methods"),
        (COMPARE + "contrasts = []\n", "compare.contrasts: names no pair; name some, or leave it out for all pairs"),
        (
            COMPARE + 'contrasts = [["a", "b"], ["b", "a"]]\n',
            "compare.contrasts: 'b' and 'a' are compared twice; name each pair once, in the order that a − b is wanted",
        ),
        (
            COMPARE + 'contrasts = [["a", "b", "c"]]\n',
            "compare.contrasts: ['a', 'b', 'c'] is no pair; name two methods, as [\"plain\", \"base\"]",
        ),
        (COMPARE + 'contrasts = "ab"\n', 'compare.contrasts: \'ab\' is no list of pairs; write [["plain", "base"]]'),
        (COMPARE.replace("0.7", '"70%"'), "compare.goal: '70%' is no number; write 0.7"),
        (COMPARE.replace("0.7", '"abc"'), "compare.goal: 'abc' is no number; write a score, as 0.70"),
        (
            COMPARE.replace('baseline = "base"\n', ""),
            'compare: baseline: is missing; name what all others are held against, as baseline = "base"',
        ),
        (
            COMPARE + 'incoherent = ["gibberish", "partly", "coherent"]\n',
            "compare.incoherent: names all labels (gibberish, partly, coherent), and every labelled output would be gibberish; "
            "leave one out",
        ),
        (
            COMPARE + 'treatments = ["as_judged", "own"]\n',
            "compare: treatments: as_judged is the practice that others are held against; name own, safe, unsafe or left_out "
            "before it",
        ),
        (
            COMPARE + 'questions = ["harmm"]\n',
            "compare.questions: no question 'harmm' (did you mean 'harm'?); declared are harm, coherence",
        ),
        (
            COMPARE + 'questions = ["coherence"]\n',
            "compare.questions: question 'coherence' has no positive labels, and so no rate; declare them",
        ),
        (
            COMPARE + 'incoherent = ["giberish"]\n',
            "compare.incoherent: 'giberish' is no label of question 'coherence' (did you mean 'gibberish'?); "
            "labels are gibberish, partly, coherent",
        ),
    ],
)
def test_a_comparison_that_cannot_be_is_refused(tmp_path, text, message):
    """One line that says where and how to mend it."""
    assert refused(tmp_path, HARM + COHERENCE + text) == message


def test_every_key_has_its_row(repository):
    """docs/reference/study.md explains what may stand in [compare], and nothing else."""
    page = (repository / "docs" / "reference" / "study.md").read_text(encoding="utf-8").partition("## [compare]\n")[2]
    cells = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    assert {name for cell in cells for name in re.findall(r"`(\w+)`", cell)} == set(CompareConfig.model_fields)
