"""IAM policies: conditions, statements, a role's rights, session policies."""
