"""One table as ratings. Start in `wide.py` or `long.py`; `options.py` holds the flags, `strata.py` reads `--by`."""
