"""Tests for raters on the same items.

`exact.py` counts, `matched.py` takes several raters, `paired.py` the same items before and after an edit, and `swap.py` takes
the change between two audits apart.
"""
