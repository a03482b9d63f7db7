"""What the logs of all programs share: runs as `records.py`, JSON files (`json_files.py`), checkpoint names in paths."""
