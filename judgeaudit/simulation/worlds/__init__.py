"""Planted worlds in which checkpoints are compared. Start in `catalogue.py`; `truth.py` says what must be found."""
