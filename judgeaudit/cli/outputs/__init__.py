"""`generate`, `degrade` and `gibberish`."""
