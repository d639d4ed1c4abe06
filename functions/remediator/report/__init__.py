"""A Case to typed blocks, and blocks to each channel."""
