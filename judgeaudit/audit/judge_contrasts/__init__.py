"""Compare judges with each other on the items that both were asked.

`categorical.py` is for labels, `continuous.py` for interval scales with many numbers, `roc.py` for areas under ROC, and
`group.py` for what only all judges together show.
"""
