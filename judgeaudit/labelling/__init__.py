"""Labelling by people in Label Studio. Nothing here may read a verdict or an audit.

`form/` makes the form, `client/` talks to a server, `sync/` sends tasks and fetches labels, `exports/` reads exported files,
`server/` runs a server on this machine. `order.py` decides the order of tasks, `progress.py` and `dispute.py` what is left to do.

How blinding holds: this layer imports `domain` and nothing else of the package, so it cannot see verdicts, audits or columns of
outputs. Everything that is sent is made in one function from an opaque id and texts (the module blind_texts of
workflows.labelling), and a test on a real server looks for names of models in all that the server holds.
"""
