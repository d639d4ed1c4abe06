"""The DynamoDB table: every partition key prefix is written here and nowhere else."""
