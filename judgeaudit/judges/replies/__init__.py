"""From a reply to a label, or to the reason why there is none.

Start in `parse.py`: it decides the status of a verdict (answered, unparsed, refused). `labels.py` maps words to labels.
"""
