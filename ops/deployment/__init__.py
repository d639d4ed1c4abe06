"""The deployment in an AWS account, and whether the account is ready for it."""
