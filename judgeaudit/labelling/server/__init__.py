"""A Label Studio server on this machine.

Start in `server.py`. `install.py` puts it into the user's cache, `data.py` keeps its database, `process.py` starts and stops
it, `accounts.py` makes accounts, `launcher.py` runs inside the server's own Python.
"""
