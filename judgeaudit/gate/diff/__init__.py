"""Compare two audits: which decisions changed, and why.

Start in `audits.py`. `items.py` matches the items, `causes.py` finds what changed (judge, labels, outputs, options), `words.py`
writes the text.
"""
