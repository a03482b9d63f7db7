"""How many items a wanted width or power takes: for shares (`shares.py`), agreement and corrected rates."""
