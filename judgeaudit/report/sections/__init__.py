"""The sections of the report, one module each; the module `page` of the folder above orders them.

Start in `decision.py`, the first screen. `people/` holds the sections about the people who labelled.
"""
