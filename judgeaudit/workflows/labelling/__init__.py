"""Label a study: plan, push, pull, status, dispute. Start in `labelling.py`; `blind_texts.py` makes all that raters see."""
