"""`audit`, `report`, `gate`, `filter`, `diff` and `plan`. `run.py` leads from flags to an audit and from it to files and screen."""
