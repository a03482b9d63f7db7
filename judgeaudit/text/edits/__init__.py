"""Controlled edits of outputs, which probes ask judges about. Start in `catalogue.py`."""
