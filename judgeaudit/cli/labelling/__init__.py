"""`label serve|sample|push|pull|watch|status|dispute`. Start in `label.py`."""
