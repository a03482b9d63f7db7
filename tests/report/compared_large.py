"""A comparison as large as any that a page must hold: ten methods of twenty checkpoints, three benchmarks, six judges; all made up."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

from judgeaudit.domain.checkpoints import ANCHORS, AS_JUDGED, TREATMENTS

METHODS = ("base", *(f"method-number-{at}" for at in range(10)))
JUDGES = tuple(f"judge-number-{at}" for at in range(6))
BENCHMARKS = ("all", "strongreject", "sorry", "harmbench")
REFERENCES = ("majority", "dawid-skene", "none")
STEPS = range(20)
FIRST = {"benchmark": "all", "judge": JUDGES[0], "reference": "majority", "treatment": "own", "anchor": "goal"}
#: the place of the checkpoint that stands for every method under a rule
PLACES = dict(zip(ANCHORS, (11, 11, 14, 12, 19, 19, 17), strict=True))


def steps(method: str) -> list[str]:
    return ["base"] if method == "base" else [f"{method}-step-{100 * at}" for at in STEPS]


def share(*where: str) -> float:
    """A share between 0.05 and 0.95 that differs from place to place and is the same each time."""
    return 0.05 + 0.9 * (sum(ord(ch) * (at + 7) ** 2 for at, ch in enumerate("|".join(where))) % 9973) / 9973


def rate(question: str, method: str, checkpoint: str, statistic: str, *spec: str) -> dict[str, Any]:
    benchmark, judge, reference, treatment = spec
    value = share(checkpoint, statistic, *spec)
    unopened = treatment == AS_JUDGED and statistic == "positive_rate"
    raw = reference == "none"
    return {
        "question": question, "method": method, "checkpoint": checkpoint, "benchmark": benchmark, "judge": judge,
        "reference": reference, "treatment": treatment, "statistic": statistic, "anchor": "",
        "value": None if unopened else value, "flagged": value if unopened else None,
        "low": None if unopened else value - 0.0412, "high": None if unopened else value + 0.0437,
        "n_outputs": 1200, "n_labelled": 0 if raw else 240, "n_clusters": 400,
        "bound_low": value - 0.0312 if raw else None, "bound_high": value + 0.0298 if raw else None,
        "interval": "worst and best case" if unopened else "beta", "undefined": "not_certified_on_incoherent" if unopened else None,
    }  # fmt: skip


def rates(question: str) -> list[dict[str, Any]]:
    """Along the paths by the first judge over all benchmarks; all others at the goal alone."""
    made = []
    for method in METHODS:
        names = steps(method)
        for checkpoint in names:
            goal = checkpoint == names[min(PLACES["goal"], len(names) - 1)]
            for benchmark, judge, reference in product(BENCHMARKS, JUDGES, REFERENCES):
                if goal or (benchmark, judge) == ("all", JUDGES[0]):
                    spec = (benchmark, judge, reference)
                    treatments = (*TREATMENTS, AS_JUDGED) if reference == "none" else TREATMENTS
                    made += [rate(question, method, checkpoint, "positive_rate", *spec, one) for one in treatments]
                    made += [
                        rate(question, method, checkpoint, one, *spec, "own")
                        for one in ("incoherence_rate", "unanswered_rate")
                    ]
    return made


def specifications() -> list[dict[str, Any]]:
    made = []
    for benchmark, judge, reference, anchor in product(BENCHMARKS, JUDGES, REFERENCES, ANCHORS):
        for treatment in (*TREATMENTS, AS_JUDGED) if reference == "none" else TREATMENTS:
            spec = {
                "benchmark": benchmark,
                "judge": judge,
                "reference": reference,
                "treatment": treatment,
                "anchor": anchor,
            }
            made.append({**spec, "primary": spec == FIRST})
    return made


def multiverse(question: str, a: str, b: str, specs: list[dict[str, Any]]) -> dict[str, Any]:
    value = [share(a, b, *(str(one) for one in spec.values())) - 0.5 for spec in specs]
    said = ["higher" if one > 0.1 else "lower" if one < -0.1 else "open" for one in value]
    parts = [
        {"choice": one, "share": 0.2113, "flips": 1, "of": 3}
        for one in ("judge", "anchor", "reference", "treatment", "benchmark")
    ]
    return {
        "question": question, "a": a, "b": b, "value": value, "low": [one - 0.1 for one in value],
        "high": [one + 0.1 for one in value], "conclusion": said, "n_defined": len(specs), "higher": said.count("higher"),
        "lower": said.count("lower"), "flip_rate": 0.4123, "flip_low": 0.3312, "flip_high": 0.5213, "opposite_rate": 0.1123,
        "opposite_low": 0.0512, "opposite_high": 0.1713, "pair_flip": 0.1234, "decomposition": parts, "primary": "higher",
        "rankable": "no", "sentence": f"{a} against {b}, unsafe: higher in the primary analysis; the judge turns this most often.",
    }  # fmt: skip


def contrast(question: str, a: str, b: str, spec: dict[str, Any]) -> dict[str, Any]:
    value = share(a, b, *(str(one) for one in spec.values())) - 0.5
    low, high = value - 0.1, value + 0.1
    said = "higher" if low > 0 else "lower" if high < 0 else "open"
    return {
        "question": question, "statistic": "positive_rate", "a": a, "b": b, **spec, "value": value, "low": low, "high": high,
        "other_value": value, "other_low": low, "other_high": high, "p_value": 0.0123, "p_adjusted": 0.0456,
        "conclusion": said, "conclusion_adjusted": said, "n_prompts": 1200, "n_dropped": 12, "judge_error": 0.1234,
        "judge_error_low": 0.0512, "judge_error_high": 0.1913, "rankable": "no", "undefined": None,
    }  # fmt: skip


def orders(question: str, specs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    made = []
    for choice, first in FIRST.items():
        for option in dict.fromkeys(spec[choice] for spec in specs):
            values = {method: share(question, option, method) for method in METHODS}
            for method, value in values.items():
                rank = 1.0 + sum(one < value for one in values.values())
                told = {"question": question, "choice": choice, "option": option, "first": first}
                made.append({**told, "method": method, "value": value, "rank": rank})
    return made


def large(*questions: str) -> dict[str, Any]:
    """compare.json as a plain dict, with all of a large study in every question."""
    specs = specifications()
    pairs = [(b, a) for a, b in combinations(METHODS, 2)]
    anchors = []
    for rule, method in product(ANCHORS, METHODS):
        names = steps(method)
        name = names[min(PLACES[rule], len(names) - 1)]
        capability = [
            {"task": "boolq", "score": 0.7123, "low": 0.6912, "high": 0.7312, "n": 3000.0, "goal": 0.7, "within": True}
        ]
        about = {"rule": rule, "method": method, "code": None, "sentence": "", "notes": []}
        anchors.append({**about, "parts": [{"checkpoint": name, "weight": 1.0}], "capability": capability})
    checkpoints = [
        {"model": "tiny-1b", "method": method, "checkpoint": name, "step": 100.0 * at, "n_outputs": 1200,
         "capability": [{"task": "boolq", "score": 0.5 + at / 60, "low": 0.48 + at / 60, "high": 0.52 + at / 60, "n": 3000.0}]}
        for method in METHODS for at, name in enumerate(steps(method))
    ]  # fmt: skip
    told = [
        {"name": one, "positive": "unsafe", "references": list(REFERENCES), "label_design": "random", "n_labelled": 9000,
         "judges": [{"judge": judge, "screen": "its own verdict", "certified": False, "baseline": False} for judge in JUDGES],
         "benchmarks": list(BENCHMARKS), "treatments": [*TREATMENTS, AS_JUDGED], "anchors": list(ANCHORS), "methods": list(METHODS),
         "contrasts": [list(pair) for pair in pairs], "primary": FIRST}
        for one in questions
    ]  # fmt: skip
    taus = [
        {"question": one, "choice": choice, "a": a, "b": b, "tau": 0.6113, "low": 0.4128, "high": 0.8127, "least": -0.3333, "n": 210,
         "undefined": None}
        for one in questions for choice, options in (("judge", JUDGES), ("anchor", ANCHORS), ("benchmark", BENCHMARKS))
        for a, b in combinations(options, 2)
    ]  # fmt: skip
    shown = [spec for spec in specs if spec["benchmark"] == "all" and spec["judge"] == JUDGES[0]]
    return {
        "schema": 1, "judgeaudit": "0.1.0", "created_at": "", "command": "judgeaudit compare large", "seed": 1, "level": 0.95,
        "inputs": {}, "label_source": "people", "baseline": "base", "name": "large", "versions": {}, "checkpoints": checkpoints,
        "goal": {"tasks": [{"task": "boolq", "goal": 0.7}], "reach": "point", "tolerance": 0.02, "sha256": "ab12cd34" * 8},
        "anchors": anchors, "questions": told, "rates": [row for one in questions for row in rates(one)],
        "contrasts": [contrast(one, a, b, spec) for one in questions for a, b in pairs for spec in shown],
        "specifications": dict.fromkeys(questions, specs),
        "multiverse": [multiverse(one, a, b, specs) for one in questions for a, b in pairs], "rank_agreement": taus,
        "orders": [row for one in questions for row in orders(one, specs)],
        "notes": [{"code": "tables", "sentence": f"Note {at} of the tables."} for at in range(8)],
    }  # fmt: skip
