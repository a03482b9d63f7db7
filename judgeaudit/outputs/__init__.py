"""Make outputs: a model writes them (`generate_text.py`), or is degraded first (`degrade/`).

`coherence_table.py` and `coherence_model.py` score how much an output reads as language. Models are opened by the caller.
"""
