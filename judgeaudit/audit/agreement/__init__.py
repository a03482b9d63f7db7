"""Agreement of two raters, and of people among themselves (the ceiling).

Start in `pairs.py` for one rater against another, and in `people.py` for the people together. The modules that end in
`_continuous` do the same on interval scales with very many numbers. `alpha_package.py` is the door to `krippendorff`.
"""
