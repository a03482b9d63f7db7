"""Results (`logs.py`) and samples (`samples.py`) of lm-evaluation-harness; `metrics.py` picks a task's score."""
