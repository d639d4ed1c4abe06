"""AWS CloudTrail in the sandbox."""
