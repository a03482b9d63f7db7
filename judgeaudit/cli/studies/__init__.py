"""`init` and `schema` (`init.py`), `import` (`importing.py`), `simulate` and `datasets`.

`import_kinds.py` finds out which kind of file `import` was given.
"""
