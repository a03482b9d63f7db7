"""The records of audit.json, compare.json and probes.json. Start with `audit.AuditResult`, which holds all others.

`plain` writes them as JSON; they are read back, every type checked, by `storage.files.records`; `consistency` says whether the parts
of an audit that was read go together. A field with the metadata `plain.WHERE_KNOWN` is written only where it is known.
"""
