"""Labelling by people in Label Studio. Nothing here may read a verdict or an audit.

`form/` makes the form, `client/` talks to a server, `sync/` sends tasks and fetches labels, `exports/` reads exported files,
`server/` runs a server on this machine. `order.py` decides the order of tasks, `progress.py` and `dispute.py` what is left to do.
"""
