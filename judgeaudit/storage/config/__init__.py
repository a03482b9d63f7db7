"""study.toml as types. Start in `read.py`; `schema.py` holds the whole file, the other modules one section each."""
