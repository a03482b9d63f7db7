"""A comparison of checkpoints made by hand: four methods, two benchmarks, three judges, all that can be missing or undefined."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, product
from typing import Any

from judgeaudit.domain.checkpoints import ANCHORS, TREATMENTS
from judgeaudit.domain.results.comparison import (
    ComparisonResult,
    MethodContrast,
    Multiverse,
    RankAgreement,
    Rate,
    Specification,
)

METHODS = ("base", "full", "short", "safe-lora")
JUDGES = ("guard", "harm-cls", "keyword")
BENCHMARKS = ("all", "strongreject", "sorry")
REFERENCES = ("none", "majority")
STEPS = (100.0, 200.0, 300.0, 400.0)
#: capability along the checkpoints; `safe-lora` never reaches 0.70
CAPABILITY = {
    "base": (0.712,),
    "full": (0.55, 0.67, 0.713, 0.751),
    "short": (0.61, 0.704, 0.69, 0.742),
    "safe-lora": (0.52, 0.58, 0.631, 0.664),
}
HARM = {
    "base": (0.08,),
    "full": (0.12, 0.2, 0.262, 0.371),
    "short": (0.1, 0.131, 0.214, 0.333),
    "safe-lora": (0.09, 0.1, 0.121, 0.137),
}
GIBBERISH = {
    "base": (0.01,),
    "full": (0.02, 0.031, 0.04, 0.06),
    "short": (0.11, 0.223, 0.304, 0.418),
    "safe-lora": (0.03, 0.05, 0.072, 0.094),
}
#: how much each judge sees too much
LEAN = {"guard": 0.011, "harm-cls": 0.083, "keyword": 0.171}
ANCHORED = {
    "goal": {"base": 0, "full": 2, "short": 1},
    "goal:point": {"base": 0, "full": 2, "short": 1},
    "goal:lower_bound": {"base": 0, "full": 3, "short": 3},
    "goal:interpolated": {"base": 0, "full": (1, 2), "short": 1},
    "last": {"base": 0, "full": 3, "short": 3, "safe-lora": 3},
    "same_step": {"base": 0, "full": 3, "short": 3, "safe-lora": 3},
    "best": {"base": 0, "full": 3, "short": 3, "safe-lora": 3},
}
NEVER = "safe-lora reaches 0.664 of boolq at most; the goal is 0.7."


def name_of(method: str, at: int) -> str:
    return method if method == "base" else f"{method}-{STEPS[at]:g}"


def rate_row(
    question: str, method: str, at: int, benchmark: str, judge: str, reference: str, treatment: str, **more: Any
) -> Rate:
    statistic = more.pop("statistic", "positive_rate")
    gibberish = GIBBERISH[method][at]
    value = (
        gibberish if statistic == "incoherence_rate" else 0.013 if statistic == "unanswered_rate" else HARM[method][at]
    )
    if statistic == "positive_rate":
        value += {"own": 0.0, "safe": 0.0, "unsafe": gibberish, "left_out": gibberish / 8, "as_judged": gibberish / 2}[
            treatment
        ]
        value += LEAN[judge] if reference == "none" else 0.0
    value += {"all": 0.0, "strongreject": 0.021, "sorry": -0.017}[benchmark]
    value = round(value, 4)
    wide = 0.02 if reference == "none" else 0.047
    about: dict[str, Any] = {
        "low": max(0.0, round(value - wide, 4)), "high": round(value + wide, 4), "n_outputs": 400 if benchmark == "all" else 200,
        "n_labelled": 0 if reference == "none" else 60, "n_clusters": 180, "interval": "cluster bootstrap",
    }  # fmt: skip
    return Rate(
        question=question, method=method, checkpoint=name_of(method, at), benchmark=benchmark, judge=judge, reference=reference,
        treatment=treatment, statistic=statistic, value=value, **{**about, **more},
    )  # fmt: skip


def make_rates(question: str) -> list[Rate]:
    """Along the paths for all benchmarks together; at the anchors "goal" and "last" for each benchmark."""
    places = [(method, at, "") for method in METHODS for at in range(len(HARM[method]))]
    places += [(method, at, rule) for rule in ("goal", "last") for method, at in ANCHORED[rule].items()]
    rows: list[Rate] = []
    for (method, at, rule), benchmark, judge in product(places, BENCHMARKS, JUDGES):
        if rule or benchmark == "all":
            rows += [replace(one, anchor=rule) for one in _rates_of(question, method, at, benchmark, judge)]
    return rows


def _rates_of(question: str, method: str, at: int, benchmark: str, judge: str) -> list[Rate]:
    where = (question, method, at, benchmark, judge)
    rows = [rate_row(*where, reference, treatment) for reference in REFERENCES for treatment in TREATMENTS]
    if (method, at) == ("full", 0):
        rows = [
            replace(one, value=None, low=None, high=None, undefined="no_labels_here")
            if one.reference != "none"
            else one
            for one in rows
        ]
    judged = rate_row(*where, "none", "as_judged")
    value = judged.value or 0.0
    judged = replace(judged, flagged=value)
    if judge == "keyword":
        judged = replace(
            judged,
            value=None,
            low=None,
            high=None,
            undefined="not_certified_on_incoherent",
            bound_low=round(value - 0.031, 4),
            bound_high=round(value + 0.26, 4),
        )
    silent = rate_row(*where, "none", "as_judged", statistic="unanswered_rate")
    gibberish = [rate_row(*where, reference, "own", statistic="incoherence_rate") for reference in REFERENCES]
    return [*rows, judged, replace(silent, low=None, high=None), *gibberish]


def make_orders(question: str, specs: list[Specification], index: dict[tuple[str, ...], Rate]) -> list[dict[str, Any]]:
    first = next(one for one in specs if one.primary)
    rows = []
    for choice in ("benchmark", "judge", "reference", "treatment", "anchor"):
        for spec in specs:
            if replace(spec, primary=True, **{choice: getattr(first, choice)}) != first:
                continue
            values: dict[str, float] = {}
            for method in METHODS:
                at = ANCHORED[spec.anchor].get(method)
                at = at[1] if isinstance(at, tuple) else at
                if at is not None:
                    key = (method, name_of(method, at), spec.benchmark, spec.judge, spec.reference, spec.treatment)
                    values[method] = index[key].value or 0.0
            for method in METHODS:
                value = values.get(method)
                rank = None if value is None else 1.0 + sum(one < value for one in values.values())
                about = {"question": question, "choice": choice, "option": getattr(spec, choice)}
                rows.append({**about, "method": method, "value": value, "rank": rank})
    return rows


def make_specs() -> list[Specification]:
    specs = []
    for benchmark, judge, reference, treatment, anchor in product(
        BENCHMARKS, JUDGES, REFERENCES, (*TREATMENTS, "as_judged"), ANCHORS
    ):
        if reference != "none" and treatment == "as_judged":
            continue
        primary = (benchmark, judge, reference, treatment, anchor) == ("all", "guard", "majority", "own", "goal")
        specs.append(
            Specification(
                benchmark=benchmark,
                judge=judge,
                reference=reference,
                treatment=treatment,
                anchor=anchor,
                primary=primary,
            )
        )
    return specs


def _difference(rates: dict[tuple[str, ...], Rate], spec: Specification, a: str, b: str) -> tuple[float | None, ...]:
    found = []
    for method in (a, b):
        at = ANCHORED[spec.anchor].get(method)
        at = at[1] if isinstance(at, tuple) else at
        if at is None:
            return None, None, None
        found.append(
            rates[(method, name_of(method, at), spec.benchmark, spec.judge, spec.reference, spec.treatment)].value
        )
    if None in found:
        return None, None, None
    value = round(found[0] - found[1], 4)
    return value, round(value - 0.061, 4), round(value + 0.061, 4)


def _says(low: float | None, high: float | None) -> str | None:
    if low is None or high is None:
        return None
    return "higher" if low > 0 else "lower" if high < 0 else "open"


def _contrast(question: str, spec: Specification, a: str, b: str, made: tuple[float | None, ...]) -> MethodContrast:
    value, low, high = made
    rest: dict[str, Any] = {} if value is not None else {"undefined": "not_anchored"}
    if value is not None:
        rest = {
            "p_value": 0.004, "p_adjusted": 0.0121, "conclusion_adjusted": _says(low, high) or "open", "n_prompts": 391, "n_dropped": 9,
            "judge_error": 0.034, "judge_error_low": 0.011, "judge_error_high": 0.072,
            "rankable": "yes" if abs(value) > 0.072 else "no",
        }  # fmt: skip
        if spec.treatment == "own" and low is not None and high is not None:
            rest |= {
                "other_value": round(value + 0.0321, 4),
                "other_low": round(low + 0.0321, 4),
                "other_high": round(high + 0.0321, 4),
            }
    return MethodContrast(
        question=question, statistic="positive_rate", a=a, b=b, anchor=spec.anchor, benchmark=spec.benchmark, judge=spec.judge,
        reference=spec.reference, treatment=spec.treatment, value=value, low=low, high=high, conclusion=_says(low, high) or "open",
        primary=spec.primary, **rest,
    )  # fmt: skip


def make_anchors() -> list[dict[str, Any]]:
    rows = []
    for rule, method in product(ANCHORS, METHODS):
        at = ANCHORED[rule].get(method)
        about: dict[str, Any] = {"rule": rule, "method": method, "parts": [], "code": None, "sentence": "", "notes": []}
        if at is None:
            rows.append({**about, "code": "never_reached", "sentence": NEVER, "capability": []})
            continue
        places = at if isinstance(at, tuple) else (at,)
        parts = [{"checkpoint": name_of(method, one), "weight": 0.3023 if len(places) > 1 and not k else 0.6977 if len(places) > 1 else 1.0}
                 for k, one in enumerate(places)]  # fmt: skip
        score = 0.7 if len(places) > 1 else CAPABILITY[method][places[0]]
        reached = {"task": "boolq", "score": score, "low": round(score - 0.021, 3), "high": round(score + 0.021, 3), "n": 500.0,
                   "goal": 0.7, "within": abs(score - 0.7) <= 0.02}  # fmt: skip
        notes = []
        if method == "short":
            notes = [
                {"code": "falls_again", "sentence": "The score of short falls below the goal again after short-200."}
            ]
        rows.append({**about, "parts": parts, "capability": [reached], "notes": notes})
    return rows


def _multiverse(
    question: str, specs: list[Specification], made: dict[tuple[str, str], list[tuple[float | None, ...]]]
) -> list[Multiverse]:
    rows = []
    for (a, b), values in made.items():
        said = [_says(low, high) for _, low, high in values]
        defined = [one for one in said if one is not None]
        first = said[[one.primary for one in specs].index(True)]
        flips = sum(one != first for one in defined) / len(defined) if defined and first else None
        opposite = {"higher": "lower", "lower": "higher"}.get(first or "", "")
        rest: dict[str, Any] = {}
        if flips is not None:
            rest = {
                "flip_rate": round(flips, 4), "flip_low": round(max(0.0, flips - 0.07), 4), "flip_high": round(min(1.0, flips + 0.08), 4),
                "opposite_rate": round(defined.count(opposite) / len(defined), 4), "opposite_low": 0.0, "opposite_high": 0.052,
                "pair_flip": 0.1734, "primary": first, "rankable": "yes",
                "sentence": f"{a} against {b}: what is concluded depends on the judge most.",
                "decomposition": [
                    {"choice": "judge", "share": 0.4412, "flips": 1, "of": 2},
                    {"choice": "anchor", "share": 0.2127, "flips": 3, "of": 6},
                    {"choice": "reference", "share": 0.1118, "flips": 1, "of": 1},
                    {"choice": "treatment", "share": 0.0634, "flips": 1, "of": 3},
                    {"choice": "benchmark", "share": 0.0419, "flips": 0, "of": 2},
                ],
            }  # fmt: skip
        rows.append(
            Multiverse(
                question=question,
                a=a,
                b=b,
                value=[one[0] for one in values],
                low=[one[1] for one in values],
                high=[one[2] for one in values],
                conclusion=said,
                n_defined=len(defined),
                higher=defined.count("higher"),
                lower=defined.count("lower"),
                **rest,
            )
        )
    return rows


def make_agreement(question: str) -> list[RankAgreement]:
    rows = [
        RankAgreement(
            question=question, choice="judge", a=a, b=b, tau=0.6113, low=0.4128, high=0.8127, least=-0.3333, n=210
        )
        for a, b in combinations(JUDGES, 2)
    ]
    rows.append(
        RankAgreement(
            question=question, choice="anchor", a="goal", b="last", tau=None, low=None, high=None, least=None, n=0,
            undefined="no_order",
        )
    )  # fmt: skip
    return rows


def make_comparison(*, question: str = "harm", positive: str = "unsafe", multiverse: bool = True) -> dict[str, Any]:
    """compare.json as a plain dict."""
    rates, specs = make_rates(question), make_specs()
    index = {
        (method, name_of(method, at), benchmark, judge, reference, treatment): rate_row(
            question, method, at, benchmark, judge, reference, treatment
        )
        for method in METHODS
        for at in range(len(HARM[method]))
        for benchmark, judge, reference, treatment in product(
            BENCHMARKS, JUDGES, REFERENCES, (*TREATMENTS, "as_judged")
        )
    }
    pairs = [("full", "base"), ("short", "base"), ("safe-lora", "base"), ("full", "short")]
    made = {(a, b): [_difference(index, spec, a, b) for spec in specs] for a, b in pairs}
    contrasts = [
        _contrast(question, spec, a, b, made[(a, b)][at])
        for a, b in pairs
        for at, spec in enumerate(specs)
        if (spec.benchmark, spec.judge) == ("all", "guard")
    ]
    checkpoints = [
        {"model": "tiny-1b", "method": method, "checkpoint": name_of(method, at), "step": None if method == "base" else STEPS[at],
         "n_outputs": 400,
         "capability": [{"task": "boolq", "score": score, "low": round(score - 0.021, 3), "high": round(score + 0.021, 3), "n": 500.0}]}
        for method in METHODS
        for at, score in enumerate(CAPABILITY[method])
    ]  # fmt: skip
    judges = [
        {
            "judge": judge,
            "screen": "its own verdict on coherence",
            "certified": judge != "keyword",
            "baseline": judge == "keyword",
        }
        for judge in JUDGES
    ]
    primary = {"benchmark": "all", "judge": "guard", "reference": "majority", "treatment": "own", "anchor": "goal"}
    return ComparisonResult(
        judgeaudit="0.1.0",
        created_at="2026-11-26T12:00:00Z",
        command="judgeaudit compare my-study --seed 1",
        seed=1,
        level=0.95,
        inputs={"outputs.jsonl": {"sha256": "c0cad637" * 8, "rows": 5200}, "capability.csv": {"sha256": "5eed5eed" * 8, "rows": 13}},
        label_source="people",
        baseline="base",
        goal={"tasks": [{"task": "boolq", "goal": 0.7}], "reach": "point", "tolerance": 0.02, "sha256": "ab12cd34" * 8},
        checkpoints=checkpoints,
        anchors=make_anchors(),
        questions=[
            {"name": question, "positive": positive, "judges": judges, "references": list(REFERENCES), "label_design": "random",
             "n_labelled": 780,
             "benchmarks": list(BENCHMARKS), "treatments": [*TREATMENTS, "as_judged"], "anchors": list(ANCHORS),
             "methods": list(METHODS), "contrasts": [list(pair) for pair in pairs], "primary": primary}
        ],
        rates=rates,
        contrasts=contrasts,
        specifications={question: specs if multiverse else []},
        multiverse=_multiverse(question, specs, made) if multiverse else [],
        rank_agreement=make_agreement(question) if multiverse else [],
        orders=make_orders(question, specs, index) if multiverse else [],
        notes=[{"code": "never_reached", "sentence": NEVER}],
        versions={"python": "3.12.1"},
        name="Refusals after fine-tuning",
    ).as_dict()  # fmt: skip
