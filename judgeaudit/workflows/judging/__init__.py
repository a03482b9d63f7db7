"""Run the judges of a study.

Start in `run.py`. `build.py` makes a judge from its section, `connect.py` opens its service or model, `calls.py` finds the missing
calls and keeps each reply. `batches.py` is the way through batch APIs: a round looks for batches whose submission was cut off,
fetches what has ended and submits what is missing. A batch is noted with all its calls before it is submitted, a call is in at
most one batch, and a batch is merged only after its last result is in the ledger; so a round can be repeated from any point.
"""
