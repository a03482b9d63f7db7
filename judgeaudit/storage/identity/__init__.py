"""Fingerprints: which judge, which weights, which generator. A changed fingerprint makes an audit stale."""
