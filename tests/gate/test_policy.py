"""A policy that cannot be meant is refused in one line, before anything is decided."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import judgeaudit as ja
from judgeaudit.domain.catalogue.statistics import phrase_of
from judgeaudit.domain.results.audit import Requirement
from judgeaudit.gate.words.sentences import requirement_sentence

CELLS = {"a": {("1", "1"): 40, ("0", "0"): 40}, "b": {("1", "1"): 40, ("0", "0"): 40}}


@pytest.fixture(scope="module")
def made(audit: Any) -> ja.Audit:
    return audit(CELLS, question="harm")


def refused(made: ja.Audit, policy: ja.Policy) -> str:
    with pytest.raises(ja.InputError) as caught:
        ja.decide(made, policy)
    message = str(caught.value)
    assert "\n" not in message
    return message


def requiring(**asked: Any) -> ja.Policy:
    return ja.Policy(require=(ja.Require(**asked),))


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (ja.Policy(judges=("J",)), ("no judge 'J'", "did you mean 'j'")),
        (requiring(statistic="accuracy", at_least=0.5, question="ham"), ("no question 'ham'", "did you mean 'harm'")),
        (
            requiring(statistic="accuracy", at_least=0.5, strata=("s=A",)),
            ("no stratum 's=A'", "did you mean 's=a'", "--by"),
        ),
        (requiring(contrast="sensitivity", at_most=0.5, between=("S",)), ("no stratum column 'S'", "did you mean 's'")),
        (requiring(statistic="sensitivty", at_least=0.5), ("no statistic 'sensitivty'", "did you mean 'sensitivity'")),
    ],
)
def test_unknown_names_are_refused_with_the_nearest_known_one(
    policy: ja.Policy, said: tuple[str, ...], made: ja.Audit
) -> None:
    """A name that the audit does not know is a slip of the pen, not a requirement that never fails."""
    message = refused(made, policy)
    assert [word for word in said if word not in message] == []


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (ja.Policy(level=95), "level 95"),
        (ja.Policy(level=0.3), "level 0.3"),
        (ja.Policy(prevalence=10), "prevalence 10"),
        (ja.Policy(max_bias=0), "max_bias 0"),
        (ja.Policy(max_bias=math.nan), "max_bias nan"),
        (ja.Policy(purpose="certify"), "no purpose 'certify'"),  # type: ignore[arg-type]
        (ja.Policy(label_source="models"), "label_source 'models'"),  # type: ignore[arg-type]
        (requiring(at_least=0.5), "exactly one of statistic and contrast"),
        (requiring(statistic="accuracy"), "at_least, at_most or both"),
        (requiring(statistic="accuracy", at_least=math.nan), "at_least, at_most or both"),
        (requiring(statistic="accuracy", at_least=0.9, at_most=0.1), "nothing can meet"),
        (requiring(statistic="accuracy", at_least=0.9, strata=()), "strata is empty"),
        (requiring(contrast="accuracy", at_most=0.1), "between"),
        (requiring(contrast="accuracy", at_most=0.1, between=("s",), strata=("s=a",)), "leave strata out"),
        (requiring(contrast="accuracy", at_most=0.1, between=("s",), subject="humans"), "leave subject out"),
    ],
)
def test_what_nothing_could_meet_or_fail_is_refused(policy: ja.Policy, said: str, made: ja.Audit) -> None:
    """A policy made in Python is held to what a policy file is held to."""
    assert said in refused(made, policy)


def test_a_stratum_that_the_question_is_not_cut_by_is_refused(made: ja.Audit) -> None:
    """A question is not cut by its own labels: a requirement on such a stratum would never be held."""
    findings = [f for f in made.result.findings if f.stratum != "s=b"]
    uncut = ja.Audit(replace(made.result, findings=findings))
    asked = {"statistic": "accuracy", "at_least": 0.5, "strata": ("s=b",)}
    assert "no stratum 's=b'" in refused(uncut, requiring(question="harm", **asked))


def test_a_statistic_that_does_not_exist_on_the_scale_is_undetermined(made: ja.Audit) -> None:
    """A known name without a value here is no mistake of the policy; it cannot be met."""
    (decision,) = ja.decide(made, requiring(statistic="pearson_r", at_least=0.5))
    assert (decision.decision, decision.code) == ("undetermined", "not_for_this_scale")


def test_a_policy_file_says_what_a_policy_in_python_says(made: ja.Audit, tmp_path: Path) -> None:
    """[[require]] and [use] of a file lead to the same decisions."""
    file = tmp_path / "policy.toml"
    file.write_text(
        """
        level = 0.9
        judges = ["j"]
        [[require]]
        statistic = "sensitivity"
        at_least = 0.7
        strata = ["all", "s=a"]
        [[require]]
        contrast = "specificity"
        between = ["s"]
        at_most = 0.3
        """,
        encoding="utf-8",
    )
    own = ja.Policy(
        level=0.9,
        judges=("j",),
        source="policy.toml",
        require=(
            ja.Require(statistic="sensitivity", at_least=0.7, strata=("all", "s=a")),
            ja.Require(contrast="specificity", between=("s",), at_most=0.3),
        ),
    )
    assert ja.read_policy(file) == own
    assert list(ja.decide(made, ja.read_policy(file))) == list(ja.decide(made, own))


def test_a_file_that_asks_for_another_comparison_than_is_held_is_refused(tmp_path: Path) -> None:
    """A requirement against one person would silently be held against the reference; it is refused instead."""
    file = tmp_path / "policy.toml"
    text = '[[require]]\nstatistic = "cohen_kappa"\nat_least = 0.5\nversus = "h1"\n'
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ja.InputError, match="versus 'h1'"):
        ja.read_policy(file)
    file.write_text(text.replace('"h1"', '"reference"'), encoding="utf-8")
    assert ja.read_policy(file).require is not None


def test_every_unknown_name_says_which_policy_it_stands_in(made: ja.Audit) -> None:
    """The message names the file that has to be mended."""
    policy = ja.Policy(judges=("k",), source="strict.toml")
    assert refused(made, policy).startswith("policy (strict.toml): no judge 'k'")


def test_a_statistic_without_an_interval_is_refused(made: ja.Audit) -> None:
    """No requirement on it could ever be met or failed, so that it would stay undetermined for ever."""
    message = refused(made, requiring(statistic="brier_reliability", at_most=0.1))
    assert "no requirement can name brier_reliability: it is fitted to these very labels and has no interval" in message


def test_a_judge_without_probabilities_is_told_to_have_none(made: ja.Audit) -> None:
    """Calibration exists on a binary scale; what is missing are the judge's probabilities."""
    for name in ("smooth_ece", "roc_auc", "aurc", "calibration_slope"):
        (decision,) = ja.decide(made, requiring(statistic=name, at_least=0.1))
        assert decision.code == "no_probability"
        assert "the judge gave no probabilities" in decision.reason


def test_what_belongs_to_use_is_refused_with_where_it_belongs(tmp_path: Path) -> None:
    """A purpose under [policy] is a common slip: the refusal names [use]."""
    file = tmp_path / "policy.toml"
    for text in ('[policy]\npurpose = "rate"\n', "max_bias = 0.02\n"):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(ja.InputError, match=r"belongs to \[use\]"):
            ja.read_policy(file)
    file.write_text('[use]\npurpose = "rate"\n[policy]\nlevel = 0.9\n', encoding="utf-8")
    assert ja.read_policy(file).purpose == "rate"


def test_statistics_are_named_in_words_and_a_share_of_tests_has_no_bound() -> None:
    """No sentence holds a raw name, and a count of passed tests is not given a bound that it does not have."""
    line = Requirement(
        statistic="alt_test_winning_rate", stratum="all", bound=0.0, met=False, at_least=0.5, fails=True, value=0.0, k=0.0, n=3.0,
        lower=0.0, upper=0.0, method="tests",
    )  # fmt: skip
    said = requirement_sentence(line)
    assert said == "the winning rate of the alternative annotator test is 0.00 (0 of 3), at least 0.5 is required"
    assert (phrase_of("scott_pi"), phrase_of("smooth_ece")) == ("Scott's pi", "the smooth calibration error")
