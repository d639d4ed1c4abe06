"""An incident's case as blocks, and the blocks in each channel."""
