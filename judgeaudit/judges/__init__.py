"""Judges: from an output and a question to a verdict. Nothing here may read people's labels.

Models are asked over a network through the layer services; `transformers/` runs them in this process; `rules.py` and
`python_function.py` need no model. `prompts/` makes what is sent, `replies/` reads what comes back, and `protocol.py` is the
interface for judges of your own.
"""
