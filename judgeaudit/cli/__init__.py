"""The command line: parse, call a workflow, print.

Start in `app.py`, which lists the commands; `main.py` turns errors into one line and an exit code. Each command is one module
in the folder of its subject. It is imported when it runs, and nothing is computed here.
"""
