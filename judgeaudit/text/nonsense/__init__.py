"""Kinds of degraded texts and how they are made. Start in `kinds.py`."""
