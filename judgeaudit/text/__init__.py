"""What can be told of a text from the text alone, and how texts are changed on purpose. Start in `signals.py`."""
