"""Fingerprints: which judge (`judge.py`), which weights, which generator. A changed fingerprint makes an audit stale."""
