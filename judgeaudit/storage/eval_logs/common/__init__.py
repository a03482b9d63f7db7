"""What the logs of all programs share: runs as records, JSON files, checkpoint names in paths."""
