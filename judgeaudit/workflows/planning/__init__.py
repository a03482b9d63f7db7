"""`ja.plan`: how many labels something takes. Start in `plan.py`."""
