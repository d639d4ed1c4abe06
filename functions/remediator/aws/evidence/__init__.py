"""Readers: each reads one thing through the door and gives it as a value."""
