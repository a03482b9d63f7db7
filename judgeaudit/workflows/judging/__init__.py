"""Run the judges of a study. Start in `run.py`; `build.py` makes a judge from its section, `calls.py` keeps each reply."""
