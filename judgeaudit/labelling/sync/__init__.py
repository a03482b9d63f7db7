"""Tasks out (`push.py`) and labels in (`pull.py`), each exactly once; `standing.py` finds a person's last word.

No write is repeated blindly. A batch is noted in sent.jsonl before the next one leaves; where the server's count and the notes
differ, the server is asked which ids it holds. A part of a pull is in annotations.jsonl before the mark moves. The mark carries
a tally of rows: if rows are missing, every task is looked at again. Each row names its source (server, opaque id, annotation),
so the same annotation from a server and from an export is one row.
"""
