"""What several commands use: types of options (`arguments.py`), and writing to the screen (`screen.py`)."""
