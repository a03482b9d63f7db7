"""Judges that are models in this process.

Start in `judge.py`. `open_model.py` opens weights, `prompts.py` turns a prompt into tokens, `next_token.py` reads
log-probabilities, `guards.py` describes guard families as data, `fetch.py` and `convert.py` bring small models into the cache.
"""
