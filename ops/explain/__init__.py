"""Texts, errors, policies and events to the guide's row: pure, with no access to AWS, never an exception."""

from .explanation import Explained, Outcome
from .inputs import SHAPES, explain

__all__ = ["SHAPES", "Explained", "Outcome", "explain"]
