"""The incident report as an HTML page."""
