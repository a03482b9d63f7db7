"""Corrected rates of tables: by each design, over clusters and weights, by stratum, and where nothing can be corrected."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import judgeaudit as ja
from judgeaudit.domain.errors import InputError

pytestmark = pytest.mark.slow

CORRECTED = (
    "prevalence_rogan_gladen",
    "prevalence_ppi",
    "prevalence_ppi_pp",
    "prevalence_poststratified",
    "prevalence_judge_target",
    "prevalence_bias_corrected",
    "sensitivity_begg_greenes",
    "specificity_begg_greenes",
)


def drawn(
    n: int = 2000, *, labelled: int = 300, rate: float = 0.3, hit: float = 0.9, clear: float = 0.8, seed: int = 1
) -> pd.DataFrame:
    """Rows of two people who agree and a judge; the first ones are labelled. `truth` is for tests alone."""
    rng = np.random.default_rng(seed)
    y = rng.random(n) < rate
    j = np.where(y, rng.random(n) < hit, rng.random(n) >= clear)
    frame = pd.DataFrame({"item_id": np.arange(n), "truth": y.astype(int), "j": j.astype(int)}).astype(str)
    return with_labels(frame, np.arange(n) < labelled)


def with_labels(frame: pd.DataFrame, told: Any) -> pd.DataFrame:
    labels = np.where(told, frame.truth, "")
    return frame.assign(h1=labels, h2=labels)


def audited(frame: pd.DataFrame, design: str | None, **options: Any) -> ja.Audit:
    given = {"human": ["h1", "h2"], "judges": ["j"], "labels": ["0", "1"], "replicates": 500, **options}
    return ja.audit_table(frame.drop(columns="truth", errors="ignore"), label_design=design, **given)


def found(audit: ja.Audit, stratum: str = "all", judge: str = "j") -> dict[str, Any]:
    """The judge's findings about rates, by statistic."""
    rows = [f for f in audit.result.findings if f.subject == judge and f.stratum == stratum]
    return {f.statistic: f for f in rows if f.statistic in CORRECTED}


def record(audit: ja.Audit, stratum: str = "all", judge: str = "j") -> dict[str, Any]:
    (one,) = [r for r in audit.result.as_dict().get("rates", []) if (r["judge"], r["stratum"]) == (judge, stratum)]
    return one


def test_nothing_is_guessed() -> None:
    """Without a stated design there is no corrected rate, and the record says which rows wait for one."""
    audit = audited(drawn(), None)
    assert found(audit) == {}
    assert record(audit)["refused"] == "no_design"
    assert (record(audit)["labelled"], record(audit)["unlabelled"]) == (300, 1700)


def test_a_table_without_unlabelled_rows_changes_in_nothing() -> None:
    """Where every row is labelled and no design is stated, audit.json has no word of corrected rates."""
    audit = audited(drawn(labelled=2000), None)
    assert found(audit) == {}
    assert "rates" not in audit.result.as_dict()


def test_every_row_labelled_leaves_nothing_to_correct() -> None:
    """A stated design without an unlabelled row: no value, and the reason."""
    for design in ("random", "elsewhere"):
        audit = audited(drawn(labelled=2000), design)
        assert record(audit)["refused"] == "no_unlabelled"
        values = {f.undefined for name, f in found(audit).items() if name != "prevalence_judge_target"}
        assert values == {"no_unlabelled"}


@pytest.mark.parametrize("clustered", [False, True])
@pytest.mark.parametrize("design", ["random", "weighted", "elsewhere"])
def test_each_design_finds_the_rate(design: str, clustered: bool) -> None:
    """The interval of every estimate holds the true rate, far from what the judge says, and so does the bias."""
    frame = drawn(6000, labelled=600).assign(p=np.arange(6000) // 5)
    options: dict[str, Any] = {"cluster": "p"} if clustered else {}
    if design == "weighted":
        chance = np.where(frame.j == "1", 0.3, 0.05)
        told = np.random.default_rng(5).random(6000) < chance
        frame, options = (
            with_labels(frame.assign(w=np.where(told, 1 / chance, np.nan)), told),
            {**options, "weight": "w"},
        )
        frame["w"] = frame.w.map(lambda w: "" if np.isnan(w) else f"{w:.6f}")
    rows = frame.iloc[600:] if design == "elsewhere" else frame
    truth, says = (rows[column].astype(int).mean() for column in ("truth", "j"))
    estimates = found(audited(frame, design, **options))
    rates = [f for name, f in estimates.items() if name.startswith("prevalence_") and name in CORRECTED[:4]]
    assert len(rates) == (1 if design == "elsewhere" else 3)
    for f in rates:
        assert f.low < truth < f.high, f
        assert f.high < says, f
    bias = estimates["prevalence_bias_corrected"]
    assert bias.low < says - truth < bias.high
    assert estimates["prevalence_judge_target"].value == pytest.approx(says)
    if design != "elsewhere":
        assert estimates["sensitivity_begg_greenes"].low < 0.9 < estimates["sensitivity_begg_greenes"].high
        assert estimates["specificity_begg_greenes"].low < 0.8 < estimates["specificity_begg_greenes"].high


def test_weights_that_are_all_equal_are_no_weights() -> None:
    """One weight for every labelled row gives the post-stratified rate and interval of a random sample."""
    frame = drawn()
    plain, weighted = audited(frame, "random"), audited(frame.assign(w="4"), "weighted", weight="w")
    one, two = (found(audit)["prevalence_poststratified"] for audit in (plain, weighted))
    assert (one.value, one.low, one.high) == pytest.approx((two.value, two.low, two.high))


def test_prompts_widen_what_they_make_alike() -> None:
    """Rows that are copies of each other count once: with each row five times over the interval is about as wide as before."""
    frame = drawn(1000, labelled=250)
    copies = pd.concat([frame.assign(p=frame.item_id, item_id=frame.item_id + f"-{k}") for k in range(5)])
    for design in ("random", "elsewhere"):
        statistic = "prevalence_poststratified" if design == "random" else "prevalence_rogan_gladen"
        one, many = found(audited(frame, design))[statistic], found(audited(copies, design, cluster="p"))[statistic]
        blind = found(audited(copies, design))[statistic]
        assert many.value == pytest.approx(one.value)
        assert many.high - many.low == pytest.approx(one.high - one.low, rel=0.15)
        assert blind.high - blind.low < 0.6 * (many.high - many.low)


def test_strata_have_rates_of_their_own() -> None:
    """A stratum's rate is that of its own table alone."""
    frame = drawn().assign(s=np.where(np.arange(2000) % 3 == 0, "a", "b"))
    whole, part = audited(frame, "random", by=["s"]), audited(frame[frame.s == "a"], "random")
    inside, alone = found(whole, "s=a")["prevalence_ppi_pp"], found(part)["prevalence_ppi_pp"]
    assert (inside.value, inside.low) == pytest.approx((alone.value, alone.low))


def test_a_stratum_of_labels_has_no_rate() -> None:
    """Which unlabelled rows are gibberish is not known, so no rate of gibberish is corrected."""
    from dataclasses import replace

    from judgeaudit.audit.question import audit_question
    from judgeaudit.audit.setting.options import AuditOptions
    from judgeaudit.storage.files.read import table_from_frame
    from judgeaudit.storage.table.options import TableOptions
    from judgeaudit.storage.table.wide import ratings_from_wide

    frame = drawn(600, labelled=100).assign(s=["a", "b"] * 300)
    reading = TableOptions(human=("h1",), judge=("j",), labels=("0", "1"), by=("s",), label_design="random")
    (ratings,) = ratings_from_wide(table_from_frame(frame.drop(columns="truth"), "t"), reading).ratings
    sources = {**ratings.stratum_source, "s=a": "label", "s=b": "label"}
    made = audit_question(replace(ratings, stratum_source=sources), AuditOptions(replicates=200))
    told = {f.stratum: f.undefined for f in made.findings if f.statistic == "prevalence_poststratified"}
    assert told == {"all": None, "s=a": "stratum_by_labels", "s=b": "stratum_by_labels"}


def test_no_answer_is_not_positive_or_left_out() -> None:
    """An unanswered row counts as not flagged, unless it is left out of everything."""
    frame = drawn()
    frame.loc[frame.index % 10 == 0, "j"] = ""
    counted, without = (found(audited(frame, "random", unanswered=rule)) for rule in ("counted", "left-out"))
    says = frame.j == "1"
    assert counted["prevalence_judge_target"].value == pytest.approx(says.mean())
    assert without["prevalence_judge_target"].value == pytest.approx(says[frame.j != ""].mean())
    assert counted["prevalence_poststratified"].low < 0.3 < counted["prevalence_poststratified"].high


def test_what_people_could_not_settle_is_neither_labelled_nor_unlabelled() -> None:
    """A tie is no reference: the row is judged, is counted, and is not among the rows that wait for a label."""
    frame = drawn()
    frame.loc[:19, "h2"] = np.where(frame.h1[:20] == "1", "0", "1")
    told = record(audited(frame, "elsewhere"))
    assert (told["judged"], told["labelled"], told["unlabelled"], told["without_reference"]) == (2000, 280, 1700, 20)


@pytest.mark.parametrize(("lost", "flag"), [(20, None), (90, "design_doubtful")])
def test_rows_that_cannot_be_judged_are_not_missing_at_random(lost: int, flag: str | None) -> None:
    """Where a notable share of the given rows could not be judged the corrected rate is flagged, and that is said once."""
    frame = drawn()
    long = frame.melt("item_id", ["h1", "h2", "j"], "rater", "label").query("label != ''")
    gone = long.item_id.isin(frame.item_id[:lost]) & (long.rater != "j")
    long = long.assign(status=np.where(gone, "cannot_judge", "labelled"), label=long.label.where(~gone, ""))
    audit = ja.audit_table(
        long, long=("item_id", "rater", "label"), judges="j", labels=["0", "1"], label_design="random", replicates=200
    )
    told = record(audit)
    assert (told["labelled"], told["without_reference"], told["cannot_judge"]) == (300 - lost, lost, lost)
    assert told["flagged"] == flag
    said = [line for line in audit.result.warnings if "could not be judged" in line]
    assert len(said) == (flag is not None)
    assert found(audit)["prevalence_poststratified"].method.endswith("flagged: design_doubtful") == bool(flag)


@pytest.mark.parametrize(
    ("hit", "clear", "why"),
    [(0.5, 0.5, "se_plus_sp_le_1"), (0.2, 0.2, "se_plus_sp_le_1"), (1.0, 0.0, "se_plus_sp_le_1"), (1.0, 1.0, None)],
)
def test_a_judge_that_tells_nothing_apart_corrects_nothing(hit: float, clear: float, why: str | None) -> None:
    """A coin, an anti-judge and a constant judge are refused; a perfect judge's rate is its own."""
    audit = audited(drawn(hit=hit, clear=clear), "elsewhere")
    one = found(audit)["prevalence_rogan_gladen"]
    assert (one.undefined, record(audit)["refused"]) == (why, why)
    if why is None:
        assert one.value == pytest.approx(found(audit)["prevalence_judge_target"].value)
        assert one.low < one.value < one.high


@pytest.mark.parametrize("design", ["random", "elsewhere"])
@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_one_class_is_no_calibration(rate: float, design: str) -> None:
    """Labels of one class say nothing of the other: no Rogan-Gladen rate; a random sample still bounds the rate."""
    estimates = found(audited(drawn(rate=rate), design))
    if design == "elsewhere":
        why = "no_positives" if rate == 0 else "no_negatives"
        assert estimates["prevalence_rogan_gladen"].undefined == why
        return
    one = estimates["prevalence_poststratified"]
    assert one.value == rate
    assert (one.high if rate == 0 else 1 - one.low) < 0.03
    side = "sensitivity" if rate == 0 else "specificity"
    assert estimates[f"{side}_begg_greenes"].undefined == ("no_positives" if rate == 0 else "no_negatives")


@pytest.mark.parametrize("clustered", [False, True])
@pytest.mark.parametrize("design", ["random", "elsewhere"])
def test_one_labelled_row_gives_no_number_that_is_sure(design: str, clustered: bool) -> None:
    """One label: nothing breaks, and nothing narrow is said."""
    frame = drawn(300, labelled=1).assign(p=np.arange(300) // 3)
    for name, f in found(audited(frame, design, **({"cluster": "p"} if clustered else {}))).items():
        if name != "prevalence_judge_target" and f.value is not None and f.low is not None:
            assert f.high - f.low > 0.3, f


def test_another_prevalence_is_flagged_and_given() -> None:
    """Calibrated where half is positive, wanted where a tenth is: the rate holds, and the difference is told."""
    here, there = drawn(400, labelled=400, rate=0.5), drawn(4000, labelled=0, rate=0.1, seed=2)
    frame = pd.concat([here, there.assign(item_id="x" + there.item_id)])
    audit = audited(frame, "elsewhere")
    one = found(audit)["prevalence_rogan_gladen"]
    assert one.low < (there.truth == "1").mean() < one.high
    assert [sign["code"] for sign in record(audit)["signs"]] == ["judge_rate"]
    assert one.method.endswith("flagged: calibration_differs")
    assert record(audit)["assumes"] == "same_errors"


def test_a_rate_that_no_share_can_be_is_refused() -> None:
    """A judge that flags far more than its sensitivity allows errs otherwise there, whatever the rate is."""
    here, there = drawn(600, labelled=600, hit=0.6, clear=0.95), drawn(4000, labelled=0, rate=0.9, hit=0.99, seed=2)
    audit = audited(pd.concat([here, there.assign(item_id="x" + there.item_id)]), "elsewhere")
    assert record(audit)["refused"] == "calibration_differs"
    assert "no_share" in [sign["code"] for sign in record(audit)["signs"]]


@pytest.mark.parametrize("clustered", [False, True])
def test_a_sample_that_is_not_random_is_flagged(clustered: bool) -> None:
    """Labels where the judge said yes are no random sample; weights that fit them are not flagged."""
    frame = drawn(3000, labelled=0).assign(p=np.arange(3000) // 5)
    chance = np.where(frame.j == "1", 0.4, 0.1)
    told = np.random.default_rng(3).random(3000) < chance
    frame = with_labels(frame.assign(w=(1 / chance).astype(str)), told)
    options: dict[str, Any] = {"cluster": "p"} if clustered else {}
    stated = audited(frame, "random", **options)
    assert record(stated)["flagged"] == "design_doubtful"
    assert any("do not look like a random sample" in line for line in stated.result.warnings)
    assert record(audited(frame, "weighted", weight="w", **options))["signs"] == []
    wrong = audited(frame.assign(w=chance.astype(str)), "weighted", weight="w", **options)
    assert record(wrong)["flagged"] == "design_doubtful"


def test_the_same_seed_gives_the_same_file() -> None:
    """Draws belong to judge and stratum: twice the same."""
    first, second = (found(audited(drawn(), "random")) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"label_design": "by chance"}, "no label design 'by chance'"),
        ({"label_design": "weighted"}, "needs --weight"),
        ({"label_design": "random", "weight": "w"}, "with --weight it is weighted"),
    ],
)
def test_a_design_that_cannot_be_meant_is_refused(options: dict[str, Any], told: str) -> None:
    """One line that says what to state instead."""
    with pytest.raises(InputError, match=told):
        ja.audit_table(drawn(50, labelled=20).assign(w="2"), human=["h1"], judges=["j"], labels=["0", "1"], **options)
