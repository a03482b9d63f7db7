"""Logs of evaluation programs. `choice.py` picks scores and texts; each program has a folder of its own."""
