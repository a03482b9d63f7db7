"""`init`, `schema`, `import`, `simulate` and `datasets`. `import_kinds.py` finds out which kind of file `import` was given."""
