# requires: relplot==1.0.3 betacal==1.1.0 scikit-learn==1.9.1
"""Writes calibration.json: smooth calibration error by relplot and beta calibration by betacal (`make oracles`)."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import relplot
from betacal import BetaCalibration

PACKAGES = ("relplot", "betacal", "scikit-learn", "numpy")


def cases() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Probabilities and outcomes, drawn once and written out in full; three kinds of wrongness."""
    out = {}
    for name, slope, shift, n in (
        ("overconfident", 2.0, 0.0, 120),
        ("timid", 0.5, 0.2, 120),
        ("shifted", 1.0, 1.0, 200),
    ):
        rng = np.random.default_rng([len(name), n])
        odds = rng.normal(0.0, 1.5, n)
        y = rng.random(n) < 1 / (1 + np.exp(-odds))
        out[name] = (np.round(1 / (1 + np.exp(-(slope * odds + shift))), 4), y.astype(int))
    return out


def figures(p: np.ndarray, y: np.ndarray) -> dict[str, object]:
    fitted = BetaCalibration(parameters="abm").fit(p.reshape(-1, 1), y)
    at = np.array([0.02, 0.2, 0.5, 0.8, 0.98])
    return {
        "p": p.tolist(),
        "y": y.tolist(),
        "smooth_ece": float(relplot.smECE(p, y)),
        "beta_at": at.tolist(),
        "beta": [float(one) for one in fitted.predict(at.reshape(-1, 1))],
    }


if __name__ == "__main__":
    plain = {
        "versions": {name: version(name) for name in PACKAGES},
        "cases": {k: figures(*v) for k, v in cases().items()},
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(plain) + "\n", encoding="utf-8")
