"""Sections about the people who labelled.

`agreement.py` is the ceiling, `raters.py` each person, `replacement.py` whether a judge could stand in for one, and
`reference_rules.py` what other rules for the reference would decide.
"""
