"""What people are told about loans: what to do, what confirms it, and the commands for that."""

TABLE_NOW = "aws dynamodb describe-table --table-name <table> --query Table.ProvisionedThroughput"
BOUNDS_NOW = "aws application-autoscaling describe-scalable-targets --service-namespace <dynamodb or ecs>"
COUNT_NOW = "aws ecs describe-services --cluster <cluster> --services <service> --query services[].desiredCount"
LENDER = "remediator incidents --most 200"
