"""Tasks out and labels in, each exactly once: `push.py` sends, `pull.py` fetches, `standing.py` finds the last word."""
