"""Audit, gate, filter and diff. Start in `audit_table.py` (one table) or `study_audit.py` (a study)."""
