"""Make a model worse on purpose.

Start in `apply.py` (weights and prompts). `tuning.py` trains it badly and measures what it can still do; `examples.py` holds
the texts for that.
"""
