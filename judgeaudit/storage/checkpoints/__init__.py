"""Outputs, labels and capability as ratings by checkpoint. Start in `study.py`, or in `wide.py` for a single table."""
