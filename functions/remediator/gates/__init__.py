"""One module per gate; the ordered checks before a write."""
