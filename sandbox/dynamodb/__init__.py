"""Amazon DynamoDB in the sandbox."""
