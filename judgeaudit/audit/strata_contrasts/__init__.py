"""Compare the strata of one column for one judge.

`differences.py` takes pairs of strata, `homogeneity.py` all strata at once (shrinkage, the worst stratum), and `tables.py`
makes the counts that both use.
"""
