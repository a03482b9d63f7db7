"""Compare fine-tuned checkpoints at a capability goal.

Start in `compare.py`. `anchors/` chooses the checkpoint that stands for each method; `analyses.py` runs every combination of
benchmark, judge and correction; `flips.py` says which conclusions change with these choices.
"""
