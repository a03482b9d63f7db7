"""Scores, calibration, ranking and recalibration of probabilities. Start in `scores.py` and `calibration.py`."""
