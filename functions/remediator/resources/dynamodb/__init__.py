"""DynamoDB tables and indexes."""
