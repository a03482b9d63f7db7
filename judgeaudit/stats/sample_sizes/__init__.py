"""How many items or labels a wanted width or power takes."""
