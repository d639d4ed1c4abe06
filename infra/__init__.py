"""The stacks; permissions and rules are derived from the runbooks."""
