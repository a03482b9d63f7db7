"""A page as data: `document.py` (blocks), `drawings.py` (what figures hold), `view.py` (an audit, indexed)."""
