"""Words and numbers of the report, each in one place: `statistics.py`, `methods.py`, `codes.py`, `numbers.py`."""
