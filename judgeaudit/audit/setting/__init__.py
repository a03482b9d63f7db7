"""What all findings of one question share.

Start in `context.py`. `options.py` lists every option that changes a number, `reference.py` makes the reference,
`scheme.py` gives the scale its weights, `design.py` says what is resampled together, and `pair_statistics.py` names each
statistic of two raters with its function.
"""
