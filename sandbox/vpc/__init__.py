"""Amazon VPC in the sandbox."""
