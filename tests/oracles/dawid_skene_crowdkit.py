# requires: crowd-kit==1.4.2
"""Writes dawid_skene_crowdkit.json: what crowd-kit's Dawid–Skene makes of simulated labels. Run in an environment of its own."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from crowdkit.aggregation import DawidSkene

CASES = {"binary": (2, 80, 3, 0.0), "three labels with holes": (3, 60, 5, 0.3)}


def labels(k: int, n: int, raters: int, holes: float, seed: int) -> np.ndarray:
    """(raters, n) codes, −1 a hole: each rater has errors of its own."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(k, n, p=np.arange(k, 0, -1) / np.arange(1, k + 1).sum())
    skill = rng.uniform(0.6, 0.95, (raters, 1))
    codes = np.where(rng.random((raters, n)) < skill, truth, rng.integers(0, k, (raters, n)))
    codes[rng.random((raters, n)) < holes] = -1
    codes[0, (codes < 0).all(0)] = 0
    return codes


def main() -> None:
    out = {"made_with": {name: version(name) for name in ("crowd-kit", "numpy", "pandas")}, "cases": []}
    for seed, (name, (k, n, raters, holes)) in enumerate(CASES.items()):
        codes = labels(k, n, raters, holes, seed)
        rows = [(i, r, int(codes[r, i])) for i in range(n) for r in range(raters) if codes[r, i] >= 0]
        frame = pd.DataFrame(rows, columns=["task", "worker", "label"])
        fitted = DawidSkene(n_iter=20000, tol=1e-13).fit(frame)
        probas = fitted.probas_.reindex(columns=range(k), fill_value=0.0).sort_index()
        prior = fitted.priors_.reindex(range(k), fill_value=0.0)
        out["cases"].append(
            {
                "name": name,
                "n_labels": k,
                "codes": codes.tolist(),
                "prior": [round(float(v), 8) for v in prior],
                "posterior": [[round(float(v), 6) for v in row] for row in probas.to_numpy()],
            }
        )
    Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
