"""The labelling form. Start in `xml.py`; `questions.py` holds what it asks, `numbering.py` orders questions and keys."""
