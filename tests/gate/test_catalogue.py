"""A policy may name every statistic that the catalogue gives a bound, and is told in one line why it may not name another one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import judgeaudit as ja
from judgeaudit.domain.catalogue.statistics import STATISTICS
from judgeaudit.domain.policy import Policy, Require
from judgeaudit.domain.results.audit import AuditResult, Requirement
from judgeaudit.gate.decide import decide
from tests.audit.computed_cases import Computed, computed

REQUIRED = [one for one in STATISTICS.values() if one.bound not in (None, "contrast")]
#: how a bound is made where items stand for themselves -> the bounds that a record may give for it
METHODS = {
    "exact": {"Clopper-Pearson"},
    "value": {"tests"},
    "interval": {"posterior", "jackknife", "Lang-Reiczigel", "Clopper-Pearson"},
    "within": {"posterior", "jackknife", "Lang-Reiczigel"},
}


def lines(result: AuditResult, require: Require) -> Iterator[Requirement]:
    for decision in decide(result, Policy(require=(require,), label_source="any"), fragility=False):
        if decision.judge is None or not decision.baseline:
            yield from decision.requirements


def with_a_value(name: str, subject: str) -> Iterator[Computed]:
    """Audits in which the statistic has a value over all items."""
    for made in computed():
        if any(
            one.statistic == name
            and one.stratum == "all"
            and one.value is not None
            and (one.subject == "humans") == (subject == "humans")
            for one in made.result.findings
        ):
            yield made


@pytest.mark.parametrize("name", [one.name for one in REQUIRED])
def test_a_requirement_on_a_statistic_with_a_bound_is_decided_by_that_bound(name: str) -> None:
    """Where the statistic has a value its requirement has a bound, of the kind that its record says."""
    entry = STATISTICS[name]
    for subject in entry.subjects:
        asked = [{"at_least": -3.0}, {"at_most": 3.0}] if entry.bound != "within" else [{"at_most": 1.0}]
        for bounds in asked:
            require = Require(statistic=name, subject=subject, strata=("all",), **bounds)
            told = [line for made in with_a_value(name, subject) for line in lines(made.result, require)]
            bounded = [line for line in told if line.bound is not None]
            assert bounded, (name, subject, {line.undefined for line in told})
            pairs = {"jackknife", "posterior"} if subject == "humans" else set()  # people are compared pair by pair
            assert {line.method.partition(",")[0] for line in bounded} <= METHODS[str(entry.bound)] | pairs
            assert all(line.value is None for line in told if line.bound is None)


@pytest.mark.parametrize("name", [one.name for one in STATISTICS.values() if one.instead])
def test_a_statistic_without_a_bound_is_refused_with_what_to_use(name: str, tmp_path: Path) -> None:
    """One line says why, and names a statistic or a key that works; a file is refused as a policy in Python is."""
    result = computed()[0].result
    with pytest.raises(ja.InputError) as caught:
        decide(result, Policy(require=(Require(statistic=name, at_least=0.1),)))
    message = str(caught.value)
    assert message.endswith(f"no requirement can name {name}: {STATISTICS[name].instead}")
    assert any(one.name in message.replace(name, "", 1) for one in REQUIRED)
    file = tmp_path / "policy.toml"
    file.write_text(f'[[require]]\nstatistic = "{name}"\nat_least = 0.1\n', encoding="utf-8")
    with pytest.raises(ja.InputError) as in_file:
        ja.read_policy(file)
    assert str(in_file.value).endswith(f"no requirement can name {name}: {STATISTICS[name].instead}")


@pytest.mark.parametrize("name", [one.name for one in STATISTICS.values() if one.between])
def test_a_contrast_that_strata_are_compared_by_is_decided(name: str) -> None:
    """Every statistic with `between` decides a contrast in some audit."""
    require = Require(contrast=name, between=("s",), at_most=0.5)
    cut = [made for made in computed() if made.name.endswith("strata")]
    assert any(line.bound is not None for made in cut for line in lines(made.result, require))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"statistic": "MCC"}, "no statistic 'MCC' (did you mean 'matthews_corrcoef'?)"),
        ({"statistic": "recall"}, "no statistic 'recall' (did you mean 'sensitivity'?)"),
        ({"statistic": "krippendorf_alpha_nominal"}, "(did you mean 'krippendorff_alpha_nominal'?)"),
        ({"statistic": "fleiss_kappa"}, 'computed for the people alone; add subject = "humans"'),
        ({"statistic": "cohen_kappa", "subject": "humans"}, "not computed for the people together; leave subject out"),
        (
            {"contrast": "gwet_ac1", "between": ["s"]},
            "strata are not compared by gwet_ac1; they are by percent_agreement",
        ),
    ],
)
def test_what_no_audit_could_answer_is_refused(asked: dict[str, object], said: str, tmp_path: Path) -> None:
    """A requirement that would stay open whatever the labels says what to change, in Python and in a file."""
    rest = {"between": tuple(asked["between"])} if "between" in asked else {}  # type: ignore[arg-type]
    with pytest.raises(ja.InputError) as caught:
        decide(computed()[0].result, Policy(require=(Require(**{**asked, **rest}, at_most=0.5),)))  # type: ignore[arg-type]
    file = tmp_path / "policy.toml"
    text = "".join(
        f"{key} = {str(value).replace(chr(39), chr(34)) if isinstance(value, list) else chr(34) + str(value) + chr(34)}\n"
        for key, value in asked.items()
    )
    file.write_text(f"[[require]]\n{text}at_most = 0.5\n", encoding="utf-8")
    with pytest.raises(ja.InputError) as in_file:
        ja.read_policy(file)
    for message in (str(caught.value), str(in_file.value)):
        assert said in message
        assert "\n" not in message


def test_a_metric_of_alpha_can_be_required(tmp_path: Path) -> None:
    """A policy file that names alpha in another metric decides an ordinal audit by its bound."""
    file = tmp_path / "policy.toml"
    file.write_text('[[require]]\nstatistic = "krippendorff_alpha_nominal"\nat_least = 0.3\n', encoding="utf-8")
    ordinal = next(made for made in computed() if made.name == "ordinal, strata")
    held = [d for d in decide(ordinal.result, ja.read_policy(file), fragility=False) if d.judge in ("j", "k")]
    assert [d.decision for d in held] == ["certified", "certified"]
    assert all(line.bound is not None and line.method == "posterior" for d in held for line in d.requirements)
