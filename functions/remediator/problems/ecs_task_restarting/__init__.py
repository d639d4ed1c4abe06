"""ECS starts a service's tasks and they stop again and again.

Guide: ECS/Fargate, tasks restart often: health check failing, out of memory, application error.
May change: the service's task definition (roll back, or a copy with more memory), its health-check grace period,
a new deployment of the same definition. Never: task counts, networks, images, roles.
"""
