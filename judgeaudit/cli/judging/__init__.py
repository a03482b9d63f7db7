"""`judge`, `probe` and `models`. `progress.py` draws the bars while judges run."""
