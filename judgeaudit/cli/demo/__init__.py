"""`demo` and `demo --label`: the whole loop on the embedded study. Start in `command.py`."""
