"""One requirement of a policy against one stratum.

Start in `check.py` (met, failed or open) and `bounds.py` (the one-sided bound that decides). `default_policy.py` holds the
policy of each purpose, `strata.py` combines strata and corrects for choosing among them, `labels_missing.py` says how many
labels would settle it.
"""
