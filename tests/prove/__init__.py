"""Proofs that search for a wrong write: `python -m tests.prove` (`make prove`). Each is one module with `prove`."""
