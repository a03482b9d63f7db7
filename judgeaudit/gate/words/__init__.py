"""Decisions and requirements as sentences. Start in `sentences.py`."""
