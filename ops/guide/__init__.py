"""The guide as documents: pages, tables, coverage, example reports."""
