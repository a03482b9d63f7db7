"""Public data sets with labels by people and verdicts of judges.

Start in `registry.py`, which lists them. `fetch.py` downloads one, `conversions.py` turns it into a label table and checks the
result against its known hash.
"""
