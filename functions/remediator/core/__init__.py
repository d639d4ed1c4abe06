"""The frame that a problem package imports: words of the architecture as values."""
