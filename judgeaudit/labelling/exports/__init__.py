"""Read files that Label Studio exported: JSON, JSON_MIN, CSV and TSV give the same rows.

Start in `read.py`. `tasks.py` is for exports with whole tasks; `cells.py` and `columns.py` are for those with one row per
annotation; `records.py` holds what comes out.
"""
