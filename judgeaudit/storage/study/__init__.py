"""A study folder as ratings. Start in `load.py`; `people.py` reads annotations, `verdict_tables.py` finds verdicts."""
