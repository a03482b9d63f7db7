"""The rate of positives over all outputs, corrected by labels on some of them.

Start in `corrected_rate.py`. `cells.py` counts, `estimates.py` corrects by the design of the labels, `checks.py` looks for
signs that the design does not hold.
"""
