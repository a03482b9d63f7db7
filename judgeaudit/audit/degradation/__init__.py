"""What a judge does as outputs get worse.

`dose.py` measures errors level by level and by kind of degradation, `rate_curves.py` makes the curves, `gibberish_signal.py`
compares the gibberish signal with people's labels.
"""
