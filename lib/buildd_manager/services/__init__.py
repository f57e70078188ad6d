"""Time and order: what happens when."""
