"""The life of an incident as values: case, diagnosis, hand-over, clocks, storms."""
