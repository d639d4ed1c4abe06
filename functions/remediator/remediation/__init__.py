"""Use case: one incident from its first reading to its verdict."""
