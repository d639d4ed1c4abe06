"""Application logs: records, lines, digest."""
