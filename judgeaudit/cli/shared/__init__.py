"""What several commands use: types of options, and writing to the screen."""
