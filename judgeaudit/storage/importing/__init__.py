"""Bring files into a study: checked before anything is written, never doubled, never lost. Start in `annotations.py`."""
