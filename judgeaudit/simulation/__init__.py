"""Studies with planted raters, whose truth is known. Start in `study.py`; `plan.py` says what is planted. `worlds/` is for checkpoints."""
