"""Judge the probabilities, scores and vote shares of a judge.

Start in `findings.py`. `scored.py` joins scores and reference; `calibration.py`, `ranking.py`, `recalibration.py` and
`selective.py` are one question each.
"""
