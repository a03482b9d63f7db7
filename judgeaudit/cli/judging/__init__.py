"""`judge` (`judge.py`), `probe` (`probe.py`) and `models` (`models.py`). `progress.py` draws the bars while judges run."""
