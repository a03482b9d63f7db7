"""The registry is true to the data: commands, counts and expected findings agree with what was published with it."""

from __future__ import annotations

import csv
import hashlib
import json
import shlex

import pytest

from judgeaudit.datasets.registry import Dataset, Expected, find_dataset, list_datasets
from judgeaudit.domain.errors import InputError
from judgeaudit.domain.results.audit import Finding

FOLDERS = {
    "jailbreakbench-judges": "jbb_judge_comparison",
    "pandalm": "pandalm_pairwise",
    "xstest": "xstest_refusal",
}
#: statistic -> its keys in expected.json
KEYS = {
    "accuracy": ("agreement", "accuracy_all", "accuracy_all_unparsable_wrong"),
    "cohen_kappa": ("cohen_kappa", "cohen_kappa_valid", "cohen_kappa_valid_3class"),
    "false_positive_rate": ("fpr",),
    "false_negative_rate": ("fnr",),
    "f1_macro": ("macro_f1", "macro_f1_valid"),
    "krippendorff_alpha": ("krippendorff_alpha_nominal",),
    "fleiss_kappa": ("fleiss_kappa",),
    "gwet_ac1": ("gwet_ac1",),
}

each_dataset = pytest.mark.parametrize("dataset", list_datasets(), ids=lambda dataset: dataset.name)


def published(found: dict, expected: Expected) -> float:
    """The value that expected.json gives for a finding of the registry."""
    if expected.stratum != "all":
        part = found["per_model"][expected.stratum.removeprefix("model=")]
    else:
        part = found.get("overall", found)
    if expected.subject == "humans":
        part = part["human"]
    elif expected.versus == "reference":
        part = part.get("judges", part)[expected.subject]
    else:
        part = part["human"]["pairwise"][f"{expected.subject[-1]}-{expected.versus[-1]}"]
    (value,) = (part[key] for key in KEYS[expected.statistic] if key in part)
    return value


@each_dataset
def test_expected_findings_are_the_published_ones(dataset: Dataset, shared_data):
    """Each expected finding is, to six digits, what expected.json says."""
    found = json.loads((shared_data / FOLDERS[dataset.name] / "expected.json").read_text(encoding="utf-8"))
    for expected in dataset.expected:
        assert expected.value == pytest.approx(published(found, expected), abs=6e-7), expected


@each_dataset
def test_the_hash_is_of_the_table_with_that_many_rows(dataset: Dataset, shared_data):
    """The registered hash and number of rows belong to the label table at hand."""
    data = (shared_data / FOLDERS[dataset.name] / "labels.csv").read_bytes()
    assert hashlib.sha256(data).hexdigest() == dataset.sha256
    assert len(list(csv.DictReader(data.decode("utf-8").splitlines()))) == dataset.rows


@each_dataset
def test_the_command_names_columns_that_the_table_has(dataset: Dataset, shared_data):
    """Every column in the command is in the table's header, and every expected rater is named in the command."""
    path = shared_data / FOLDERS[dataset.name] / "labels.csv"
    header = path.read_text(encoding="utf-8").splitlines()[0].split(",")
    words = shlex.split(dataset.command)
    assert words[:3] == ["judgeaudit", "audit", "labels.csv"]
    options = dict(zip(words[3::2], words[4::2], strict=True))
    named = [options.get(flag, "").split(",") for flag in ("--item", "--human", "--judge", "--by", "--cluster")]
    assert {name for names in named for name in names if name} <= set(header)
    raters = {*options["--human"].split(","), *options["--judge"].split(","), "humans", "reference"}
    assert {name for expected in dataset.expected for name in (expected.subject, expected.versus)} <= raters


@each_dataset
def test_the_notice_says_whose_data_it_is(dataset: Dataset):
    """Title, source and licence stand in what is shown before the download."""
    for part in (dataset.title, dataset.home, dataset.licence, "Only labels are kept"):
        assert part in dataset.notice
    assert dataset.notice.endswith("\n")


@each_dataset
def test_upstream_addresses_are_secure_and_pinned_where_they_can_be(dataset: Dataset):
    """Every address is https; files of a repository are named at a commit."""
    for url in dataset.upstream:
        assert url.startswith("https://")
        if "githubusercontent" in url:
            assert any(len(part) == 40 and set(part) <= set("0123456789abcdef") for part in url.split("/"))


def test_expected_findings_are_named_as_findings_are():
    """An expected finding has no field that a finding of an audit lacks."""
    assert set(Expected.__dataclass_fields__) <= set(Finding.__dataclass_fields__)


def test_names_are_few_and_an_unknown_one_is_answered_with_them():
    """The error names what was meant and what there is."""
    assert [dataset.name for dataset in list_datasets()] == sorted(FOLDERS)
    with pytest.raises(InputError) as caught:
        find_dataset("xtest")
    expected = "no data set 'xtest' (did you mean 'xstest'?); there are jailbreakbench-judges, pandalm, xstest"
    assert str(caught.value) == expected
