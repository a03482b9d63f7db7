"""What an audit and a comparison of checkpoints hold, as audit.json and compare.json write them. Start in `audit.py`."""
