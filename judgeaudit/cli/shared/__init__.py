"""What several commands use: types of options (`options.py`), and writing to the screen (`screen.py`)."""
