"""Sections of a report, each made from the case."""
