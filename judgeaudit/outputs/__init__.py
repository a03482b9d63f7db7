"""Make outputs: a model writes them (`generate_text.py`), or is degraded first (`degrade/`).

`coherence_table.py` and `coherence_model.py` score how much an output reads as language. Nothing here opens a model or reads a
file: the caller opens models, turns prompts into tokens and hands both over. An output is known by prompt, section and run.
"""
