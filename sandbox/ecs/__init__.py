"""Amazon ECS in the sandbox."""
