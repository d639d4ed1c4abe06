"""boto3 edges."""
