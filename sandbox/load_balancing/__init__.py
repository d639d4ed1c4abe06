"""Elastic Load Balancing in the sandbox."""
