"""Logs of evaluation programs.

Start in `programs.py`: each program is one line there and one folder here. `choice.py` picks scores and texts, `common/` is what
the logs of all programs share.
"""
