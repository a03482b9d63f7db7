"""Decide which judge may be used for which question, and in which strata.

Start in `decide.py`. `requirements/` compares one requirement with one stratum, `words/` writes the sentences, `filter.py`
applies decisions to verdicts, `fragility.py` finds the smallest change that would turn a decision, and `diff/` compares two
audits.
"""
