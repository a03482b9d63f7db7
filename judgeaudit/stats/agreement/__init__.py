"""Agreement between raters. `two_raters.py` takes count tables, `many_raters.py` counts of labels per item (alpha)."""
