"""Plans that several problems share for an ECS service."""
