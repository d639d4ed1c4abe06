"""Incidents of the deployment on the terminal."""
