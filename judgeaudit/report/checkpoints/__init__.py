"""The comparison of checkpoints on a page and on the screen.

Start in `section.py`. `view.py` indexes the comparison, the other modules are one part of the section each, `size_limits.py`
decides how much a page holds, `terminal.py` is the short form.
"""
