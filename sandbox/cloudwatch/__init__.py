"""Amazon CloudWatch in the sandbox."""
