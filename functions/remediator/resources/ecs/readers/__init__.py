"""Readers of an ECS service and of what it runs with."""
