"""The quality of each person who labelled.

Start in `quality.py`: one record per rater, with warnings and their evidence. `board.py` compares raters on shared items;
`careless.py`, `repeats.py` and `timing.py` give the evidence.
"""
