"""Fixes that more than one runbook plans. Pure, as all planning is."""
