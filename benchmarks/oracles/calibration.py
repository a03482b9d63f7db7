"""Figures of other people's code for tests/oracles/calibration.json: smooth calibration error and beta calibration.

requires: relplot==1.0.3 betacal==1.1.0 scikit-learn numpy

Run it in an environment of its own, since none of these is a dependency here:

    python -m venv ENV && ENV/bin/pip install relplot==1.0.3 betacal==1.1.0 scikit-learn
    ENV/bin/python benchmarks/oracles/calibration.py > tests/oracles/calibration.json
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version

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
    json.dump(plain, sys.stdout)
    print()
