"""Labelling by people, as records: `tasks.py` (what is shown), `sampling.py` (which items, with which probability)."""
