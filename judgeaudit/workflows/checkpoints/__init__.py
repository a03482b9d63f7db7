"""Compare checkpoints: a study or tables in, a comparison out. Start in `compare.py`."""
