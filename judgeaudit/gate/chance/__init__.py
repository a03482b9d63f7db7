"""The chance that a good judge passes with a given number of labels, by simulation. Start in `to_pass.py`."""
