"""verdicts.db, the SQLite ledger of calls and verdicts. Start in `calls.py`."""
