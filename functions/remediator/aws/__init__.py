"""The edges: boto3 is imported here and nowhere else in the product."""
