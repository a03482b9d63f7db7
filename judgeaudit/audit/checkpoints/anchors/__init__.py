"""Choose the checkpoint that stands for each method: at the goal, or by rules that ignore the goal.

Start in `choose.py`, which holds the seven rules. `methods.py` orders the checkpoints of a method, `path.py` joins them with
their capability, `words.py` says what a reader should know of the choice.
"""
