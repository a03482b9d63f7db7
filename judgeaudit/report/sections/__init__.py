"""The sections of the report, one module each; `page.py` above orders them. `decision.py` is the first screen."""
