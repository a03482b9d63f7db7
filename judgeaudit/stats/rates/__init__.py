"""Shares: rates of a confusion table (`confusion.py`), corrected rates, differences, many strata, trends."""
