"""Event-driven auto-remediation for ECS, ALB, DynamoDB and CloudFront on AWS Lambda."""
