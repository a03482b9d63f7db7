"""Files in and out: the only layer with tables, study folders and the ledger.

`files/` reads and writes single files, `table/` turns one table into ratings, `study/` a study folder, `config/` is study.toml,
`ledger/` is verdicts.db, `labelling/` the rounds on disk, `importing/` and `eval_logs/` bring in what others made.
"""
