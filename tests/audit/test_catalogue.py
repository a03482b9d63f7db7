"""The catalogue of statistics says what audits compute, on which scales, of whom, and within which range."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path
from typing import get_args

import pytest

from judgeaudit.audit.cluster_warnings import FEW_CLUSTERS
from judgeaudit.audit.estimates.estimate import Estimate, finding_of
from judgeaudit.audit.setting.pair_statistics import PairStatistic, statistics_for
from judgeaudit.audit.setting.scheme import Scheme
from judgeaudit.domain.catalogue.comparison_reasons import COMPARISON_REASONS
from judgeaudit.domain.catalogue.reasons import REASONS
from judgeaudit.domain.catalogue.statistics import STATISTICS, versus_of
from judgeaudit.domain.question import SCALES, Question
from judgeaudit.domain.results.audit import Finding
from judgeaudit.stats.sample_sizes.agreement import Coefficient
from judgeaudit.text.signals import SIGNAL_SUBJECT
from tests.audit.computed_cases import CONTINUOUS, Computed, codes_in, computed, names_in


def scheme_on(scale: str) -> Scheme:
    """Five numbers as labels, two on a binary scale; the last one is positive."""
    labels = ("1", "2") if scale == "binary" else ("1", "2", "3", "4", "5")
    values = tuple(map(float, labels)) if scale == "interval" else ()
    return Scheme(question=Question(name="q", scale=scale, labels=labels, positive=labels[-1:], values=values))  # type: ignore[arg-type]


def together(made: Computed) -> list[Finding]:
    """Findings of judges and of the people together: not of pairs of raters, single raters, or signals."""
    judges = {judge for about in made.result.questions for judge in about.judges}
    kept = {"reference", "humans"}
    return [
        one
        for one in made.result.findings
        if one.subject != SIGNAL_SUBJECT
        and (one.versus in kept or one.versus == one.subject)
        and (one.subject == "humans" or one.subject in judges)
    ]


def test_what_audits_compute_is_what_the_catalogue_lists() -> None:
    """No name reaches audit.json without a record, and no record stands for a statistic that nothing computes."""
    assert set().union(*(names_in(made.result) for made in computed())) == set(STATISTICS)


@pytest.mark.parametrize("scale", SCALES)
def test_the_shelf_holds_catalogued_statistics_of_its_scale(scale: str) -> None:
    """What two raters are compared by on a scale is listed for that scale, and for judges."""
    shelf = [one.name for one in statistics_for(scheme_on(scale), reference=True)]
    assert [name for name in shelf if scale not in STATISTICS[name].scales] == []
    assert [name for name in shelf if "judge" not in STATISTICS[name].subjects] == []


def test_a_statistic_has_values_on_the_scales_of_its_record_and_on_no_other() -> None:
    """A record's `scales` and `continuous` are where audits find values."""
    found: dict[str, set[str]] = defaultdict(set)
    for made in computed():
        one_question = next(iter(made.scales.values()))
        for one in made.result.findings:
            if one.value is not None:
                found[one.statistic].add(made.scales.get(one.question, one_question))
        for other in [*made.result.contrasts, *made.result.curves]:
            if other.statistic:
                found[other.statistic].add(made.scales.get(other.question, one_question))
    listed = {one.name: {*one.scales, *([CONTINUOUS] if one.continuous else [])} for one in STATISTICS.values()}
    assert {name: found[name] for name in STATISTICS if found[name] != listed[name]} == {}


def test_a_value_lies_in_the_range_of_its_record() -> None:
    """`low` and `high` hold every value, with what rounding adds."""
    outside = []
    for made in computed():
        for one in made.result.findings:
            entry = STATISTICS[one.statistic]
            below = entry.low is not None and one.value is not None and one.value < entry.low - 1e-9
            above = entry.high is not None and one.value is not None and one.value > entry.high + 1e-9
            outside += [(made.name, one.statistic, one.value)] if below or above else []
    assert outside == []


def test_a_statistic_is_of_those_whom_its_record_names() -> None:
    """`subjects` says whose findings there are, and `against` what a judge is compared with."""
    found: dict[str, set[str]] = defaultdict(set)
    for made in computed():
        for one in together(made):
            if one.subject == "humans" or one.versus == versus_of(one.statistic, one.subject):
                found[one.statistic].add("humans" if one.subject == "humans" else "judge")
    listed = {one.name: set(one.subjects) for one in STATISTICS.values() if one.bound != "contrast"}
    along_doses = {"error_rate", "unanswered_rate"}
    assert {name: found[name] for name in listed if found[name] != listed[name] and name not in along_doses} == {}


def test_what_needs_more_than_labels_and_verdicts_is_not_there_without_it() -> None:
    """`needs` names what a plain table lacks: probabilities, runs, orders, a stated design of the labels."""
    plain = next(made for made in computed() if made.name == "binary, strata")
    there = {one.statistic for one in plain.result.findings}
    assert [name for name in there if STATISTICS[name].needs is not None] == []
    without = {made.name: {f.statistic for f in made.result.findings} for made in computed()}
    given = {"probabilities": "binary, probabilities", "label design": "binary, random labels", "runs": "runs"}
    for needs, name in (*given.items(), ("orders", "orders")):
        assert any(STATISTICS[one].needs == needs for one in without[name]), needs


def test_a_plan_knows_the_coefficients_that_say_so() -> None:
    """`plan` names the coefficients of agreement that sample sizes are worked out for."""
    planned = {one.name for one in STATISTICS.values() if one.plan == "coefficient"}
    assert planned == set(get_args(Coefficient))


def test_strata_are_compared_by_the_statistics_that_say_so() -> None:
    """`between` is what a policy may name as a contrast."""
    compared = {one.statistic for made in computed() for one in made.result.contrasts if one.kind == "strata"}
    assert compared == {one.name for one in STATISTICS.values() if one.between}


def test_a_statistic_without_a_record_cannot_be_computed() -> None:
    """Neither a line of the shelf nor a finding is made of a name that the catalogue does not hold."""
    with pytest.raises(ValueError, match="no record in judgeaudit/domain/catalogue"):
        PairStatistic(name="new_kappa", link="fisher")
    about = {"question": "q", "stratum": "all", "subject": "j", "versus": "reference", "n_items": 1, "n_clusters": 1}
    with pytest.raises(ValueError, match="no record in judgeaudit/domain/catalogue"):
        finding_of(Estimate(value=0.5), statistic="new_kappa", **about)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no sentence in judgeaudit/domain/catalogue"):
        finding_of(Estimate(value=None, undefined="new_reason"), statistic="cohen_kappa", **about)  # type: ignore[arg-type]


def test_every_reason_in_an_audit_has_a_sentence() -> None:
    """The codes of values, rates and decisions are all catalogued."""
    found = {code for made in computed() for code in codes_in(made.result.as_dict())}
    decided = [one for made in computed() for d in made.result.decisions for one in (d, *d.strata)]
    found |= {one.code for one in decided if one.code is not None}
    assert found - set(REASONS) == set()


@pytest.mark.parametrize("catalogue", [REASONS, COMPARISON_REASONS], ids=["audit", "comparison"])
def test_every_catalogued_reason_is_given_somewhere(catalogue: dict[str, object], repository: Path) -> None:
    """No sentence is kept for a code that no code gives any more."""
    given: set[str] = set()
    for room in ("audit", "gate"):
        for file in (repository / "judgeaudit" / room).rglob("*.py"):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            given |= {
                one.value for one in ast.walk(tree) if isinstance(one, ast.Constant) and isinstance(one.value, str)
            }
    home = repository / "judgeaudit" / "domain" / "catalogue" / "comparison_reasons.py"
    named = {one.id for one in ast.walk(ast.parse(home.read_text(encoding="utf-8"))) if isinstance(one, ast.Name)}
    assert "NO_VERDICTS" in named
    assert set(catalogue) - given - {"no_verdicts"} == set()


def test_a_sentence_can_follow_a_colon() -> None:
    """Reasons start in lower case and end without a full stop, since they stand inside sentences and cells."""
    texts = [
        text for one in (*REASONS.values(), *COMPARISON_REASONS.values()) for text in (one.says, one.remedy) if text
    ]
    assert [text for text in texts if text[0].isupper() or text.endswith(".")] == []
    assert str(FEW_CLUSTERS) in REASONS["too_few_clusters"].remedy


def test_records_are_whole() -> None:
    """Each has a title, a phrase and sentences; names, titles and other names are nobody else's."""
    records = list(STATISTICS.values())
    assert [one.name for one in records if not (one.says.endswith(".") and one.definition.endswith("."))] == []
    assert [one.name for one in records if one.undefined.endswith(".") or not one.title or not one.phrase] == []
    for words in ([one.name for one in records], [one.title for one in records]):
        assert len(set(words)) == len(words)
    others = [word.casefold() for one in records for word in (one.abbreviation, *one.synonyms) if word]
    others = [word for word in others if word not in ("ece", "aurc")]  # abbreviations that are the names themselves
    assert {word for word in others if others.count(word) > 1} | {
        word for word in others if word in STATISTICS
    } == set()
