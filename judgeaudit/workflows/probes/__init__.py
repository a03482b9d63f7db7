"""Ask judges about edited outputs. Start in `run.py`; `record.py` is probes.json."""
