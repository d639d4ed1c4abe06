"""Reports on their way out: SNS, Slack, storm control."""
