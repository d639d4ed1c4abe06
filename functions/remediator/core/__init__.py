"""What is decided, without touching AWS: no boto3, no clock, no environment, no randomness."""
