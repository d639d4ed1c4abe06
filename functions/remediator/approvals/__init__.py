"""Use case: what people answer to a question."""
