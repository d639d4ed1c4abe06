"""The Lambda bundle."""
