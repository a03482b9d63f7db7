"""Small audits that together compute every statistic on every scale: what the catalogue says is held against what they find.

A new statistic must have a value in one of them on each scale that its record names.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import judgeaudit as ja
from judgeaudit.domain.results.audit import AuditResult
from judgeaudit.storage.files.write import append_jsonl

PEOPLE, JUDGES = ["h1", "h2", "h3"], ["j", "k"]
LABELS = {"binary": ["0", "1"], "nominal": ["x", "y", "z"], "ordinal": list("12345"), "interval": list("12345")}
#: an interval scale with more numbers than a table of labels holds
CONTINUOUS = "continuous"
N, FEW = 120, 60
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """One audit, and the scale of each of its questions; `CONTINUOUS` is an interval scale with many numbers."""

    name: str
    result: AuditResult
    scales: Mapping[str, str]


@cache
def computed() -> tuple[Computed, ...]:
    """All of them, made once."""
    return (*_tables(), _study(), _pairwise())


def names_in(result: AuditResult) -> set[str]:
    """Every name of a statistic in an audit: of findings, contrasts, curves, and the records beside them."""
    plain = result.as_dict()
    found = {str(row["statistic"]) for part in plain.values() if isinstance(part, list) for row in part if _named(row)}
    return found | {str(about.head) for about in result.questions}


def codes_in(plain: Any) -> set[str]:
    """Every reason code in a plain record, however deep."""
    if isinstance(plain, list):
        return {code for one in plain for code in codes_in(one)}
    if not isinstance(plain, dict):
        return set()
    own = {str(plain[key]) for key in ("undefined", "refused", "flagged") if isinstance(plain.get(key), str)}
    return own | {code for one in plain.values() for code in codes_in(one)}


def _named(row: Any) -> bool:
    return isinstance(row, dict) and bool(row.get("statistic"))


def _said(truth: Sequence[int], labels: Sequence[str], *, wrong: float, rng: np.random.Generator) -> list[str]:
    """Labels of a rater who gives the next label instead of the true one with this chance."""
    return [labels[(place + 1) % len(labels) if rng.random() < wrong else place] for place in truth]


def _table(scale: str, *, people: int = 3, seed: int = 1) -> pd.DataFrame:
    rng, labels = np.random.default_rng(seed), LABELS[scale]
    truth = rng.integers(0, len(labels), N).tolist()
    cells = {name: _said(truth, labels, wrong=0.12, rng=rng) for name in PEOPLE[:people]}
    cells |= {name: _said(truth, labels, wrong=0.2, rng=rng) for name in JUDGES}
    strata = ["a" if at % 2 else "b" for at in range(N)]
    return pd.DataFrame({"item_id": [f"i{at}" for at in range(N)], **cells, "s": strata}, dtype=object)


def _audit(table: pd.DataFrame, scale: str, **options: Any) -> AuditResult:
    given: Row = {"human": PEOPLE, "judges": JUDGES, "scale": scale, "replicates": 200, "pairs": True, **options}
    if scale in LABELS:
        given = {"labels": LABELS[scale], "positive": LABELS[scale][-1], **given}
    return ja.audit_table(table, **given).result


def _tables() -> Iterator[Computed]:
    for scale in LABELS:
        sides: Row = {} if scale in ("binary", "interval") else {"positive": ()}
        result = _audit(_table(scale), scale, by="s", **sides)
        yield Computed(name=f"{scale}, strata", result=result, scales={"label": scale})
        scored, rng = _table(scale), np.random.default_rng(2)
        high = scored["h1"] == LABELS[scale][-1]
        scored["p"] = [f"{p:.3f}" for p in np.clip(high * 0.5 + 0.25 + rng.normal(0, 0.2, N), 0.02, 0.98)]
        if scale == "binary":
            scored["j"] = ["1" if float(p) >= 0.5 else "0" for p in scored["p"]]
        else:
            scored["j"] = [LABELS[scale][-1] if float(p) >= 0.5 else LABELS[scale][0] for p in scored["p"]]
        result = _audit(scored, scale, probability={"j": "p"})
        yield Computed(name=f"{scale}, probabilities", result=result, scales={"label": scale})
        few = _table(scale)
        few["p"] = ["0.2" if label == LABELS[scale][0] else "0.7" for label in few["j"]]
        result = _audit(few, scale, probability={"j": "p"})
        yield Computed(name=f"{scale}, few probabilities", result=result, scales={"label": scale})
        two = _table(scale, people=2)
        two.loc[3, "j"] = ""
        result = _audit(two, scale, human=PEOPLE[:2])
        yield Computed(name=f"{scale}, two people", result=result, scales={"label": scale})
        part = _table(scale)
        part.loc[N // 2 :, PEOPLE] = ""
        for design in ("random", "elsewhere"):
            result = _audit(part, scale, label_design=design)
            yield Computed(name=f"{scale}, {design} labels", result=result, scales={"label": scale})
    rng = np.random.default_rng(3)
    truth = rng.normal(50, 10, N)
    cells = {name: [f"{x:.2f}" for x in truth + rng.normal(0, 3, N)] for name in (*PEOPLE, *JUDGES)}
    table = pd.DataFrame({"item_id": [f"i{at}" for at in range(N)], **cells}, dtype=object)
    yield Computed(
        name=CONTINUOUS, result=_audit(table, "interval", labels=(), positive=()), scales={"label": CONTINUOUS}
    )


# ---------------------------------------------------------------------------------------------------------- studies


def _study() -> Computed:
    """Three runs of a judge, degraded outputs, items shown twice, and people who could not judge some; on all scales."""
    rng = np.random.default_rng(4)
    toml, annotations, verdicts = "", [], []
    for scale, labels in LABELS.items():
        toml += f'[questions.{scale}]\nscale = "{scale}"\nlabels = {json.dumps(labels)}\npositive = ["{labels[-1]}"]\n'
        truth = rng.integers(0, len(labels), FEW).tolist()
        for name in PEOPLE:
            for at, label in enumerate(_said(truth, labels, wrong=0.12, rng=rng)):
                annotations.append(_label(at, name, scale, label))
                annotations.append(_label(at, name, scale, label if at % 9 else labels[0], purpose="repeat"))
            annotations.append(_label(FEW, name, scale, None, status="cannot_judge"))
        for run in range(3):
            said = _said(truth, labels, wrong=0.2, rng=rng)
            verdicts += [
                {"item_id": f"i{at}", "judge": "j", "question": scale, "run": run, "label": label}
                for at, label in enumerate(said)
            ]
    toml += f'[questions.{CONTINUOUS}]\nscale = "interval"\n'
    for at, x in enumerate(rng.normal(50, 10, FEW)):
        annotations += [_label(at, name, CONTINUOUS, round(x + rng.normal(0, 3), 2)) for name in PEOPLE]
        annotations += [
            _label(at, name, CONTINUOUS, round(x + rng.normal(0, 3), 2), purpose="repeat") for name in PEOPLE
        ]
        for run in range(3):
            said = {"item_id": f"i{at}", "judge": "j", "question": CONTINUOUS, "run": run}
            verdicts.append({**said, "label": round(x + rng.normal(0, 3), 2)})
    annotations += [_label(FEW, name, CONTINUOUS, None, status="cannot_judge") for name in PEOPLE]
    levels = ("gibberish", "partly", "coherent")
    outputs = [{"item_id": f"i{at}", "response": f"text {at}", "coherence": levels[at % 3]} for at in range(FEW + 1)]
    result = _audited(toml + '[strata.coherence]\nfrom = "column"\n', outputs, annotations, verdicts)
    return Computed(name="runs", result=result, scales={**{scale: scale for scale in LABELS}, CONTINUOUS: CONTINUOUS})


def _pairwise() -> Computed:
    """A judge that was asked about each pair in both orders; on all scales that a pair can be labelled on."""
    rng = np.random.default_rng(5)
    sides = {
        "binary": ["A", "B"],
        "nominal": ["A", "B", "tie"],
        "ordinal": ["-1", "0", "1"],
        "interval": ["-1", "0", "1"],
    }
    toml, annotations, verdicts = "", [], []
    for scale, labels in sides.items():
        toml += f'[questions.{scale}]\nscale = "{scale}"\nlabels = {json.dumps(labels)}\nlayout = "pairwise"\n'
        toml += 'swap = [["A", "B"]]\n' if "A" in labels else 'swap = [["-1", "1"]]\n'
        truth = rng.integers(0, len(labels), N).tolist()
        for name in PEOPLE:
            said = _said(truth, labels, wrong=0.12, rng=rng)
            annotations += [_label(at, name, scale, label) for at, label in enumerate(said)]
        for order in ("ab", "ba"):
            for at, label in enumerate(_said(truth, labels, wrong=0.3, rng=rng)):
                other = {"A": "B", "B": "A", "-1": "1", "1": "-1"}.get(label, label)
                shown = label if order == "ab" else other
                verdicts.append({"item_id": f"i{at}", "judge": "j", "question": scale, "order": order, "label": shown})
    outputs = [{"item_id": f"i{at}", "response": f"one {at}", "response_b": f"other {at}"} for at in range(N)]
    result = _audited(toml, outputs, annotations, verdicts)
    return Computed(name="orders", result=result, scales={scale: scale for scale in sides})


def _label(at: int, rater: str, question: str, label: Any, **more: str) -> Row:
    known = {} if label is None else {"label": label}
    return {"item_id": f"i{at}", "rater": rater, "question": question, **known, **more}


def _audited(toml: str, outputs: list[Row], annotations: list[Row], verdicts: list[Row]) -> AuditResult:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "study.toml").write_text(toml, encoding="utf-8")
        append_jsonl(folder / "outputs.jsonl", outputs)
        append_jsonl(folder / "annotations.jsonl", annotations)
        append_jsonl(folder / "verdicts" / "all.jsonl", verdicts)
        return ja.Study(folder).audit(replicates=200).result
