"""Models write outputs, and are degraded. Start in `generate.py`."""
