# requires: MLstatkit==0.1.91
"""Writes delong_mlstatkit.json: areas under ROC, z and p of two sets of scores on the same items, by MLstatkit.

    python tests/oracles/delong_mlstatkit.py

The scores are drawn here and stand in the file with what MLstatkit finds, so that a test needs neither it nor this script.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
from MLstatkit import Delong_test


def cases() -> list[dict[str, object]]:
    """Scores with and without ties, few and many positives, one judge better than the other or alike."""
    out: list[dict[str, object]] = []
    for seed, n, prevalence, levels in (
        (1, 20, 0.5, 0),
        (2, 60, 0.2, 5),
        (3, 60, 0.5, 2),
        (4, 120, 0.1, 0),
        (5, 40, 0.7, 10),
    ):
        rng = np.random.default_rng(seed)
        truth = (rng.random(n) < prevalence).astype(int)
        shared = rng.normal(size=n)
        scores = [1 / (1 + np.exp(-(gain * truth + shared + rng.normal(size=n)))) for gain in (2.0, 1.0)]
        if levels:
            scores = [np.round(one * levels) / levels for one in scores]
        a, b = (np.round(one, 4) for one in scores)
        z, p, area_a, area_b, *_ = Delong_test(truth, a, b, return_ci=False, return_auc=True)
        out.append(
            {
                "truth": truth.tolist(),
                "a": a.tolist(),
                "b": b.tolist(),
                "z": float(z),
                "p": float(p),
                "areas": [float(area_a), float(area_b)],
            }
        )
    return out


if __name__ == "__main__":
    plain = {"by": {name: version(name) for name in ("MLstatkit", "numpy")}, "cases": cases()}
    Path(__file__).with_suffix(".json").write_text(json.dumps(plain) + "\n", encoding="utf-8")
