"""Give a value its interval.

Start in `table_estimates.py` (statistics of a count table: the interval follows from the design) and `jackknife.py`
(clusters and weights). `estimate.py` turns an estimate into a finding, or into the reason why it is undefined.
"""
