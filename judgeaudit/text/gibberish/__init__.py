"""How much a text looks like gibberish. Start in `score.py`; `measures.py` holds the measures it combines."""
