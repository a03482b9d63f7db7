"""The records of audit.json, compare.json and probes.json.

Start in `audit.py`: `AuditResult` holds all others. `plain.py` writes records as JSON; they are read back, every type checked, by
storage.files.records; `consistency.py` says whether the parts of an audit that was read go together. A field with the metadata
WHERE_KNOWN is written only where it is known.
"""
