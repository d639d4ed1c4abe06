"""ECS services, tasks and deployments."""
