"""Turn an audit into a page. Nothing here computes a number.

Start in `page.py`, which puts `sections/` in order. `content/` holds the page as data and the indexed audit, `render/` writes
HTML, Markdown and the terminal, `figures/` draws SVG, `words/` names statistics and formats numbers, and `checkpoints/` is
the comparison of checkpoints. A new section is one function in `sections/` and one line in `page.py`.
"""
