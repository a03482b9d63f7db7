"""Intervals: `limits.py` for shares, `resample.py` for posterior draws, jackknife and bootstrap, `anytime.py` for repeated looks."""
