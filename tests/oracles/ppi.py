# requires: ppi-python==0.2.3
"""Rates and intervals of the authors' own package on made-up labels and verdicts, for tests/stats/rates/test_corrected.py.

Run in an environment that holds the packages of the first line: python tests/oracles/ppi.py
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
from ppi_py import ppi_mean_ci, ppi_mean_pointestimate

SETTINGS = (
    (40, 200, 0.3, 0.9, 0.8),
    (100, 900, 0.05, 0.8, 0.95),
    (250, 300, 0.5, 0.6, 0.55),
    (30, 30, 0.9, 0.95, 0.7),
    (60, 5000, 0.2, 0.3, 0.6),
)


def case(seed: int, n: int, big: int, rate: float, sensitivity: float, specificity: float) -> dict[str, object]:
    """Counts of one draw, and what ppi-python makes of it with λ = 1 and with its own λ."""
    rng = np.random.default_rng(seed)
    y = (rng.random(n + big) < rate).astype(float)
    f = np.where(y > 0, rng.random(n + big) < sensitivity, rng.random(n + big) >= specificity).astype(float)
    told, verdicts, others = y[:n], f[:n], f[n:]
    tp, fp = float((told * verdicts).sum()), float(((1 - told) * verdicts).sum())
    flagged = float(others.sum())
    out: dict[str, object] = {
        "cells": [
            tp,
            fp,
            float(told.sum()) - tp,
            n - float(told.sum()) - fp,
            tp + fp,
            n - tp - fp,
            flagged,
            big - flagged,
        ]
    }
    for name, lam in (("ppi", 1.0), ("ppi_pp", None)):
        point = ppi_mean_pointestimate(told, verdicts, others, lam=lam)
        low, high = ppi_mean_ci(told, verdicts, others, alpha=0.05, lam=lam)
        out[name] = [float(np.ravel(x)[0]) for x in (point, low, high)]
    return out


def main() -> int:
    """Writes ppi.json beside this file."""
    versions = {"python": sys.version.split()[0], **{name: version(name) for name in ("ppi-python", "numpy")}}
    cases = [case(seed, *setting) for seed, setting in enumerate(SETTINGS)]
    lines = ",\n".join(json.dumps(one) for one in cases)
    text = f'{{"versions": {json.dumps(versions)}, "cases": [\n{lines}\n]}}\n'
    Path(__file__).with_suffix(".json").write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
