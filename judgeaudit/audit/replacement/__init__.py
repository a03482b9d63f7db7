"""Could a judge replace a person?

`alternative_annotator.py` is the test of Calderon, Reichart and Dror (2025), `added_rater.py` measures agreement with the judge
as one more rater, `soft_labels.py` compares distributions. `label_patterns.py` counts equal rows of labels for all three.
"""
