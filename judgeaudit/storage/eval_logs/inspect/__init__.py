"""Logs of Inspect, as JSON or as `.eval` archives."""
